"""What the student sees: the whole photo of a person, and a garment cut out, both of 3 : 4."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.frame import ASPECT, Frame, of_garment

#: Height and width of what the networks see.
SIZE = (256, 192)
#: What lies around a garment.
GROUND = 255

__all__ = ["GROUND", "SIZE", "garment_picture", "of_garment", "of_photo"]


def of_photo(size: tuple[int, ...]) -> Frame:
    """All of a photo of (height, width, ...); its border goes on where it is not of 3 : 4."""
    height, width = size[:2]
    tall = max(height, round(width / ASPECT))
    wide = max(width, round(tall * ASPECT))
    return Frame((height - tall) // 2, (width - wide) // 2, tall, wide)


def garment_picture(
    photo: NDArray[np.uint8], mask: NDArray[np.uint8], size: tuple[int, int] = SIZE
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(picture on white, mask) of a garment's frame. Raises NoGarment."""
    place = of_garment(mask)
    cover = place.seen(mask, size, border=cv2.BORDER_CONSTANT)
    share = cover[..., None].astype(np.float32) / 255
    seen = place.seen(photo, size) * share + GROUND * (1 - share)
    return np.asarray(seen + 0.5, np.uint8), cover
