"""What is known of a garment in a photo: mask, region and named landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation


class Region(StrEnum):
    """Which part of the body a garment dresses."""

    UPPER = "upper"
    LOWER = "lower"
    DRESS = "dress"
    OUTER = "outer"


class Cut(StrEnum):
    """How a garment is cut, as far as its landmarks differ."""

    TOP = "top"  # tops and outerwear, with or without sleeves
    TROUSERS = "trousers"  # trousers and shorts: two legs
    SKIRT = "skirt"
    DRESS = "dress"


#: An annotation (its ``mask_confidence`` too) below this wants a look by a person.
NEEDS_ATTENTION = 0.5

TOP_LANDMARKS = (
    "neck_left",
    "neck_right",
    "shoulder_left",
    "shoulder_right",
    "armpit_left",
    "armpit_right",
    "cuff_left_outer",
    "cuff_left_inner",
    "cuff_right_outer",
    "cuff_right_inner",
    "hem_left",
    "hem_right",
)
LANDMARKS: Mapping[Cut, tuple[str, ...]] = {
    Cut.TOP: TOP_LANDMARKS,
    Cut.DRESS: (*TOP_LANDMARKS, "waist_left", "waist_right"),
    Cut.TROUSERS: (
        "waist_left",
        "waist_right",
        "crotch",
        "hem_left_outer",
        "hem_left_inner",
        "hem_right_outer",
        "hem_right_inner",
    ),
    Cut.SKIRT: ("waist_left", "waist_right", "hem_left", "hem_right"),
}


@dataclass(frozen=True, slots=True)
class Landmark:
    """A named point. visibility 2 = seen, 1 = estimated, 0 = does not exist on this garment
    (cuffs of a sleeveless top: outer lies on the shoulder point, inner on the armpit)."""

    x: float
    y: float
    visibility: int = 2


@dataclass(frozen=True, slots=True)
class GarmentAnnotation:
    """Labels of one garment photo; left and right are the wearer's (image right = left).

    mask: (H, W) uint8, the photo's size, 255 = fabric (inside of the back neck included).
    landmarks: exactly the names of ``LANDMARKS[cut]``, in pixels of the photo.
    confidence: 0..1, how far mask and landmarks can be trusted.
    mask_confidence: 0..1, of the mask alone.
    category: one of ``ml.garment.category.CATEGORIES`` with the ``probabilities`` of all, or
    "" and none where it was not asked.
    """

    mask: NDArray[np.uint8]
    region: Region
    cut: Cut
    landmarks: Mapping[str, Landmark]
    confidence: float
    version: str
    mask_confidence: float = 1.0
    category: str = ""
    probabilities: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.mask.ndim != 2 or self.mask.dtype != np.uint8:
            raise BadAnnotation(f"mask must be 2-D uint8, got {self.mask.shape} {self.mask.dtype}")
        if set(self.landmarks) != set(LANDMARKS[self.cut]):
            raise BadAnnotation(
                f"a {self.cut} needs landmarks {LANDMARKS[self.cut]}, got {tuple(self.landmarks)}"
            )
        if not 0.0 <= self.confidence <= 1.0:
            raise BadAnnotation(f"confidence must lie in 0..1, got {self.confidence}")
