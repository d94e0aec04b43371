"""Pictures and parses that do not tell what the person wears: what the networks are given.

Shoulders, arms, trunk and neck are painted over along the joints, wider than any garment would
be; face and legs are put back. VITON-HD paints with fixed widths, HR-VITON with widths by the
shoulders, and leaves the hands. Widths, shapes and order are those of the official data, which
the networks were trained on; drawn with Pillow, whose shapes theirs are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ml.errors import CutOff
from ml.tryon.published.classes import BELOW, CLOTHES, HEAD, Labels, Lip
from ml.tryon.published.pose import Body25, Pose, known

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

GREY = 128
#: An arm's label and the joints it hangs on, the first from across the shoulders.
_ARMS = (
    (Lip.LEFT_ARM, (Body25.R_SHOULDER, Body25.L_SHOULDER, Body25.L_ELBOW, Body25.L_WRIST)),
    (Lip.RIGHT_ARM, (Body25.L_SHOULDER, Body25.R_SHOULDER, Body25.R_ELBOW, Body25.R_WRIST)),
)
_ARM_JOINTS = (Body25.R_ELBOW, Body25.R_WRIST, Body25.L_ELBOW, Body25.L_WRIST)
_NEEDED = (Body25.NECK, Body25.R_SHOULDER, Body25.L_SHOULDER, Body25.R_HIP, Body25.L_HIP)


class _Pen:
    """Draws one colour on a picture around joints."""

    def __init__(self, image: Image.Image, pose: Pose, fill: int | tuple[int, int, int]) -> None:
        self._draw, self._pose, self._fill = ImageDraw.Draw(image), pose, fill

    def line(self, start: int, end: int, width: int) -> None:
        ends = [tuple(self._pose[joint]) for joint in (start, end)]
        self._draw.line(ends, self._fill, width)

    def ellipse(self, joint: int, wide: float, high: float) -> None:
        """wide, high: half axes."""
        x, y = self._pose[joint]
        self._draw.ellipse((x - wide, y - high, x + wide, y + high), self._fill, self._fill)

    def disc(self, joint: int, radius: float) -> None:
        self.ellipse(joint, radius, radius)

    def rectangle(self, joint: int, left: float, up: float, right: float, down: float) -> None:
        x, y = self._pose[joint]
        self._draw.rectangle((x - left, y - up, x + right, y + down), self._fill, self._fill)

    def polygon(self, *joints: int) -> None:
        self._draw.polygon([tuple(self._pose[joint]) for joint in joints], self._fill, self._fill)


def require_trunk(pose: Pose) -> None:
    """Raises CutOff where a joint is not known without which the pictures below are nonsense. (The
    official data have such people: their pictures are drawn as theirs are.)"""
    if not known(pose, *_NEEDED):
        raise CutOff("neck, shoulders and hips must be in the picture")


def parse_without_clothes(parse: Labels, pose: Pose) -> Labels:
    """The (H, W) parse of :class:`Lip` without upper garments, neck and arms. Hands beyond the
    drawn arms stay."""
    result = parse.copy()
    for label, joints in _ARMS:
        drawn = Image.new("L", parse.shape[::-1])
        pen = _Pen(drawn, pose, 255)
        here = joints[0]
        for joint in joints[1:]:
            if known(pose, here, joint):  # what is not known is passed over
                pen.line(here, joint, 100)
                pen.disc(joint, 40 if joint == joints[-1] else 150)
                here = joint
        result[(np.asarray(drawn) > 0) & (parse == label)] = Lip.BACKGROUND
    result[np.isin(parse, (*CLOTHES, Lip.NECK))] = Lip.BACKGROUND
    return result


def viton_hd_picture(picture: Picture, parse: Labels, pose: Pose) -> Picture:
    """(H, W, 3) without clothes in VITON-HD's way. Raises CutOff where hips are not known."""
    image = Image.fromarray(picture)
    pose = _with_wide_hips(pose)
    pen = _Pen(image, pose, (GREY, GREY, GREY))
    pen.line(Body25.R_SHOULDER, Body25.L_SHOULDER, 200)
    for joint in (Body25.R_SHOULDER, Body25.L_SHOULDER):
        pen.disc(joint, 100)
    _arms(pen, pose, 200, 100)
    _trunk(pen, 60)
    pen.rectangle(Body25.NECK, 140, 140, 140, 140)
    return _put_back(np.array(image), picture, np.isin(parse, (*HEAD, *BELOW)))


