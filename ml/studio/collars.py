"""Necks of tops: the inside of the back, ribbed bands, shirt and stand collars, front openings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Piece, Seam, Table
from ml.studio.fabric import poplin, rib
from ml.studio.garment import Cloth
from ml.studio.paths import CENTRE, Points, band, bowed, chain, closed, flip, mirror

if TYPE_CHECKING:
    from ml.studio.tops import TopCut


#: Where a collar rolls over or ends at the side of the neck, relative to the neck point.
ROLL = {"shirt": (-5.0, -22.0), "stand": (-7.0, -44.0), "mock": (2.0, -36.0)}


def _roll(cut: TopCut) -> Points:
    return np.asarray(cut.neck_left + np.array(ROLL.get(cut.collar, (0.0, 0.0))))


def _back_line(cut: TopCut) -> Points:
    """The back neck edge from the wearer's right to left."""
    rise = {"shirt": 12.0, "stand": 10.0, "mock": 4.0}.get(cut.collar, -18.0)
    return bowed(flip(_roll(cut)), _roll(cut), -rise / 2)


def lay_inside(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The inside of the back, seen through the neck: darker, with band and label."""
    back = _back_line(cut)
    deep = cut.neckline() + np.array([0, 22])
    shape = closed([back, cut.neckline()[-1:], deep[::-1], cut.neckline()[:1]])
    table.lay(Piece(shape, cloth.surface, cloth.colour, cloth.second, cloth.pattern, tone=0.46,
                    thickness=1, wrinkles=0.5))  # fmt: skip
    strip = 46.0 if cut.collar in ROLL else 19.0
    surface = rib if cut.collar in {"crew", "scoop", "vee", "mock"} else cloth.surface
    colour = cloth.band if cut.collar != "scoop" else cloth.colour
    table.lay(
        Piece(
            band(back, strip),
            surface,
            colour,
            cloth.second,
            cloth.pattern if surface is not rib else None,
            tone=0.56,
            thickness=1.2,
            wrinkles=0.4,
            cast=0.2,
            seams=(Seam(back + np.array([0, strip - 1]), None),),
        )
    )
    if cut.opening == "zip":
        return
    y = float(back[len(back) // 2, 1]) + strip
    label = np.array([[CENTRE - 21, y], [CENTRE + 21, y], [CENTRE + 20.5, y + 25],
                      [CENTRE - 20.5, y + 25]])  # fmt: skip
    table.lay(Piece(label, poplin, "#d9d5cc", thickness=0.6, edge=2, wrinkles=0.3, cast=0.3,
                    tone=0.66))  # fmt: skip


def body_seams(cut: TopCut, cloth: Cloth) -> tuple[Seam, ...]:
    """Seams that the neck and the opening leave on the front piece."""
    low = cut.neck_y + cut.neck_drop
    middle = np.array([[CENTRE, low], [CENTRE + 1, cut.hem_y]])
    if cut.opening == "zip":
        return ()
    if cut.opening == "buttons" and cut.collar != "vee":
        edge = middle + np.array([17, 0])
        return (Seam(edge, cloth.thread, 1.3), Seam(middle - np.array([17, 0]), cloth.thread, 0.7))
    return ()


def lay_collar(table: Table, cut: TopCut, cloth: Cloth) -> None:
    if cut.collar in {"crew", "scoop"}:
        _ring(table, cut, cloth, 20 if cut.collar == "crew" else 15)
    elif cut.collar == "mock":
        _mock(table, cut, cloth)
    elif cut.collar == "vee":
        _vee(table, cut, cloth)
    elif cut.collar == "shirt":
        _leaves(table, cut, cloth)
    elif cut.collar == "stand":
        _stand(table, cut, cloth)
    if cut.opening == "buttons" and cut.collar != "vee":
        _buttons(table, cut, cloth)
    if cut.opening == "zip":
        _zip(table, cut, cloth)


def _ring(table: Table, cut: TopCut, cloth: Cloth, width: float) -> None:
    line = cut.neckline()
    table.lay(
        Piece(
            band(line, width),
            rib,
            cloth.band,
            thickness=2.2,
            edge=4,
            wrinkles=0.3,
            cast=0.16,
            seams=(Seam(band(line, width)[len(line) :], cloth.thread, 0.9),),
        )
    )


def _mock(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A short knitted stand all round."""
    line = cut.neckline()
    top = bowed(flip(_roll(cut)), _roll(cut), 14)
    shape = closed([top, line[::-1]])
    table.lay(Piece(shape, rib, cloth.band, thickness=3.5, edge=6, wrinkles=0.4, cast=0.3,
                    seams=(Seam(line, None, 1.0),)))  # fmt: skip


def _vee(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """Ribbed bands along the V; on a cardigan they run on to the hem, one over the other."""
    width = 34.0 if cut.opening == "buttons" else 20.0
    low = np.array([CENTRE, cut.neck_y + cut.neck_drop])
    left = bowed(low, cut.neck_left, 14)
    sides = []
    for sign in (-1, 1):
        edge = left if sign > 0 else mirror(left)
        edge = edge if sign > 0 else edge[::-1]
        sides.append(edge)
    if cut.opening != "buttons":
        for edge, sign in zip(sides, (-1, 1), strict=True):
            table.lay(Piece(band(edge, sign * width), rib, cloth.band, thickness=2.4, edge=4,
                            wrinkles=0.3, cast=0.16, angle=sign * 28))  # fmt: skip
        return
    foot = np.array([CENTRE, cut.hem_y - 2])
    for edge, sign in zip(sides, (-1, 1), strict=True):
        shift = np.array([sign * -8.0, 0.0])
        run = chain(np.array([foot + shift, low + shift + np.array([0, 26])]), edge + shift * 0.5)
        table.lay(Piece(band(run, sign * width), rib, cloth.band, thickness=3, edge=5, wrinkles=0.4,
                        cast=0.26))  # fmt: skip
    for y in np.linspace(low[1] + 34, cut.hem_y - 34, 6):
        table.button((CENTRE + 5, float(y)), 10, cloth.button)


def _leaves(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """Two collar leaves that meet at the top button."""
    low = np.array([CENTRE, cut.neck_y + cut.neck_drop])
    outer = cut.neck_left + np.array([16, 14])
    roll = _roll(cut)
    tip = low + np.array([74, 78])
    inner = bowed(low + np.array([1, -2]), roll, 10)
    shape = closed([inner, bowed(roll, outer, -7)[1:], bowed(outer, tip, -8)[1:],
                    bowed(tip, low + np.array([1, -2]), -5)[1:]])  # fmt: skip
    seam = chain(bowed(outer, tip, -8), bowed(tip, low + np.array([1, -2]), -5))
    centre = shape.mean(axis=0)
    for sign in (-1, 1):
        edge = centre + (seam - centre) * 0.90
        table.lay(
            Piece(
                shape if sign > 0 else mirror(shape),
                cloth.surface,
                cloth.band,
                cloth.second,
                cloth.pattern,
                thickness=2.6,
                edge=5,
                wrinkles=0.4,
                angle=sign * 32,
                cast=0.42,
                seams=(Seam(edge if sign > 0 else mirror(edge), cloth.thread, 0.5),),
            )
        )


def _stand(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A short upright collar of a jacket, open at the front."""
    low = np.array([CENTRE + 3, cut.neck_y + cut.neck_drop])
    top = _roll(cut)
    rise = np.array([24.0, -58.0])
    shape = closed([bowed(low, cut.neck_left, 6), np.array([top]),
                    bowed(top, low + rise, -8)[1:]])  # fmt: skip
    for sign in (-1, 1):
        table.lay(Piece(shape if sign > 0 else mirror(shape), cloth.surface, cloth.band,
                        cloth.second, cloth.pattern, thickness=3.4, edge=6, wrinkles=0.5,
                        cast=0.4, angle=sign * 24))  # fmt: skip


def _buttons(table: Table, cut: TopCut, cloth: Cloth) -> None:
    low = cut.neck_y + cut.neck_drop
    for y in np.linspace(low + 12, cut.hem_y - 60, 7):
        table.button((CENTRE, float(y)), 7.0, cloth.button)


def _zip(table: Table, cut: TopCut, cloth: Cloth) -> None:
    low = cut.neck_y + cut.neck_drop - 46
    line = np.array([[CENTRE, low], [CENTRE, cut.hem_y - 6]])
    tape = np.array([[CENTRE - 11, low], [CENTRE + 11, low], [CENTRE + 11, cut.hem_y - 8],
                     [CENTRE - 11, cut.hem_y - 8]])  # fmt: skip
    table.lay(Piece(tape, cloth.surface, cloth.band, thickness=1, edge=2, wrinkles=0.6, tone=0.62,
                    cast=0.2, seams=(Seam(line, "#c9c9c6", 1.0),)))  # fmt: skip
    pull = np.array([[CENTRE - 4, low + 16], [CENTRE + 4, low + 16], [CENTRE + 5, low + 44],
                     [CENTRE - 5, low + 44]])  # fmt: skip
    table.lay(Piece(pull, cloth.surface, "#b9bab8", thickness=2, edge=2, wrinkles=0, cast=0.5))
