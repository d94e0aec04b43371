"""The body of a fitting model: joints of a relaxed pose and the tubes around them.

Widths are those of average adults, in centimetres for a height of 172, and scale with the height;
a figure is 7.6 heads tall. Profiles are rows (t, half width, depth in front, depth behind).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ml.person.annotation import Atr
from ml.studio.sdf import Array, Loft, Part, capsule, ellipsoid, loft, unit, vec

WOMAN_TORSO = (
    (0.445, 8.0, 7.0, 7.5),
    (0.475, 14.5, 9.0, 10.0),
    (0.515, 17.0, 9.6, 11.6),
    (0.555, 16.0, 9.7, 10.6),
    (0.590, 13.9, 9.2, 9.0),
    (0.625, 12.4, 8.6, 8.2),
    (0.660, 12.7, 8.8, 8.4),
    (0.705, 13.8, 9.8, 9.2),
    (0.740, 14.5, 9.7, 9.6),
    (0.775, 15.0, 8.4, 9.4),
    (0.798, 15.2, 6.8, 8.2),
    (0.816, 12.6, 5.9, 7.2),
    (0.831, 8.2, 5.2, 6.3),
    (0.846, 5.2, 4.6, 5.2),
    (0.862, 4.2, 4.2, 4.6),
)
MAN_TORSO = (
    (0.445, 8.5, 7.0, 7.5),
    (0.475, 14.2, 9.2, 9.6),
    (0.515, 15.9, 9.8, 10.8),
    (0.555, 15.4, 9.8, 9.8),
    (0.590, 14.6, 9.6, 9.0),
    (0.625, 14.3, 9.4, 8.8),
    (0.660, 14.7, 9.6, 9.0),
    (0.705, 15.9, 10.4, 10.0),
    (0.740, 16.9, 10.7, 10.6),
    (0.775, 17.2, 9.6, 10.4),
    (0.798, 17.4, 7.8, 9.2),
    (0.816, 14.8, 6.9, 8.2),
    (0.833, 9.6, 6.2, 7.2),
    (0.848, 6.6, 5.6, 6.2),
    (0.864, 5.2, 5.0, 5.4),
)
# Profiles of limbs are rows (t, half width, depth in front, depth behind).
UPPER_ARM = ((0.0, 3.6, 4.2, 4.2), (0.04, 3.62, 4.22, 4.22), (0.2, 4.6, 4.9, 4.8),
             (0.4, 4.3, 4.6, 4.4),
               (0.7, 3.8, 4.1, 4.0), (1.0, 3.4, 3.5, 3.8))  # fmt: skip
FOREARM = ((0.0, 3.4, 3.5, 3.8), (0.22, 3.8, 3.8, 3.7), (0.55, 3.1, 3.1, 3.0),
           (0.85, 2.45, 2.1, 2.1), (1.0, 2.5, 2.0, 2.0))  # fmt: skip
THIGH = ((0.0, 8.4, 8.6, 9.6), (0.2, 8.7, 8.9, 9.4), (0.5, 7.3, 7.8, 7.8),
         (0.8, 5.8, 6.1, 5.9), (1.0, 5.2, 5.6, 5.2))  # fmt: skip
SHIN = ((0.0, 5.2, 5.6, 5.2), (0.12, 5.1, 5.0, 5.6), (0.32, 5.5, 4.7, 6.8),
        (0.6, 4.3, 3.9, 5.0), (0.85, 3.2, 3.2, 3.8), (1.0, 3.2, 3.2, 3.7))  # fmt: skip
# The head, rows (t from chin to crown, half width, front, back): front and back are distances from
# the axis; a negative back lies in front of it (the jaw overhangs the throat).
HEAD = ((0.0, 2.0, 7.6, -4.4), (0.05, 3.5, 8.3, -2.0), (0.13, 4.9, 8.6, 1.0),
        (0.24, 6.0, 8.7, 5.2), (0.38, 6.75, 8.8, 8.2), (0.50, 7.1, 8.9, 9.4),
        (0.62, 7.3, 9.2, 9.8), (0.75, 7.2, 9.0, 9.7), (0.86, 6.3, 7.5, 8.5),
        (0.94, 4.4, 5.0, 6.1), (1.0, 1.0, 1.4, 2.0))  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What makes one body differ from another. Angles in degrees, lengths in centimetres."""

    height: float
    male: bool
    girth: float = 1.0  # widths of torso and limbs
    muscle: float = 1.0  # widths of arms and calves
    bust: float = 1.0
    lean: float = 1.6  # how far the pelvis shifts over the standing leg (to the figure's left)
    arm_angle: tuple[float, float] = (11.5, 13.0)  # right, left, from the vertical
    elbow_bend: tuple[float, float] = (9.0, 12.0)
    head_turn: float = 0.0


