"""Photos of clothing-dataset-small and the masks and landmarks of our labelled part of it.

    ROOT/clothing/{train,validation}/<class>/*          photos of single garments, CC0
    ROOT/garment_gold/{landmarks,splits}.json, masks/   80 of the train photos, labelled by hand

Alexey Grigorev and contributors, <https://github.com/alexeygrigorev/clothing-dataset-small>.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.category import CATEGORIES

Split = Literal["train", "validation"]

#: One photo with two classes, and one nearly the same as a validation photo (first characters).
_DUPLICATES = ("6075b4a5", "637a56e4", "dc5f2bf9")


@dataclass(frozen=True, slots=True)
class Photo:
    """label: one of CATEGORIES."""

    path: Path
    label: str
    split: Split

    @property
    def key(self) -> str:
        return f"{self.split}/{self.label}/{self.path.stem}"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A photo with a mask and landmarks drawn by hand: name -> (x, y, visibility)."""

    name: str
    label: str
    photo: Path
    mask_path: Path
    landmarks: Mapping[str, tuple[float, float, int]]
    messy: bool

    def mask(self) -> NDArray[np.bool_]:
        grey = cv2.imread(str(self.mask_path), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise FileNotFoundError(self.mask_path)
        return np.asarray(grey > 127)


def photos(root: Path, split: Split) -> list[Photo]:
    """All usable photos, sorted. Of ``train``, the labelled test half and doubles are left out."""
    hidden: set[str] = set()
    if split == "train":
        hidden = {item.name.partition("_")[2] for item in labelled(root, "test")}
    return [
        Photo(path, label, split)
        for label in CATEGORIES
        for path in sorted((root / "clothing" / split / label).iterdir())
        if path.stem not in hidden and not path.stem.startswith(_DUPLICATES)
    ]


def labelled(root: Path, half: Literal["train", "test"]) -> list[Labelled]:
    """One half of the photos labelled by hand; none where the folder is missing."""
    folder = root / "garment_gold"
    if not folder.is_dir():
        return []
    items = json.loads((folder / "landmarks.json").read_text())["items"]
    names = json.loads((folder / "splits.json").read_text())[half]
    return [
        Labelled(
            name=name,
            label=items[name]["cls"],
            photo=folder / items[name]["image"],
            mask_path=folder / items[name]["mask"],
            landmarks={k: (x, y, v) for k, (x, y, v) in items[name]["landmarks"].items()},
            messy=bool(items[name]["messy_background"]),
        )
        for name in sorted(names)
    ]
