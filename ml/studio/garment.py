"""What a drawn garment is: picture, exact mask and landmarks; and what describes its cloth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import LANDMARKS, Cut, GarmentAnnotation, Landmark, Region
from ml.studio.cloth import Piece
from ml.studio.fabric import Print, Surface, jersey
from ml.studio.paths import Points
from ml.studio.table import Table

Spots = dict[str, tuple[float, float, int]]  # landmark -> x, y before the warp, visibility


@dataclass(frozen=True)
class Cloth:
    """The material of a garment: surface, colours and print."""

    colour: str
    surface: Surface = jersey
    second: str = "#ffffff"
    pattern: Print | None = None
    inks: tuple[str, ...] = ()  # of a print in several colours, after ``second``
    graphic: Print | None = None  # printed in one place of the front, in ``second``
    trim: str | None = None  # colour of collar, cuffs and bands; None: the cloth's own
    sleeves: str | None = None  # colour of the sleeves, where it is another
    lining: str | None = None  # colour of the inside; None: the cloth's own
    thread: str | None = None  # colour of visible stitches
    button: str = "#efece4"
    metal: str = "#b9bab8"
    thickness: float = 3.0
    wrinkles: float = 1.0
    crisp: float = 0.4  # 0 soft rolls to 1 sharp creases
    gloss: float = 0.0
    wear: float = 0.0  # how far ridges, seams and edges have faded
    faded: str = "#c3cfdd"
    ground: str = "#ecebe8"

    @property
    def band(self) -> str:
        return self.trim or self.colour

    def piece(self, outline: Points, **more: Any) -> Piece:
        """A piece of this cloth; ``more`` are fields of ``Piece``."""
        own = {
            name: getattr(self, name)
            for name in (
                "surface",
                "colour",
                "second",
                "pattern",
                "inks",
                "thickness",
                "wrinkles",
                "crisp",
                "gloss",
                "wear",
                "faded",
            )
        }
        return Piece(outline, **{**own, **more})

    def strip(self, outline: Points, **more: Any) -> Piece:
        """A narrow piece (band, loop, flap) that hardly wrinkles, in the colour of the trim."""
        calm = {"colour": self.band, "wrinkles": 0.4, "edge": 4.0, "cast": 0.26,
                "pattern": self.pattern if self.trim is None else None}  # fmt: skip
        return self.piece(outline, **{**calm, **more})


@dataclass(frozen=True)
class DrawnGarment:
    """A product picture with its exact labels.

    annotation: None for what nobody can try on (hats, shoes, bags); ``mask`` is always there.
    """

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    annotation: GarmentAnnotation | None
    detail: NDArray[np.uint8] = field(repr=False)  # close up, drawn pixels, not scaled up


def finish(table: Table, region: Region | None, cut: Cut | None, spots: Spots) -> DrawnGarment:
    """Landmarks get the same warp as the cloth."""
    mask = table.cutout()
    mark = None
    if region is not None and cut is not None:
        found: dict[str, Landmark] = {}
        for name in LANDMARKS[cut]:
            x, y = table.warp(np.array([spots[name][:2]]))[0]
            found[name] = Landmark(round(float(x), 2), round(float(y), 2), spots[name][2])
        mark = GarmentAnnotation(mask, region, cut, found, 1.0, "drawn")
    ys, xs = np.nonzero(mask)
    corner = (int((xs.min() + xs.max()) / 2) - 225, max(int(ys.min()) - 30, 0))
    return DrawnGarment(table.picture(), mask, mark, table.closeup(*corner))
