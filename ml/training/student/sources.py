"""People and garments to teach with, in two halves that share neither a person nor a garment.

``studio``: the demo shop's fitting models in its own garments, all labels exact; ``split.json``
holds back three figures and every product that ``fixtures/pairs`` shows. ``street``: people of CCP
in garments of clothing-dataset-small; held back are CCP's validation photos and the other set's
validation half.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml import images
from ml.garment.annotation import GarmentAnnotation, Region
from ml.person import store
from ml.person.annotation import PersonAnnotation
from ml.training.data import ccp, clothing
from ml.training.data.pairs import labels_of
from ml.training.dressing import KINDS, Wardrobe
from ml.tryon.engine import TryOnEngine

Half = Literal["train", "held"]
RGB = NDArray[np.uint8]
Look = Callable[[], tuple[RGB, PersonAnnotation]]

DEMO = Path(__file__).resolve().parents[3] / "fixtures" / "demo"
SPLIT = Path(__file__).with_name("split.json")
#: Garments of a kind that are put on at all: looking at a photo costs as much as wearing it twice.
POOL = 24
#: How often a garment of a region is put on.
SHARES: Mapping[Region, float] = {
    Region.UPPER: 0.42,
    Region.OUTER: 0.13,
    Region.DRESS: 0.20,
    Region.LOWER: 0.25,
}


@dataclass(frozen=True, slots=True)
class Source:
    """people: name -> how to read them."""

    name: str
    people: Mapping[str, Look]
    wardrobe: Wardrobe

    def draw_person(self, random: np.random.Generator) -> str:
        names = sorted(self.people)
        return names[int(random.integers(len(names)))]

    def draw_garment(
        self, random: np.random.Generator, regions: frozenset[Region]
    ) -> tuple[str, Path] | None:
        """(kind, picture): a region, then a kind, then a garment, each by chance."""
        photos = self.wardrobe.photos
        kinds = [kind for kind in KINDS if photos.get(kind) and KINDS[kind][0] in regions]
        there = [region for region in SHARES if any(KINDS[kind][0] is region for kind in kinds)]
        if not there:
            return None
        shares = np.array([SHARES[region] for region in there])
        region = there[int(random.choice(len(there), p=shares / shares.sum()))]
        kinds = [kind for kind in kinds if KINDS[kind][0] is region]
        kind = kinds[int(random.integers(len(kinds)))]
        return kind, photos[kind][int(random.integers(len(photos[kind])))]


def studio(half: Half, engine: TryOnEngine, demo: Path = DEMO) -> Source:
    """The demo shop's own figures and garments."""
    held = json.loads(SPLIT.read_text(encoding="utf-8"))
    models = demo / "fitting_models"
    figures = sorted(path.stem for path in (models / "photos").glob("*.webp"))
    chosen = [name for name in figures if (name in held["figures"]) == (half == "held")]
    photos: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for notes in sorted((demo / "garments").glob("*.json")):
        about = json.loads(notes.read_text(encoding="utf-8"))
        kind = kind_of(about["region"], about.get("cut", ""))
        if kind and notes.stem.startswith(tuple(held["products"])) == (half == "held"):
            photos[kind].append(notes.with_suffix(".webp"))

    def look(name: str) -> Look:
        return lambda: (
            images.on_white(images.read(models / "photos" / f"{name}.webp")),
            store.read_folder(models, name),
        )

    people = {name: look(name) for name in chosen}
    return Source("studio", people, Wardrobe(photos, engine, drawn))


def kind_of(region: str, cut: str) -> str:
    """A kind of :data:`KINDS` for a drawn garment; "" for what nobody is dressed in."""
    told = {kind: (str(region), str(cut)) for kind, (region, cut, _) in KINDS.items()}
    return next((kind for kind, about in told.items() if about == (region, cut)), "")


def drawn(path: Path, kind: str) -> tuple[RGB, GarmentAnnotation]:
    """A drawn garment with its exact labels."""
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return images.on_white(images.read(path)), labels_of(about, path.with_suffix(".mask.png"))


def street(half: Half, engine: TryOnEngine, root: Path) -> Source:
    """root: the data sets' folder. Raises InputError where CCP is not in it."""
    validation = ccp.held_out()
    people = {
        photo.id: (lambda photo=photo: (photo.rgb(), PersonAnnotation(photo.parse(), photo.points)))
        for photo in ccp.photos(ccp.folder(root))
        if photo.labelled and not photo.flagged and (photo.id in validation) == (half == "held")
    }
    found = clothing.photos(root, "train" if half == "train" else "validation")
    random = np.random.default_rng(0)
    photos = {}
    for kind in KINDS:
        paths = [each.path for each in found if each.label == kind]
        photos[kind] = [paths[i] for i in random.permutation(len(paths))[:POOL]]
    return Source("street", people, Wardrobe(photos, engine))


def both_halves(
    half: Half, engine: TryOnEngine, root: Path | None
) -> tuple[list[Source], tuple[int, ...]]:
    """All sources there are, and whose turn it is. Without data sets the studio's alone.

    People of the street also wear the studio's garments, whose labels cost nothing.
    """
    drawn_ones = studio(half, engine)
    if root is None:
        return [drawn_ones], (0,)
    real = street(half, engine, root)
    mixed = Source("mixed", real.people, drawn_ones.wardrobe)
    turns = (0, 1, 2, 1, 2) if half == "train" else (0, 1, 0)
    return [real, drawn_ones, mixed], turns
