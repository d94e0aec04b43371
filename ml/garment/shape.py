"""Which cut a garment has, and which way up it lies, from the shape of its mask alone.

A two-layer perceptron on a coarse picture of the mask: small enough for numpy. Trained by
``ml/training/garment_shape.py``; the card is ``ml/models/garment_shape.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml.garment.annotation import Cut

WEIGHTS = Path(__file__).parent.parent / "models" / "garment_shape.safetensors"
GRID = 32
#: The network's outputs; the last one says "not upright".
CUTS = (Cut.TOP, Cut.DRESS, Cut.TROUSERS, Cut.SKIRT)


@dataclass(frozen=True, slots=True)
class Shape:
    """cuts: probability of each cut if the garment is upright. upright: probability of that."""

    cuts: Mapping[Cut, float]
    upright: float


def classify(mask: NDArray[np.bool_]) -> Shape:
    """mask: (h, w), upright, not empty."""
    network = _network()
    values = (describe(mask) - network["mean"]) / network["spread"]
    hidden = np.maximum(network["hidden.weight"] @ values + network["hidden.bias"], 0)
    scores = network["out.weight"] @ hidden + network["out.bias"]
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    seen = max(float(shares[:-1].sum()), 1e-6)
    return Shape(
        cuts={cut: float(share) / seen for cut, share in zip(CUTS, shares[:-1], strict=True)},
        upright=1.0 - float(shares[-1]),
    )


def describe(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The mask's box as GRID x GRID shares of fabric, left and right averaged, and its aspect."""
    ys, xs = np.nonzero(mask)
    box = mask[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1].astype(np.float32)
    grid = cv2.resize(box, (GRID, GRID), interpolation=cv2.INTER_AREA)
    half = ((grid + grid[:, ::-1]) / 2)[:, : GRID // 2]
    aspect = np.log(box.shape[0] / box.shape[1])
    return np.concatenate([half.ravel() * 2 - 1, [aspect, aspect**2]]).astype(np.float32)


@cache
def _network() -> dict[str, NDArray[np.float32]]:
    return {name: value.astype(np.float32) for name, value in load_file(WEIGHTS).items()}
