"""Joints of the rest pose, an A: arms at 38 degrees, legs a little apart, so that clothes can be
sewn around it. Numpy only."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ml.studio.blender.sdf import Array, unit, vec
from ml.studio.blender.spec import SIDES, Spec

ARM_ANGLE = 38.0


@lru_cache(maxsize=64)
def _skeleton(spec: Spec) -> tuple[tuple[str, tuple[float, float, float]], ...]:
    h, s = spec.height, spec.scale
    out: dict[str, Array] = {}
    wide = 1 + 0.35 * spec.fullness
    half = (19.3 if spec.man else 16.0) * s * wide
    for side, sign in SIDES:
        a = math.radians(ARM_ANGLE)
        down = vec((sign * math.sin(a), 0.0, -math.cos(a)))
        shoulder = vec((sign * half, 1.4 * s, 0.799 * h))
        elbow = shoulder + down * (0.176 * h)
        a2 = math.radians(ARM_ANGLE - 4)
        lower = unit((sign * math.sin(a2), -0.14, -math.cos(a2)))
        wrist = elbow + lower * (0.150 * h)
        hip = vec((sign * 8.6 * s * (1 + 0.4 * spec.fullness), 0.6 * s, 0.517 * h))
        knee = vec((sign * 9.4 * s * (1 + 0.25 * spec.fullness), 0.2 * s, 0.282 * h))
        ankle = vec((sign * 10.0 * s, 2.2 * s, 0.047 * h))
        out |= {f"{side}_shoulder": shoulder, f"{side}_elbow": elbow, f"{side}_wrist": wrist,
                f"{side}_knuckles": wrist + lower * (0.050 * h),
                f"{side}_fingertips": wrist + lower * (0.104 * h),
                f"{side}_hip": hip, f"{side}_knee": knee, f"{side}_ankle": ankle,
                f"{side}_toe": vec((sign * 12.2 * s, -13.0 * s, 1.6 * s))}  # fmt: skip
    head = h / 7.6
    chin = vec((0, -0.4 * s, h - head))
    out |= {"root": vec((0, 0.5 * s, 0.530 * h)), "waist": vec((0, 0.8 * s, 0.61 * h)),
            "chest": vec((0, 1.5 * s, 0.70 * h)), "neck": vec((0, 2.6 * s, 0.832 * h)),
            "skull": vec((0, 0.6 * s, h - 0.76 * head)), "crown": vec((0, 0.6 * s, h)),
            "chin": chin}  # fmt: skip
    k = head / 22.6
    for name, x, y, z in (("nose", 0, -10.2, 7.4), ("right_eye", -3.15, -8.4, 11.2),
                          ("left_eye", 3.15, -8.4, 11.2), ("right_ear", -7.2, 0.6, 10.0),
                          ("left_ear", 7.2, 0.6, 10.0)):  # fmt: skip
        out[name] = chin + vec((x, y, z)) * k
    return tuple((name, tuple(map(float, p))) for name, p in out.items())  # type: ignore[misc]


def skeleton(spec: Spec) -> dict[str, Array]:
    """Joint centres of the rest pose in cm, by name ("left_elbow", "nose", ...)."""
    return {name: vec(p) for name, p in _skeleton(spec)}


def head_scale(spec: Spec) -> float:
    """Size of the head relative to one 22.6 cm high."""
    return spec.height / 7.6 / 22.6


def hand_frame(spec: Spec, side: str) -> tuple[Array, Array, Array]:
    """Unit vectors along the hand, towards the thumb, and out of the back of the hand."""
    at = skeleton(spec)
    sign = 1.0 if side == "left" else -1.0
    along = unit(at[f"{side}_fingertips"] - at[f"{side}_wrist"])
    back = vec((sign, -0.35, 0.25))
    back = unit(back - along * (back @ along))
    thumb = np.cross(along, back) * -sign
    return along, unit(thumb * (1.0 if thumb[1] < 0 else -1.0)), back