@dataclass(frozen=True)
class Joints:
    """Joint centres in world coordinates; sides are the figure's own."""

    neck: Array
    chin: Array
    crown: Array
    nose: Array
    shoulder: dict[str, Array]
    elbow: dict[str, Array]
    wrist: dict[str, Array]
    hip: dict[str, Array]
    knee: dict[str, Array]
    ankle: dict[str, Array]
    eye: dict[str, Array]
    ear: dict[str, Array]


SIDES = (("right", -1.0, 0), ("left", 1.0, 1))


def sway(shape: Shape, y: float) -> float:
    """Sideways shift of the trunk at height ``y``: pelvis out, chest back, head centred."""
    heights = (0.45, 0.53, 0.66, 0.78, 0.87, 1.0)
    wave = np.interp(y / shape.height, heights, (0.9, 1.0, 0.1, -0.45, -0.1, 0.1))
    return float(wave) * shape.lean


def joints(shape: Shape) -> Joints:
    h = shape.height
    s = h / 172
    half_shoulders = (18.4 if shape.male else 16.0) * s * (0.5 + 0.5 * shape.girth)
    half_hips = 8.6 * s * shape.girth
    out: dict[str, dict[str, Array]] = {
        n: {} for n in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "eye", "ear")
    }
    head = h / 7.6
    turn = math.radians(shape.head_turn)
    chin_y = h - head * 0.985
    head_x = sway(shape, h)
    for side, sign, i in SIDES:
        tilt = 0.5 * shape.lean * sign  # the shoulder over the standing leg drops, the hip rises
        shoulder = vec((sign * half_shoulders + sway(shape, 0.8 * h), 0.788 * h - tilt * 0.7, -0.8))
        a = math.radians(shape.arm_angle[i])
        elbow = shoulder + vec((sign * math.sin(a), -math.cos(a), -0.06)) * np.float32(0.172 * h)
        a2 = a - math.radians(shape.elbow_bend[i] * 0.62)
        swing = math.radians(shape.elbow_bend[i] * 1.5)
        along = vec((sign * math.sin(a2), -math.cos(a2) * math.cos(swing), math.sin(swing)))
        wrist = elbow + unit(along) * np.float32(0.148 * h)
        hip = vec((sign * half_hips + sway(shape, 0.53 * h), 0.522 * h + tilt * 0.5, 0.0))
        free = sign < 0  # the right leg is the free one: a little out and in front
        ankle = vec((sign * (8.3 if free else 7.0) * s + (-1.4 if free else 0.8) * shape.lean,
                     0.047 * h, 4.5 if free else -1.5))  # fmt: skip
        knee = (hip + ankle) / 2 + vec((sign * 0.9, 0.004 * h, 3.2 if free else 1.0))
        out["shoulder"][side], out["elbow"][side], out["wrist"][side] = shoulder, elbow, wrist
        out["hip"][side], out["knee"][side], out["ankle"][side] = hip, knee, ankle
        face_y = chin_y + 0.53 * head
        out["eye"][side] = vec((head_x + sign * 3.1 * s, face_y, 8.2 * s)) + _turned(turn, 8.2 * s)
        out["ear"][side] = vec((head_x + sign * 7.4 * s, chin_y + 0.46 * head, -0.5))
    neck = (out["shoulder"]["left"] + out["shoulder"]["right"]) / 2
    return Joints(
        neck=neck,
        chin=vec((head_x, chin_y, 1.0)),
        crown=vec((head_x, h, 0.6)),
        nose=vec((head_x, chin_y + 0.36 * head, 10.3 * s)) + _turned(turn, 10.3 * s),
        shoulder=out["shoulder"],
        elbow=out["elbow"],
        wrist=out["wrist"],
        hip=out["hip"],
        knee=out["knee"],
        ankle=out["ankle"],
        eye=out["eye"],
        ear=out["ear"],
    )


def _turned(turn: float, depth: float) -> Array:
    """How far a point ``depth`` in front of the head's axis moves when the head turns."""
    return vec((math.sin(turn) * depth, 0, (math.cos(turn) - 1) * depth))


def scaled(
    rows: tuple[tuple[float, ...], ...], width: float, depth: float | None = None
) -> list[list[float]]:
    d = width if depth is None else depth
    return [[r[0], r[1] * width, r[2] * d, r[3] * d] for r in rows]


