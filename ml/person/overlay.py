"""An annotation drawn over its photo, to be looked at."""

from __future__ import annotations

import cv2
import numpy as np

from ml.images import RGB
from ml.person import stance
from ml.person.annotation import BONES, Atr, Joint, PersonAnnotation

#: The person's right is red, their left blue.
RIGHT, LEFT, MIDDLE = (226, 44, 44), (38, 92, 240), (250, 214, 40)
_COLOURS = {
    Atr.BACKGROUND: (0, 0, 0),
    Atr.HAT: (150, 75, 0),
    Atr.HAIR: (95, 60, 160),
    Atr.SUNGLASSES: (20, 20, 20),
    Atr.UPPER: (255, 140, 0),
    Atr.SKIRT: (200, 60, 200),
    Atr.PANTS: (0, 130, 120),
    Atr.DRESS: (220, 30, 110),
    Atr.BELT: (90, 90, 0),
    Atr.LEFT_SHOE: (90, 150, 255),
    Atr.RIGHT_SHOE: (255, 110, 110),
    Atr.FACE: (255, 225, 180),
    Atr.LEFT_LEG: (30, 90, 200),
    Atr.RIGHT_LEG: (200, 40, 40),
    Atr.LEFT_ARM: (70, 120, 255),
    Atr.RIGHT_ARM: (255, 80, 80),
    Atr.BAG: (120, 200, 60),
    Atr.SCARF: (170, 255, 200),
}
_PALETTE = np.array([_COLOURS[label] for label in Atr], np.uint8)
_STRENGTH = 0.55


def draw(photo: RGB, annotation: PersonAnnotation) -> RGB:
    """(H, W, 3): the parse's colours over the photo, sure bones and joints over both."""
    tinted = photo * (1 - _STRENGTH) + _PALETTE[annotation.parse] * _STRENGTH
    person = annotation.parse[..., None] != Atr.BACKGROUND
    picture = np.ascontiguousarray(np.where(person, tinted, photo), np.uint8)
    sure = stance.sure(annotation)
    at = np.round(annotation.keypoints[:, :2] * 16).astype(int)  # OpenCV's 4 fractional bits
    thick = max(1, round(max(photo.shape[:2]) / 300))
    for start, end in BONES:
        if sure[start] and sure[end]:
            colour = _side(end)
            a, b = at[start].tolist(), at[end].tolist()
            cv2.line(picture, a, b, colour, thick, cv2.LINE_AA, 4)
    for joint in Joint:
        if sure[joint]:
            centre = at[joint].tolist()
            cv2.circle(picture, centre, 16 * (thick + 1), (255, 255, 255), -1, cv2.LINE_AA, 4)
            cv2.circle(picture, centre, 16 * thick, _side(joint), -1, cv2.LINE_AA, 4)
    return picture


def _side(joint: Joint) -> tuple[int, int, int]:
    return {"R": RIGHT, "L": LEFT}.get(joint.name.partition("_")[0], MIDDLE)
