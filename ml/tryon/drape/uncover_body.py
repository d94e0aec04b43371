"""The body under the clothes, as far as painting needs it: limbs and a torso outline.

Everything is measured in pixels of the photo, from keypoints and the visible skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import NoPerson
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.tryon.drape.uncover_smooth import FloatImage, blur, real

ARM_KNOTS = ((0.0, 0.050), (0.45, 0.042), (0.55, 0.040), (1.0, 0.026), (1.25, 0.024))
LEG_KNOTS = ((0.0, 0.082), (0.25, 0.074), (0.5, 0.053), (0.66, 0.054), (0.95, 0.035), (1.15, 0.036))
SHOULDER_METRES = 0.34  # between the shoulder joints of an adult, roughly
TORSO_METRES = 0.50  # from their middle to the middle of the hips

Point = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Limb:
    """An arm or a leg.

    points: (3, 2), root, middle joint, end, in pixels. knots: (t, radius in pixels) with t = 0 at
    the root, 0.5 at the middle joint, 1 at the end. label: its bare skin's :class:`Atr` class.
    """

    points: NDArray[np.float32]
    knots: tuple[tuple[float, float], ...]
    label: Atr


@dataclass(frozen=True, slots=True)
class LimbField:
    """Where each pixel lies on a limb.

    along: (H, W), 0 root .. 0.5 joint .. 1 end, continuing a little further. across: (H, W),
    distance from the bone over the radius, signed: positive towards the image's right.
    """

    along: FloatImage
    across: FloatImage

    @property
    def alpha(self) -> FloatImage:
        """1 inside the limb, falling to 0 over its outline (soft by a tenth of the radius)."""
        return np.clip((1.05 - np.abs(self.across)) / 0.10, 0.0, 1.0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Body:
    """A person's measures in one photo.

    metre: pixels per metre, roughly. torso: neck to middle of the hips, pixels. limbs: left arm,
    right arm, left leg, right leg. chin: a point on the line below which the neck begins.
    """

    shape: tuple[int, int]
    points: NDArray[np.float32]
    metre: float
    torso: float
    limbs: tuple[Limb, Limb, Limb, Limb]
    chin: Point

    def joint(self, joint: Joint) -> Point:
        """x, y of a joint."""
        return self.points[joint, :2]

    @cached_property
    def fields(self) -> tuple[LimbField, ...]:
        """Coordinates on each limb, in the order of ``limbs``."""
        return tuple(limb_field(limb, self.shape) for limb in self.limbs)

    @property
    def hips(self) -> Point:
        """The middle of the hips."""
        return real((self.joint(Joint.L_HIP) + self.joint(Joint.R_HIP)) / 2)

    def level(self, share: float) -> float:
        """y of a level on the torso: 0 = neck point, 1 = hip joints."""
        return float(self.joint(Joint.NECK)[1] * (1 - share) + self.hips[1] * share)


def measure(annotation: PersonAnnotation) -> Body:
    """Read the body's measures. Raises NoPerson when shoulders and hips are unknown."""
    points = annotation.keypoints.copy()
    needed = (Joint.L_SHOULDER, Joint.R_SHOULDER, Joint.L_HIP, Joint.R_HIP)
    if any(points[j, 2] <= 0 for j in needed):
        raise NoPerson("shoulders and hips are needed to dress a person")
    middle = (points[Joint.L_SHOULDER] + points[Joint.R_SHOULDER]) / 2
    if points[Joint.NECK, 2] <= 0:
        points[Joint.NECK] = middle
    hips = (points[Joint.L_HIP, :2] + points[Joint.R_HIP, :2]) / 2
    torso = float(np.linalg.norm(hips - points[Joint.NECK, :2]))
    shoulders = float(np.linalg.norm(points[Joint.L_SHOULDER, :2] - points[Joint.R_SHOULDER, :2]))
    metre = max(torso / TORSO_METRES, shoulders / SHOULDER_METRES)
    if torso < 8 or metre < 16:
        raise NoPerson(f"the person is too small: a torso of {torso:.0f} pixels")
    _guess_ends(points, metre)
    nose = points[Joint.NOSE] if points[Joint.NOSE, 2] > 0 else None
    neck = points[Joint.NECK, :2]
    chin = nose[:2] * 0.56 + neck * 0.44 if nose is not None else neck - (0, 0.11 * metre)
    limbs = tuple(
        _limb(points, annotation.parse, chain, knots, label, metre)
        for chain, knots, label in (
            ((Joint.L_SHOULDER, Joint.L_ELBOW, Joint.L_WRIST), ARM_KNOTS, Atr.LEFT_ARM),
            ((Joint.R_SHOULDER, Joint.R_ELBOW, Joint.R_WRIST), ARM_KNOTS, Atr.RIGHT_ARM),
            ((Joint.L_HIP, Joint.L_KNEE, Joint.L_ANKLE), LEG_KNOTS, Atr.LEFT_LEG),
            ((Joint.R_HIP, Joint.R_KNEE, Joint.R_ANKLE), LEG_KNOTS, Atr.RIGHT_LEG),
        )
    )
    return Body(
        shape=(annotation.parse.shape[0], annotation.parse.shape[1]),
        points=points,
        metre=metre,
        torso=torso,
        limbs=(limbs[0], limbs[1], limbs[2], limbs[3]),
        chin=np.asarray(chin, np.float32),
    )


