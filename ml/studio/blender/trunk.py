"""Trunk and legs, as wide as the tape measure wants them. Numpy only."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ml.studio.blender.sdf import Array, Field, Part, ball, cone, pchip, tube, vec
from ml.studio.blender.skeleton import skeleton
from ml.studio.blender.spec import BUST, HIP, SIDES, WAIST, Spec
from ml.studio.blender.tape import tape

# Rows (height share, half width, front, back) in cm for 168 (women) and 178 (men).
_TRUNK = {
    "woman": (
        (0.462, 4.0, 3.0, 4.5), (0.480, 9.2, 5.8, 7.6), (0.505, 13.8, 7.8, 9.0),
        (0.535, 14.9, 8.9, 9.2), (0.570, 13.4, 9.4, 8.4), (0.600, 12.3, 9.3, 7.7),
        (0.632, 11.3, 9.0, 7.3), (0.660, 11.6, 9.0, 7.8), (0.690, 12.4, 9.1, 8.6),
        (0.715, 13.0, 8.9, 9.2), (0.745, 13.6, 8.6, 9.6), (0.775, 13.6, 7.3, 9.4),
        (0.798, 12.6, 5.2, 8.6), (0.816, 10.2, 4.0, 7.7), (0.832, 6.8, 3.0, 6.9),
        (0.846, 4.6, 2.4, 6.2),
    ),
    "man": (
        (0.462, 4.0, 3.0, 4.5), (0.480, 9.2, 6.2, 7.8), (0.505, 13.6, 8.4, 9.4),
        (0.535, 14.6, 9.6, 9.5), (0.570, 14.1, 10.0, 9.1), (0.600, 13.7, 10.0, 8.8),
        (0.632, 13.3, 9.8, 8.8), (0.660, 13.8, 9.8, 9.2), (0.690, 14.8, 10.0, 9.9),
        (0.715, 15.7, 10.0, 10.5), (0.745, 16.7, 9.4, 10.8), (0.775, 17.0, 8.0, 10.6),
        (0.798, 15.8, 6.4, 9.8), (0.816, 12.6, 5.0, 8.8), (0.832, 8.6, 4.0, 7.9),
        (0.846, 5.8, 3.2, 7.0),
    ),
}  # fmt: skip
_THIGH = ((0.0, 7.0, 7.6, 7.8), (0.14, 8.1, 8.4, 8.7), (0.35, 7.9, 8.3, 8.2),
          (0.6, 6.6, 7.1, 6.5), (0.85, 5.2, 5.6, 5.0), (1.0, 4.75, 4.9, 4.5))  # fmt: skip
_SHIN = ((0.0, 4.75, 4.9, 4.5), (0.1, 4.8, 4.6, 5.2), (0.28, 5.4, 4.5, 6.6), (0.42, 5.1, 4.2, 6.5),
         (0.62, 4.1, 3.7, 5.0), (0.82, 3.2, 3.2, 3.8), (0.93, 3.1, 3.2, 3.6),
         (1.0, 3.4, 3.5, 3.8))  # fmt: skip


@lru_cache(maxsize=64)
def girth_factors(spec: Spec) -> tuple[float, float, float]:
    """Trunk widths at bust, waist and hip so that the tape measures what ``spec`` says."""
    factors = np.ones(3)
    wanted = vec((spec.bust, spec.waist, spec.hip))
    for _ in range(5):
        field = Field(tuple(trunk(spec, tuple(factors)) + legs(spec, float(factors[2]))))
        found = vec([tape(field, spec.height * level) for level in (BUST, WAIST, HIP)])
        factors = np.clip(factors * (wanted / found) ** 1.1, 0.6, 1.9)
    return (float(factors[0]), float(factors[1]), float(factors[2]))


def _levels(spec: Spec, factors: tuple[float, ...], share: Array) -> Array:
    """The widening at heights ``share``: solved at three levels, fading into the shoulders."""
    bust, waist, hip = factors
    at = np.array([0.44, HIP, 0.555, WAIST, 0.68, BUST, 0.76, 0.80, 0.85])
    mid = 0.5 * (waist + hip)
    shoulder = 1 + 0.35 * spec.fullness
    y = np.array([hip, hip, mid, waist, (waist + bust) / 2, bust, 0.6 * bust + 0.4 * shoulder,
                  shoulder, 1 + 0.2 * spec.fullness])  # fmt: skip
    return pchip(at, y[:, None], share)[:, 0]


def trunk(spec: Spec, factors: tuple[float, ...]) -> list[Part]:
    h, s = spec.height, spec.scale
    rows = np.array(_TRUNK[spec.sex])
    low, high = rows[0, 0], rows[-1, 0]
    grow = _levels(spec, factors, rows[:, 0])
    belly = 1 + 0.3 * max(spec.fullness, 0) * np.exp(-(((rows[:, 0] - 0.585) / 0.06) ** 2))
    table = [[(z - low) / (high - low), a * s * g, f * s * g * b, d * s * g]
             for (z, a, f, d), g, b in zip(rows, grow, belly, strict=True)]  # fmt: skip
    parts = [tube("trunk", (0, 0, low * h), (0, 0, high * h), table, 2.0 * s, power=2.35, cap=3)]
    hip, bust = factors[2] * s, factors[0] * s
    half = float(skeleton(spec)["left_shoulder"][0])
    for _, sign in SIDES:
        parts.append(ball("trunk", (sign * 7.4 * hip, 4.4 * hip, 0.498 * h),
                          (7.6 * hip, 6.6 * hip, 8.6 * hip), 4.5 * s,
                          axis=(sign * 0.12, -0.18, 1)))  # fmt: skip
        parts.append(
            cone(
                "trunk",
                (sign * 1.8 * s, -3.5 * s, 0.8085 * h),
                (sign * 0.80 * half, -0.9 * s, 0.818 * h),
                0.6 * s,
                0.55 * s,
                2.6 * s,
            )
        )
        parts.append(
            cone(
                "trunk",
                (sign * 4.0 * s, 2.2 * s, 0.828 * h),
                (sign * 0.96 * half, 1.4 * s, 0.804 * h),
                2.9 * s,
                3.0 * s,
                3.0 * s,
            )
        )
        trapezius = 1.25 if spec.man else 1.0
        parts.append(cone("trunk", (sign * 3.0 * s, 3.6 * s, 0.866 * h),
                          (sign * 0.86 * half, 2.6 * s, 0.810 * h), 1.8 * s * trapezius,
                          2.4 * s * trapezius, 4.2 * s))  # fmt: skip
        parts.append(
            ball(
                "trunk",
                (sign * 9.0 * s, 6.8 * s, 0.765 * h),
                (6.0 * s, 2.6 * s, 8.6 * s),
                5.0 * s,
                axis=(sign * 0.2, 0.1, 1),
            )
        )
    if spec.man:
        for _, sign in SIDES:
            parts.append(ball("trunk", (sign * 7.8 * bust, -5.4 * bust, 0.746 * h),
                              (8.4 * bust, 3.3 * bust, 5.6 * s), 5.0 * s,
                              axis=(sign * 0.45, 0.25, 1)))  # fmt: skip
            parts.append(ball("trunk", (sign * 14.4 * bust, 3.2 * s, 0.735 * h),
                              (3.6 * bust, 5.4 * s, 8.4 * s), 4.6 * s,
                              axis=(sign * 0.3, 0, 1)))  # fmt: skip
        return parts
    r = 4.9 * s * (1 + 0.7 * (bust / s - 1))
    for _, sign in SIDES:
        parts.append(ball("trunk", (sign * 7.5 * bust, -6.3 * bust, BUST * h - 0.4),
                          (r * 1.08, r, r), 4.2 * s))  # fmt: skip
        parts.append(cone("trunk", (sign * 8.6 * bust, -2.2 * bust, 0.778 * h),
                          (sign * 7.4 * bust, -6.2 * bust, 0.737 * h),
                          2.0 * s, 0.8 * r, 4.8 * s))  # fmt: skip
    return parts


def limb(spec: Spec, much: float) -> float:
    """Widening of arms and legs with the size worn."""
    return spec.scale * (1 + much * spec.fullness)


def legs(spec: Spec, hip_factor: float) -> list[Part]:
    at = skeleton(spec)
    s = spec.scale
    thigh = limb(spec, 0.85) * (0.98 if spec.man else 1.0)
    shin = limb(spec, 0.55) * (1.04 if spec.man else 0.95)
    parts = []
    for side, sign in SIDES:
        group = f"{side}_leg"
        hip, knee, ankle = (at[f"{side}_{j}"] for j in ("hip", "knee", "ankle"))
        rows = [[t, a * (thigh * (1 - t) + shin * t), f * (thigh * (1 - t) + shin * t),
                 b * (thigh * (1 - t) + shin * t), 0, 0.5 * s * math.sin(math.pi * t)]
                for t, a, f, b in _THIGH]  # fmt: skip
        parts.append(tube(group, hip, knee, rows, 7.0 * s, cap=5))
        lower = [[t, a * shin, f * shin, b * shin, sign * 0.4 * math.sin(math.pi * t) * s, 0]
                 for t, a, f, b in _SHIN]  # fmt: skip
        parts.append(tube(group, knee, ankle, lower, 3.0 * s))
        parts.append(ball(group, knee + vec((0, -2.9, 0.4)) * s, vec((2.7, 2.6, 3.4)) * shin,
                          2.4 * s))  # fmt: skip
        parts.append(ball(group, knee + vec((sign * -1.6, 3.6, -9.5)) * s,
                          vec((2.9, 2.8, 7.0)) * shin, 3.0 * s))  # fmt: skip
    return parts
