"""The last step of every engine: what was not meant to change does not change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def compose(
    photo: NDArray[np.uint8], painted: NDArray[np.uint8], edit_mask: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Blend ``painted`` over ``photo`` by ``edit_mask``.

    photo, painted: (H, W, 3). edit_mask: (H, W), 0 = the photo bit by bit, 255 = painted bit by
    bit, between = a mix (soft edges lie inside the mask). Returns a new array.
    """
    if photo.shape != painted.shape or photo.shape[:2] != edit_mask.shape:
        raise ValueError(
            f"sizes differ: photo {photo.shape}, painted {painted.shape}, mask {edit_mask.shape}"
        )
    if photo.dtype != np.uint8 or painted.dtype != np.uint8 or edit_mask.dtype != np.uint8:
        raise ValueError(f"need uint8, got {photo.dtype}, {painted.dtype}, {edit_mask.dtype}")
    result = photo.copy()
    rows, columns = np.nonzero(edit_mask)
    weight = edit_mask[rows, columns].astype(np.uint32)[:, None]
    old = photo[rows, columns].astype(np.uint32)
    new = painted[rows, columns].astype(np.uint32)
    result[rows, columns] = ((old * (255 - weight) + new * weight + 127) // 255).astype(np.uint8)
    return result