def hr_viton_picture(picture: Picture, parse: Labels, pose: Pose) -> Picture:
    """(H, W, 3) without clothes in HR-VITON's way. Raises CutOff where hips are not known."""
    image = Image.fromarray(picture)
    pose = _with_wide_hips(pose)
    across = pose[Body25.L_SHOULDER] - pose[Body25.R_SHOULDER]
    unit = int(np.linalg.norm(across) / 16) + 1
    pen = _Pen(image, pose, (GREY, GREY, GREY))
    _trunk(pen, 3 * unit)
    pen.rectangle(Body25.NECK, 5 * unit, 9 * unit, 5 * unit, 0)
    pen.line(Body25.R_SHOULDER, Body25.L_SHOULDER, 12 * unit)
    for joint in (Body25.R_SHOULDER, Body25.L_SHOULDER):
        pen.ellipse(joint, 5 * unit, 6 * unit)
    _arms(pen, pose, 10 * unit, 5 * unit)
    kept = np.isin(parse, (*HEAD, *BELOW))
    for label, joints in _ARMS:
        kept |= (parse == label) & ~_arm(parse.shape, pose, joints[1:], unit)
    return _put_back(np.array(image), picture, kept)


def _arms(pen: _Pen, pose: Pose, width: int, radius: float) -> None:
    for joint in _ARM_JOINTS:
        if known(pose, joint - 1, joint):
            pen.line(joint - 1, joint, width)
            pen.disc(joint, radius)


def _trunk(pen: _Pen, half: int) -> None:
    """Hips and sides, ``half`` of a side's width."""
    right, left = Body25.R_HIP, Body25.L_HIP
    for joint in (right, left):
        pen.ellipse(joint, half, 2 * half)
    pen.line(Body25.R_SHOULDER, right, 2 * half)
    pen.line(Body25.L_SHOULDER, left, 2 * half)
    pen.line(right, left, 4 * half)
    pen.polygon(Body25.R_SHOULDER, Body25.L_SHOULDER, left, right)


def _arm(shape: tuple[int, ...], pose: Pose, joints: Sequence[int], unit: int) -> Mask:
    """Shoulder to wrist; a hand reaches out of it."""
    image = Image.new("L", (shape[1], shape[0]))
    pen = _Pen(image, pose, 255)
    pen.ellipse(joints[0], 5 * unit, 6 * unit)
    reached = joints[0]
    for start, end in pairwise(joints):
        if known(pose, start, end):
            pen.line(start, end, 10 * unit)
            if end != joints[-1]:
                pen.disc(end, 5 * unit)
            reached = end
    pen.disc(reached, 4 * unit)
    return np.asarray(image) > 0


def _with_wide_hips(pose: Pose) -> Pose:
    """The hips as far apart as the shoulders, their middle where it was."""
    right, left = pose[Body25.R_HIP], pose[Body25.L_HIP]
    wide = np.linalg.norm(pose[Body25.L_SHOULDER] - pose[Body25.R_SHOULDER])
    middle, narrow = (right + left) / 2, np.linalg.norm(left - right)
    if narrow == 0:
        raise CutOff("both hips lie at one point")
    pose = pose.copy()
    pose[Body25.R_HIP] = middle + (right - middle) / narrow * wide
    pose[Body25.L_HIP] = middle + (left - middle) / narrow * wide
    return pose


def _put_back(painted: Picture, picture: Picture, kept: Mask) -> Picture:
    painted[kept] = picture[kept]
    return painted
