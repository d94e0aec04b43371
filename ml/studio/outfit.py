"""What fitting models wear and their hair: grown copies of the body with folds, hems and seams."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ml.person.annotation import Atr
from ml.studio import body
from ml.studio.body import SIDES, Joints, Shape
from ml.studio.scene import Cut, Group
from ml.studio.sdf import Array, Part, ellipsoid, loft, unit, vec

Rows = list[list[float]]


def waves(
    p: Array, seed: int, count: int, period: float, stretch: tuple[float, float, float]
) -> Array:
    """Smooth noise of about -1..1: plane waves of random directions, squeezed by ``stretch``."""
    rng = np.random.default_rng(seed)
    total = np.zeros(len(p), dtype=np.float32)
    bend = np.sin(p[:, 1] * 0.13 + p[:, 0] * 0.09 + seed) * np.float32(0.8)
    for _ in range(count):
        direction = rng.normal(size=3) * stretch
        k = vec(direction / np.linalg.norm(direction) * (2 * math.pi / period)
                * rng.uniform(0.7, 1.4))  # fmt: skip
        total += np.sin(p @ k + np.float32(rng.uniform(0, 6.28)) + bend)
    return np.asarray(total / np.float32(math.sqrt(count * 1.3)), dtype=np.float32)


def near(p: Array, centre: Array, radius: float) -> Array:
    away = ((p - centre) / np.float32(radius)) ** 2
    return np.asarray(np.exp(-away.sum(1)), dtype=np.float32)


def radiating(p: Array, centre: Array, towards: float, reach: float, lines: float) -> Array:
    """Folds that fan out in the picture plane from a point of tension; ``towards`` in radians."""
    d = p[:, :2] - centre[:2]
    r = np.sqrt((d * d).sum(1)) + 1e-3
    angle = np.arctan2(d[:, 1], d[:, 0]) - np.float32(towards)
    angle = np.arctan2(np.sin(angle), np.cos(angle))
    fan = np.exp(-((angle / 0.75) ** 2)) * np.exp(-((r / reach) ** 2)) * np.clip(r / 9 - 0.15, 0, 1)
    return np.asarray(fan * np.sin(angle * lines + r * 0.06), dtype=np.float32)


def below_ellipsoid(centre: Array, radii: tuple[float, float, float]) -> Cut:
    """A cut that removes an ellipsoid (neckline, armhole)."""
    hole = ellipsoid(0, 0, centre, radii)
    return lambda p: np.negative(hole.distance(p))


def _sleeves(shape: Shape, pose: Joints, length: float, ease: float) -> list[Part]:
    s = shape.height / 172 * shape.muscle * (1.16 if shape.male else 0.93)
    out: list[Part] = []
    for side, _, _ in SIDES:
        a, b = pose.shoulder[side], pose.elbow[side]
        t = np.array([r[0] for r in body.UPPER_ARM])
        rows: Rows = []
        for u in (0.0, 0.06, 0.3, 0.55, 0.8, 1.0):
            size = [float(np.interp(u * length, t, [r[c] for r in body.UPPER_ARM])) * s
                    for c in (1, 2, 3)]  # fmt: skip
            grow = 0.75 + ease * u**1.6
            rows.append([u, *[v + grow for v in size]])
        end = a + (b - a) * np.float32(length)
        out.append(loft(Atr.UPPER, 4.5, a, end, rows, flat=(False, True)))
    return out


def _tee_folds(shape: Shape, pose: Joints, seed: int, strength: float) -> Callable[[Array], Array]:
    h = shape.height
    pits = {
        side: pose.shoulder[side] + vec((-sign * 3.0, -0.055 * h, 5)) for side, sign, _ in SIDES
    }
    waist_y = 0.615 * h

    def displace(p: Array) -> Array:
        total = 0.10 * waves(p, seed, 5, 14.0, (1.0, 0.5, 0.6))
        total += 0.07 * waves(p, seed + 1, 5, 7.5, (0.45, 1.0, 0.4))
        for side, sign, _ in SIDES:
            towards = -2.25 if sign > 0 else -0.9
            total += 0.30 * radiating(p, pits[side], towards, 17.0, 7.0 + seed % 3)
            flank = near(p * vec((1, 0.75, 0.6)),
                         vec((sign * 13.0 * h / 172, waist_y * 0.75, 2)), 9.0)  # fmt: skip
            ripple = np.sin(
                p[:, 1] * 0.8 + sign * p[:, 0] * 0.5 + 1.5 * np.sin(p[:, 1] * 0.19 + seed)
            )
            total += 0.26 * flank * ripple
            sleeve = near(p, pose.shoulder[side] * 0.62 + pose.elbow[side] * 0.38, 7.0)
            total += 0.16 * sleeve * np.sin(p[:, 1] * 0.9 - sign * p[:, 0] * 0.9 + seed)
        hem = np.exp(-(((p[:, 1] - 0.535 * h) / 5.5) ** 2))
        total += 0.30 * hem * np.sin(p[:, 0] * 0.62 + 0.7 * np.sin(p[:, 0] * 0.21 + seed))
        return np.asarray(total * np.float32(strength), dtype=np.float32)

    return displace


def top(shape: Shape, pose: Joints, kind: str, seed: int) -> Group:
    """A fitted ``tee`` or ``tank`` over the hips."""
    h, s = shape.height, shape.height / 172
    upper = int(Atr.UPPER)

    def ease(t: Array) -> Array:
        waist = np.exp(-(((t - 0.44) / 0.16) ** 2))
        return vec(1.0 + (1.0 if kind == "tee" else 0.1) * waist + 0.45 * np.exp(-t / 0.12))

    parts: list[Part] = [body.trunk(shape).grown(ease, upper, 2.5)]
    for side, _, _ in SIDES:  # the top falls over the hips, not into them
        a, b = pose.hip[side], pose.knee[side]
        wide = [[t, *[v * s * shape.girth * 0.98 + 1.6 for v in r]]
                for t, r in ((0.0, (8.5, 8.7, 9.6)), (1.0, (8.8, 9.2, 9.4)))]  # fmt: skip
        parts.append(loft(upper, 3.0, a, a + (b - a) * np.float32(0.2), wide))
    parts += body.bust(shape, upper, 0.9)
    x = body.sway(shape, 0.83 * h)
    hem_y = 0.517 * h

    def hem(p: Array) -> Array:
        return np.asarray(hem_y + 0.5 * np.sin(p[:, 0] * 0.24 + seed) - p[:, 1], np.float32)

    cuts: list[Cut] = [hem]
    if kind == "tee":
        parts += _sleeves(shape, pose, 0.56, 1.5)
        open_ = 8.6 if shape.male else 8.2
        cuts.append(below_ellipsoid(vec((x, 0.863 * h, 1.5)), (open_ * s, 0.047 * h, 9.4 * s)))
    else:
        cuts.append(below_ellipsoid(vec((x, 0.885 * h, 4.5)), (9.4 * s, 0.105 * h, 12.5 * s)))
        for side, sign, _ in SIDES:
            centre = pose.shoulder[side] + vec((sign * 1.9 * s, -0.5, 0))
            cuts.append(below_ellipsoid(centre, (7.0 * s, 11.8 * s, 15.0 * s)))
        cuts.append(lambda p: p[:, 1] - np.float32(0.86 * h))
    return Group("top", tuple(parts), upper, displace=_tee_folds(
        shape, pose, seed, 1.0 if kind == "tee" else 0.6), cuts=tuple(cuts))  # fmt: skip


def trousers(shape: Shape, pose: Joints, kind: str, seed: int) -> Group:
    """``leggings``, ``slim`` trousers to the ankle, or close ``shorts`` to mid-thigh."""
    h = shape.height
    s = h / 172 * shape.girth
    pants = int(Atr.PANTS)
    ease = {"leggings": 0.35, "slim": 0.9, "shorts": 0.5}[kind]
    parts: list[Part] = [body.trunk(shape).grown(lambda t: t * 0 + 0.3 + 0.3 * ease, pants, 3.0)]
    for side, _, _ in SIDES:
        a, b, c = pose.hip[side], pose.knee[side], pose.ankle[side]
        if kind == "shorts":
            end = a + (b - a) * np.float32(0.60)
            rows: Rows = [[0.0, 8.6, 9.0, 9.8], [0.5, 8.5, 8.9, 9.0], [1.0, 7.7, 8.0, 8.0]]
            rows = [[r[0], *[v * s + ease for v in r[1:]]] for r in rows]
            parts.append(loft(pants, 2.0, a, end, rows, flat=(False, True)))
            continue
        thigh = [[r[0], *[v * s + ease * (0.8 + 0.7 * r[0]) for v in r[1:]]] for r in body.THIGH]
        taper = {"leggings": 0.35, "slim": 2.0}[kind]
        shin = [[r[0], *[v * s * 0.98 + ease * (1 - r[0]) * 1.5 + taper * r[0] for v in r[1:]]]
                for r in body.SHIN]  # fmt: skip
        parts.append(loft(pants, 1.6, a, b, thigh))
        parts.append(body.kneecap(shape, pose, side, pants, ease + 0.25))
        low = c + (c - b) * np.float32(0.02 if kind == "slim" else -0.05)
        parts.append(loft(pants, 0.6, b, low, shin, flat=(False, True)))
    crotch = vec((body.sway(shape, 0.5 * h), 0.475 * h, 6))
    strength = {"leggings": 0.4, "slim": 1.0, "shorts": 0.6}[kind]

    def displace(p: Array) -> Array:
        total = 0.09 * waves(p, seed + 7, 5, 11.0, (0.6, 0.9, 0.5))
        for side, sign, _ in SIDES:
            knee = near(p, pose.knee[side] + vec((0, -2, 2)), 9.0)
            total += 0.26 * knee * np.sin(p[:, 1] * 0.95 + sign * 0.45 * p[:, 0] + seed)
            if kind == "slim":
                squash = vec((1, 0.8, 1))
                ankle = near(p * squash, (pose.ankle[side] + vec((0, 6, 1))) * squash, 8.0)
                total += 0.42 * ankle * np.sin(p[:, 1] * 1.15 - sign * 0.5 * p[:, 0] + 2 * seed)
            towards = math.pi - 0.15 if sign < 0 else 0.15
            total += 0.28 * radiating(p, crotch, towards, 15.0, 8.0)
        return np.asarray(total * np.float32(strength), dtype=np.float32)

    return Group("trousers", tuple(parts), pants, displace=displace,
                 cuts=(lambda p: p[:, 1] - np.float32(0.60 * h),))  # fmt: skip


def shoes(shape: Shape, pose: Joints) -> Group:
    """Plain low trainers, toes a little outwards."""
    k = shape.height / 172 * (1.04 if shape.male else 0.92)
    parts: list[Part] = []
    for side, sign, i in SIDES:
        label = int(Atr.LEFT_SHOE if side == "left" else Atr.RIGHT_SHOE)
        angle = math.radians((17.0, 11.0)[i])
        along = unit((sign * math.sin(angle), 0, math.cos(angle)))
        ankle = pose.ankle[side]
        heel = vec((ankle[0], 2.9, ankle[2])) - along * np.float32(6.2 * k)
        rows: Rows = [[0, 2.6, 3.6, 2.6], [0.08, 3.2, 4.8, 2.9], [0.2, 3.5, 5.4, 2.9],
                      [0.38, 3.7, 4.9, 2.9], [0.58, 4.5, 3.4, 2.9], [0.74, 4.8, 2.5, 2.9],
                      [0.88, 4.4, 2.0, 2.9], [1, 3.1, 1.4, 2.7]]  # fmt: skip
        parts.append(loft(label, 1.6, heel, heel + along * np.float32(24.0 * k),
                          [[r[0], r[1] * k, r[2] * k, r[3]] for r in rows], (0, 1, 0)))  # fmt: skip
        collar: Rows = [[0, 3.9 * k, 4.6 * k, 4.4 * k], [1, 3.75 * k, 4.2 * k, 4.2 * k]]
        under, over = ankle + vec((0, -4.5, 0.4)), ankle + vec((0, 0.6, -0.2))
        parts.append(loft(label, 2.0, under, over, collar))
    return Group("shoes", tuple(parts), displace=_sole, cuts=(lambda p: -p[:, 1],))


def _sole(p: Array) -> Array:
    """The rubber sole stands out a little, with a sharp upper edge."""
    return np.asarray(0.42 / (1 + np.exp(np.clip((p[:, 1] - 2.7) * 7, -30, 30))), dtype=np.float32)


_HAIRLINE = {
    # z from nape to forehead, height of the hairline in heads above the chin
    "crop": ((-8.0, -4.5, -2.2, 0.4, 2.4, 5.0, 7.5), (0.14, 0.24, 0.40, 0.44, 0.62, 0.73, 0.79)),
    "bun": ((-8.0, -4.5, -2.2, 0.4, 2.4, 5.0, 7.5), (0.14, 0.24, 0.42, 0.52, 0.64, 0.74, 0.79)),
    "bob": ((-8.0, -1.0, 2.6, 4.2, 5.6, 7.5), (0.02, 0.02, 0.06, 0.40, 0.70, 0.79)),
}  # fmt: skip
_VOLUME = {"crop": 1.1, "bun": 0.75, "bob": 1.5}


def hair(shape: Shape, pose: Joints, style: str, seed: int) -> Group:
    """A cap of hair with strands; ``crop``, ``bun`` or ``bob``."""
    label = int(Atr.HAIR)
    head = body.head(shape, pose)
    size = float(pose.crown[1] - pose.chin[1])
    k = size / 22.3
    low, high = _HAIRLINE[style]
    volume = _VOLUME[style]

    def grow(t: Array) -> Array:
        if style == "bob":
            return vec(volume + 0.6 * np.exp(-(((t - 0.35) / 0.3) ** 2)) + 3.2 * np.exp(-t / 0.16))
        return vec(volume + 0.9 * np.exp(-(((t - 0.95) / 0.12) ** 2)) * (style == "crop"))

    parts: list[Part] = [head.grown(grow, label, 1.5)]
    top_ = ellipsoid(label, 2.0, pose.chin + vec((0.8, 0.84 * size, -0.6)),
                     ((6.6 + volume) * k, 5.4 * k, (7.6 + volume) * k))  # fmt: skip
    parts.append(top_)
    if style == "bun":
        parts.append(ellipsoid(label, 1.2, pose.chin + vec((0.4, 1.06 * size, -5.4)),
                               (4.3 * k, 3.7 * k, 4.3 * k)))  # fmt: skip

    def line(p: Array) -> Array:
        q = head.local(p) / np.float32(k)
        edge = np.interp(q[:, 2], low, high) + 0.012 * np.sin(q[:, 0] * 1.3 + seed)
        if style == "bob":
            edge += 0.012 * (q[:, 0] + 2.5) * (q[:, 2] > 4)
        return np.asarray((edge - q[:, 1] / 22.3) * size, dtype=np.float32)

    def strands(p: Array) -> Array:
        q = head.local(p) / np.float32(k)
        if style == "bun":
            around = np.arctan2(q[:, 0], q[:, 1] - 15.0)
            flow = q[:, 2]
        else:
            around = np.arctan2(q[:, 0] - 1.8, q[:, 2] + 1.5)
            flow = q[:, 1]
        drift = 0.5 * np.sin(flow * 0.22 + around * 3)
        d = 0.10 * np.sin(around * 23 + drift * 2 + seed) + 0.05 * np.sin(around * 61 + drift * 5)
        d += 0.03 * np.sin(around * 113 - drift * 9)
        if style == "crop":
            d += 0.12 * waves(p, seed, 5, 2.6, (1, 1, 1)) * np.clip(q[:, 1] / 6 - 2.0, 0, 1)
        # thinner towards the hairline; the sides of a bob stay full
        taper = np.clip((q[:, 2] - 4.6) / 1.2, 0, 1) if style == "bob" else 1.0
        d -= volume * 0.8 * taper * np.exp(-np.clip(-line(p), 0, 9) / 1.3)
        return np.asarray(d, dtype=np.float32)

    return Group("hair", tuple(parts), label, displace=strands, cuts=(line,))
