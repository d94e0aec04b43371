"""Hoods, laid out above the neck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Piece, Seam
from ml.studio.drape import Pull
from ml.studio.garment import Cloth
from ml.studio.paths import Points, band, bowed, chain, closed, mirror, xy
from ml.studio.table import Table

if TYPE_CHECKING:
    from ml.studio.tops import TopCut

TALL = 178.0  # px from the neck to the top of the hood


def _dome(cut: TopCut, half: float, top: float, foot: float) -> Points:
    """From the wearer's right at the neck over the top to the left."""
    high = cut.point(0, cut.neck_y - top)
    wide = cut.point(half + 12, cut.neck_y - top * 0.42)
    base = cut.point(half - 4, cut.neck_y + foot)
    left = chain(bowed(high, wide, -half * 0.24, 0.62), bowed(wide, base, -6, 0.4))
    return chain(mirror(left), left)


def lay_inside_hood(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The back of the hood, seen from inside."""
    outer = _dome(cut, cut.neck + 50, TALL, 34)
    table.lay(cloth.piece(closed([outer, np.array([cut.low + xy(0, 40)])]), thickness=5, cast=0.5,
                          edge=14.0, pulls=(Pull(outer[6:-6], 0.6, 60),)))  # fmt: skip
    shade = closed([_dome(cut, cut.neck + 8, TALL - 44, 26), np.array([cut.low + xy(0, 34)])])
    middle = bowed(cut.point(0, cut.neck_y - TALL + 46), cut.low, 2)
    table.lay(cloth.piece(shade, colour=cloth.lining or cloth.colour, tone=0.52, thickness=0.5,
                          cast=0.0, wrinkles=0.7, seams=(Seam(middle, None, 1.0),),
                          pulls=(Pull(middle, 0.6, 70),)))  # fmt: skip


def lay_hood(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The two front edges of the hood, crossing at the neck, and the cord."""
    for sign in (1, -1):
        top = cut.point(0, cut.neck_y - TALL + 2)
        bulge = cut.point(cut.neck + 62, cut.neck_y - TALL * 0.42)
        outside = chain(bowed(top, bulge, -34, 0.6),
                        bowed(bulge, cut.neck_left + np.array([30, 22]), -10, 0.4))  # fmt: skip
        foot = cut.low + np.array([-14 if sign > 0 else 6, 22])
        base = bowed(cut.neck_left + np.array([30, 22]), foot, 10)
        opening = chain(bowed(foot, cut.point(cut.neck + 2, cut.neck_y - TALL * 0.34), 34, 0.55),
                        bowed(cut.point(cut.neck + 2, cut.neck_y - TALL * 0.34),
                              cut.point(0, cut.neck_y - TALL + 40), 22, 0.4))  # fmt: skip
        shape = closed([outside, base[1:], opening[1:]])
        seam = opening + np.array([17, 2])
        drag = Pull(bowed(outside[20], base[16], -10), 0.8, 46)
        if sign < 0:
            shape, seam, drag = mirror(shape), mirror(seam), Pull(mirror(drag.line), 0.7, 46)
        table.lay(cloth.piece(shape, thickness=7, edge=15.0, cast=0.5, pulls=(drag,),
                              angle=sign * 20, seams=(Seam(seam, cloth.thread, 0.9),)))  # fmt: skip
    if cut.opening not in {"zip", "none"}:
        return
    for sign, length in ((1, 196), (-1, 178)):
        hole = cut.low + np.array([sign * 34, -6 if sign > 0 else -8])
        end = hole + np.array([sign * 10, length])
        table.button((float(hole[0]), float(hole[1])), 6.0, cloth.metal, holes=0)
        cord = bowed(hole, end, sign * -13, 0.4)
        table.lay(Piece(band(cord, 7), cloth.surface, cloth.trim or cloth.colour, thickness=4,
                        edge=3, wrinkles=0.0, cast=0.5, tone=1.05))  # fmt: skip
        tip = np.array([end + xy(-4, -2), end + xy(3, -2), end + xy(3, 19), end + xy(-4, 19)])
        table.lay(Piece(tip, cloth.surface, cloth.metal, thickness=3, edge=2, wrinkles=0.0,
                        cast=0.5, gloss=0.5))  # fmt: skip