def trunk(shape: Shape, label: int = Atr.FACE) -> Loft:
    """Pelvis, waist, chest and the slope of the shoulders, up to the neck."""
    h, s = shape.height, shape.height / 172
    rows = MAN_TORSO if shape.male else WOMAN_TORSO
    low, high = rows[0][0], rows[-1][0]
    table = []
    for y, a, front, back in rows:
        girth = s * (1 + (shape.girth - 1) * (1.0 if y < 0.76 else 0.3))
        shift = sway(shape, y * h)
        depth = -0.9 if y > 0.72 else 0.0
        table.append([(y - low) / (high - low), a * girth, front * girth, back * girth, shift,
                      depth - 1.6 * max(0.0, y - 0.80) / 0.06])  # fmt: skip
    return loft(label, 3.0 * s, (0, low * h, 0), (0, high * h, 0), table, flat=(True, True))


def bust(shape: Shape, label: int = Atr.FACE, grow: float = 0.0) -> list[Part]:
    """Chest muscles or breasts, softly joined; ``grow`` cm larger under cloth."""
    h, s = shape.height, shape.height / 172
    x0 = sway(shape, 0.72 * h)
    if shape.male:
        return [
            ellipsoid(label, 6, (x0 + sign * 7.6 * s, 0.748 * h, 4.6 * s),
                      (8.4 + grow, 6.0 + grow, 5.4 + grow), axis=(sign * -0.25, 1, 0))
            for _, sign, _ in SIDES
        ]  # fmt: skip
    r = 5.6 * s * shape.bust
    return [
        ellipsoid(
            label,
            4.5,
            (x0 + sign * 7.0 * s, 0.724 * h, 6.0 * s),
            (r + grow, r * 1.05 + grow, r + grow),
        )
        for _, sign, _ in SIDES
    ]


def _jaw(shape: Shape) -> float:
    return 1.05 if shape.male else 1.0


def head(shape: Shape, pose: Joints) -> Loft:
    """The head from chin to crown, without features."""
    k = float(pose.crown[1] - pose.chin[1]) / 22.3
    wide = k * (1.0 if shape.male else 0.96)
    turn = math.radians(shape.head_turn)
    front = vec((math.sin(turn), 0, math.cos(turn)))
    rows = []
    for t, width, ahead, behind in HEAD:
        depth = (ahead + behind) / 2 * k
        rows.append([t, width * wide * (_jaw(shape) if t < 0.35 else 1), depth, depth, 0.0,
                     (ahead - behind) / 2 * k])  # fmt: skip
    blend = 1.6 * shape.height / 172
    return loft(Atr.FACE, blend, pose.chin, pose.crown, rows, front, (True, True))


def neck_and_head(shape: Shape, pose: Joints) -> list[Part]:
    """Neck, head and the planes of a face; no features of a person."""
    h, s = shape.height, shape.height / 172
    face = int(Atr.FACE)
    head_size = float(pose.crown[1] - pose.chin[1])
    k = head_size / 22.3
    thick = (5.5 if shape.male else 4.5) * s
    jaw = _jaw(shape)
    base = vec((sway(shape, 0.82 * h), 0.80 * h, -3.0))
    top = pose.chin + vec((0, 0.30 * head_size, -2.4))
    turn = math.radians(shape.head_turn)
    front = vec((math.sin(turn), 0, math.cos(turn)))

    def at(x: float, y: float, z: float) -> Array:
        side = vec((front[2], 0, -front[0]))
        rise = vec((0, y * head_size, 0))
        return pose.chin + side * np.float32(x * k) + rise + front * np.float32(z * k)

    parts: list[Part] = [
        loft(face, 3.2 * s, base, top,
             [(0, thick * 1.3, thick * 1.05, thick), (0.5, thick, thick * 0.98, thick),
              (1, thick * 0.97, thick * 0.95, thick)]),
        head(shape, pose),
        ellipsoid(face, 2.2, at(-3.2, 0.50, 9.5), (2.0, 1.1, 1.35), carve=True),
        ellipsoid(face, 2.2, at(3.2, 0.50, 9.5), (2.0, 1.1, 1.35), carve=True),
        ellipsoid(face, 0.7, at(-3.15, 0.495, 7.12), (1.5 * k, 0.95 * k, 1.2 * k)),
        ellipsoid(face, 0.7, at(3.15, 0.495, 7.12), (1.5 * k, 0.95 * k, 1.2 * k)),
        capsule(face, 1.4, at(0, 0.53, 8.2), at(0, 0.38, 9.4), 0.5 * k, 0.78 * k),
        ellipsoid(face, 1.0, at(0, 0.355, 8.9), (1.45 * k, 0.6 * k, 1.0 * k)),
        ellipsoid(face, 1.1, at(0, 0.240, 8.55), (2.0 * k, 0.5 * k, 0.7 * k)),
        ellipsoid(face, 1.1, at(0, 0.192, 8.4), (1.6 * k, 0.6 * k, 0.8 * k)),
        ellipsoid(face, 1.8, at(0, 0.065, 7.4), (1.9 * k * jaw, 1.5 * k, 1.5 * k)),
    ]  # fmt: skip
    for _, sign, _ in SIDES:
        parts.append(ellipsoid(face, 0.8, at(sign * 7.25, 0.46, -0.6), (0.75 * k, 3.1 * k, 1.9 * k),
                               axis=(sign * 0.18, 1, -0.15)))  # fmt: skip
    return parts


