"""What engines check of what they are given, before anything is computed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation, NotSupported
from ml.garment.annotation import Region
from ml.tryon.engine import DressRequest, PreparedGarment


def check_photo(photo: NDArray[np.uint8], size: tuple[int, ...]) -> None:
    """size: (H, W) of the annotation. Raises BadAnnotation where they do not belong together."""
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8:
        raise BadAnnotation(f"a photo is (H, W, 3) uint8, got {photo.shape} {photo.dtype}")
    if photo.shape[:2] != size:
        raise BadAnnotation(f"the annotation is {size}, its photo {photo.shape[:2]}")


def only_top(request: DressRequest) -> PreparedGarment:
    """The garment of a request for one top. Raises NotSupported."""
    regions = [garment.annotation.region for garment in request.garments]
    if regions != [Region.UPPER]:
        raise NotSupported(f"one top at a time, not: {', '.join(regions) or 'nothing'}")
    return request.garments[0]
