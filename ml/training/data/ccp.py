"""Clothing Co-Parsing with an 18-class parse, teacher pose and tags, and our own split.

Layout (below the folder that OTBANG_DATASETS names): ``ccp/images/ID.jpg|webp``,
``ccp/parse_atr/ID.png`` (about half of the photos), ``ccp/keypoints.jsonl``, ``ccp/tags.jsonl``.
``ccp_split.json`` beside this file lists the ids held out for validation; everything else may be
trained on. ``python -m ml.training.data.ccp ROOT`` writes that manifest anew.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import InputError
from ml.person.annotation import Atr, Joint
from ml.person.store import keypoints_from_list, parse_from_png

DATASETS = "OTBANG_DATASETS"
SPLIT = Path(__file__).with_name("ccp_split.json")
#: Photos that show the same picture, or nearly; each pair stays on one side of the split.
NEAR_DUPLICATES = (
    *(("0025", "1707"), ("0078", "0984"), ("0183", "0730"), ("0197", "0671"), ("0207", "1766")),
    *(("0220", "1691"), ("0223", "0616"), ("0343", "1083"), ("0403", "1074"), ("0538", "1715")),
    *(("0594", "0722"), ("0643", "1913"), ("0692", "0732"), ("0719", "1611"), ("0906", "1694")),
    *(("0907", "0990"), ("0999", "1890"), ("1029", "1341"), ("1671", "1790")),
)
_EMPTY_MAP = "0536"
_SOLES = {"boots", "flats", "heels", "loafers", "pumps", "sandals", "shoes", "sneakers", "wedges"}
_TOPS = {
    *("blazer", "blouse", "bodysuit", "cape", "cardigan", "coat", "hoodie", "jacket", "jumper"),
    *("shirt", "suit", "sweater", "sweatshirt", "t-shirt", "tie", "tights", "top", "vest"),
}
#: A class can only be in a photo whose tags name one of these.
_SHOWN_BY: dict[Atr, set[str]] = {
    Atr.HAT: {"hat", "accessories"},
    Atr.SUNGLASSES: {"glasses", "sunglasses"},
    Atr.UPPER: _TOPS,
    Atr.SKIRT: {"skirt"},
    Atr.PANTS: {"pants", "jeans", "leggings", "shorts", "tights"},
    Atr.DRESS: {"dress", "romper", "bodysuit"},
    Atr.BELT: {"belt"},
    Atr.LEFT_SHOE: _SOLES | {"clogs"},
    Atr.RIGHT_SHOE: _SOLES | {"clogs"},
    Atr.BAG: {"bag", "purse", "wallet", "accessories"},
    Atr.SCARF: {"scarf"},
}
#: Where a waistband begins at the highest, between neck (0) and hips (1).
WAIST = 0.5
#: Share of the photo below which a dress says nothing.
LEAST_SHARE = 0.004
_ONE_PIECE = {"romper", "bodysuit"}
#: What may end above a skirt's waistband, unlike a coat that hides where a dress begins.
_INNER_TOPS = {
    *("blouse", "hoodie", "jumper", "shirt", "sweater", "sweatshirt", "t-shirt", "top", "vest"),
}


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo as listed; pixels are read by :meth:`rgb` and :meth:`parse`.

    points: (18, 3) float32 in pixels of the stored photo, confidence = the teacher's visibility.
    flagged: the teacher contradicted itself; not for pose.
    """

    root: Path
    id: str
    image: Path
    points: NDArray[np.float32]
    flagged: bool
    tags: frozenset[str]
    labelled: bool

    def rgb(self) -> NDArray[np.uint8]:
        bgr = cv2.imread(str(self.image), cv2.IMREAD_COLOR)
        if bgr is None:
            raise InputError(f"cannot read {self.image}")
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)

    def parse(self) -> NDArray[np.uint8]:
        """(H, W) of :class:`Atr`, the photo's size."""
        return parse_from_png((self.root / "parse_atr" / f"{self.id}.png").read_bytes())

    def mended_parse(self) -> NDArray[np.uint8]:
        """:meth:`parse` without CCP's commonest error: many of its skirts are called dresses.

        A dress that begins at the waist, below a tagged top, is a skirt. (Below a closed coat
        nobody can tell; there CCP's word stands.)
        """
        parse = self.parse()
        top = self.tags & _INNER_TOPS and not self.tags & _ONE_PIECE
        if top and starts_at_waist(parse, self.points):
            parse[parse == Atr.DRESS] = Atr.SKIRT
        return parse

    def possible(self) -> NDArray[np.bool_]:
        """(18,) classes that the tags allow; all where there are no tags."""
        allowed = np.ones(len(Atr), bool)
        if self.tags - {"hair", "skin"}:
            for label, words in _SHOWN_BY.items():
                allowed[label] = bool(self.tags & words)
        return allowed


