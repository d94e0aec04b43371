"""What the warp hands to the layers: a garment as it hangs on one photographed person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, Region


class Part(IntEnum):
    """Labels of :attr:`Worn.parts`. Left and right are the wearer's."""

    NONE = 0
    BODY = 1  # torso, or the body of a skirt
    LEFT = 2  # left sleeve or trouser leg
    RIGHT = 3


@dataclass(frozen=True, slots=True)
class Worn:
    """A garment warped onto a person; every array has the size of the person's photo.

    colour: (H, W, 3) the fabric's own colours, unlit; valid where ``alpha`` > 0 and a few pixels
        beyond, so that blending never picks up the background of the garment's photo.
    alpha: (H, W) soft-edged cover of the front fabric.
    back_colour, back_alpha: the inside of the garment's back that shows above the front neckline
        or waistband. It belongs BEHIND neck, hair and body.
    parts: (H, W) labels of :class:`Part`, where ``alpha`` > 0.
    stretch: 99th percentile of how far fabric is pulled longer than its own scale (1 = nowhere).
    warnings: ``hem_out_of_frame``, ``side_view``, ``arm_guessed``, ``leg_guessed``,
        ``stretched``.
    """

    colour: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    back_colour: NDArray[np.uint8]
    back_alpha: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    region: Region
    cut: Cut
    stretch: float
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        size = self.alpha.shape
        for name in ("alpha", "back_alpha", "parts"):
            plane = getattr(self, name)
            if plane.shape != size or plane.ndim != 2 or plane.dtype != np.uint8:
                raise ValueError(f"{name} must be {size} uint8, got {plane.shape} {plane.dtype}")
        for name in ("colour", "back_colour"):
            picture = getattr(self, name)
            if picture.shape != (*size, 3) or picture.dtype != np.uint8:
                raise ValueError(
                    f"{name} must be {(*size, 3)} uint8, got {picture.shape} {picture.dtype}"
                )
        if not np.isfinite(self.stretch):
            raise ValueError(f"stretch must be finite, got {self.stretch}")
