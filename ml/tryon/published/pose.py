"""A person's joints as the official data have them: OpenPose's BODY_25, and their picture."""

from __future__ import annotations

import json
from enum import IntEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation
from ml.person.annotation import Joint

#: (25, 2) x and y in pixels of the 768 x 1024 picture; (0, 0) is a joint that is not known.
Pose = NDArray[np.float64]


class Body25(IntEnum):
    """OpenPose's order, without the feet (19 to 24). R and L are the person's own."""

    NOSE = 0
    NECK = 1
    R_SHOULDER = 2
    R_ELBOW = 3
    R_WRIST = 4
    L_SHOULDER = 5
    L_ELBOW = 6
    L_WRIST = 7
    MID_HIP = 8
    R_HIP = 9
    R_KNEE = 10
    R_ANKLE = 11
    L_HIP = 12
    L_KNEE = 13
    L_ANKLE = 14
    R_EYE = 15
    L_EYE = 16
    R_EAR = 17
    L_EAR = 18


COUNT = 25
#: Surer than this, our joints are passed on.
LEAST = 0.1

#: What OpenPose draws: from, to, and the colour (RGB) of both the bone and its end.
_BONES = (
    (Body25.NECK, Body25.MID_HIP, (255, 0, 0)),
    (Body25.NECK, Body25.R_SHOULDER, (255, 85, 0)),
    (Body25.NECK, Body25.L_SHOULDER, (170, 255, 0)),
    (Body25.R_SHOULDER, Body25.R_ELBOW, (255, 170, 0)),
    (Body25.R_ELBOW, Body25.R_WRIST, (255, 255, 0)),
    (Body25.L_SHOULDER, Body25.L_ELBOW, (85, 255, 0)),
    (Body25.L_ELBOW, Body25.L_WRIST, (0, 255, 0)),
    (Body25.MID_HIP, Body25.R_HIP, (0, 255, 85)),
    (Body25.R_HIP, Body25.R_KNEE, (0, 255, 170)),
    (Body25.R_KNEE, Body25.R_ANKLE, (0, 255, 255)),
    (Body25.MID_HIP, Body25.L_HIP, (0, 170, 255)),
    (Body25.L_HIP, Body25.L_KNEE, (0, 85, 255)),
    (Body25.L_KNEE, Body25.L_ANKLE, (0, 0, 255)),
    (Body25.NECK, Body25.NOSE, (255, 0, 85)),
    (Body25.NOSE, Body25.R_EYE, (255, 0, 170)),
    (Body25.R_EYE, Body25.R_EAR, (255, 0, 255)),
    (Body25.NOSE, Body25.L_EYE, (170, 0, 255)),
    (Body25.L_EYE, Body25.L_EAR, (85, 0, 255)),
)
_NECK_COLOUR = (255, 0, 0)
#: OpenPose's own: shares of the picture's shorter side, and how strongly it draws on black.
_THICK, _DOT, _STRENGTH = 1 / 120, 1 / 100, 0.6


def read(path: Path) -> Pose:
    """The first person of an OpenPose JSON file. Raises BadAnnotation."""
    try:
        people = json.loads(path.read_text())["people"]
        numbers = np.array(people[0]["pose_keypoints_2d"], np.float64)
    except (ValueError, KeyError, IndexError, TypeError) as e:
        raise BadAnnotation(f"{path.name} is no OpenPose file with a person: {e}") from e
    if numbers.size != 3 * COUNT:
        raise BadAnnotation(f"{path.name} has {numbers.size // 3} joints, BODY_25 has {COUNT}")
    return np.ascontiguousarray(numbers.reshape(COUNT, 3)[:, :2])


def from_coco(keypoints: NDArray[np.floating]) -> Pose:
    """Our 18 joints (x, y, confidence) -> BODY_25; the hips' middle is worked out."""
    pose = np.zeros((COUNT, 2))
    for joint in Joint:
        x, y, sure = keypoints[joint]
        if sure >= LEAST:
            pose[Body25[joint.name]] = x, y
    if known(pose, Body25.R_HIP, Body25.L_HIP):
        pose[Body25.MID_HIP] = pose[[Body25.R_HIP, Body25.L_HIP]].mean(axis=0)
    return pose


def known(pose: Pose, *joints: int) -> bool:
    """Whether all of these joints are known."""
    return all(bool(pose[joint].any()) for joint in joints)


def draw(pose: Pose, size: tuple[int, int] = (1024, 768)) -> NDArray[np.uint8]:
    """The skeleton on black as OpenPose renders it, (height, width, 3): bones are slim ellipses."""
    picture = np.zeros((*size, 3), np.uint8)
    bits = 4  # of a pixel's fraction
    thick, dot = (round(min(size) * share * (1 << bits)) for share in (_THICK, _DOT))

    def colour(rgb: tuple[int, int, int]) -> tuple[int, ...]:
        return tuple(round(_STRENGTH * value) for value in rgb)

    def at(point: NDArray[np.float64]) -> tuple[int, int]:
        return round(point[0] * (1 << bits)), round(point[1] * (1 << bits))

    for start, end, rgb in _BONES:
        if known(pose, start, end):
            along = pose[end] - pose[start]
            half = round(float(np.hypot(*along)) / 2 * (1 << bits))
            angle = float(np.degrees(np.arctan2(along[1], along[0])))
            middle = at((pose[start] + pose[end]) / 2)
            cv2.ellipse(
                picture, middle, (half, thick), angle, 0, 360, colour(rgb), -1, cv2.LINE_AA, bits
            )
    for joint, rgb in ((Body25.NECK, _NECK_COLOUR), *((end, rgb) for _, end, rgb in _BONES)):
        if known(pose, joint):
            cv2.circle(picture, at(pose[joint]), dot, colour(rgb), -1, cv2.LINE_AA, bits)
    return picture