def starts_at_waist(parse: NDArray[np.uint8], points: NDArray[np.float32]) -> bool:
    """Whether what is labelled as a dress leaves the upper half of the torso (neck to hips) free.

    On all 270 maps with a dress the answers fall in two clear groups; looked at, those that do are
    skirts but for a few beneath closed coats.
    """
    rows = np.nonzero(parse == Atr.DRESS)[0]
    neck, hips = points[Joint.NECK, 1], points[[Joint.R_HIP, Joint.L_HIP], 1].mean()
    if len(rows) < LEAST_SHARE * parse.size or hips <= neck:
        return False
    return bool((np.percentile(rows, 4) - neck) / (hips - neck) >= WAIST)


def folder(datasets: Path | str | None = None) -> Path:
    """``ccp`` below ``datasets`` or $OTBANG_DATASETS. Raises InputError."""
    root = datasets or os.environ.get(DATASETS)
    if not root:
        raise InputError(f"name the folder of the data sets: --data DIR or {DATASETS}")
    found = Path(root) / "ccp"
    if not (found / "keypoints.jsonl").exists():
        raise InputError(f"{found} does not hold Clothing Co-Parsing")
    return found


def photos(root: Path) -> list[Photo]:
    """Every photo of the set, by id."""
    tags = {entry["id"]: frozenset(entry["tags"] or ()) for entry in _lines(root / "tags.jsonl")}
    parsed = {path.stem for path in (root / "parse_atr").glob("*.png")}
    images = {path.stem: path for path in (root / "images").iterdir()}
    return [
        Photo(
            root=root,
            id=entry["id"],
            image=images[entry["id"]],
            points=keypoints_from_list(entry["openpose18"]),
            flagged=entry["flag"] is not None,
            tags=tags.get(entry["id"], frozenset()),
            labelled=entry["id"] in parsed,
        )
        for entry in sorted(_lines(root / "keypoints.jsonl"), key=lambda entry: str(entry["id"]))
        if entry["id"] in images and entry["id"] != _EMPTY_MAP
    ]


def held_out(path: Path = SPLIT) -> frozenset[str]:
    """The ids of the validation photos."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return frozenset([*manifest["validation_labelled"], *manifest["validation_tagged"]])


def split(
    found: Sequence[Photo], labelled: int = 90, tagged: int = 100, seed: int = 3
) -> dict[str, list[str]]:
    """Draw validation ids; both of a near-duplicate pair are trained on."""
    paired = {photo_id for pair in NEAR_DUPLICATES for photo_id in pair}
    free = [photo for photo in found if photo.id not in paired]
    random = np.random.default_rng(seed)
    drawn = {}
    for name, wanted, count in (
        ("validation_labelled", True, labelled),
        ("validation_tagged", False, tagged),
    ):
        ids = [photo.id for photo in free if photo.labelled is wanted]
        drawn[name] = sorted(random.permutation(ids)[:count].tolist())
    return drawn


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


if __name__ == "__main__":
    drawn = split(photos(folder(sys.argv[1] if len(sys.argv) > 1 else None)))
    SPLIT.write_text(json.dumps(drawn, indent=1) + "\n", encoding="utf-8")