def _guess_ends(points: NDArray[np.float32], metre: float) -> None:
    """Unknown elbows, wrists, knees and ankles hang straight down from what is known."""
    for root, end, length in (
        (Joint.L_SHOULDER, Joint.L_ELBOW, 0.28),
        (Joint.R_SHOULDER, Joint.R_ELBOW, 0.28),
        (Joint.L_ELBOW, Joint.L_WRIST, 0.24),
        (Joint.R_ELBOW, Joint.R_WRIST, 0.24),
        (Joint.L_HIP, Joint.L_KNEE, 0.42),
        (Joint.R_HIP, Joint.R_KNEE, 0.42),
        (Joint.L_KNEE, Joint.L_ANKLE, 0.42),
        (Joint.R_KNEE, Joint.R_ANKLE, 0.42),
    ):
        if points[end, 2] <= 0:
            points[end, :2] = points[root, :2] + (0, length * metre)


def _limb(
    points: NDArray[np.float32],
    parse: NDArray[np.uint8],
    chain: tuple[Joint, Joint, Joint],
    knots: tuple[tuple[float, float], ...],
    label: Atr,
    metre: float,
) -> Limb:
    """A limb whose thickness follows the visible skin of that limb, within bounds."""
    limb = Limb(points[list(chain), :2].copy(), tuple((t, r * metre) for t, r in knots), label)
    skin = parse == label
    if int(skin.sum()) < 80:
        return limb
    field = limb_field(limb, (parse.shape[0], parse.shape[1]))
    first, second = np.linalg.norm(np.diff(limb.points, axis=0), axis=1)
    times, radii = (np.array(v) for v in zip(*limb.knots, strict=True))
    along = field.along[skin]
    seen, ratios = [], []
    for start in np.arange(0.05, 0.9, 0.1):  # hands and feet beyond 0.95 are wider
        band = (along >= start) & (along < start + 0.1)
        length = 0.2 * max(float(first if start < 0.5 else second), 1.0)
        expected = 2 * float(np.interp(start + 0.05, times, radii))
        ratio = float(band.sum()) / length / expected
        if ratio > 0.5:
            seen.append(start + 0.05)
            ratios.append(min(max(ratio, 0.7), 1.3))
    if len(seen) < 2:
        return limb
    fine = np.unique(np.concatenate([times, np.arange(0.0, 1.01, 0.1)]))
    far = np.abs(fine[:, None] - np.array(seen)).min(axis=1)
    local = np.exp(-far / 0.25)  # close to what is seen the limb is as wide as it is there
    scale = local * np.interp(fine, seen, ratios) + (1 - local) * np.median(ratios)
    fitted = np.interp(fine, times, radii) * scale
    return Limb(limb.points, tuple(zip(fine.tolist(), fitted.tolist(), strict=True)), label)


