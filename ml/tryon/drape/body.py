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

from ml.errors import CutOff, NoPerson
from ml.person.annotation import Atr, Joint, PersonAnnotation

Points = NDArray[np.float64]

SURE = 0.2  # below this confidence a joint counts as unknown
UPPER_ARM = 0.555  # true bone lengths / unit: foreshortening cannot make a sleeve longer
FOREARM = 0.485
ARM = UPPER_ARM + FOREARM
THIGH = 0.80
SHIN = 0.71
LEG = THIGH + SHIN
#: Half-width of an adult torso seen from the front / unit, at heights along the torso
#: (0 = shoulder joints, 1 = hip joints), arms not counted.
TORSO_AT = (0.0, 0.25, 0.42, 0.62, 0.80, 1.0, 1.18, 1.6)
TORSO_HALF = (0.30, 0.275, 0.272, 0.240, 0.275, 0.318, 0.328, 0.315)
ARM_AT = (0.0, 0.3, 0.555, 0.75, 0.95, 1.04)  # along the arm / unit
ARM_HALF = (0.085, 0.075, 0.066, 0.064, 0.048, 0.044)
LEG_AT = (0.0, 0.25, 0.5, 0.72, 0.80, 1.0, 1.25, 1.43, 1.51)  # along the leg / unit
LEG_HALF = (0.165, 0.155, 0.13, 0.112, 0.108, 0.105, 0.085, 0.062, 0.060)
TIP_OUT, TIP_UP = 0.045, 0.085  # from the shoulder joint to the shoulder seam
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
        return np.where(s <= first, a + (b - a) * s / first, b + (c - b) * (s - first) / second)


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
    size: tuple[int, int]

    @property
    def down(self) -> Points:
        """Unit vector along the torso, from the shoulders to the hips."""
        axis = self.hips[0] - self.shoulders[0]
        return axis / np.linalg.norm(axis)

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
        return self.across + s * self.down

    def centre(self, at: NDArray[np.float64] | float) -> Points:
        """Points (..., 2) of the middle line; below the hips it hangs between torso, legs and
        plumb."""
        s = np.asarray(at, float)[..., None]
        legs = self.legs[0].joints[1] + self.legs[1].joints[1] - 2 * self.hips[0]
        legs = legs / max(float(np.linalg.norm(legs)), 1e-6)
        plumb = self.down + np.array([0.0, 1.0]) + legs
        plumb = plumb / np.linalg.norm(plumb)
        trunk = self.hips[0] - self.shoulders[0]
        return np.where(
            s <= 1.0,
            self.shoulders[0] + trunk * s,
            self.hips[0] + plumb * (s - 1.0) * self.unit,
        )

    def half_width(self, at: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Half of the torso's width in pixels at heights ``at``."""
        # Seen from the side a torso is about 0.75 as deep as it is wide.
        turned = np.sqrt(self.facing**2 + 0.75**2 * (1 - self.facing**2))
        return np.interp(np.asarray(at, float), TORSO_AT, TORSO_HALF) * self.unit * turned

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
        return self.shoulders[0] + side * self.shoulders[1]

    def shoulder_tip(self, side: int) -> Points:
        """Where the seam between shoulder and sleeve lies, on the silhouette."""
        return (
            self.joint(side)
            + side * self.across * TIP_OUT * self.unit * self.facing
            - self.down * TIP_UP * self.unit
        )

    def neck_side(self, side: int) -> Points:
        """Where the side of the neck leaves the shoulder line."""
        return (
            self.shoulders[0]
            + side * self.tilt(0.0) * NECK_OUT * self.unit * self.facing
            - self.down * NECK_UP * self.unit
        )

    def arm(self, side: int) -> Limb:
        return self.arms[0] if side > 0 else self.arms[1]

    def leg(self, side: int) -> Limb:
        return self.legs[0] if side > 0 else self.legs[1]


def measure(person: PersonAnnotation, *, legs: bool = False) -> Body:
    """Measure a wearer.

    legs: knees are needed too (for trousers).
    Raises NoPerson where neither shoulders nor hips are known, CutOff where only some are, or
    where they lie outside the photo.
    """
    points = person.keypoints[:, :2].astype(float)
    sure = person.keypoints[:, 2] >= SURE
    trunk = [Joint.R_SHOULDER, Joint.L_SHOULDER, Joint.R_HIP, Joint.L_HIP]
    if not sure[trunk].any():
        raise NoPerson("neither shoulders nor hips were found in the photo")
    height, width = person.parse.shape
    slack = 0.03 * max(height, width)
    inside = ((points >= -slack) & (points <= np.array([width, height]) + slack)).all(axis=1)
    if not (sure & inside)[trunk].all():
        raise CutOff("shoulders and hips must both be inside the photo")
    knees = [Joint.R_KNEE, Joint.L_KNEE]
    has_legs = bool((sure & inside)[knees].all())
    if legs and not has_legs:
        raise CutOff("the knees must be inside the photo")

    right, left = points[Joint.R_SHOULDER], points[Joint.L_SHOULDER]
    right_hip, left_hip = points[Joint.R_HIP], points[Joint.L_HIP]
    shoulders = np.stack([(left + right) / 2, (left - right) / 2])
    hips = np.stack([(left_hip + right_hip) / 2, (left_hip - right_hip) / 2])
    trunk_length = float(np.linalg.norm(hips[0] - shoulders[0]))
    span = float(np.linalg.norm(left - right))
    # A torso that leans towards the camera looks short, its shoulders do not.
    unit = max(trunk_length, span / 0.70)
    if unit < 12:
        raise NoPerson(f"the torso is only {unit:.0f} pixels long")
    down = (hips[0] - shoulders[0]) / max(trunk_length, 1e-6)
    across = np.array([down[1], -down[0]])
    if float((left - right) @ across) < 0.15 * unit:
        raise NoPerson("the person is seen from behind or from the side")
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
        arm_behind=(
            _behind(person.parse, arms[0], Atr.LEFT_ARM, shoulders, hips),
            _behind(person.parse, arms[1], Atr.RIGHT_ARM, shoulders, hips),
        ),
        size=(height, width),
    )


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
