"""What a drawn garment is: picture, exact mask and landmarks; and what describes its cloth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import LANDMARKS, Cut, GarmentAnnotation, Landmark, Region
from ml.studio.cloth import Table
from ml.studio.fabric import Print, Surface, jersey

Spots = dict[str, tuple[float, float, int]]  # landmark -> x, y before the warp, visibility


@dataclass(frozen=True)
class Cloth:
    """The material of a garment: surface, colours and print."""

    colour: str
    surface: Surface = jersey
    second: str = "#ffffff"
    pattern: Print | None = None
    trim: str | None = None  # colour of collar, cuffs and bands; None: the cloth's own
    thread: str | None = None  # colour of visible stitches
    button: str = "#efece4"
    thickness: float = 3.0
    wrinkles: float = 1.0
    ground: str = "#ecebe8"

    @property
    def band(self) -> str:
        return self.trim or self.colour


@dataclass(frozen=True)
class DrawnGarment:
    """A product picture with its exact labels."""

    picture: NDArray[np.uint8]
    annotation: GarmentAnnotation
    detail: NDArray[np.uint8]  # close up of the upper part, drawn pixels, not scaled up


def finish(table: Table, region: Region, cut: Cut, spots: Spots) -> DrawnGarment:
    """Landmarks get the same warp as the cloth."""
    found: dict[str, Landmark] = {}
    for name in LANDMARKS[cut]:
        x, y = table.warp(np.array([spots[name][:2]]))[0]
        found[name] = Landmark(round(float(x), 2), round(float(y), 2), spots[name][2])
    mark = GarmentAnnotation(table.cutout(), region, cut, found, 1.0, "drawn")
    ys, xs = np.nonzero(mark.mask)
    corner = (int((xs.min() + xs.max()) / 2) - 225, max(int(ys.min()) - 40, 0))
    return DrawnGarment(table.picture(), mark, table.closeup(*corner))
