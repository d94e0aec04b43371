"""Necks of tops: the inside of the back, ribbed bands, shirt and stand collars, straps, bows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Piece, Seam
from ml.studio.drape import Pull
from ml.studio.fabric import poplin, rib
from ml.studio.garment import Cloth
from ml.studio.hoods import lay_hood, lay_inside_hood
from ml.studio.lapels import lapels, lay_lapels
from ml.studio.paths import CENTRE, Points, band, bowed, chain, closed, flip, mirror, smooth, xy
from ml.studio.table import Table

if TYPE_CHECKING:
    from ml.studio.tops import TopCut


#: Where a collar rolls over or ends at the side of the neck, relative to the neck point.
ROLL = {"shirt": (-5.0, -22.0), "stand": (-7.0, -44.0), "mock": (2.0, -36.0)}
#: How far the back neck edge rises above the line between those points.
RISE = {"shirt": 12.0, "stand": 10.0, "mock": 4.0}
KNITTED = {"crew", "scoop", "vee", "mock"}


def _roll(cut: TopCut) -> Points:
    return np.asarray(cut.neck_left + np.array(ROLL.get(cut.collar, (0.0, 0.0))))


def _back_line(cut: TopCut) -> Points:
    """The back neck edge from the wearer's right to left."""
    rise = RISE.get(cut.collar, -18.0)
    return bowed(flip(_roll(cut)), _roll(cut), -rise / 2)


