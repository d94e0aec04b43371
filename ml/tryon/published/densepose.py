"""The picture that DensePose's ``dp_segm`` draws on black: HR-VITON was trained on such.

Güler et al., "DensePose: Dense Human Pose Estimation in the Wild", 2018: 24 parts of the body's
surface. Each has one colour of a fixed map.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

PARTS = 24


def draw(parts: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) of 0 (nobody) to 24 -> (H, W, 3) RGB. Raises ValueError."""
    if parts.ndim != 2 or (parts.size and int(parts.max()) > PARTS):
        raise ValueError(f"parts are (H, W) of 0 to {PARTS}, got {parts.shape}")
    levels = (np.arange(PARTS + 1) * (255.0 / PARTS)).astype(np.uint8)
    colours = np.asarray(cv2.applyColorMap(levels[:, None], cv2.COLORMAP_PARULA))[:, 0, ::-1]
    colours = colours.copy()
    colours[0] = 0
    return np.ascontiguousarray(colours[parts])
