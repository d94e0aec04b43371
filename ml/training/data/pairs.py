"""Folders of pairs: the same garment flat and worn, as the studio renders and shops export them.

``DIR/NAME/`` holds ``worn.webp``, ``worn_parse.png``, ``worn_keypoints.json``, ``garment.webp``,
``garment_mask.png``, ``garment.json`` and, written last, ``pair.json``. Rendered pairs also show
the same person in a base outfit: ``person.webp``, ``person_parse.png``, ``person_keypoints.json``.
A shop has no such picture.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import InputError
from ml.garment.annotation import Cut, GarmentAnnotation, Landmark, Region
from ml.person.annotation import Atr, PersonAnnotation
from ml.person.store import keypoints_to_list, parse_to_png

RGB = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outfit:
    """A garment flat and worn: pictures (H, W, 3) and their labels. label: its class."""

    name: str
    garment: RGB
    garment_labels: GarmentAnnotation
    worn: RGB
    worn_labels: PersonAnnotation
    label: Atr
    about: Mapping[str, Any]

    @property
    def region(self) -> NDArray[np.bool_]:
        """Where the garment is seen on the person."""
        return np.asarray(self.worn_labels.parse == self.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Outfit):
    """And the same person in something else."""

    person: RGB
    person_labels: PersonAnnotation


def names(folder: Path) -> list[str]:
    """Complete pairs of a folder; ``pair.json`` is written last."""
    return sorted(p.parent.name for p in folder.glob("*/pair.json"))


def load(folder: Path) -> Outfit:
    """A Pair where the folder shows the person in something else. Raises InputError where
    anything is missing or does not fit together."""
    try:
        about = json.loads((folder / "pair.json").read_text(encoding="utf-8"))
        flat = json.loads((folder / "garment.json").read_text(encoding="utf-8"))
        given = {
            "name": folder.name,
            "garment": rgb(folder / "garment.webp"),
            "garment_labels": labels_of(flat, folder / "garment_mask.png"),
            "worn": rgb(folder / "worn.webp"),
            "worn_labels": _person(folder, "worn"),
            "label": Atr(about["label"]),
            "about": about,
        }
        if not (folder / "person.webp").exists():
            return Outfit(**given)
        person = rgb(folder / "person.webp")
        return Pair(**given, person=person, person_labels=_person(folder, "person"))
    except (OSError, KeyError, ValueError) as e:
        raise InputError(f"{folder} is not a pair: {e}") from e


def labels_of(about: Mapping[str, Any], mask: Path, version: str = "drawn") -> GarmentAnnotation:
    """about: region, cut and landmarks. mask: a picture, anything above 0 is fabric."""
    marks = {name: Landmark(x, y, int(seen)) for name, (x, y, seen) in about["landmarks"].items()}
    cover = np.where(grey(mask) > 0, 255, 0).astype(np.uint8)
    return GarmentAnnotation(cover, Region(about["region"]), Cut(about["cut"]), marks, 1.0, version)


def _person(folder: Path, which: str) -> PersonAnnotation:
    parse = grey(folder / f"{which}_parse.png")
    text = json.loads((folder / f"{which}_keypoints.json").read_text(encoding="utf-8"))
    return PersonAnnotation(parse, np.array(text["openpose18"], np.float32), "rendered")


def rgb(path: Path) -> RGB:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def grey(path: Path) -> NDArray[np.uint8]:
    """Values as they are stored: a palette's numbers, not its colours."""
    with Image.open(path) as image:
        return np.array(image if image.mode in {"P", "L"} else image.convert("L"), np.uint8)


def save(outfit: Outfit, folder: Path, *, quality: int = 92) -> None:
    """A complete folder, or none: ``pair.json`` comes last. No file carries any metadata."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _save_picture(outfit.worn, folder / "worn.webp", quality)
    _save_picture(outfit.garment, folder / "garment.webp", quality)
    _save_person(outfit.worn_labels, folder, "worn")
    if isinstance(outfit, Pair):
        _save_picture(outfit.person, folder / "person.webp", quality)
        _save_person(outfit.person_labels, folder, "person")
    labels = outfit.garment_labels
    height, width = labels.mask.shape
    bits = Image.fromarray(np.where(labels.mask > 127, 255, 0).astype(np.uint8))
    bits.convert("1", dither=Image.Dither.NONE).save(folder / "garment_mask.png", optimize=True)
    flat = {
        "width": width,
        "height": height,
        "region": str(labels.region),
        "cut": str(labels.cut),
        "landmarks": {
            name: [round(p.x, 2), round(p.y, 2), p.visibility]
            for name, p in labels.landmarks.items()
        },
    }
    (folder / "garment.json").write_text(json.dumps(flat, indent=1) + "\n", encoding="utf-8")
    about = {**outfit.about, "label": int(outfit.label), "region": str(labels.region)}
    (folder / "pair.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _save_picture(picture: RGB, path: Path, quality: int) -> None:
    Image.fromarray(picture).save(path, quality=quality, method=6)


def _save_person(labels: PersonAnnotation, folder: Path, which: str) -> None:
    (folder / f"{which}_parse.png").write_bytes(parse_to_png(labels.parse))
    height, width = labels.parse.shape
    points = keypoints_to_list(labels.keypoints)
    about = {"width": width, "height": height, "openpose18": points}
    text = json.dumps(about, indent=1) + "\n"
    (folder / f"{which}_keypoints.json").write_text(text, encoding="utf-8")
