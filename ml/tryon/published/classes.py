"""The classes of a person that the published engines know, and how ours become theirs.

Three lists: the twenty of the official data's parse files, thirteen that the networks predict,
seven that the generators paint by.
"""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr, Joint, PersonAnnotation

Labels = NDArray[np.uint8]


class Lip(IntEnum):
    """The twenty of the files, in their order. Left and right are the person's own."""

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    GLOVE = 3
    SUNGLASSES = 4
    UPPER = 5
    DRESS = 6
    COAT = 7
    SOCKS = 8
    PANTS = 9
    NECK = 10  # skin of neck and chest
    SCARF = 11
    SKIRT = 12
    FACE = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    LEFT_LEG = 16
    RIGHT_LEG = 17
    LEFT_SHOE = 18
    RIGHT_SHOE = 19


class Class13(IntEnum):
    """What the segmentation networks predict."""

    BACKGROUND = 0  # and the neck
    HAIR = 1
    FACE = 2
    UPPER = 3
    BOTTOM = 4
    LEFT_ARM = 5
    RIGHT_ARM = 6
    LEFT_LEG = 7
    RIGHT_LEG = 8
    LEFT_SHOE = 9
    RIGHT_SHOE = 10
    SOCKS = 11
    NOISE = 12


class Class7(IntEnum):
    """What the generators paint by. Paste: what the picture without clothes shows already."""

    BACKGROUND = 0
    PASTE = 1
    UPPER = 2
    HAIR = 3
    LEFT_ARM = 4
    RIGHT_ARM = 5
    NOISE = 6


#: Entry i is class i's place in the shorter list.
LIP_TO_13 = np.array([0, 1, 1, 12, 2, 3, 3, 3, 11, 4, 0, 12, 4, 2, 5, 6, 7, 8, 9, 10], np.uint8)
THIRTEEN_TO_7 = np.array([0, 3, 1, 2, 1, 4, 5, 1, 1, 1, 1, 1, 6], np.uint8)

CLOTHES = (Lip.UPPER, Lip.DRESS, Lip.COAT)
HEAD = (Lip.SUNGLASSES, Lip.FACE)
BELOW = (
    Lip.PANTS,
    Lip.SKIRT,
    Lip.LEFT_LEG,
    Lip.RIGHT_LEG,
    Lip.LEFT_SHOE,
    Lip.RIGHT_SHOE,
)

#: Ours to theirs, where one label is one label. A bag is "noise" to them, like a scarf.
_FROM_ATR = np.zeros(len(Atr), np.uint8)
for _atr, _lip in {
    Atr.HAT: Lip.HAT,
    Atr.HAIR: Lip.HAIR,
    Atr.SUNGLASSES: Lip.SUNGLASSES,
    Atr.UPPER: Lip.UPPER,
    Atr.SKIRT: Lip.SKIRT,
    Atr.PANTS: Lip.PANTS,
    Atr.DRESS: Lip.DRESS,
    Atr.BELT: Lip.PANTS,
    Atr.LEFT_SHOE: Lip.LEFT_SHOE,
    Atr.RIGHT_SHOE: Lip.RIGHT_SHOE,
    Atr.FACE: Lip.FACE,
    Atr.LEFT_LEG: Lip.LEFT_LEG,
    Atr.RIGHT_LEG: Lip.RIGHT_LEG,
    Atr.LEFT_ARM: Lip.LEFT_ARM,
    Atr.RIGHT_ARM: Lip.RIGHT_ARM,
    Atr.BAG: Lip.SCARF,
    Atr.SCARF: Lip.SCARF,
}.items():
    _FROM_ATR[_atr] = _lip

#: Along the way from the nose to the neck (the point between the shoulders), where the chin ends.
CHIN = 0.45


def lip_from_atr(annotation: PersonAnnotation) -> Labels:
    """(H, W) of :class:`Lip`. Neck and chest are told from the face by the chin, which lies below
    the nose as an arc; a belt belongs to the garment next to it."""
    atr = annotation.parse
    parse = np.asarray(_FROM_ATR[atr])
    _give_away(parse, atr == Atr.BELT, (Lip.PANTS, Lip.SKIRT, Lip.DRESS))
    nose, neck = annotation.keypoints[[Joint.NOSE, Joint.NECK]].astype(np.float64)
    if nose[2] > 0 and neck[2] > 0:
        down = neck[:2] - nose[:2]
        rows, columns = np.nonzero(parse == Lip.FACE)
        away = np.stack([columns, rows], axis=1) - nose[:2]
        below = away @ down > 0
        far = np.hypot(away[:, 0], away[:, 1]) > CHIN * np.hypot(down[0], down[1])
        neck_only = below & far
        parse[rows[neck_only], columns[neck_only]] = Lip.NECK
    return parse


def _give_away(parse: Labels, mask: NDArray[np.bool_], takers: tuple[Lip, ...]) -> None:
    """Give a mask's pixels to whichever of ``takers`` is nearest, in place, if there is one."""
    if not mask.any():
        return
    present = [label for label in takers if ((parse == label) & ~mask).any()]
    if present:
        away = [
            cv2.distanceTransform((~((parse == label) & ~mask)).astype(np.uint8), cv2.DIST_L2, 3)
            for label in present
        ]
        nearest = np.argmin(np.stack(away), axis=0)
        parse[mask] = np.array(present, np.uint8)[nearest[mask]]
