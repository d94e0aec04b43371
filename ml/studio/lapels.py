"""Lapels of blazers and coats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Seam
from ml.studio.drape import Pull
from ml.studio.garment import Cloth
from ml.studio.paths import Points, between, bowed, chain, closed, flip, mirror, xy
from ml.studio.table import Table

if TYPE_CHECKING:
    from ml.studio.tops import TopCut


def lay_lapels(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The collar round the neck and two lapels that roll from it to the top button."""
    roll = _roll(cut)
    back = bowed(flip(roll), roll, -7)
    low = bowed(cut.neck_left + xy(8, 16), flip(cut.neck_left + xy(8, 16)), -12)
    table.lay(cloth.strip(closed([back, low]), thickness=4, edge=9.0, cast=0.3, tone=0.94))
    # the left front lies below: its lapel first
    for sign in (1, -1):
        leaf, collar, seams = _leaf(cut, roll, cut.low, _width(cut))
        shapes = [leaf, collar]
        if sign < 0:
            shapes, seams = [mirror(s) for s in shapes], [mirror(s) for s in seams]
        pulls = (Pull(seams[0], 0.5, 40),)
        table.lay(cloth.strip(shapes[0], thickness=5.5, edge=11.0, cast=0.5, angle=sign * 14,
                              wrinkles=0.5 * cloth.wrinkles, pulls=pulls,
                              seams=(Seam(seams[1], cloth.thread, 0.5),)))  # fmt: skip
        table.lay(cloth.strip(shapes[1], thickness=5.5, edge=10.0, cast=0.45, angle=sign * 30,
                              wrinkles=0.5 * cloth.wrinkles,
                              seams=(Seam(seams[2], cloth.thread, 0.5),)))  # fmt: skip


def lapels(cut: TopCut) -> list[tuple[Points, Points]]:
    """As ``collars.flaps``: both lapels, then both ends of the collar."""
    leaf, collar, (line, *_) = _leaf(cut, _roll(cut), cut.low, _width(cut))
    pieces = [(shape, line) for shape in (leaf, collar)]
    return [(mirror(s), mirror(i)) if right else (s, i) for s, i in pieces for right in (0, 1)]


def _roll(cut: TopCut) -> Points:
    return np.asarray(cut.neck_left + np.array([-6, -24]))


def _width(cut: TopCut) -> float:
    return 1.25 if cut.opening in {"double", "wrap"} else 1.0


def _leaf(
    cut: TopCut, roll: Points, foot: Points, wide: float
) -> tuple[Points, Points, list[Points]]:
    """The wearer's left lapel and collar end, and their lines: roll, edge of each."""
    line = bowed(foot, roll, 9)
    long = float(np.hypot(*(roll - foot)))
    gorge = between(foot, roll, 1 - min(118 / long, 0.5))
    tip = gorge + np.array([84 * wide, -6 * wide])
    notch = between(gorge, tip, 0.64)
    edge = chain(bowed(tip, between(tip, foot, 0.55) + xy(16 * wide, 0), -6),
                 bowed(between(tip, foot, 0.55) + xy(16 * wide, 0), foot, -12))  # fmt: skip
    inner = line[: int(len(line) * (1 - min(118 / long, 0.5))) + 1]
    leaf = closed([inner, bowed(gorge, tip, -2)[1:], edge[1:]])
    end = notch + np.array([12 * wide, -44])
    outer = cut.neck_left + np.array([26, 16])
    collar = closed([bowed(gorge, roll, 3), bowed(roll, outer, -10)[1:], bowed(outer, end, -6)[1:],
                     bowed(end, notch, 0)[1:], bowed(notch, gorge, 1)[1:]])  # fmt: skip
    centre = leaf.mean(axis=0)
    stitch = centre + (edge - centre) * 0.93
    rim = chain(bowed(outer, end, -6), bowed(end, notch, 0))
    middle = collar.mean(axis=0)
    return leaf, collar, [line, stitch, middle + (rim - middle) * 0.88]
