"""What a pattern piece is: outline, cloth, folds, pulls and seams. Lengths are final pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.studio.drape import Pull
from ml.studio.fabric import Print, Surface
from ml.studio.paths import Points


@dataclass(frozen=True)
class Fold:
    """A soft ridge (or, with negative height, a furrow) along a line.

    fading: towards both ends; a pressed pleat or crease does not.
    """

    line: Points
    width: float
    height: float
    fading: bool = True


@dataclass(frozen=True)
class Seam:
    """A line sewn into the cloth. stitch: hex of a visible thread, or None; depth: the groove."""

    line: Points
    stitch: str | None = None
    depth: float = 0.8
    gap: float = 0.0  # distance of a second row of stitches


@dataclass(frozen=True)
class Piece:
    """One piece of cloth lying on those before it."""

    outline: Points
    surface: Surface
    colour: str
    second: str = "#ffffff"
    pattern: Print | None = None
    inks: tuple[str, ...] = ()  # of a print in several colours, after ``second``
    origin: tuple[float, float] = (450.0, 0.0)
    angle: float = 0.0  # degrees the cloth is turned
    thickness: float = 3.0
    edge: float = 7.0
    wrinkles: float = 1.0
    folds: tuple[Fold, ...] = ()
    seams: tuple[Seam, ...] = ()
    tone: float = 1.0
    cast: float = 0.34
    pulls: tuple[Pull, ...] = ()
    crisp: float = 0.4  # 0 soft rolls to 1 sharp creases
    pucker: float = 1.0  # how much seams draw the cloth together
    wear: float = 0.0  # how far ridges, seams and edges have faded, as on washed denim
    faded: str = "#c3cfdd"
    fade: tuple[tuple[float, float, float, float], ...] = field(default=())  # x, y, radius, gain
    gloss: float = 0.0  # satin, nylon, leather
    within: Points | None = None  # cut off where it would leave this outline
    loft: float = 0.0  # px by which padding swells the middle
    inside: bool = False  # of the back, seen through the neck


def linear(colour: str) -> NDArray[np.float32]:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32) / 255
    return np.asarray(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), np.float32)
