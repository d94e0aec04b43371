"""Waists of trousers and skirts: the inside of the back, fly, waistband, loops, button or cord."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Fold, Piece, Seam
from ml.studio.fabric import poplin
from ml.studio.garment import Cloth
from ml.studio.paths import CENTRE, band, bowed, closed, xy
from ml.studio.table import Table

if TYPE_CHECKING:
    from ml.studio.bottoms import LegCut


def inside_back(table: Table, cut: LegCut, cloth: Cloth) -> None:
    """What one sees of the back over the front's edge, with a label."""
    back = bowed(cut.point(-cut.waist + 3, cut.waist_y), cut.point(cut.waist - 3, cut.waist_y), -11)
    shape = closed([back, back[::-1] + xy(0, 30)])
    table.lay(cloth.piece(shape, pattern=None, tone=0.66, thickness=1, wrinkles=0.4, cast=0.4,
                          seams=(Seam(back + xy(0, 5), None, 0.6),)))  # fmt: skip
    y = float(back[:, 1].min()) + 3
    label = np.array(
        [(CENTRE - 22, y), (CENTRE + 22, y), (CENTRE + 22, y + 24), (CENTRE - 22, y + 24)]
    )
    table.lay(Piece(label, poplin, "#ded9ce", thickness=0.6, edge=2, wrinkles=0.2, cast=0.2,
                    tone=0.78))  # fmt: skip


def lay_fly(table: Table, cut: LegCut, cloth: Cloth) -> None:
    top = cut.waist_y + cut.waistband
    if cut.elastic:
        return
    low = cut.crotch + xy(3, -46)
    edge = bowed((CENTRE + 4, top), low, -2)
    flap = closed([edge, bowed(low, (CENTRE + 44, top), 24, 0.3)])
    curve = bowed(cut.crotch + xy(5, -50), (CENTRE + 40, top), 22, 0.3)
    table.lay(
        cloth.piece(
            flap,
            origin=(CENTRE, 0),
            thickness=1.6,
            edge=4.0,
            cast=0.28,
            wrinkles=0.6 * cloth.wrinkles,
            seams=(Seam(curve, cloth.thread, 0.7, 5.0 if cut.jeans else 0.0),),
        )
    )


def waistband(table: Table, cut: LegCut, cloth: Cloth) -> None:
    """The front of the waist: band, loops, button or cord."""
    front = bowed(cut.point(-cut.waist, cut.waist_y), cut.point(cut.waist, cut.waist_y), 8)
    low = bowed(cut.point(-cut.waist - 9, cut.waist_y + cut.waistband),
                cut.point(cut.waist + 9, cut.waist_y + cut.waistband), 8)  # fmt: skip
    folds: tuple[Fold, ...] = ()
    if cut.elastic:
        rng = np.random.default_rng(7)
        across = np.linspace(-cut.waist + 8, cut.waist - 8, 38) + rng.normal(0, 1.5, 38)
        folds = tuple(
            Fold(bowed(cut.point(x, cut.waist_y + 4),
                       cut.point(x * 1.04, cut.waist_y + cut.waistband + rng.uniform(8, 30))),
                 5, rng.uniform(0.8, 2.2)) for x in across
        )  # fmt: skip
    seams = (Seam(low - xy(0, 4), cloth.thread, 0.9), Seam(front + xy(0, 4), cloth.thread, 0.6))
    table.lay(cloth.strip(closed([front, low[::-1]]), origin=(CENTRE, 0), edge=6.0, folds=folds,
                          pattern=None if cut.jeans else cloth.pattern, seams=seams,
                          wrinkles=0.6))  # fmt: skip
    if cut.elastic:
        _cord(table, cut, cloth)
        return
    for x in (-0.62, 0.62):
        p, end = cut.point(x * cut.waist, cut.waist_y), cut.waistband + 10
        loop = np.array([p + xy(-8, -6), p + xy(8, -6), p + xy(9, end), p + xy(-7, end)])
        sides = (Seam(loop[[0, 3]] + xy(3, 0), cloth.thread, 0.4),
                 Seam(loop[[1, 2]] - xy(8, 0), cloth.thread, 0.4))  # fmt: skip
        table.lay(cloth.strip(loop, thickness=3.5, edge=3.0, cast=0.45, pucker=0, seams=sides))
    edge = np.array(
        [cut.point(16, cut.waist_y + 3), cut.point(17, cut.waist_y + cut.waistband + 8)]
    )
    lap = closed([edge, edge[::-1] - xy(34, 0)])
    table.lay(cloth.strip(lap, thickness=2, edge=3.0, cast=0.3,
                          pattern=None if cut.jeans else cloth.pattern,
                          seams=(Seam(edge - xy(6, 0), cloth.thread, 0.7),)))  # fmt: skip
    y = cut.waist_y + cut.waistband / 2 + 6
    if cut.jeans:
        table.button((CENTRE, y), 10, "#b08a5a", holes=0)
        for sign in (-1, 1):
            for x, dy in ((cut.waist * 0.62, 12), (cut.hip * 0.9, 78)):
                spot = (CENTRE + sign * x, cut.waist_y + cut.waistband + dy)
                table.button(spot, 3.0, "#b88f5c", holes=0)
    else:
        table.button((CENTRE, y), 8, cloth.thread or cloth.button)


def _cord(table: Table, cut: LegCut, cloth: Cloth) -> None:
    for sign, long in ((-1, 152), (1, 134)):
        start = cut.point(sign * 9, cut.waist_y + 26)
        table.button((float(start[0]), float(start[1])), 4.5, cloth.metal, holes=0)
        cord = bowed(start, cut.point(sign * 36, cut.waist_y + long), sign * 18)
        table.lay(Piece(band(cord, 6.5), cloth.surface, cloth.trim or "#e9e6df", thickness=3,
                        edge=2.5, wrinkles=0.0, cast=0.45))  # fmt: skip
