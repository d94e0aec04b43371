"""What the student learns from: somebody, a garment, and how they look together.

One folder per lesson, pictures of ``SIZE`` (:data:`STORED`), ``lesson.json`` written last:

person.webp, garment.webp, mask.png   what the student gets
dressed.webp                          what it should make of them
edit.png                              where that differs from ``person.webp``
cloth.png                             blue: how much of the garment is seen; red and green: which
                                      part of ``garment.webp`` (0..255 across and down), if known
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from ml.errors import InputError
from ml.garment.annotation import Region
from ml.training.data.pairs import grey, rgb

#: Height and width of stored pictures: room for crops, and for students that see more.
STORED = (512, 384)
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Lesson:
    """person, garment, dressed, cloth: (H, W, 3); mask, edit: (H, W), 0..255.

    traced: the red and green of ``cloth`` are known. about: who wears what, the half of the split,
    who taught it.
    """

    name: str
    person: Bytes
    garment: Bytes
    mask: Bytes
    dressed: Bytes
    edit: Bytes
    cloth: Bytes
    region: Region
    traced: bool
    about: Mapping[str, Any] = field(default_factory=dict)

    def at(self, size: tuple[int, int]) -> Lesson:
        """The same, smaller."""
        if self.person.shape[:2] == size:
            return self

        def small(picture: Bytes) -> Bytes:
            made = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
            return np.asarray(made, np.uint8)

        # Coordinates mix with the nothing around them: they are taken, not averaged.
        places = cv2.resize(self.cloth, size[::-1], interpolation=cv2.INTER_NEAREST)
        cloth = np.dstack([places[..., :2], small(self.cloth[..., 2])])
        return Lesson(
            name=self.name,
            person=small(self.person),
            garment=small(self.garment),
            mask=small(self.mask),
            dressed=small(self.dressed),
            edit=small(self.edit),
            cloth=np.asarray(cloth, np.uint8),
            region=self.region,
            traced=self.traced,
            about=self.about,
        )


def save(lesson: Lesson, folder: Path) -> None:
    """A complete lesson, or none."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("person", "garment", "dressed"):
        Image.fromarray(getattr(lesson, name)).save(folder / f"{name}.webp", quality=92)
    for name in ("mask", "edit", "cloth"):
        Image.fromarray(getattr(lesson, name)).save(folder / f"{name}.png")
    about = {**lesson.about, "region": str(lesson.region), "traced": lesson.traced}
    (folder / "lesson.json").write_text(json.dumps(about), encoding="utf-8")


def load(folder: Path) -> Lesson:
    """Raises InputError."""
    try:
        about = json.loads((folder / "lesson.json").read_text(encoding="utf-8"))
        return Lesson(
            name=folder.name,
            **{name: rgb(folder / f"{name}.webp") for name in ("person", "garment", "dressed")},
            **{name: grey(folder / f"{name}.png") for name in ("mask", "edit")},
            cloth=rgb(folder / "cloth.png"),
            region=Region(about["region"]),
            traced=bool(about["traced"]),
            about=about,
        )
    except (OSError, KeyError, ValueError) as e:
        raise InputError(f"{folder} is not a lesson: {e}") from e


def there(folder: Path, half: str) -> bool:
    """Whether any lesson of that half is."""
    return any(folder.glob(f"{half}-*/lesson.json"))


def load_all(folder: Path, half: str, size: tuple[int, int] = STORED) -> list[Lesson]:
    """The lessons of one half, by name. Raises InputError where there are none."""
    paths = sorted(folder.glob(f"{half}-*/lesson.json"))
    if not paths:
        raise InputError(f"{folder} holds no lessons of {half}; make some with --teach")
    bar = tqdm(paths, desc=half, unit="lesson", leave=False)
    return [load(path.parent).at(size) for path in bar]
