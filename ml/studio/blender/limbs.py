"""Arms, hands and feet. Numpy only."""

from __future__ import annotations

import math

from ml.studio.blender.sdf import Part, ball, cone, tube, unit, vec
from ml.studio.blender.skeleton import hand_frame, skeleton
from ml.studio.blender.spec import SIDES, Spec
from ml.studio.blender.trunk import limb

_UPPER_ARM = ((0.0, 3.7, 4.3, 4.3), (0.2, 4.1, 4.6, 4.5), (0.45, 4.0, 4.5, 4.4),
              (0.75, 3.55, 3.8, 3.8), (1.0, 3.2, 3.15, 3.3))  # fmt: skip
_FOREARM = ((0.0, 3.2, 3.2, 3.2), (0.2, 3.8, 4.0, 3.6), (0.45, 3.4, 3.5, 3.2),
            (0.75, 2.6, 2.5, 2.3), (0.93, 2.35, 1.95, 1.8), (1.0, 2.45, 1.85, 1.75))  # fmt: skip


def feet(spec: Spec) -> list[Part]:
    at = skeleton(spec)
    s = spec.scale * (1.06 if spec.man else 0.98)
    parts = []
    for side, sign in SIDES:
        group = f"{side}_leg"
        ankle, toe = at[f"{side}_ankle"], at[f"{side}_toe"]
        ahead = unit((toe - ankle) * vec((1, 1, 0)))
        out = vec((-ahead[1], ahead[0], 0)) * sign
        heel = ankle - ahead * (2.6 * s)
        heel[2] = 3.1 * s
        ball_ = ankle + ahead * (11.2 * s) + out * (-0.3 * s)
        ball_[2] = 2.0 * s
        tip = ankle + ahead * (17.4 * s) + out * (-0.8 * s)
        tip[2] = 1.35 * s
        instep = ankle + ahead * (2.4 * s)
        instep[2] = 5.6 * s
        parts += [
            ball(group, heel, vec((3.1, 3.6, 3.1)) * s, 1.6 * s),
            cone(group, heel, ball_ - vec((0, 0, 0.1)), 2.6 * s, 2.0 * s, 1.6 * s),
            cone(group, ball_ + out * (1.9 * s), heel, 1.8 * s, 2.4 * s, 1.6 * s),
            cone(group, ball_ - out * (1.7 * s), heel, 1.9 * s, 2.4 * s, 1.6 * s),
            cone(group, instep, ball_, 3.0 * s, 1.9 * s, 2.2 * s),
            cone(group, ball_ - out * (1.6 * s), tip - out * (0.9 * s), 1.8 * s, 1.3 * s, 1.0 * s),
            cone(group, ball_ + out * (1.7 * s), tip + out * (1.7 * s) - ahead * 2.2,
                 1.7 * s, 1.1 * s, 1.2 * s),
            ball(group, ankle + out * (2.5 * s) + vec((0, 0, 0.2)), vec((1.1, 1.3, 1.4)) * s,
                 1.2 * s),
            ball(group, ankle - out * (2.5 * s) + vec((0, 0, 0.9)), vec((1.1, 1.3, 1.4)) * s,
                 1.2 * s),
        ]  # fmt: skip
    return parts


def arms(spec: Spec) -> list[Part]:
    at = skeleton(spec)
    s = spec.scale
    upper = limb(spec, 0.8) * (1.13 if spec.man else 0.93)
    lower = limb(spec, 0.5) * (1.10 if spec.man else 0.95)
    parts = []
    for side, sign in SIDES:
        group = f"{side}_arm"
        a, b, c = (at[f"{side}_{j}"] for j in ("shoulder", "elbow", "wrist"))
        along = unit(b - a)
        rows = [[t, x * upper, f * upper, k * upper] for t, x, f, k in _UPPER_ARM]
        parts.append(tube(group, a, b, rows, 4.2 * s))
        deltoid = a + along * (4.2 * s) + vec((sign * 0.7, 0, 0.2)) * s
        parts.append(ball(group, deltoid, vec((4.1, 4.7, 7.2)) * upper, 3.2 * s, axis=-along))
        if spec.man:
            parts.append(ball(group, a + along * (0.60 * 0.176 * spec.height) + vec((0, -1.7, 0)),
                              vec((3.0, 2.9, 6.6)) * upper, 2.6 * s, axis=-along))  # fmt: skip
        rows = [[t, x * lower, f * lower, k * lower] for t, x, f, k in _FOREARM]
        parts.append(tube(group, b, c, rows, 2.4 * s, front=hand_frame(spec, side)[2]))
        parts.append(ball(group, b + vec((0, 2.0, 0)) * s, vec((2.2, 1.9, 2.6)) * lower, 2.0 * s))
    return parts


def hands(spec: Spec) -> list[Part]:
    """Palm, four softly curled fingers and the thumb, elongated as mannequins' hands are."""
    at = skeleton(spec)
    k = spec.scale * (1.08 if spec.man else 0.96)
    thick = k * (1.0 if spec.man else 0.92)
    parts = []
    for side, _ in SIDES:
        group = f"{side}_arm"
        along, thumb, back = hand_frame(spec, side)
        wrist = at[f"{side}_wrist"]
        knuckles = wrist + along * (8.3 * k)
        parts.append(tube(
            group, wrist - along * (0.6 * k), knuckles,
            [(0, 2.3 * k, 1.6 * k, 1.6 * k), (0.35, 2.8 * k, 1.35 * k, 1.5 * k),
             (0.75, 3.5 * k, 1.15 * k, 1.3 * k), (1, 3.3 * k, 0.85 * k, 0.9 * k)],
            1.2 * k, front=back, power=2.2, cap=1.4 * k))  # fmt: skip
        fingers = ((2.6, 7.2, 0.94), (0.88, 8.1, 0.97), (-0.86, 7.5, 0.93), (-2.45, 6.0, 0.82))
        for i, (place, length, radius) in enumerate(fingers):
            root = knuckles + thumb * (place * k) - along * ((0.9 + 0.25 * abs(i - 1)) * k)
            fan = 0.035 * place
            point, r = root, radius * thick
            for n, (share, bend) in enumerate(((0.46, 10), (0.30, 26), (0.24, 38))):
                angle = math.radians(bend + 3.5 * i)
                way = unit(along * math.cos(angle) - back * math.sin(angle) + thumb * fan)
                end = point + way * (length * share * k)
                small = r * (0.92 if n < 2 else 0.80)
                parts.append(cone(group, point, end, r, small, 1.0 * k if n == 0 else 0.3 * k))
                point, r = end, small
        root = wrist + along * (1.8 * k) + thumb * (1.9 * k) - back * (0.3 * k)
        mid = root + unit(along * 0.92 + thumb * 0.62 - back * 0.42) * (4.4 * k)
        joint = mid + unit(along * 1.0 + thumb * 0.20 - back * 0.34) * (3.2 * k)
        tip = joint + unit(along * 1.0 + thumb * 0.02 - back * 0.22) * (2.4 * k)
        group = f"{side}_thumb"
        parts.append(cone(group, root, mid, 1.55 * thick, 1.08 * thick, 1.5 * k))
        parts.append(cone(group, mid, joint, 1.06 * thick, 0.96 * thick, 0.4 * k))
        parts.append(cone(group, joint, tip, 0.96 * thick, 0.74 * thick, 0.2 * k))
    return parts
