"""DensePose-like coordinates: which of 24 surface parts a point lies on, and where. Numpy only.

Parts are numbered as DensePose numbers them (Guler et al. 2018): 1 and 2 the trunk's back and
front, 3 and 4 the hands (right, left), 5 and 6 the feet (left, right), 7..10 thighs and 11..14
shins (right back, left back, right front, left front), 15..18 upper arms and 19..22 forearms
(left back, right back, left front, right front), 23 and 24 the head (right, left). u runs around a
part from the figure's right to its left, v from its upper to its lower end, both 0..1; the charts
themselves are ours, not DensePose's.
"""

from __future__ import annotations

import numpy as np

from ml.person.annotation import Atr
from ml.studio.blender.sdf import Array, unit, vec
from ml.studio.blender.skeleton import hand_frame, skeleton
from ml.studio.blender.skin import BONES
from ml.studio.blender.spec import Spec

_PAIRS = {  # bone: (right back, left back, right front, left front)
    "thigh": (7, 8, 9, 10), "shin": (11, 12, 13, 14),
    "upper_arm": (16, 15, 18, 17), "forearm": (20, 19, 22, 21),
    "hand": (3, 4, 3, 4), "fingers": (3, 4, 3, 4), "foot": (6, 5, 6, 5),
}  # fmt: skip
_ATR = {"upper_arm": (Atr.RIGHT_ARM, Atr.LEFT_ARM), "thigh": (Atr.RIGHT_LEG, Atr.LEFT_LEG)}
_ATR |= dict.fromkeys(("forearm", "hand", "fingers"), _ATR["upper_arm"])
_ATR |= dict.fromkeys(("shin", "foot"), _ATR["thigh"])


def atr(weights: Array) -> Array:
    """(N,) ATR classes of bare skin, from the bone that moves it most."""
    table = []
    for bone in BONES:
        limb = _ATR.get(bone.split("_", 1)[-1])
        table.append(int(limb[bone.startswith("left")] if limb else Atr.FACE))
    return np.asarray(np.array(table)[weights.argmax(1)])


def parts(spec: Spec, points: Array, weights: Array, normals: Array) -> Array:
    """(N,) part numbers 1..24."""
    front = normals[:, 1] < 0
    bone = weights.argmax(1)
    out = np.where(front, 2, 1)
    for n, name in enumerate(BONES):
        mine = bone == n
        if name in ("head", "neck"):
            out[mine] = np.where(points[mine, 0] < 0, 23, 24)
        elif "_" in name:
            side, short = name.split("_", 1)
            back, ahead = _PAIRS[short][side == "left"], _PAIRS[short][2 + (side == "left")]
            out[mine] = np.where(front[mine], ahead, back)
    return out


def coordinates(spec: Spec, points: Array, part: Array) -> Array:
    """(N, 2) u and v of points of the rest pose (cm) on the given parts."""
    at = skeleton(spec)
    out = np.zeros((len(points), 2))
    for number in np.unique(part):
        mine = part == number
        start, end, front, whole = _chart(spec, at, int(number))
        along = end - start
        length = float(np.linalg.norm(along))
        along = along / length
        ahead = unit(front - along * (front @ along))
        aside = np.cross(along, ahead)
        if abs(aside[0]) > 0.1 and aside[0] < 0:
            aside = -aside
        q = points[mine] - start
        v = q @ along / length
        x, y = q @ aside, q @ ahead
        u = (
            np.arctan2(x, y) / (2 * np.pi) + 0.5
            if whole
            else np.arctan2(x, np.abs(y)) / np.pi + 0.5
        )
        out[mine] = np.stack([np.clip(u, 0, 1), np.clip(v, 0, 1)], 1)
    return out


def _chart(spec: Spec, at: dict[str, Array], part: int) -> tuple[Array, Array, Array, bool]:
    """Start and end of a part's axis, its front, and whether it reaches all around."""
    front = vec((0, -1, 0))
    if part <= 2:
        high, low = 0.85 * spec.height, 0.46 * spec.height
        return vec((0, 1, high)), vec((0, 1, low)), front, False
    if part >= 23:
        return at["crown"], at["neck"], vec((1 if part == 24 else -1, 0, 0)), False
    for bone, numbers in _PAIRS.items():
        if part in numbers and bone != "fingers":
            side = ("right", "left")[numbers.index(part) % 2]
            ends = {"thigh": ("hip", "knee"), "shin": ("knee", "ankle"),
                    "upper_arm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"),
                    "hand": ("wrist", "fingertips"), "foot": ("ankle", "toe")}[bone]  # fmt: skip
            start, end = (at[f"{side}_{j}"] for j in ends)
            if bone == "hand":
                return start, end, hand_frame(spec, side)[2], True
            return start, end, vec((0, 0, 1)) if bone == "foot" else front, bone == "foot"
    raise ValueError(part)
