"""Outlines of cloth: points with bulges between them, and the slight warp that makes them natural.

Coordinates are pixels of the final 900 x 1200 picture. Left and right are the wearer's: the
wearer's left is at larger x.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
CENTRE = 450.0


def bowed(a: ArrayLike, b: ArrayLike, bulge: float = 0.0, peak: float = 0.5, n: int = 28) -> Points:
    """A curve from a to b, ``bulge`` px to the right of the way there, most at ``peak``."""
    p, q = np.asarray(a, float), np.asarray(b, float)
    d = q - p
    length = float(np.hypot(*d)) or 1.0
    normal = np.array([-d[1], d[0]]) / length
    control = p + d * peak + normal * bulge * 2
    t = np.linspace(0, 1, n)[:, None]
    return np.asarray((1 - t) ** 2 * p + 2 * t * (1 - t) * control + t**2 * q)


def chain(*pieces: Points) -> Points:
    """One polyline from several whose ends meet."""
    return np.concatenate([pieces[0], *(p[1:] for p in pieces[1:])])


def mirror(points: ArrayLike) -> Points:
    """The same on the wearer's other side, in reverse order (so outlines keep their turn)."""
    p = np.asarray(points, float).reshape(-1, 2)
    return np.stack([2 * CENTRE - p[:, 0], p[:, 1]], axis=1)[::-1]


def flip(point: ArrayLike) -> Points:
    x, y = np.asarray(point, float)
    return np.array([2 * CENTRE - x, y])


def xy(x: float, y: float) -> Points:
    """A shift, to add to points."""
    return np.array([x, y], dtype=float)


def between(a: ArrayLike, b: ArrayLike, t: float) -> Points:
    return np.asarray(a, float) * (1 - t) + np.asarray(b, float) * t


def through(points: ArrayLike, n: int = 16) -> Points:
    """A curve without corners through points (Catmull-Rom), ``n`` steps between two of them."""
    p = np.asarray(points, float).reshape(-1, 2)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, n, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        pieces.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d
                                                   + t * (3 * (b - c) + d - a))))  # fmt: skip
    return np.concatenate([*pieces, p[-2:-1]])


def arch(half: ArrayLike, n: int = 16) -> Points:
    """As :func:`through`, for something symmetric: from its middle point to the wearer's left, and
    the same on the other side before it."""
    p = np.asarray(half, float).reshape(-1, 2)
    return through(np.concatenate([mirror(p[1:]), p]), n)


def offset(line: Points, by: float) -> Points:
    """The polyline moved ``by`` px to the right of its direction of travel."""
    d = np.gradient(line, axis=0)
    d /= np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-9)[:, None]
    return np.asarray(line + np.stack([-d[:, 1], d[:, 0]], axis=1) * by)


def band(line: Points, width: float) -> Points:
    """The outline of a strip of ``width`` px to the right of a line."""
    return np.concatenate([line, offset(line, width)[::-1]])


@dataclass(frozen=True)
class Warp:
    """A gentle bend of the whole garment: nothing laid by hand is symmetric."""

    seed: int
    amount: float = 3.5
    turn: float = 0.006

    def __call__(self, points: ArrayLike) -> Points:
        p = np.asarray(points, float).reshape(-1, 2)
        rng = np.random.default_rng(self.seed)
        out = p.copy()
        for _ in range(4):
            k = rng.normal(size=2) * (2 * math.pi / 620)
            phase = rng.uniform(0, 6.28)
            direction = rng.normal(size=2) * self.amount / 2
            out += np.sin(p @ k + phase)[:, None] * direction
        angle = rng.uniform(-self.turn, self.turn)
        c, s = math.cos(angle), math.sin(angle)
        middle = np.array([450.0, 600.0])
        return np.asarray((out - middle) @ np.array([[c, s], [-s, c]]) + middle)


def smooth(corners: ArrayLike, rounds: int = 4) -> Points:
    """A closed outline without corners that follows some points (Chaikin's corner cutting)."""
    p = np.asarray(corners, float).reshape(-1, 2)
    for _ in range(rounds):
        q = np.roll(p, -1, axis=0)
        p = np.stack([0.75 * p + 0.25 * q, 0.25 * p + 0.75 * q], axis=1).reshape(-1, 2)
    return p


def wavy(line: Points, amplitude: float, waves: float, phase: float) -> Points:
    """A hem that does not lie quite straight."""
    t = np.linspace(0, 1, len(line))
    lift = amplitude * np.sin(t * waves * 2 * math.pi + phase) * np.sin(t * math.pi) ** 0.5
    out = line.copy()
    out[:, 1] += lift
    return out


def closed(parts: Sequence[Points]) -> Points:
    return np.concatenate(list(parts))
