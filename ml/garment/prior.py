"""What the mask network sees as garment. torch is loaded with the first photo.

Trained by ``python -m ml.training garment``; the card is ``ml/models/garment_mask.md``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ml.garment.networks import MaskNetwork

WEIGHTS = Path(__file__).parent.parent / "models" / "garment_mask.safetensors"
#: The network sees the photo stretched to a square of this side.
SIDE = 160


def garment_share(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w) 0..1: how sure the network is that a pixel is fabric; photo and mirror averaged.

    rgb: (h, w, 3) uint8 sRGB, best not much larger than ``SIDE``.
    """
    import torch

    height, width = rgb.shape[:2]
    square = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    x = torch.from_numpy(np.stack([square, square[:, ::-1]])).permute(0, 3, 1, 2)
    with torch.inference_mode():
        scores = _network()(x.contiguous().float() / 255)[0]
    score = ((scores[0] + scores[1].flip(1)) / 2).numpy()
    wide = cv2.resize(score, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 / (1 + np.exp(-wide)), np.float32)


@cache
def _network() -> MaskNetwork:
    from ml.garment.category import CATEGORIES
    from ml.garment.networks import MaskNetwork, load

    return load(MaskNetwork(len(CATEGORIES)), WEIGHTS)