def lay_inside(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The inside of the back, seen through the neck: darker, with band and label."""
    if cut.strap:
        _back_of_straps(table, cut, cloth)
        return
    if cut.collar in {"hood", "turtle"}:
        if cut.collar == "hood":
            lay_inside_hood(table, cut, cloth)
        return
    back = _back_line(cut)
    line = cut.neckline()
    deep = line + np.array([0, 22])
    bulge = float(line[:, 0].max() - cut.neck_left[0])
    if bulge > 1:  # a round neck is wider below its ends: there the inside has to reach as far
        deep[:, 0] += np.sign(deep[:, 0] - CENTRE) * (bulge + 4)
    shape = closed([back, cut.neckline()[-1:], deep[::-1], cut.neckline()[:1]])
    table.lay(cloth.piece(shape, colour=cloth.lining or cloth.colour, tone=0.60, thickness=1,
                          wrinkles=0.5, cast=0.5, inside=True))  # fmt: skip
    strip = 46.0 if cut.collar in ROLL else 19.0
    ribbed = cut.collar in KNITTED
    plain = {"surface": rib, "pattern": None} if ribbed else {}
    colour = cloth.band if cut.collar != "scoop" else cloth.colour
    table.lay(
        cloth.strip(
            band(back, strip),
            colour=colour,
            tone=0.72,
            thickness=1.6,
            cast=0.3,
            inside=True,
            seams=(Seam(back + np.array([0, strip - 1]), None),),
            **plain,
        )
    )
    y = float(back[len(back) // 2, 1]) + strip
    _label(table, y + 3)


def _label(table: Table, y: float) -> None:
    """A woven label with a line of stitches for a name."""
    shape = np.array([[CENTRE - 24, y], [CENTRE + 24, y], [CENTRE + 23.5, y + 21],
                      [CENTRE - 23.5, y + 21]])  # fmt: skip
    name = np.array([[CENTRE - 13, y + 11], [CENTRE + 13, y + 11]])
    table.lay(Piece(shape, poplin, "#e4e0d6", thickness=0.8, edge=2, wrinkles=0.3, cast=0.3,
                    tone=0.8, pucker=0, inside=True,
                    seams=(Seam(name, "#55504a", 0.2, 3.0),)))  # fmt: skip


def _back_of_straps(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The back of a strapped top, lower than the front, and its straps."""
    a = cut.point(cut.armpit - 6, cut.armpit_y - 6)
    edge = bowed(flip(a), a, 16)
    low = cut.point(cut.armpit - 30, cut.armpit_y + 90)  # within the front, which narrows
    shape = closed([edge, bowed(low, flip(low), -16)])
    table.lay(cloth.piece(shape, tone=0.62, thickness=1, wrinkles=0.5, cast=0.4, inside=True))
    _label(table, float(edge[:, 1].max()) + 3)
    for sign in (1, -1):
        top = cut.point(sign * (cut.neck + 3), cut.neck_y + 2)
        line = bowed(top, cut.point(sign * (cut.neck - 16), cut.armpit_y + 6), sign * 3)
        table.lay(cloth.strip(band(line, -sign * cut.strap), tone=0.72, cast=0.3, edge=3.0))


def lay_collar(table: Table, cut: TopCut, cloth: Cloth) -> None:
    COLLARS[cut.collar](table, cut, cloth)


def _ring(table: Table, cut: TopCut, cloth: Cloth) -> None:
    line = cut.neckline()
    shape = band(line, 15 if cut.collar == "scoop" else 21)
    table.lay(cloth.strip(shape, surface=rib, pattern=None, thickness=2.6, edge=5.0, cast=0.16,
                          seams=(Seam(shape[len(line) :], cloth.thread, 0.9),)))  # fmt: skip


def _faced(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A neck turned in and stitched."""
    line = cut.neckline()
    table.lay(
        cloth.strip(
            band(line, 9),
            thickness=2.4,
            cast=0.1,
            seams=(Seam(band(line, 9)[len(line) :], cloth.thread, 0.6),),
        )
    )


def _bound(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A narrow binding round the neck, as on a quilted liner."""
    line = cut.neckline()
    table.lay(cloth.strip(band(line, 14), thickness=3, cast=0.3, pattern=None, gloss=0.1))


def _mock(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A short knitted stand all round."""
    line = cut.neckline()
    top = bowed(flip(_roll(cut)), _roll(cut), 14)
    table.lay(cloth.strip(closed([top, line[::-1]]), surface=rib, pattern=None, thickness=4,
                          edge=8.0, cast=0.3, seams=(Seam(line, None, 1.0),)))  # fmt: skip


def _turtle(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A high neck folded over on itself."""
    half, y = cut.neck - 6, cut.neck_y
    front = cut.neckline()
    under = closed([bowed(front[0] - xy(0, 40), front[-1] - xy(0, 40), 10), front[::-1]])
    table.lay(cloth.strip(under, surface=cloth.surface, cast=0.4, thickness=4))
    top = bowed((CENTRE - half + 2, y - 84), (CENTRE + half - 2, y - 84), -7)
    left = bowed((CENTRE + half - 2, y - 84), (CENTRE + half + 12, y + 30), -6)
    low = bowed((CENTRE + half + 12, y + 30), (CENTRE - half - 12, y + 30), -30)
    shape = closed([top, left[1:], low[1:], mirror(left)[1:-1]])
    table.lay(cloth.strip(shape, cast=0.55, thickness=8, edge=15.0, wrinkles=0.9,
                          pulls=(Pull(bowed((CENTRE - half, y - 30), (CENTRE + half, y - 20), 20),
                                      0.8, 40),)))  # fmt: skip


def _vee(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """Ribbed bands along the V; on a cardigan they run on to the hem, one over the other."""
    width = 34.0 if cut.opening == "buttons" else 21.0
    left = bowed(cut.low, cut.neck_left, 14)
    sides = [(-1, mirror(left)[::-1]), (1, left)]
    if cut.opening != "buttons":
        for sign, edge in sides:
            table.lay(cloth.strip(band(edge, sign * width), surface=rib, pattern=None, cast=0.2,
                                  thickness=2.8, edge=5.0, angle=sign * 28))  # fmt: skip
        return
    foot = np.array([CENTRE, cut.hem_y - 2])
    for sign, edge in sides:
        shift = np.array([sign * -8.0, 0.0])
        run = chain(np.array([foot + shift, cut.low + shift + xy(0, 26)]), edge + shift * 0.5)
        table.lay(cloth.strip(band(run, sign * width), surface=rib, pattern=None, thickness=4,
                              edge=7.0))  # fmt: skip


def _leaf(cut: TopCut) -> tuple[Points, Points, Points]:
    """The wearer's left leaf: where it rolls over the stand, its outline, its free edge."""
    outer, roll = cut.neck_left + np.array([17, 15]), _roll(cut)
    tip = cut.low + np.array([96, 92] if "camp" in cut.seams else [71, 82])
    start = cut.low + np.array([1, -2])
    inner = bowed(start, roll, 10)
    fall = chain(bowed(outer, tip, -7, 0.6), bowed(tip, start, -6))
    return inner, closed([inner, bowed(roll, outer, -8)[1:], fall[1:]]), fall


def _leaves(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """Two collar leaves that meet at the top button, rolled over the stand."""
    inner, shape, fall = _leaf(cut)
    roll, tip = inner[-1], fall[len(fall) // 2]
    centre = shape.mean(axis=0)
    edge = centre + (fall - centre) * 0.90
    drag = Pull(bowed(roll + np.array([2, 8]), tip + np.array([-8, -22]), -10), 0.7, 26)
    for sign in (-1, 1):
        pull = drag if sign > 0 else Pull(mirror(drag.line), 0.6, 26)
        table.lay(cloth.strip(
            shape if sign > 0 else mirror(shape), wrinkles=0.5 * cloth.wrinkles, thickness=4.6,
            edge=9.0, angle=sign * 32, cast=0.5, pulls=(pull,),
            seams=(Seam(edge if sign > 0 else mirror(edge), cloth.thread, 0.6),)))  # fmt: skip


def _stand(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A short upright collar of a jacket, open at the front."""
    low = cut.low + np.array([3, 0])
    top = _roll(cut)
    ribbed = cut.ribbed and cut.opening == "zip"
    rise = np.array([24.0, -58.0])
    edge = bowed(top, low + rise, -8)
    shape = closed([bowed(low, cut.neck_left, 6), np.array([top]), edge[1:]])
    plain = {"surface": rib, "pattern": None} if ribbed else {}
    for sign in (-1, 1):
        seam = bowed(low + xy(9, -4), cut.neck_left + xy(2, 2), 6)
        table.lay(cloth.strip(
            shape if sign > 0 else mirror(shape), thickness=5, edge=9.0, cast=0.45,
            angle=sign * 24, loft=8.0 if cut.quilt > 0 else 0.0,
            seams=(Seam(seam if sign > 0 else mirror(seam), None, 1.0),), **plain))  # fmt: skip


def _straps(table: Table, cut: TopCut, cloth: Cloth) -> None:
    line = cut.neckline()
    table.lay(
        cloth.strip(
            band(line, 7),
            thickness=2,
            cast=0.05,
            edge=3.0,
            seams=(Seam(band(line, 7)[len(line) :], cloth.thread, 0.6),),
        )
    )
    for sign in (1, -1):
        base = cut.point(sign * (cut.neck + 4), cut.strap_y + 8)
        top = cut.point(sign * (cut.neck - 2), cut.neck_y)
        strip = bowed(base, top, sign * -3)
        table.lay(cloth.strip(band(strip, sign * cut.strap), thickness=3, edge=3.0, cast=0.4))
        if cut.strap < 12:  # a slider
            at = cut.point(sign * (cut.neck + 6), cut.neck_y + 54)
            table.button((float(at[0]), float(at[1])), 5.0, cloth.metal, holes=0)


def _bow(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """A band round the neck, tied into a soft bow with long ends."""
    line = cut.neckline()
    table.lay(cloth.strip(band(line, 30), thickness=4, edge=8.0, cast=0.3,
                          pulls=(Pull(line, 1.0, 30),), wrinkles=1.0))  # fmt: skip
    x, y = float(cut.low[0]), float(cut.low[1]) + 16
    for dx, drop, bend in ((-34, 250, 16), (46, 232, -12)):
        tail = bowed((x + dx * 0.15, y + 6), (x + dx, y + drop), bend)
        outline = closed([tail + xy(-20, 0), tail[::-1] + xy(26, 10)])
        outline[: len(tail), 0] += np.linspace(12, -10, len(tail))
        table.lay(cloth.strip(outline, thickness=2, edge=5.0, cast=0.42, wrinkles=1.0,
                              pulls=(Pull(tail, 1.2, 34),)))  # fmt: skip
    for sign in (1, -1):
        loop = smooth(
            [
                (x + sign * dx, y + dy)
                for dx, dy in (
                    (0, -8),
                    (34, -34),
                    (86, -44),
                    (130, -18),
                    (134, 22),
                    (104, 46),
                    (50, 40),
                    (0, 18),
                )
            ]
        )
        pleats = tuple(
            Pull(bowed((x + sign * 12, y + 4), (x + sign * 104, y + dy), sign * -5), 1.0, 26)
            for dy in (-16, 10, 32)
        )
        table.lay(cloth.strip(loop, thickness=16, edge=22.0, cast=0.5, wrinkles=1.0,
                              pulls=pleats))  # fmt: skip
    knot = smooth([(x - 24, y - 14), (x, y - 20), (x + 24, y - 14), (x + 21, y + 28), (x, y + 32),
                   (x - 21, y + 28)])  # fmt: skip
    table.lay(cloth.strip(knot, thickness=16, edge=20.0, cast=0.5, angle=12))


COLLARS: dict[str, Callable[[Table, TopCut, Cloth], None]] = {
    "crew": _ring, "scoop": _ring, "round": _faced, "bound": _bound, "mock": _mock,
    "turtle": _turtle, "vee": _vee, "shirt": _leaves, "stand": _stand, "straps": _straps,
    "square": _straps, "bow": _bow, "hood": lay_hood, "lapel": lay_lapels,
}  # fmt: skip


def flaps(cut: TopCut) -> list[tuple[Points, Points]]:
    """What of a collar lies loose on the front, the lowest first: outlines, and the line at which
    each is held."""
    if cut.collar == "shirt":
        inner, shape, _ = _leaf(cut)
        return [(mirror(shape), mirror(inner)), (shape, inner)]
    return lapels(cut) if cut.collar == "lapel" else []
