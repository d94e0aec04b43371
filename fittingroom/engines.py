"""Which engine dresses whom. Specs only: nothing here loads an engine, a network or torch."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from fittingroom.models import EngineConfig
from ml.tryon.engine import EngineSpec

#: What every fitting model comes with (see ``FittingModel``).
PERSON_ANNOTATIONS = frozenset({"parse_atr", "keypoints"})


def specs() -> tuple[EngineSpec, ...]:
    """The table of engines, best first where nobody has configured anything."""
    table: tuple[EngineSpec, ...] = import_string(settings.TRYON_ENGINES)
    return table


def spec_of(name: str) -> EngineSpec | None:
    return next((spec for spec in specs() if spec.name == name), None)


def choose(regions: Sequence[str], name: str | None = None) -> EngineSpec | None:
    """The first enabled engine that dresses all these regions; None where there is none.

    Without any ``EngineConfig`` row every engine is enabled, so that a new shop works. ``name``
    asks for one engine, which must be enabled too.
    """
    configs = list(EngineConfig.objects.all())
    allowed: list[tuple[str, list[str]]] = (
        [(config.name, config.regions) for config in configs if config.enabled]
        if configs
        else [(spec.name, []) for spec in specs()]
    )
    for candidate, only in allowed:
        spec = spec_of(candidate)
        if spec is None or (name is not None and candidate != name):
            continue
        dresses = {str(region) for region in spec.regions}
        if only:
            dresses &= set(only)
        if dresses.issuperset(regions) and spec.annotations <= PERSON_ANNOTATIONS:
            return spec
    return None


def queue_of(spec: EngineSpec) -> str:
    """The queue of the engine's best device that this installation has workers for."""
    if "cuda" in spec.devices and "cuda" in settings.TRYON_DEVICES:
        return "gpu"
    return "cpu"
