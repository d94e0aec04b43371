"""What a mannequin's body looks like: skeleton, anatomical parts, sizes. Numpy only.

Proportions are those of adults (ISO 7250 means), slightly elongated as shop mannequins are: 7.6
heads tall. The rest pose is an A: arms at 38 degrees, legs a little apart, so that clothes can be
sewn around it. Trunk widths are solved so that bust, waist and hip have the girths asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ml.studio.blender.sdf import Array, Field, Part, ball, cone, pchip, tube, unit, vec

SIDES = (("right", -1.0), ("left", 1.0))
ARM_ANGLE = 38.0
#: Heights of the tape measure, as a share of the stature.
BUST, WAIST, HIP = 0.722, 0.632, 0.505


@dataclass(frozen=True)
class Spec:
    """A body. height, bust, waist, hip in cm; sex is "woman" or "man"."""

    sex: str
    height: float
    bust: float
    waist: float
    hip: float

    @property
    def man(self) -> bool:
        return self.sex == "man"

    @property
    def scale(self) -> float:
        return self.height / (178 if self.man else 168)

    @property
    def fullness(self) -> float:
        """How much fuller than size M, from the waist: 0 is M, about 0.3 is XXL."""
        return self.waist / self.scale / (80 if self.man else 70) - 1


#: Size tables, cm: (bust or chest, waist, hip).
SIZES = {
    "woman": {"S": (82, 65, 90), "M": (87, 70, 95), "L": (93, 77, 101),
              "XL": (101, 86, 108), "XXL": (110, 96, 116)},
    "man": {"S": (89, 74, 90), "M": (95, 80, 96), "L": (102, 87, 102),
            "XL": (110, 96, 108), "XXL": (119, 106, 116)},
}  # fmt: skip

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
_UPPER_ARM = ((0.0, 3.7, 4.3, 4.3), (0.2, 4.1, 4.6, 4.5), (0.45, 4.0, 4.5, 4.4),
              (0.75, 3.55, 3.8, 3.8), (1.0, 3.2, 3.15, 3.3))  # fmt: skip
_FOREARM = ((0.0, 3.2, 3.2, 3.2), (0.2, 3.8, 4.0, 3.6), (0.45, 3.4, 3.5, 3.2),
            (0.75, 2.6, 2.5, 2.3), (0.93, 2.35, 1.95, 1.8), (1.0, 2.45, 1.85, 1.75))  # fmt: skip


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


@lru_cache(maxsize=64)
def girth_factors(spec: Spec) -> tuple[float, float, float]:
    """Trunk widths at bust, waist and hip so that the tape measures what ``spec`` says."""
    factors = np.ones(3)
    wanted = vec((spec.bust, spec.waist, spec.hip))
    for _ in range(5):
        field = Field(tuple(_trunk(spec, tuple(factors)) + _legs(spec, float(factors[2]))))
        found = vec([tape(field, spec.height * level) for level in (BUST, WAIST, HIP)])
        factors = np.clip(factors * (wanted / found) ** 1.1, 0.6, 1.9)
    return (float(factors[0]), float(factors[1]), float(factors[2]))


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


def field(spec: Spec) -> Field:
    """The whole body in its rest pose, groups: trunk, head, left_arm, right_leg, ..."""
    factors = girth_factors(spec)
    parts = [*_trunk(spec, factors), *_legs(spec, factors[2]), *_neck(spec), *_head(spec)]
    return Field(tuple(parts + _arms(spec) + _hands(spec) + _feet(spec)))


def _levels(spec: Spec, factors: tuple[float, ...], share: Array) -> Array:
    """The widening at heights ``share``: solved at three levels, fading into the shoulders."""
    bust, waist, hip = factors
    at = np.array([0.44, HIP, 0.555, WAIST, 0.68, BUST, 0.76, 0.80, 0.85])
    mid = 0.5 * (waist + hip)
    shoulder = 1 + 0.35 * spec.fullness
    y = np.array([hip, hip, mid, waist, (waist + bust) / 2, bust, 0.6 * bust + 0.4 * shoulder,
                  shoulder, 1 + 0.2 * spec.fullness])  # fmt: skip
    return pchip(at, y[:, None], share)[:, 0]


def _trunk(spec: Spec, factors: tuple[float, ...]) -> list[Part]:
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


def _limb(spec: Spec, much: float) -> float:
    """Widening of arms and legs with the size worn."""
    return spec.scale * (1 + much * spec.fullness)


def _legs(spec: Spec, hip_factor: float) -> list[Part]:
    at = skeleton(spec)
    s = spec.scale
    thigh = _limb(spec, 0.85) * (0.98 if spec.man else 1.0)
    shin = _limb(spec, 0.55) * (1.04 if spec.man else 0.95)
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


def _feet(spec: Spec) -> list[Part]:
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


def _arms(spec: Spec) -> list[Part]:
    at = skeleton(spec)
    s = spec.scale
    upper = _limb(spec, 0.8) * (1.13 if spec.man else 0.93)
    lower = _limb(spec, 0.5) * (1.10 if spec.man else 0.95)
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
        parts.append(tube(group, b, c, rows, 2.4 * s, front=_thumb_side(spec, side)))
        parts.append(ball(group, b + vec((0, 2.0, 0)) * s, vec((2.2, 1.9, 2.6)) * lower, 2.0 * s))
    return parts


def hand_frame(spec: Spec, side: str) -> tuple[Array, Array, Array]:
    """Unit vectors along the hand, towards the thumb, and out of the back of the hand."""
    at = skeleton(spec)
    sign = 1.0 if side == "left" else -1.0
    along = unit(at[f"{side}_fingertips"] - at[f"{side}_wrist"])
    back = vec((sign, -0.35, 0.25))
    back = unit(back - along * (back @ along))
    thumb = np.cross(along, back) * -sign
    return along, unit(thumb * (1.0 if thumb[1] < 0 else -1.0)), back


def _thumb_side(spec: Spec, side: str) -> Array:
    return hand_frame(spec, side)[2]


def _hands(spec: Spec) -> list[Part]:
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


def _neck(spec: Spec) -> list[Part]:
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


def _head(spec: Spec) -> list[Part]:
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
