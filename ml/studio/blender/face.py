"""The neck and a calm, closed-eyed face of few planes. Numpy only."""

from __future__ import annotations

import numpy as np

from ml.studio.blender.sdf import Array, Part, ball, cone, tube, vec
from ml.studio.blender.skeleton import head_scale, skeleton
from ml.studio.blender.spec import SIDES, Spec

# Rows (height above the chin, half width, front, back) of the face for a head of 22.6 cm.
_FACE = {
    "woman": ((0.4, 1.7, 7.9, -5.0), (1.3, 2.5, 8.45, -3.4), (2.6, 3.5, 8.55, -1.8),
              (4.4, 4.65, 8.5, 0.6), (6.4, 5.55, 8.6, 3.0), (8.6, 6.35, 8.65, 5.0),
              (10.6, 6.6, 8.5, 7.0), (12.8, 6.75, 8.7, 8.0), (15.2, 6.4, 8.1, 8.3),
              (17.5, 3.6, 4.6, 5.0)),
    "man": ((0.3, 2.3, 8.0, -5.0), (1.2, 3.6, 8.7, -3.4), (2.6, 4.6, 8.8, -1.8),
            (4.4, 5.6, 8.7, 0.6), (6.4, 6.2, 8.7, 3.0), (8.6, 6.6, 8.7, 5.0),
            (10.6, 6.8, 8.5, 7.0), (12.8, 6.9, 8.9, 8.0), (15.2, 6.5, 8.2, 8.3),
            (17.5, 3.6, 4.6, 5.0)),
}  # fmt: skip


def neck(spec: Spec) -> list[Part]:
    at = skeleton(spec)
    s, k = spec.scale, head_scale(spec)
    thick = (5.7 if spec.man else 4.4) * s * (1 + 0.3 * spec.fullness)
    top = at["chin"] + vec((0, 2.6, 7.5)) * k
    base = vec((0, 2.2 * s, 0.815 * spec.height))
    parts = [
        tube(
            "neck",
            base,
            top,
            [
                (0, thick * 1.18, thick * 0.98, thick * 1.02),
                (0.4, thick, thick * 0.98, thick),
                (1, thick * 0.98, thick * 0.98, thick),
            ],
            3.0 * s,
        )
    ]
    for _, sign in SIDES:
        ear = at["chin"] + vec((sign * 4.7, 3.0, 6.4)) * k
        parts.append(cone("neck", ear, (sign * 1.5 * s, -3.4 * s, 0.812 * spec.height),
                          0.8 * s, 0.65 * s, 3.0 * s))  # fmt: skip
    return parts


def head(spec: Spec) -> list[Part]:
    """A calm, closed-eyed face of few planes."""
    chin, k = skeleton(spec)["chin"], head_scale(spec)
    man = spec.man

    def at(x: float, y: float, z: float) -> Array:
        return np.asarray(chin + vec((x, y, z)) * k)

    def size(*r: float) -> Array:
        return np.asarray(vec(r) * k)

    rows = np.array(_FACE[spec.sex])
    low, high = rows[0, 0], rows[-1, 0]
    table = [[(z - low) / (high - low), a * k, (f + b) / 2 * k, (f + b) / 2 * k, 0,
              (f - b) / 2 * k] for z, a, f, b in rows]  # fmt: skip
    full = 1 + 0.25 * max(spec.fullness, 0)
    parts = [
        tube("head", at(0, 0, low), at(0, 0, high), table, 1.6 * k, power=2.15, cap=1.0 * k),
        ball("head", at(0, 1.0, 14.3), size(7.35, 9.5, 8.3), 2.6 * k),
    ]
    for _, sign in SIDES:
        parts += [
            cone("head", at(sign * 1.8, -6.4, 1.6), at(sign * (4.2 if man else 3.6), -1.2, 4.5),
                 1.4 * k * full, 1.4 * k * full, 2.8 * k),
            ball("head", at(sign * 3.9, -5.5, 8.5), size(1.5, 1.8, 1.5) * full, 3.0 * k),
            ball("head", at(sign * 3.1, -8.9, 11.25), size(1.9, 1.45, 1.0), 1.3 * k, carve=True),
            ball("head", at(sign * 3.1, -6.5, 11.05), size(1.5, 1.2, 1.1), 0.6 * k),
            cone("head", at(sign * 1.4, -8.0, 12.5), at(sign * 4.6, -5.9, 12.75),
                 0.55 * k, 0.35 * k, 1.8 * k),
            ball("head", at(sign * 7.0, 1.0, 9.8), size(0.75, 1.75, 3.0), 0.5 * k,
                 axis=(sign * 0.12, 0.22, 1)),
            ball("head", at(sign * 7.95, 0.7, 10.2), size(0.6, 1.0, 1.9), 0.5 * k,
                 axis=(sign * 0.12, 0.22, 1), carve=True),
        ]  # fmt: skip
    wide = 1.15 if man else 1.0
    parts += [
        cone("head", at(0, -8.25, 12.0), at(0, -9.15, 8.2), 0.5 * k * wide, 0.75 * k * wide,
             1.5 * k),
        ball("head", at(0, -9.35, 7.45), size(0.80 * wide, 0.9, 0.75), 0.8 * k),
        *(ball("head", at(sign * 0.88 * wide, -8.65, 7.05), size(0.56, 0.9, 0.55), 0.6 * k)
          for _, sign in SIDES),
        ball("head", at(0, -7.2, 1.4), size(2.2 if man else 1.6, 1.4, 1.2), 2.0 * k),
    ]  # fmt: skip
    for _, sign in SIDES:
        parts.append(cone("head", at(0, -8.3, 4.70), at(sign * 1.95, -7.5, 4.40),
                          0.52 * k, 0.22 * k, 0.4 * k))  # fmt: skip
        parts.append(cone("head", at(0, -8.2, 3.80), at(sign * 1.6, -7.5, 4.10),
                          0.58 * k, 0.30 * k, 0.4 * k))  # fmt: skip
    for _, sign in SIDES:
        parts.append(cone("head", at(0, -9.0, 4.27), at(sign * 2.0, -8.1, 4.33),
                          0.12 * k, 0.08 * k, 0.3 * k, carve=True))  # fmt: skip
    return parts
