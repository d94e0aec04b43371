"""Lessons from garments that are known flat and worn: what is right is a photo, not a teacher."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ml.errors import InputError
from ml.training.data.pairs import Outfit, Pair, load, names
from ml.training.dressing import closed
from ml.training.student import lessons
from ml.training.student.lessons import Lesson
from ml.training.student.teach import lesson_of
from ml.training.swap import Swapper
from ml.tryon.engine import PreparedGarment

#: Two renderings of the same pixel differ by less than this (levels of 255, mean of channels).
NOISE = 10


def make(teacher: str, folder: Path, out: Path, device: str = "cpu") -> int:
    """Add the lessons of a folder of pairs to ``out``; what is there already stays.

    Returns how many pairs gave none. Raises InputError where the folder holds no pairs.
    """
    found = names(folder)
    if not found:
        raise InputError(f"{folder} holds no pairs")
    swapper: Swapper | None = None
    useless = 0
    for name in tqdm(found, desc=f"pairs of {folder.name}", unit="pair"):
        place = out / f"pair-{folder.name}-{name}"
        if (out / f".{place.name}").exists():
            continue
        outfit = load(folder / name)
        swapper = swapper or Swapper.of(teacher, folder, device)
        made = _lessons(outfit, swapper)
        for kind, lesson in made.items():
            about = {"half": "train", "source": folder.name, "garment": name, "teacher": teacher}
            lessons.save(
                replace(lesson, about={**about, "kind": kind}),
                place.with_name(f"{place.name}-{kind}"),
            )
        useless += not made
        (out / f".{place.name}").touch()
    return useless


def _lessons(outfit: Outfit, swapper: Swapper) -> dict[str, Lesson]:
    """``swapped``: from another garment back. ``base``: from a base outfit, where there is one."""
    made = {}
    swapped = swapper.swap(outfit)
    if swapped is not None:
        made["swapped"] = _lesson(outfit, swapped.picture, swapped.changed)
    if isinstance(outfit, Pair):
        apart = np.abs(outfit.person.astype(np.int16) - outfit.worn).mean(2) > NOISE
        made["base"] = _lesson(outfit, outfit.person, closed(apart | outfit.region))
    return made


def _lesson(outfit: Outfit, person: NDArray[np.uint8], changed: NDArray[np.bool_]) -> Lesson:
    cover = np.where(outfit.region, 255, 0).astype(np.uint8)
    cloth = np.dstack([np.zeros_like(cover), np.zeros_like(cover), cover])
    garment = PreparedGarment(outfit.garment, outfit.garment_labels)
    changed = changed | outfit.region
    return lesson_of(person, garment, outfit.worn, changed, cloth, traced=False)