def limb_field(limb: Limb, shape: tuple[int, int]) -> LimbField:
    """Coordinates on the limb for every pixel near it; far away ``across`` is large."""
    height, width = shape
    along = np.full(shape, -1.0, np.float32)
    across = np.full(shape, 9.0, np.float32)
    times, radii = (np.array(v, np.float32) for v in zip(*limb.knots, strict=True))
    reach = float(radii.max()) * 1.6
    last = float(times[-1])
    for k in (0, 1):
        start, end = limb.points[k], limb.points[k + 1]
        bone = end - start
        length = max(float(np.linalg.norm(bone)), 1.0)
        beyond = (last - 1.0) * 2 * length if k == 1 else 0.0
        tip = end + bone / length * beyond
        low = np.floor(np.minimum(start, tip) - reach).astype(int)
        high = np.ceil(np.maximum(start, tip) + reach).astype(int) + 1
        x0, y0 = max(int(low[0]), 0), max(int(low[1]), 0)
        x1, y1 = min(int(high[0]), width), min(int(high[1]), height)
        if x0 >= x1 or y0 >= y1:
            continue
        ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        direction = bone / length
        off_x, off_y = xs - start[0], ys - start[1]
        on = off_x * direction[0] + off_y * direction[1]
        clipped = np.clip(on, 0.0, length + beyond)
        side = off_x * direction[1] - off_y * direction[0]
        distance = np.hypot(off_x - clipped * direction[0], off_y - clipped * direction[1])
        t = 0.5 * k + 0.5 * clipped / length
        radius = np.interp(t, times, radii).astype(np.float32)
        relative = distance / radius
        here = (slice(y0, y1), slice(x0, x1))
        nearer = relative < np.abs(across[here])
        along[here] = np.where(nearer, t, along[here])
        signed = np.where(side >= 0, relative, -relative)
        across[here] = np.where(nearer, signed, across[here])
    return LimbField(along, across)


def torso_outline(body: Body) -> FloatImage:
    """Alpha (H, W) of a slim torso from the shoulders to the top of the thighs."""
    left, right = body.joint(Joint.L_SHOULDER), body.joint(Joint.R_SHOULDER)
    hip_left, hip_right = body.joint(Joint.L_HIP), body.joint(Joint.R_HIP)
    wide = 0.055 * body.metre

    def at(share: float, ease: float) -> tuple[Point, Point]:
        a = left * (1 - share) + hip_left * share
        b = right * (1 - share) + hip_right * share
        out = (a - b) / max(float(np.linalg.norm(a - b)), 1e-3) * ease
        return real(a + out), real(b - out)

    rows = [
        at(-0.05, -0.35 * wide),
        at(0.08, 0.1 * wide),
        at(0.32, -0.1 * wide),
        at(0.62, -0.1 * wide),
        at(0.85, 0.95 * wide),
        at(1.0, 1.35 * wide),
        at(1.12, 1.35 * wide),
    ]
    outline = np.array([p for p, _ in rows] + [q for _, q in reversed(rows)], np.float32)
    return soft_polygon(outline, body.shape, 0.012 * body.metre)


def soft_polygon(outline: NDArray[np.float32], shape: tuple[int, int], soft: float) -> FloatImage:
    """Alpha (H, W) of a polygon (N, 2) with rounded corners and an edge of about ``soft`` px."""
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    blurred = blur(real(mask), max(2.5 * soft, 0.8)) / 255
    return real(np.clip((blurred - 0.5) * 2.0 + 0.5, 0.0, 1.0))
