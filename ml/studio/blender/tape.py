"""A tape measure around a body. Numpy only."""

from __future__ import annotations

import math

import numpy as np

from ml.studio.blender.sdf import Array, Field, vec


def tape(field: Field, z: float) -> float:
    """Length of a tape measure around ``field`` at height ``z``, in cm."""
    angles = np.linspace(0, 2 * math.pi, 120, endpoint=False)
    rays = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], 1)
    r = np.full(len(angles), 32.0)
    near = field.near(vec((-34, -34, z - 1)), vec((34, 34, z + 1)))
    for _ in range(22):
        r -= 0.95 * near(rays * r[:, None] + vec((0, 0, z)))
    points = rays[:, :2] * r[:, None]
    hull = convex_hull(points)
    return float(np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum())


def convex_hull(points: Array) -> Array:
    """Andrew's monotone chain, anticlockwise."""
    order = points[np.lexsort(points.T[::-1])]

    def turns_left(a: Array, b: Array) -> bool:
        return bool(a[0] * b[1] - a[1] * b[0] > 0)

    def half(run: Array) -> list[Array]:
        chain: list[Array] = []
        for p in run:
            while len(chain) > 1 and not turns_left(chain[-1] - chain[-2], p - chain[-1]):
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return vec(half(order) + half(order[::-1]))
