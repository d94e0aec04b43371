"""Preparing before anybody asks, so that a try-on pays only for the dressing. Worker side."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import structlog
from django.db.models import F

from fittingroom import disk_cache, dressing, engines, preparations
from fittingroom.garments import labelling
from fittingroom.models import FittingModel, TryOn
from ml.errors import InputError
from ml.tryon.engine import EngineSpec
from shop.catalogue.models import Product, ProductImage

log = structlog.get_logger(__name__)

#: One run's time, so that other tasks get their turn where one worker serves every queue.
SECONDS = 2.0
#: A picture that has killed so many workers is left to whoever asks for it.
TRIES = 2

#: What this process knows to be prepared or hopeless: a run then costs no file access.
_known: set[tuple[str, str, str]] = set()

Item = FittingModel | ProductImage


def prepare_ahead() -> int:
    """Prepare what this worker's engines have not seen yet. Returns how many were prepared.

    Pictures are read first: an engine prepares what is in the labels.
    """
    labelling.run()
    until, made = monotonic() + SECONDS, 0
    for spec in engines.enabled_here():
        for item in _items(spec):
            known = (spec.name, spec.version, _content(item))
            if known in _known:
                continue
            if monotonic() > until or TryOn.objects.active().exists():
                return made
            made += _prepare(item, spec)
            _known.add(known)
    return made


def _prepare(item: Item, spec: EngineSpec) -> bool:
    try:
        path = disk_cache.path_of(_key(item, spec))
        if path.exists():
            return False
        tries = path.with_suffix(".tries")
        if tries.exists() and tries.stat().st_size >= TRIES:
            log.warning("preparation_given_up", picture=_name(item))
            return False
        tries.parent.mkdir(parents=True, exist_ok=True)
        with tries.open("ab") as mark:
            mark.write(b".")  # stays if this kills the process
        try:
            engine = dressing.engine_of(spec)
            if isinstance(item, FittingModel):
                preparations.person(item, spec, engine)
            else:
                preparations.garment(item, _region(item), spec, engine)
        finally:
            tries.unlink(missing_ok=True)
    except (InputError, OSError) as error:
        # Whoever asks for it is told; ahead of time it is only worth a line.
        log.info("not_preparable", picture=_name(item), engine=spec.name, error=str(error))
        return False
    return True


def _items(spec: EngineSpec) -> Iterator[Item]:
    """People first, then the newest products."""
    yield from FittingModel.objects.filter(active=True)
    pictures = ProductImage.objects.filter(
        role=ProductImage.Role.FLAT,
        product__status=Product.Status.PUBLISHED,
        product__category__region__in=[str(region) for region in spec.regions],
        garment_labels__mask__isnull=False,
        garment_labels__picture=F("file"),
        garment_labels__region=F("product__category__region"),
    )
    pictures = pictures.annotate(digest=F("garment_labels__digest"))
    pictures = pictures.select_related("product__category").order_by("-pk")
    yield from pictures.iterator(chunk_size=500)


def _name(item: Item) -> str:
    return str((item.photo if isinstance(item, FittingModel) else item.file).name)


def _content(item: Item) -> str:
    """Changes with whatever has to be prepared anew."""
    if isinstance(item, FittingModel):
        return _name(item)
    return f"{_name(item)} {_region(item)} {getattr(item, 'digest', '')}"


def _region(item: ProductImage) -> str:
    return str(item.product.category.region)


def _key(item: Item, spec: EngineSpec) -> str:
    if isinstance(item, FittingModel):
        return preparations.person_key(item, spec)
    return preparations.garment_key(item, _region(item), spec)
