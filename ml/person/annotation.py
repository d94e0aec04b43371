"""What is known of a person in a photo: an 18-class ATR parse and 18 OpenPose keypoints."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation


class Atr(IntEnum):
    """The common 18-label list. Left and right are the person's own."""

    BACKGROUND = 0
    HAT = 1
    HAIR = 2
    SUNGLASSES = 3
    UPPER = 4
    SKIRT = 5
    PANTS = 6
    DRESS = 7
    BELT = 8
    LEFT_SHOE = 9
    RIGHT_SHOE = 10
    FACE = 11  # face, neck and chest skin
    LEFT_LEG = 12
    RIGHT_LEG = 13
    LEFT_ARM = 14
    RIGHT_ARM = 15
    BAG = 16
    SCARF = 17


class Joint(IntEnum):
    """COCO-18 order as OpenPose writes it. R and L are the person's own."""

    NOSE = 0
    NECK = 1
    R_SHOULDER = 2
    R_ELBOW = 3
    R_WRIST = 4
    L_SHOULDER = 5
    L_ELBOW = 6
    L_WRIST = 7
    R_HIP = 8
    R_KNEE = 9
    R_ANKLE = 10
    L_HIP = 11
    L_KNEE = 12
    L_ANKLE = 13
    R_EYE = 14
    L_EYE = 15
    R_EAR = 16
    L_EAR = 17


#: What is drawn of a skeleton.
BONES = (
    (Joint.NECK, Joint.NOSE),
    (Joint.NECK, Joint.R_SHOULDER),
    (Joint.R_SHOULDER, Joint.R_ELBOW),
    (Joint.R_ELBOW, Joint.R_WRIST),
    (Joint.NECK, Joint.L_SHOULDER),
    (Joint.L_SHOULDER, Joint.L_ELBOW),
    (Joint.L_ELBOW, Joint.L_WRIST),
    (Joint.NECK, Joint.R_HIP),
    (Joint.R_HIP, Joint.R_KNEE),
    (Joint.R_KNEE, Joint.R_ANKLE),
    (Joint.NECK, Joint.L_HIP),
    (Joint.L_HIP, Joint.L_KNEE),
    (Joint.L_KNEE, Joint.L_ANKLE),
    (Joint.NOSE, Joint.R_EYE),
    (Joint.NOSE, Joint.L_EYE),
    (Joint.R_EYE, Joint.R_EAR),
    (Joint.L_EYE, Joint.L_EAR),
)


@dataclass(frozen=True, slots=True)
class PersonAnnotation:
    """Labels of one photo.

    parse: (H, W) uint8, values of :class:`Atr`; the photo's size.
    keypoints: (18, 3) float32, rows of :class:`Joint`: x, y in pixels of the photo, confidence
        0..1. Points may lie outside the photo; confidence 0 means unknown.
    version: which annotator (network or hand) made it; part of cache keys.
    densepose: (H, W, 3) uint8 where known: DensePose's parts, the picture of its ``dp_segm`` on
        black (:mod:`ml.tryon.published.densepose` draws it). Our annotator does not make it.
    """

    parse: NDArray[np.uint8]
    keypoints: NDArray[np.float32]
    version: str = "given"
    densepose: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if self.parse.ndim != 2 or self.parse.dtype != np.uint8:
            raise BadAnnotation(
                f"parse must be 2-D uint8, got {self.parse.shape} {self.parse.dtype}"
            )
        if self.parse.size and int(self.parse.max()) > max(Atr):
            raise BadAnnotation(f"parse has label {int(self.parse.max())}, highest is {max(Atr)}")
        if self.keypoints.shape != (18, 3) or self.keypoints.dtype != np.float32:
            raise BadAnnotation(
                f"keypoints must be (18, 3) float32, got {self.keypoints.shape} "
                f"{self.keypoints.dtype}"
            )
        if self.densepose is not None and self.densepose.shape != (*self.parse.shape, 3):
            raise BadAnnotation(
                f"densepose must be {(*self.parse.shape, 3)}, got {self.densepose.shape}"
            )
        if not np.isfinite(self.keypoints).all():
            raise BadAnnotation("keypoints must be finite")
