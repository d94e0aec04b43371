"""What trainings share that dress people with an engine of ours: garments, and where cloth lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ml import images
from ml.errors import InputError
from ml.garment.annotate import annotate
from ml.garment.annotation import Cut, GarmentAnnotation, Region
from ml.person.annotation import Atr
from ml.tryon.drape.engine_scene import unpack
from ml.tryon.drape.warp import drape
from ml.tryon.engine import PreparedGarment, PreparedPerson, TryOnEngine

#: Class of a garment photo (:mod:`ml.garment.category`) -> how it is worn, and its ATR class.
KINDS: Mapping[str, tuple[Region, Cut, Atr]] = {
    "t-shirt": (Region.UPPER, Cut.TOP, Atr.UPPER),
    "longsleeve": (Region.UPPER, Cut.TOP, Atr.UPPER),
    "shirt": (Region.UPPER, Cut.TOP, Atr.UPPER),
    "outwear": (Region.OUTER, Cut.TOP, Atr.UPPER),
    "dress": (Region.DRESS, Cut.DRESS, Atr.DRESS),
    "skirt": (Region.LOWER, Cut.SKIRT, Atr.SKIRT),
    "pants": (Region.LOWER, Cut.TROUSERS, Atr.PANTS),
    "shorts": (Region.LOWER, Cut.TROUSERS, Atr.PANTS),
}
#: Garments and results that are trusted less teach wrong shapes.
SURE = 0.5


def look_at(path: Path, kind: str) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    """A photo of a garment and what our annotator makes of it. Raises InputError, OSError."""
    region, cut, _label = KINDS[kind]
    photo = images.on_white(images.read(path))
    return photo, annotate(photo, region=region, cut=cut)


@dataclass(slots=True)
class Wardrobe:
    """Pictures of garments by kind, prepared when first worn; unclear ones are None."""

    photos: Mapping[str, Sequence[Path]]
    engine: TryOnEngine
    read: Callable[[Path, str], tuple[NDArray[np.uint8], GarmentAnnotation]] = look_at
    prepared: dict[Path, PreparedGarment | None] = field(default_factory=dict)

    def get(self, path: Path, kind: str) -> PreparedGarment | None:
        if path not in self.prepared:
            try:
                photo, found = self.read(path, kind)
                clear = found.confidence >= SURE
                self.prepared[path] = self.engine.prepare_garment(photo, found) if clear else None
            except InputError:
                self.prepared[path] = None
        return self.prepared[path]


def hang(
    person: PreparedPerson, garment: PreparedGarment, photo: NDArray[np.uint8] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The garment as ``drape`` hangs it on somebody it prepared: unlit colours (H, W, 3) and cover
    (H, W), of the size of the person's photo. What lies in front of it is not taken away.

    photo: hung instead of the garment's own. Raises InputError.
    """
    scene = unpack(person.photo, person.annotation, person.tensors)
    if photo is not None:
        garment = replace(garment, photo=photo)
    worn = drape(PreparedPerson(scene.photo, scene.annotation), garment)
    colour = np.zeros(person.photo.shape, np.uint8)
    cover = np.zeros(person.photo.shape[:2], np.uint8)
    colour[scene.window], cover[scene.window] = worn.colour, worn.alpha
    return colour, cover


def coordinates(photo: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """A picture of the photo's size whose colours say where in ``box`` a pixel lies.

    box: top, left, height, width. Red runs from 0 at its left edge to 255 at its right one, green
    from top to bottom. Hung on somebody it tells where each pixel of cloth came from.
    """
    top, left, height, width = box
    rows, columns = photo.shape[:2]
    across = (np.arange(columns) + 0.5 - left) / width
    down = (np.arange(rows) + 0.5 - top) / height
    made = np.full((rows, columns, 3), 128, np.uint8)
    made[..., 0] = np.clip(np.rint(across * 255), 0, 255)[None]
    made[..., 1] = np.clip(np.rint(down * 255), 0, 255)[:, None]
    return made


def closed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without the pinholes where cloth has, by chance, the colour of what it replaced."""
    return np.asarray(
        cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0
    )
