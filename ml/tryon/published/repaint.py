"""What of a generated picture goes into the photo: the new garment and what it uncovered.

The generators paint the whole picture anew. Face, hair, legs and background come out nearly as
they went in, but only nearly; so the photo stays wherever nothing had to change.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.published.classes import Class13, Labels

#: How far the change reaches into its surroundings, and fades there, in pixels of 768 x 1024.
MARGIN = 5
#: These are taken from the new picture even where they were before.
_ANEW = (Class13.UPPER, Class13.LEFT_ARM, Class13.RIGHT_ARM)


def edit_mask(before: Labels, after: Labels, hidden: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """before, after: (H, W) of the thirteen classes. hidden: what the generator could not see.

    -> (H, W), 255 where the new picture replaces the photo, fading to 0 within ``hidden``.
    """
    changed = (before != after) | np.isin(before, _ANEW) | np.isin(after, _ANEW)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    wide = cv2.dilate((changed & hidden).astype(np.uint8), kernel) * np.uint8(255)
    wide[~hidden] = 0
    side = 2 * MARGIN + 1
    return np.asarray(np.minimum(wide, cv2.blur(wide, (side, side))), np.uint8)
