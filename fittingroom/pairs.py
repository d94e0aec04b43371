"""Pairs for training out of the catalogue: a garment flat, and the same garment on somebody.

Only pictures of products are read, which a merchant put there to be seen by everybody. Shoppers'
photos and the pictures made of them live in the private storage, and nothing here opens that.

Reads pictures and runs the annotators: for commands, never imported by web processes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fittingroom.garments import labelling
from fittingroom.models import GarmentLabels
from ml import images
from ml.errors import InputError
from ml.garment.annotation import NEEDS_ATTENTION, Cut, GarmentAnnotation, Landmark, Region
from ml.person.annotation import Atr, PersonAnnotation
from ml.person.checks import check
from ml.person.look import VERSION as ANNOTATOR
from ml.person.look import look_at
from ml.training.data.pairs import Outfit, save
from shop.catalogue.models import Product, ProductImage
from shop.catalogue.models import Region as ProductRegion

#: Marks a folder of ours, so that nothing else is ever written into.
MARK = "otbang-pairs.json"
#: Longer sides of what is written; training needs no more.
SIDE = 1024
#: The garment covers at least this share of the picture of somebody in it.
LEAST = 0.01
Role = ProductImage.Role
RGB = NDArray[np.uint8]


class Came(StrEnum):
    """What became of a picture of somebody in a product."""

    EXPORTED = "exported"
    KNOWN = "there already"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """detail: why it was left out, for people, in English."""

    name: str
    came: Came
    detail: str = ""


class ForeignFolder(Exception):
    """The folder holds something else."""


class _Unfit(Exception):
    pass


def worn_pictures() -> list[ProductImage]:
    """Every picture of somebody in something that can be tried on, drafts' included."""
    found = (
        ProductImage.objects.filter(role=Role.WORN)
        .exclude(product__category__region=ProductRegion.NONE)
        .select_related("product__category")
        .order_by("product_id", "position", "id")
    )
    return list(found)


def prepare(folder: Path) -> None:
    """Make the folder, or find it as an earlier run left it. Raises ForeignFolder, OSError."""
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise ForeignFolder(f"{folder} holds something else; name a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    mark = {"what": "pairs of flat and worn photos, exported from an Otbang catalogue"}
    (folder / MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")


def export(folder: Path, found: list[ProductImage]) -> Iterator[Outcome]:
    """One picture at a time; nothing wrong with one stops the rest."""
    for worn in found:
        name = f"{worn.product.slug}-{worn.pk}"
        try:
            yield Outcome(name, _export(worn, folder / name))
        except _Unfit as unfit:
            yield Outcome(name, Came.LEFT_OUT, str(unfit))
        except InputError as error:
            yield Outcome(name, Came.LEFT_OUT, str(error) or error.code)
        except OSError as error:
            yield Outcome(name, Came.LEFT_OUT, f"a picture cannot be read: {error}")


def _export(worn: ProductImage, folder: Path) -> Came:
    if worn.product.provenance == Product.Provenance.CRAWL:
        raise _Unfit("the crawler collected it: its pictures are somebody else's")
    flat = _flat_of(worn)
    region = str(worn.product.category.region)
    state = _state(worn, flat, region)
    if _exported(folder) == state:
        return Came.KNOWN
    photo, garment = labelling.read_for_dressing(flat, region)
    if garment.confidence < NEEDS_ATTENTION and not _vouched_for(flat, region):
        raise _Unfit("the mask of its flat picture needs attention first")
    picture = _read(worn)
    person = _look(picture, garment)
    label = _class_of(garment)
    if (person.parse == label).mean() < LEAST:
        raise _Unfit("the garment was not recognised on the person")
    outfit = Outfit(
        name=folder.name,
        garment=images.fit(photo, max_side=SIDE),
        garment_labels=_smaller(garment, photo.shape, SIDE),
        worn=picture,
        worn_labels=person,
        label=label,
        about={
            "garment": "-".join(filter(None, (worn.product.slug, worn.colour.lower()))),
            "state": state,
        },
    )
    save(outfit, folder)
    return Came.EXPORTED


def _flat_of(worn: ProductImage) -> ProductImage:
    """The flat picture of the colour that is worn. Raises _Unfit."""
    flats = list(
        ProductImage.objects.filter(product=worn.product, role=Role.FLAT).order_by("position", "id")
    )
    if not flats:
        raise _Unfit("its product has no flat picture")
    alike = [flat for flat in flats if flat.colour == worn.colour]
    if alike:
        return alike[0]
    if len({flat.colour for flat in flats}) == 1 and not (worn.colour and flats[0].colour):
        return flats[0]  # one of the two does not say its colour, and there is only one
    raise _Unfit("no flat picture shows the colour that is worn; say the colours of both")


def _state(worn: ProductImage, flat: ProductImage, region: str) -> str:
    """Changes with anything that the exported folder depends on. Stored names are never reused."""
    decided = GarmentLabels.objects.digest_of(flat, region)
    about = [worn.file.name, flat.file.name, region, decided, labelling.VERSION, ANNOTATOR, SIDE]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def _exported(folder: Path) -> str:
    try:
        about = json.loads((folder / "pair.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(about.get("state", ""))


def _vouched_for(flat: ProductImage, region: str) -> bool:
    return GarmentLabels.objects.current(flat, region).filter(kept=True).exists()


def _read(worn: ProductImage) -> RGB:
    with worn.file.open("rb") as file:
        return images.fit(images.on_white(images.decode(file.read())), max_side=SIDE)


def _look(picture: RGB, garment: GarmentAnnotation) -> PersonAnnotation:
    """Raises _Unfit, ml.errors.InputError (nobody is in the picture)."""
    look = look_at(picture)
    problem = check(picture, look).by_region.get(garment.region)
    if problem is not None:
        raise _Unfit(str(problem))
    return look.annotation


def _class_of(garment: GarmentAnnotation) -> Atr:
    if garment.region is Region.DRESS:
        return Atr.DRESS
    if garment.region is Region.LOWER:
        return Atr.SKIRT if garment.cut is Cut.SKIRT else Atr.PANTS
    return Atr.UPPER


def _smaller(labels: GarmentAnnotation, size: tuple[int, ...], side: int) -> GarmentAnnotation:
    """The same labels for the picture as it is written."""
    mask = images.fit(labels.mask, max_side=side)
    across, down = mask.shape[1] / size[1], mask.shape[0] / size[0]
    marks = {
        name: Landmark((p.x + 0.5) * across - 0.5, (p.y + 0.5) * down - 0.5, p.visibility)
        for name, p in labels.landmarks.items()
    }
    return GarmentAnnotation(
        mask, labels.region, labels.cut, marks, labels.confidence, labels.version
    )
