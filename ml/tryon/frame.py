"""Which part of a photo the published networks see: framed like what they were trained on.

Their training pictures show a person from above the head to the thighs, and a garment that fills
its picture, both of 3 : 4. A frame is a box of that shape in a photo; it may reach outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import BackView, CutOff, NoGarment, NoPerson
from ml.person import stance
from ml.person.annotation import PersonAnnotation

#: Height and width of the smallest such pictures.
SIZE = (256, 192)
ASPECT = SIZE[1] / SIZE[0]
#: Of a training picture's height: the torso (shoulders to hips), and the shoulders from its top.
TORSO, SHOULDERS_AT = 0.46, 0.27
#: A photo of the right shape whose torso is of this share already is such a picture.
FRAMED = (0.36, 0.60)
#: A garment's box takes this share of its frame at most.
FILLED = 0.88
#: Fewer pixels are no torso, and no garment.
SMALLEST = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """In pixels of a photo; all may lie outside of it."""

    top: int
    left: int
    height: int
    width: int

    @classmethod
    def of_box(cls, box: NDArray[np.generic]) -> Frame:
        """From :attr:`box`."""
        return cls(*(int(each) for each in box))

    @property
    def box(self) -> NDArray[np.int32]:
        """As caches keep it: top, left, height, width."""
        return np.array([self.top, self.left, self.height, self.width], np.int32)

    def seen(
        self,
        picture: NDArray[np.uint8],
        size: tuple[int, int] = SIZE,
        *,
        border: int = cv2.BORDER_REPLICATE,
    ) -> NDArray[np.uint8]:
        """The frame's part of a picture, at another size."""
        how = cv2.INTER_AREA if size[0] < self.height else cv2.INTER_LINEAR
        cut = self.cut(picture, border=border)
        return np.asarray(cv2.resize(cut, size[::-1], interpolation=how), np.uint8)

    def cut(
        self, picture: NDArray[np.uint8], *, border: int = cv2.BORDER_REPLICATE
    ) -> NDArray[np.uint8]:
        """The frame's part of a picture; outside the picture its border goes on, or is 0."""
        height, width = picture.shape[:2]
        bottom, right = self.top + self.height, self.left + self.width
        inside = picture[max(self.top, 0) : max(bottom, 0), max(self.left, 0) : max(right, 0)]
        above, below = max(-self.top, 0), max(bottom - height, 0)
        before, after = max(-self.left, 0), max(right - width, 0)
        made = cv2.copyMakeBorder(inside, above, below, before, after, border)
        return np.asarray(made, np.uint8)

    def placed(self, part: NDArray[np.uint8], on: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A copy of ``on`` with a picture of the frame's size laid over its place."""
        result = on.copy()
        height, width = on.shape[:2]
        top, left = max(self.top, 0), max(self.left, 0)
        bottom = min(self.top + self.height, height)
        right = min(self.left + self.width, width)
        result[top:bottom, left:right] = part[
            top - self.top : bottom - self.top, left - self.left : right - self.left
        ]
        return result


def of_person(annotation: PersonAnnotation) -> Frame:
    """Raises NoPerson, CutOff or BackView."""
    trunk = list(stance.TRUNK)
    if not stance.sure(annotation)[trunk].any():
        raise NoPerson("neither shoulders nor hips were found in the photo")
    if not stance.seen(annotation)[trunk].all():
        raise CutOff("shoulders and hips must both be inside the photo")
    points = annotation.keypoints[:, :2].astype(float)
    torso = stance.torso_length(points)
    if torso < SMALLEST:
        raise NoPerson(f"the torso is only {torso:.0f} pixels long")
    if stance.turned(points) < stance.SIDEWAYS:
        raise BackView("the person is seen from behind or from the side")
    height, width = annotation.parse.shape
    if abs(width / height / ASPECT - 1) < 0.02 and FRAMED[0] <= torso / height <= FRAMED[1]:
        return Frame(0, 0, height, width)
    shoulders = stance.middle(points, stance.SHOULDERS)
    hips = stance.middle(points, stance.HIPS)
    return _frame(
        height=torso / TORSO,
        top=shoulders[1] - SHOULDERS_AT * torso / TORSO,
        middle=(shoulders[0] + hips[0]) / 2,
    )


def of_garment(mask: NDArray[np.uint8]) -> Frame:
    """Raises NoGarment."""
    rows, columns = np.nonzero(mask.max(1) > 127)[0], np.nonzero(mask.max(0) > 127)[0]
    if len(rows) < SMALLEST or len(columns) < SMALLEST:
        raise NoGarment("the mask shows no garment")
    tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    height = max(tall, wide / ASPECT) / FILLED
    centre = (rows[0] + rows[-1] + 1) / 2
    return _frame(height=height, top=centre - height / 2, middle=(columns[0] + columns[-1] + 1) / 2)


def _frame(*, height: float, top: float, middle: float) -> Frame:
    width = height * ASPECT
    return Frame(round(top), round(middle - width / 2), round(height), round(width))
