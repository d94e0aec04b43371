"""DeepFashion2: people in clothes, with outlines and landmarks of every garment.

    ROOT/image/NNNNNN.jpg
    ROOT/annos/NNNNNN.json      {"source", "pair_id", "item1": {"category_id", "bounding_box",
                                 "segmentation", "landmarks", "viewpoint", ...}, "item2": ...}

Ge et al., DeepFashion2, CVPR 2019; its data may be used for research only. Its 13 kinds become
our classes, its 8 to 39 numbered landmarks the ones that we name. Its points are numbered from
the picture's left, which is the wearer's right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import BadAnnotation
from ml.garment.annotation import Cut, Landmark
from ml.training.data.labelled import Labelled, LabelledPicture, read_json
from ml.training.data.outlines import fill

#: (picture's left point, picture's right point), numbered from 1.
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the 13. category: our class. count: how many landmarks it has. pairs: our name
    without the side -> its two points. waists: candidates, the narrowest is taken."""

    name: str
    category: str
    cut: Cut
    count: int
    pairs: Mapping[str, Pair]
    crotch: int = 0
    waists: tuple[Pair, ...] = ()


def _top(cuff_outer: Pair, cuff_inner: Pair, armpit: Pair, hem: Pair, *, neck: Pair = (2, 6),
         shoulder: Pair) -> dict[str, Pair]:  # fmt: skip
    return {"neck": neck, "shoulder": shoulder, "cuff_outer": cuff_outer,
            "cuff_inner": cuff_inner, "armpit": armpit, "hem": hem}  # fmt: skip


