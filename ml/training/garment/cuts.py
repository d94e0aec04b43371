"""Masks of the data set's photos, cut once and kept in a folder.

The mask network learns from cuts that the whole annotator made; the category network, which sees
garments small, from the mask network's alone: thirty times quicker, and as rough as masks can be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ml.errors import InputError
from ml.garment.mask import SMALL, Cutout, cut_out
from ml.garment.orientation import turn
from ml.garment.pieces import resize, tidy
from ml.garment.prior import garment_share
from ml.images import Picture, fit, read
from ml.training.data.clothing import Photo


@dataclass(frozen=True, slots=True)
class Cut:
    """What is kept of one photo. to_photo: 2 x 3, from the upright frame (hw: its size)."""

    key: str
    confidence: float
    to_photo: list[list[float]]
    hw: list[int]


Cutter = Callable[[Picture], Cutout]


def by_network(picture: Picture) -> Cutout:
    """What the mask network sees as fabric, without following any edge. Raises InputError."""
    share = garment_share(fit(picture.rgb, max_side=SMALL))
    found = tidy(share > 0.5)
    if not found.any():
        raise InputError("the mask network sees no garment")
    mask = resize(found, picture.size).astype(np.uint8) * 255
    return Cutout(mask, confidence=float(share[found].mean()))


def cut_all(photos: Sequence[Photo], folder: Path, cutter: Cutter = cut_out) -> dict[str, Cut]:
    """Cut what is not there yet; photos without a garment to tell are not in the answer."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.jsonl"
    known: dict[str, Cut | None] = {}
    if index.exists():
        for line in index.read_text().splitlines():
            entry = json.loads(line)
            known[entry["key"]] = Cut(**entry) if entry["confidence"] > 0 else None
    missing = [photo for photo in photos if photo.key not in known]
    with index.open("a") as file:
        for photo in tqdm(missing, desc="masks", disable=not missing, mininterval=10):
            cut = _cut(photo, folder, cutter)
            known[photo.key] = cut if cut.confidence > 0 else None
            file.write(json.dumps(asdict(cut)) + "\n")
    found = ((photo.key, known[photo.key]) for photo in photos)
    return {key: cut for key, cut in found if cut is not None}


def mask_of(folder: Path, key: str) -> NDArray[np.bool_]:
    grey = cv2.imread(str(folder / f"{key}.png"), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise FileNotFoundError(folder / f"{key}.png")
    return np.asarray(grey > 127)


def trusted(cuts: Iterable[Cut], least: float) -> list[str]:
    return [cut.key for cut in cuts if cut.confidence >= least]


def _cut(photo: Photo, folder: Path, cutter: Cutter) -> Cut:
    try:
        found = cutter(read(photo.path))
        upright, _ = turn(found.mask)
    except InputError:
        return Cut(photo.key, 0.0, [], [])
    path = folder / f"{photo.key}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), found.mask)
    return Cut(photo.key, found.confidence, upright.to_photo.tolist(), list(upright.mask.shape))
