"""The pattern of a garment: one of eight, told from measured features by a small network.

The features are deterministic (:mod:`ml.garment.pattern_features`); the network is a few
perceptrons with one hidden layer whose answers are averaged, in numpy. Trained by ``python -m
ml.training pattern``; the card is ``ml/models/garment_pattern.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml.garment.pattern_features import describe
from ml.garment.pattern_names import PATTERNS

#: In the order of the network's answers.
NAMES: tuple[str, ...] = tuple(PATTERNS)
WEIGHTS = Path(__file__).parent.parent / "models" / "garment_pattern.safetensors"


@dataclass(frozen=True, slots=True)
class Pattern:
    """name: a key of ``pattern_names.PATTERNS``, the likeliest. confidence: its probability.
    probabilities: of every key, sum 1."""

    name: str
    confidence: float
    probabilities: Mapping[str, float]


def pattern(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Pattern:
    """The pattern of the garment under a mask.

    rgb: (H, W, 3) uint8 sRGB. mask: (H, W) uint8, 255 = garment. Raises ValueError where the
    mask is empty or of another size.
    """
    if mask.shape != rgb.shape[:2]:
        raise ValueError(f"the mask is {mask.shape}, the photo {rgb.shape[:2]}")
    if not (mask > 127).any():
        raise ValueError("the mask is empty")
    shares = answers(_weights(), describe(rgb, mask)[None])[0]
    best = int(shares.argmax())
    return Pattern(
        name=NAMES[best],
        confidence=float(shares[best]),
        probabilities={name: float(p) for name, p in zip(NAMES, shares, strict=True)},
    )


def answers(
    weights: Mapping[str, NDArray[np.float32]], features: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(N, 8) probabilities from (N, FEATURES): the mean of all members' answers."""
    values = np.clip((features - weights["mean"]) / weights["spread"], -4, 4)
    hidden = np.einsum("nf,mhf->mnh", values, weights["hidden.weight"])
    hidden = np.maximum(hidden + weights["hidden.bias"][:, None], 0)
    scores = np.einsum("mnh,mch->mnc", hidden, weights["out.weight"])
    scores = (scores + weights["out.bias"][:, None]) / weights["temperature"]
    scores = np.exp(scores - scores.max(axis=2, keepdims=True))
    each = scores / scores.sum(axis=2, keepdims=True)
    return np.asarray(each.mean(axis=0), np.float32)


@cache
def _weights() -> Mapping[str, NDArray[np.float32]]:
    return {name: value.astype(np.float32) for name, value in load_file(WEIGHTS).items()}
