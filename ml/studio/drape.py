"""How cloth wrinkles: ridges that run along the lines on which it is pulled.

A ``Pull`` says where the cloth is under tension and which way. From all pulls of a piece follow a
field of directions and one of strength; noise smeared along the directions (line integral
convolution, Cabral and Leedom 1993, by repeated doubling) becomes ridges that flow, branch and
die out as creases do, at three sizes. Lengths are final pixels; the work is done at half of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio.fabric import Field, blur, clouds, noise
from ml.studio.paths import Points

#: Distance between ridges (final px), how steep they are, and how far they run in widths.
SIZES = ((130.0, 0.115, 2.6), (58.0, 0.125, 2.6), (25.0, 0.085, 2.2))
GRID = 8  # directions are known on every eighth point


@dataclass(frozen=True)
class Pull:
    """Cloth under tension along a line: it wrinkles lengthwise within ``reach`` px of it."""

    line: Points
    strength: float = 1.0
    reach: float = 60.0


def along(line: Points, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``count`` points spread evenly over a polyline, and the direction there, in radians."""
    step = np.hypot(*np.diff(line, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(step)])
    at = np.linspace(0, way[-1], count)
    points = np.stack([np.interp(at, way, line[:, i]) for i in (0, 1)], axis=1)
    d = np.gradient(points, axis=0)
    return points, np.arctan2(d[:, 1], d[:, 0])


def tension(shape: tuple[int, int], pulls: Sequence[Pull]) -> tuple[Field, Field, Field]:
    """cos and sin of twice the direction, and the strength; coordinates are the field's own."""
    gh, gw = shape[0] // GRID + 2, shape[1] // GRID + 2
    y, x = np.mgrid[0:gh, 0:gw].astype(np.float32) * GRID
    c, s = np.full((gh, gw), -0.02, np.float32), np.zeros((gh, gw), np.float32)  # else upright
    total = np.zeros((gh, gw), np.float32)
    for pull in pulls:
        points, angle = along(pull.line, 7)
        near = np.zeros_like(total)
        for (px, py), a in zip(points, angle, strict=True):
            w = np.exp(-((x - px) ** 2 + (y - py) ** 2) / np.float32(pull.reach**2))
            w *= np.float32(pull.strength)
            near = np.maximum(near, w)
            c += w * np.float32(np.cos(2 * a))
            s += w * np.float32(np.sin(2 * a))
        total += near
    size = (gw * GRID, gh * GRID)
    big = [cv2.resize(f, size, interpolation=cv2.INTER_LINEAR)[: shape[0], : shape[1]]
           for f in (c, s, total)]  # fmt: skip
    return np.asarray(big[0]), np.asarray(big[1]), np.asarray(big[2])


def smear(field: Field, dx: Field, dy: Field, length: float) -> Field:
    """The mean of the field over ``length`` px along the directions."""
    h, w = field.shape
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    step = 0.5
    while step < length / 2:
        ahead = cv2.remap(field, x + step * dx, y + step * dy, cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REFLECT)  # fmt: skip
        back = cv2.remap(field, x - step * dx, y - step * dy, cv2.INTER_LINEAR,
                         borderMode=cv2.BORDER_REFLECT)  # fmt: skip
        field = 0.5 * (ahead + back)
        step *= 2
    return field


def wrinkles(
    shape: tuple[int, int],
    pulls: Sequence[Pull],
    crisp: float,
    rng: np.random.Generator,
    shiny: bool = False,
) -> Field:
    """Height in final px of (H, W) half-size points; ``pulls`` in half-size coordinates.

    crisp: 0 soft rolls (jersey, knit) to 1 sharp creases (linen, poplin). shiny: for satin, on
    which the grid of ordinary noise would show.
    """
    rough = clouds if shiny else noise
    c, s, strength = tension(shape, pulls)
    # where pulls cross, directions cancel out and the cloth lies flat between them
    agree = np.clip(np.hypot(c, s) / (0.45 * strength + 0.01), 0, 1)
    strength = strength * agree * agree * (3 - 2 * agree)
    height = np.zeros(shape, np.float32)
    for size, slope, run in SIZES:
        half = size / 2
        bend = rough(shape, (half * 3, half * 3), rng) * 0.34
        angle = 0.5 * np.arctan2(s, c) + bend
        dx, dy = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
        raw = rough(shape, (half * 0.62, half * 0.62), rng)
        ridge = smear(raw, dx, dy, half * run)
        ridge = (ridge - ridge.mean()) / max(float(ridge.std()), 1e-6)
        sharp = 0.85 * np.exp(0.8 * np.clip(ridge, -2.5, 2.2)) - 1.15
        shaped = np.tanh(ridge) * (1 - 0.75 * crisp) + sharp * 0.75 * crisp
        sparse = np.clip(0.62 + 0.6 * rough(shape, (half * 3, half * 3), rng), 0.1, 1.5)
        level = (0.10 + 1.15 * np.tanh(strength / 1.15)) * sparse
        small = 0.35 + 0.65 * crisp if size < 40 else 1.0
        height += shaped * level * np.float32(slope * size * 0.5 * small)
    return blur(height, 4.0 if shiny else 0.8 if crisp > 0.1 else 2.4)