def arms(shape: Shape, pose: Joints) -> dict[str, list[Loft]]:
    """Upper arm and forearm of each side."""
    s = shape.height / 172 * shape.muscle * (1.16 if shape.male else 0.93)
    out = {}
    for side, _, _ in SIDES:
        label = int(Atr.LEFT_ARM if side == "left" else Atr.RIGHT_ARM)
        a, b, c = pose.shoulder[side], pose.elbow[side], pose.wrist[side]
        out[side] = [
            loft(label, 5.0, a, b, scaled(UPPER_ARM, s)),
            loft(label, 0.6, b, c, scaled(FOREARM, s)),
        ]
    return out


def legs(shape: Shape, pose: Joints) -> dict[str, list[Part]]:
    """Thigh, shin and kneecap of each side."""
    s = shape.height / 172 * shape.girth * (1.0 if shape.male else 0.98)
    calf = s * (1.04 if shape.male else 0.95)
    out: dict[str, list[Part]] = {}
    for side, _, _ in SIDES:
        label = int(Atr.LEFT_LEG if side == "left" else Atr.RIGHT_LEG)
        a, b, c = pose.hip[side], pose.knee[side], pose.ankle[side]
        out[side] = [
            loft(label, 2.0, a, b, scaled(THIGH, s)),
            loft(label, 0.6, b, c, scaled(SHIN, calf)),
            kneecap(shape, pose, side, label),
        ]
    return out


def kneecap(shape: Shape, pose: Joints, side: str, label: int, grow: float = 0.0) -> Part:
    s = shape.height / 172
    radii = vec((2.7 * s, 3.4 * s, 2.4 * s)) + np.float32(grow)
    return ellipsoid(label, 2.6, pose.knee[side] + vec((0, -0.6, 3.2 * s)), radii)


def hand(shape: Shape, pose: Joints, side: str, sign: float) -> list[Part]:
    """Palm, four relaxed fingers and the thumb; the back of the hand half turned to the front."""
    label = int(Atr.LEFT_ARM if side == "left" else Atr.RIGHT_ARM)
    k = shape.height / 172 * (1.07 if shape.male else 0.95)
    wrist = pose.wrist[side]
    along = unit((wrist - pose.elbow[side]) + vec((-sign * 1.5, 0, 1.0)))
    across = unit(np.cross(along, vec((sign * 0.83, 0, 0.55))))  # towards the thumb
    if across[2] < 0:
        across = -across
    back = unit(np.cross(across, along))
    if back[0] * sign < 0:
        back = -back
    curl = -back  # fingers bend towards the palm
    knuckles = wrist + along * (8.6 * k)
    parts: list[Part] = [
        loft(label, 0.7, wrist, knuckles,
             [(0, 2.35 * k, 1.85 * k, 1.85 * k), (0.3, 2.9 * k, 1.5 * k, 1.6 * k),
              (0.75, 3.8 * k, 1.25 * k, 1.4 * k), (1, 3.7 * k, 1.0 * k, 1.0 * k)], back),
    ]  # fmt: skip
    for i, (place, length) in enumerate(((2.75, 7.0), (0.95, 7.8), (-0.85, 7.3), (-2.5, 5.8))):
        bend = np.float32(0.22 + 0.07 * i)
        a = knuckles + across * (place * k) - along * (0.8 * k)
        b = a + unit(along + curl * bend + across * (0.03 * place)) * (length * 0.52 * k)
        c = b + unit(along + curl * (bend * 2.4)) * (length * 0.55 * k)
        parts.append(capsule(label, 0.7, a, b, 0.92 * k, 0.84 * k))
        parts.append(capsule(label, 0.4, b, c, 0.84 * k, 0.66 * k))
    root = wrist + along * (2.2 * k) + across * (2.1 * k)
    mid = root + unit(along + across * 0.75 + curl * 0.35) * (4.2 * k)
    tip = mid + unit(along + across * 0.18 + curl * 0.3) * (3.6 * k)
    parts.append(capsule(label, 1.6, root, mid, 1.5 * k, 1.0 * k))
    parts.append(capsule(label, 0.5, mid, tip, 1.0 * k, 0.78 * k))
    return parts