_SHORT = _top((9, 23), (10, 22), (12, 20), (15, 17), shoulder=(7, 25))
_LONG = _top((11, 29), (12, 28), (16, 24), (19, 21), shoulder=(7, 33))
_STRAPS = {"neck": (2, 6), "armpit": (7, 15), "hem": (10, 12)}
_STRAP_DRESS = {"neck": (2, 6), "armpit": (7, 19), "hem": (12, 14)}
KINDS: Mapping[int, Kind] = {
    1: Kind("short sleeve top", "t-shirt", Cut.TOP, 25, _SHORT),
    2: Kind("long sleeve top", "longsleeve", Cut.TOP, 33, _LONG),
    3: Kind("short sleeve outwear", "outwear", Cut.TOP, 31, {**_SHORT, "neck": (2, 26)}),
    4: Kind("long sleeve outwear", "outwear", Cut.TOP, 39, _LONG),
    5: Kind("vest", "t-shirt", Cut.TOP, 15, _STRAPS),
    6: Kind("sling", "t-shirt", Cut.TOP, 15, _STRAPS),
    7: Kind("shorts", "shorts", Cut.TROUSERS, 10,
            {"waist": (1, 3), "hem_outer": (5, 9), "hem_inner": (6, 8)}, crotch=7),
    8: Kind("trousers", "pants", Cut.TROUSERS, 14,
            {"waist": (1, 3), "hem_outer": (6, 12), "hem_inner": (7, 11)}, crotch=9),
    9: Kind("skirt", "skirt", Cut.SKIRT, 8, {"waist": (1, 3), "hem": (5, 7)}),
    10: Kind("short sleeve dress", "dress", Cut.DRESS, 29,
             _top((9, 27), (10, 26), (12, 24), (17, 19), shoulder=(7, 29)),
             waists=((13, 23), (14, 22))),
    11: Kind("long sleeve dress", "dress", Cut.DRESS, 37,
             _top((11, 33), (12, 32), (16, 28), (21, 23), shoulder=(7, 37)),
             waists=((17, 27), (18, 26))),
    12: Kind("vest dress", "dress", Cut.DRESS, 19, _STRAP_DRESS, waists=((8, 18), (9, 17))),
    13: Kind("sling dress", "dress", Cut.DRESS, 19, _STRAP_DRESS, waists=((8, 18), (9, 17))),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One garment in a picture. category: our class. box: (x, y, width, height).

    landmarks: by our names, only those that were labelled. polygons: (n, 2) each, all one
    garment. viewpoint: 1 nobody wears it, 2 from the front, 3 from the side or behind.
    """

    kind: Kind
    box: tuple[float, float, float, float]
    polygons: tuple[NDArray[np.float64], ...]
    landmarks: Mapping[str, Landmark]
    viewpoint: int

    @property
    def category(self) -> str:
        return self.kind.category


@dataclass(frozen=True, slots=True)
class Photo:
    """path: the picture. source: "shop" or "user". pair: same number, same customer's find."""

    path: Path
    source: str
    pair: int
    items: tuple[Item, ...]


def read(root: Path) -> Iterator[Photo]:
    """The photos of ``annos/`` by number. Raises BadAnnotation naming the file."""
    files = sorted((root / "annos").glob("*.json"))
    if not files:
        raise BadAnnotation(f"{root} has no annos/*.json")
    for path in files:
        value = read_json(path)
        try:
            items = tuple(
                read_item(value[key])
                for key in sorted((k for k in value if k.startswith("item")), key=_number)
            )
            photo = root / "image" / f"{path.stem}.jpg"
            yield Photo(photo, str(value["source"]), int(value["pair_id"]), items)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadAnnotation(f"{path} is not of DeepFashion2: {error!r}") from error


def pictures(root: Path) -> Iterator[LabelledPicture]:
    """The same as masks, labelled by our classes."""
    for photo in read(root):
        try:
            with Image.open(photo.path) as image:
                size = image.height, image.width
        except (OSError, SyntaxError, ValueError) as error:
            raise BadAnnotation(f"{photo.path} cannot be read") from error
        objects = (Labelled(item.category, fill(item.polygons, size)) for item in photo.items)
        yield LabelledPicture(photo.path.name, size, tuple(objects))


def read_item(value: Mapping[str, Any]) -> Item:
    """One ``itemN``. Raises BadAnnotation, KeyError, TypeError, ValueError."""
    kind = KINDS[int(value["category_id"])]
    x0, y0, x1, y1 = (float(v) for v in value["bounding_box"])
    points = np.asarray(value["landmarks"], np.float64).reshape(-1, 3)
    if len(points) != kind.count:
        raise BadAnnotation(f"a {kind.name} has {kind.count} landmarks, got {len(points)}")
    return Item(
        kind=kind,
        box=(x0, y0, x1 - x0, y1 - y0),
        polygons=tuple(
            np.asarray(flat, np.float64).reshape(-1, 2) for flat in value["segmentation"]
        ),
        landmarks=landmarks_of(kind, points),
        viewpoint=int(value.get("viewpoint", 2)),
    )


def landmarks_of(kind: Kind, points: NDArray[np.float64]) -> dict[str, Landmark]:
    """Our names -> places, of (n, 3) points with their visibility (2 seen, 1 hidden, 0 none)."""

    def point(number: int) -> Landmark | None:
        x, y, seen = points[number - 1]
        return Landmark(float(x), float(y), 2 if seen >= 2 else 1) if seen > 0 else None

    found = {
        name: point(number)
        for base, pair in kind.pairs.items()
        for name, number in _sides(base, pair).items()
    }
    if kind.crotch:
        found["crotch"] = point(kind.crotch)
    for name, number in _sides("waist", _narrowest(kind.waists, points)).items():
        waist = point(number) if number else None
        if waist is not None:
            found[name] = Landmark(waist.x, waist.y, 1)  # picked by us, not labelled as such
    if kind.cut in (Cut.TOP, Cut.DRESS) and "shoulder" not in kind.pairs:
        found |= _sleeveless(found)
    return {name: mark for name, mark in found.items() if mark is not None}


def _sides(base: str, pair: Pair) -> dict[str, int]:
    """ "cuff_outer" -> cuff_right_outer, cuff_left_outer: the picture's left is their right."""
    stem, _, rest = base.partition("_")
    tail = f"_{rest}" if rest else ""
    return {f"{stem}_right{tail}": pair[0], f"{stem}_left{tail}": pair[1]}


def _narrowest(pairs: tuple[Pair, ...], points: NDArray[np.float64]) -> Pair:
    known = [(a, b) for a, b in pairs if points[a - 1, 2] > 0 and points[b - 1, 2] > 0]
    if not known:
        return (0, 0)
    return min(known, key=lambda p: float(abs(points[p[0] - 1, 0] - points[p[1] - 1, 0])))


def _sleeveless(found: Mapping[str, Landmark | None]) -> dict[str, Landmark | None]:
    """Straps end at the neck points; cuffs do not exist."""
    more: dict[str, Landmark | None] = {}
    for side in ("left", "right"):
        neck, armpit = found[f"neck_{side}"], found[f"armpit_{side}"]
        if neck is not None:
            more[f"shoulder_{side}"] = Landmark(neck.x, neck.y, 1)
            more[f"cuff_{side}_outer"] = Landmark(neck.x, neck.y, 0)
        if armpit is not None:
            more[f"cuff_{side}_inner"] = Landmark(armpit.x, armpit.y, 0)
    return more


def _number(key: str) -> int:
    return int(key.removeprefix("item"))
