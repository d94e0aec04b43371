"""The wearer's frame: joints, axes and widths, measured from an annotation.

All lengths are in pixels of the photo. The ruler is ``unit``: the distance from the middle of the
shoulder joints to the middle of the hip joints (about 51 cm on an adult). Default ratios to it are
medians over 794 front views of the CCP photos; loose clothes are why widths are ratios first and
measurements second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.errors import BackView, CutOff, NoPerson
from ml.person import stance
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.person.stance import SHIN, THIGH, Points

UPPER_ARM = 0.555  # true bone lengths / unit: foreshortening cannot make a sleeve longer
FOREARM = 0.485
ARM = UPPER_ARM + FOREARM
LEG = THIGH + SHIN
#: Half-width of an adult torso seen from the front / unit, at heights along the torso
#: (0 = shoulder joints, 1 = hip joints), arms not counted.
TORSO_AT = (0.0, 0.25, 0.42, 0.62, 0.80, 1.0, 1.18, 1.6)
TORSO_HALF = (0.30, 0.275, 0.272, 0.240, 0.275, 0.318, 0.328, 0.315)
ARM_AT = (0.0, 0.12, 0.3, 0.555, 0.75, 0.95, 1.04)  # along the arm / unit
ARM_HALF = (0.098, 0.092, 0.078, 0.067, 0.064, 0.048, 0.044)
LEG_AT = (0.0, 0.25, 0.5, 0.72, 0.80, 1.0, 1.25, 1.43, 1.51)  # along the leg / unit
LEG_HALF = (0.165, 0.155, 0.13, 0.112, 0.108, 0.105, 0.085, 0.062, 0.060)
TIP_OUT, TIP_UP = 0.045, 0.085  # from the shoulder joint to the shoulder seam
OUT = 0.10  # from the shoulder joint to the outside of the upper arm
SHOULDER = frozenset({Atr.UPPER, Atr.DRESS, Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM})
SNUG_BELOW = frozenset({Atr.PANTS, Atr.LEFT_LEG, Atr.RIGHT_LEG, Atr.UPPER, Atr.BELT})
SLOPE_OUT, SLOPE_UP = 0.24, 0.122  # half-way between neck and shoulder seam
NECK_OUT, NECK_UP = 0.125, 0.150  # from the middle of the shoulders to the side of the neck
FRONTAL = 0.64  # shoulder joints' distance / unit on a front view
LEVEL = 0.27  # steepest tilt (tan) of shoulder and hip lines that cloth follows


@dataclass(frozen=True, slots=True)
class Limb:
    """Three joints, from the trunk outwards, and whether any of them is a guess."""

    joints: Points  # (3, 2)
    bones: tuple[float, float]  # true lengths / unit
    unit: float
    guessed: bool

    def at(self, along: NDArray[np.float64] | float) -> Points:
        """Points at true distances (pixels) from the first joint, past the end as well."""
        s = np.asarray(along, float)[..., None] / self.unit
        first, second = self.bones
        a, b, c = self.joints
        upper, lower = a + (b - a) * s / first, b + (c - b) * (s - first) / second
        return np.asarray(np.where(s <= first, upper, lower))


@dataclass(frozen=True, slots=True)
class Body:
    """One wearer. ``side`` arguments are +1 for the wearer's left, -1 for the right."""

    unit: float
    shoulders: Points  # (2, 2): middle, then half of the vector from right to left joint
    hips: Points  # the same
    facing: float  # 1 = front view, towards 0 = side view
    arms: tuple[Limb, Limb]  # left, right
    legs: tuple[Limb, Limb]
    has_legs: bool
    arm_behind: tuple[bool, bool]
    shoulder_up: tuple[float, float]  # left, right; from the joint to the silhouette / unit
    slope_up: tuple[float, float]  # the same half-way between neck and shoulder
    shoulder_out: tuple[float, float]
    girth: float  # the hips' width / the usual one
    stride: float  # the legs' length as the photo shows it / the usual one
    size: tuple[int, int]

    @property
    def down(self) -> Points:
        """Unit vector along the torso, from the shoulders to the hips."""
        axis = self.hips[0] - self.shoulders[0]
        return np.asarray(axis / np.linalg.norm(axis))

    @property
    def across(self) -> Points:
        """Unit vector at right angles to the torso, to the wearer's left (image right)."""
        down = self.down
        return np.array([down[1], -down[0]])

    def tilt(self, at: NDArray[np.float64] | float) -> Points:
        """Vectors (..., 2), one pixel long across the torso, along which cloth lies level at
        heights ``at`` (0 = shoulders, 1 = hips)."""
        slopes = []
        for half in (self.shoulders[1], self.hips[1]):
            run = max(float(half @ self.across), 1e-6)
            slopes.append(float(np.clip(half @ self.down / run, -LEVEL, LEVEL)))
        s = np.interp(np.asarray(at, float), (0.0, 1.0), slopes)[..., None]
        return np.asarray(self.across + s * self.down)

    def centre(self, at: NDArray[np.float64] | float) -> Points:
        """Points (..., 2) of the middle line; below the hips it hangs between torso, legs and
        plumb."""
        s = np.asarray(at, float)[..., None]
        legs = self.legs[0].joints[1] + self.legs[1].joints[1] - 2 * self.hips[0]
        legs = legs / max(float(np.linalg.norm(legs)), 1e-6)
        plumb = self.down + np.array([0.0, 1.0]) + legs
        plumb = plumb / np.linalg.norm(plumb)
        trunk = self.hips[0] - self.shoulders[0]
        below = self.hips[0] + plumb * (s - 1.0) * self.unit * self.stride
        return np.asarray(np.where(s <= 1.0, self.shoulders[0] + trunk * s, below))

    def half_width(self, at: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Half of the torso's width in pixels at heights ``at``."""
        # Seen from the side a torso is about 0.75 as deep as it is wide.
        turned = np.sqrt(self.facing**2 + 0.75**2 * (1 - self.facing**2))
        s = np.asarray(at, float)
        girth = np.interp(s, (0.35, 0.9), (1.0, self.girth))
        return np.asarray(np.interp(s, TORSO_AT, TORSO_HALF) * girth * self.unit * turned)

    def lower_half_width(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        """Like :meth:`half_width`, and below the hips wide enough for both legs as they stand."""
        wide = self.half_width(at)
        centre = self.centre(at)
        for side, leg in ((1, self.legs[0]), (-1, self.legs[1])):
            along = np.clip(at - 1.0, 0.0, LEG) * self.unit
            out = side * ((leg.at(along) - centre) @ self.across)
            out = out + 0.85 * np.interp(along / self.unit, LEG_AT, LEG_HALF) * self.unit
            wide = np.where(at > 1.1, np.maximum(wide, out), wide)
        return wide

    def joint(self, side: int) -> Points:
        return np.asarray(self.shoulders[0] + side * self.shoulders[1])

    def shoulder_tip(self, side: int) -> Points:
        """Where the seam between shoulder and sleeve lies, on the silhouette."""
        return np.asarray(
            self.joint(side)
            + side * self.across * TIP_OUT * self.unit * self.facing
            - self.down * self.shoulder_up[0 if side > 0 else 1] * self.unit
        )

    def deltoid(self, side: int) -> float:
        """How thick the shoulder is against the usual."""
        return self.shoulder_out[0 if side > 0 else 1] / OUT

    def shoulder_line(self, side: int) -> Points:
        """(3, 2): from the side of the neck over the middle of the shoulder to its tip."""
        i = 0 if side > 0 else 1
        spots = (
            (NECK_OUT, max(NECK_UP, self.slope_up[i] + 0.022)),
            (SLOPE_OUT, self.slope_up[i]),
        )
        line = [
            self.shoulders[0]
            + side * self.tilt(0.0) * out * self.unit * self.facing
            - self.down * up * self.unit
            for out, up in spots
        ]
        return np.stack([*line, self.shoulder_tip(side)])

    def arm(self, side: int) -> Limb:
        return self.arms[0] if side > 0 else self.arms[1]

    def leg(self, side: int) -> Limb:
        return self.legs[0] if side > 0 else self.legs[1]


def measure(person: PersonAnnotation, *, legs: bool = False) -> Body:
    """Measure a wearer.

    legs: knees are needed too (for trousers).
    Raises NoPerson where neither shoulders nor hips are known, CutOff where only some are, or
    where they lie outside the photo, BackView where the left shoulder is not clearly on the
    image's right.
    """
    points = person.keypoints[:, :2].astype(float)
    sure, seen = stance.sure(person), stance.seen(person)
    if not sure[list(stance.TRUNK)].any():
        raise NoPerson("neither shoulders nor hips were found in the photo")
    height, width = person.parse.shape
    if not seen[list(stance.TRUNK)].all():
        raise CutOff("shoulders and hips must both be inside the photo")
    has_legs = bool(seen[list(stance.KNEES)].all())
    if legs and not has_legs:
        raise CutOff("the knees must be inside the photo")

    right, left = points[Joint.R_SHOULDER], points[Joint.L_SHOULDER]
    right_hip, left_hip = points[Joint.R_HIP], points[Joint.L_HIP]
    shoulders = np.stack([(left + right) / 2, (left - right) / 2])
    hips = np.stack([(left_hip + right_hip) / 2, (left_hip - right_hip) / 2])
    trunk_length = float(np.linalg.norm(hips[0] - shoulders[0]))
    span = float(np.linalg.norm(left - right))
    unit = stance.torso_length(points)
    if unit < 12:
        raise NoPerson(f"the torso is only {unit:.0f} pixels long")
    down = (hips[0] - shoulders[0]) / max(trunk_length, 1e-6)
    across = np.array([down[1], -down[0]])
    if stance.turned(points) < stance.SIDEWAYS:
        raise BackView("the person is seen from behind or from the side")
    facing = float(np.clip(span / unit / FRONTAL, 0.45, 1.05))

    arms = (
        _arm(points, sure, 1, unit, down, across),
        _arm(points, sure, -1, unit, down, across),
    )
    return Body(
        unit=unit,
        shoulders=shoulders,
        hips=hips,
        facing=facing,
        arms=arms,
        legs=(_leg(points, sure, 1, unit), _leg(points, sure, -1, unit)),
        has_legs=has_legs,
        stride=_stride(points, seen, unit),
        arm_behind=(
            _behind(person.parse, arms[0], Atr.LEFT_ARM, shoulders, hips),
            _behind(person.parse, arms[1], Atr.RIGHT_ARM, shoulders, hips),
        ),
        shoulder_up=(
            _reach(person.parse, left, down, across, unit, 0.03, up=True),
            _reach(person.parse, right, down, -across, unit, 0.03, up=True),
        ),
        slope_up=(
            _reach(person.parse, left, down, across, unit, SLOPE_OUT - 0.32 * facing, up=True),
            _reach(person.parse, right, down, -across, unit, SLOPE_OUT - 0.32 * facing, up=True),
        ),
        shoulder_out=(
            _reach(person.parse, left, down, across, unit, 0.0, up=False),
            _reach(person.parse, right, down, -across, unit, 0.0, up=False),
        ),
        girth=_girth(person.parse, hips, down, across, unit) if facing > 0.8 else 1.0,
        size=(height, width),
    )


def _walk(
    parse: NDArray[np.uint8], start: Points, way: Points, limit: float, labels: frozenset[Atr]
) -> float | None:
    """Pixels from start along way until the labels end, if they end at the background."""
    steps = np.arange(0.0, limit)
    at = np.round(start + steps[:, None] * way).astype(int)
    height, width = parse.shape
    inside = (at >= 0).all(axis=1) & (at[:, 0] < width) & (at[:, 1] < height)
    if not inside.all():
        return None
    seen = parse[at[:, 1], at[:, 0]]
    off = np.flatnonzero(~np.isin(seen, list(labels)))
    if not len(off) or seen[off[0]] != Atr.BACKGROUND:
        return None
    return float(steps[off[0]])


def _reach(
    parse: NDArray[np.uint8],
    joint: Points,
    down: Points,
    out: Points,
    unit: float,
    shift: float,
    *,
    up: bool,
) -> float:
    """How far the silhouette lies above or outside a shoulder joint / unit. Thick clothes and
    hair bound how far it is believed."""
    start = joint + shift * unit * out
    found = _walk(parse, start, -down if up else out, 0.3 * unit, SHOULDER)
    if not up:
        usual, low, high = OUT, 0.088, 0.112
    elif shift < 0:
        usual, low, high = SLOPE_UP, 0.105, 0.150
    else:
        usual, low, high = TIP_UP, 0.07, 0.102
    return usual if found is None else float(np.clip(found / unit, low, high))


def _girth(
    parse: NDArray[np.uint8], hips: Points, down: Points, across: Points, unit: float
) -> float:
    """How wide the hips are where trousers or bare legs show them, against the usual."""
    found = []
    for at in (1.02, 1.08, 1.14):
        start = hips[0] + (at - 1.0) * unit * down
        ends = [_walk(parse, start, side * across, 0.7 * unit, SNUG_BELOW) for side in (1, -1)]
        if ends[0] is not None and ends[1] is not None:
            usual = 2 * float(np.interp(at, TORSO_AT, TORSO_HALF)) * unit
            found.append((ends[0] + ends[1]) / usual)
    return float(np.clip(np.median(found) - 0.03, 0.92, 1.15)) if found else 1.0


def _stride(points: Points, sure: NDArray[np.bool_], unit: float) -> float:
    """How long the straighter leg is in the photo, against the usual: what hangs to the knee
    hangs to this wearer's knee, however high the camera stood."""
    reach = []
    for h, k, a in (
        (Joint.L_HIP, Joint.L_KNEE, Joint.L_ANKLE),
        (Joint.R_HIP, Joint.R_KNEE, Joint.R_ANKLE),
    ):
        if sure[k]:
            end, usual = (a, LEG) if sure[a] else (k, THIGH)
            reach.append(float(np.linalg.norm(points[end] - points[h])) / (usual * unit))
    return float(np.clip(max(reach), 0.8, 1.15)) if reach else 1.0


def _arm(
    points: Points, sure: NDArray[np.bool_], side: int, unit: float, down: Points, across: Points
) -> Limb:
    """The arm's joints; unknown ones hang."""
    s, e, w = (
        (Joint.L_SHOULDER, Joint.L_ELBOW, Joint.L_WRIST)
        if side > 0
        else (Joint.R_SHOULDER, Joint.R_ELBOW, Joint.R_WRIST)
    )
    start = points[s]
    hanging = down + 0.12 * side * across
    elbow = points[e] if sure[e] else start + hanging * UPPER_ARM * unit
    wrist = points[w] if sure[w] else elbow + down * FOREARM * unit
    return Limb(
        np.stack([start, elbow, wrist]), (UPPER_ARM, FOREARM), unit, not (sure[e] and sure[w])
    )


def _leg(points: Points, sure: NDArray[np.bool_], side: int, unit: float) -> Limb:
    """The leg's joints; unknown ones stand."""
    h, k, a = (
        (Joint.L_HIP, Joint.L_KNEE, Joint.L_ANKLE)
        if side > 0
        else (Joint.R_HIP, Joint.R_KNEE, Joint.R_ANKLE)
    )
    start = points[h]
    plumb = np.array([0.0, 1.0])
    knee = points[k] if sure[k] else start + plumb * THIGH * unit
    ankle = points[a] if sure[a] else knee + plumb * SHIN * unit
    return Limb(np.stack([start, knee, ankle]), (THIGH, SHIN), unit, not (sure[k] and sure[a]))


def _behind(
    parse: NDArray[np.uint8], arm: Limb, label: Atr, shoulders: Points, hips: Points
) -> bool:
    """Whether the forearm is hidden behind the back: its wrist lies well inside the torso and no
    skin of this arm shows near it."""
    down = hips[0] - shoulders[0]
    length = float(np.linalg.norm(down))
    down = down / length
    wrist = arm.joints[2]
    offset = wrist - shoulders[0]
    sideways = abs(float(offset @ np.array([down[1], -down[0]])))
    along = float(offset @ down)
    if sideways > 0.26 * length or not 0.35 * length < along < 1.25 * length:
        return False
    radius = round(0.2 * arm.unit)
    x, y = round(float(wrist[0])), round(float(wrist[1]))
    near = parse[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1]
    return not bool(np.isin(near, (label, Atr.BAG)).any())
