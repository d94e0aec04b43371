"""Sleeves: as they hang beside the body in a picture, and as they are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Seam
from ml.studio.fabric import rib
from ml.studio.garment import Cloth
from ml.studio.paths import Points, between, bowed, closed, flip, mirror, xy
from ml.studio.table import Table
from ml.studio.tension import mirrored, sleeve_pulls

if TYPE_CHECKING:
    from ml.studio.tops import TopCut


def sleeve_outline(cut: TopCut) -> Points:
    """The wearer's left sleeve, reaching under the body."""
    under = cut.point(cut.shoulder - 42, cut.shoulder_y + 4)
    deep = cut.point(cut.armpit - 30, cut.armpit_y + 2)
    long = cut.sleeve > 300
    end_outer, end_inner = cut.sleeve_end
    outer = bowed(cut.shoulder_left, end_outer, -(cut.puff or (32 if long else 9)), 0.30)
    opening = bowed(end_outer, end_inner, -4)
    bulge = 8.0 if long else -5.0
    inner = bowed(end_inner, cut.armpit_left, cut.puff * 0.4 if long and cut.puff else bulge, 0.6)
    if cut.raglan:
        cap = bowed(cut.neck_left, cut.shoulder_left, -5, 0.6)
        seam = bowed(cut.armpit_left, cut.neck_left + np.array([1, 26]), 16, 0.4)
        return closed([cap, outer[1:], opening[1:], inner[1:], seam[1:]])
    return closed([np.array([under]), outer, opening[1:], inner[1:], np.array([deep])])


def sleeve_as_cut(cut: TopCut) -> tuple[float, float]:
    """(wide, back), px: how wide a sleeve is at the armpit, and how far along it the armpit lies.

    Drawn sleeves hang and are folded under the body there; a cut one has a top as long as the
    body's armhole.
    """
    armhole = bowed(cut.shoulder_left, cut.armpit_left, 20, 0.6)
    seam = float(np.hypot(*np.diff(armhole, axis=0).T).sum())
    wide = min(max(0.80 * seam, 1.10 * cut.cuff), 0.93 * seam)
    return wide, min(float(np.sqrt(seam**2 - wide**2)), 0.75 * cut.sleeve)


def whole_sleeve(cut: TopCut) -> Points:
    """The wearer's left sleeve before it is sewn to a body that covers some of it."""
    wide, back = sleeve_as_cut(cut)
    over = (cut.cuff_inner - cut.cuff_outer) / cut.cuff
    armpit = cut.shoulder_left + cut.along * back + over * (wide + 8)
    rim = cut.along * -24
    end_outer, end_inner = cut.sleeve_end
    outer = bowed(cut.shoulder_left, end_outer, -(cut.puff or (32 if cut.sleeve > 300 else 9)), 0.3)
    corners = [end_inner + over * 4, armpit, armpit + rim, cut.shoulder_left + rim]
    return closed([outer, bowed(end_outer, end_inner, -4)[1:], np.array(corners)])


def lay_sleeves(
    table: Table, cut: TopCut, cloth: Cloth, rng: np.random.Generator, whole: bool = False
) -> None:
    """whole: as they are cut, with what the body covers."""
    outline = whole_sleeve(cut) if whole else sleeve_outline(cut)
    left = sleeve_pulls(cut, rng)
    colour = cloth.sleeves or cloth.colour
    across = bowed(cut.cuff_outer, cut.cuff_inner, -4)
    for sign, pulls in ((1, left), (-1, mirrored(left, rng))):
        shape = outline if sign > 0 else mirror(outline)
        start = cut.shoulder_left if sign > 0 else flip(cut.shoulder_left)
        hemline = across - cut.along * 16
        seams = [] if cut.wristband else [Seam(hemline, cloth.thread, 0.8, 4.0)]
        seams += _quilting_of_sleeve(cut)
        if sign < 0:
            seams = [Seam(mirror(s.line), s.stitch, s.depth, s.gap) for s in seams]
        table.lay(cloth.piece(
            shape, colour=colour, origin=(float(start[0]), float(start[1])),
            angle=-sign * cut.angle * 0.8, pulls=pulls, seams=tuple(seams), cast=0.5,
            loft=loft(cut)))  # fmt: skip
        if cut.wristband:
            _cuff(table, cut, cloth, sign, colour)


def _cuff(table: Table, cut: TopCut, cloth: Cloth, sign: int, colour: str) -> None:
    """A knitted or buttoned cuff at the end of a long sleeve."""
    back = cut.along * -cut.wristband
    a, b = cut.cuff_outer, cut.cuff_inner
    top = bowed(a + back, b + back, -2)
    shape = closed([top, bowed(b, a, 3)])
    at = a if sign > 0 else flip(a)
    seam = Seam(top if sign > 0 else mirror(top), None if cut.ribbed else cloth.thread, 1.4)
    plain = cut.ribbed
    table.lay(cloth.strip(
        shape if sign > 0 else mirror(shape), surface=rib if plain else cloth.surface,
        colour=cloth.trim or colour, pattern=None if plain or cloth.trim else cloth.pattern,
        origin=(float(at[0]), float(at[1])), angle=-sign * cut.angle, edge=5.0,
        seams=(seam,)))  # fmt: skip
    if not cut.ribbed and not cut.puff:
        spot = between(a, b, 0.76) + back * 0.45
        spot = spot if sign > 0 else flip(spot)
        table.button((float(spot[0]), float(spot[1])), 6.5, cloth.button)


def _quilting_of_sleeve(cut: TopCut) -> list[Seam]:
    if cut.quilt <= 0:
        return []
    rows = np.arange(0.12, 0.98, cut.quilt / cut.sleeve)
    lines = [
        bowed(
            between(cut.shoulder_left, cut.cuff_outer, t) + xy(6, -4),
            between(cut.armpit_left, cut.cuff_inner, t) + xy(-4, 4),
            6,
        )
        for t in rows
    ]
    return [Seam(line, None, 1.0) for line in lines]


def loft(cut: TopCut) -> float:
    return 0.0 if not cut.quilt else 15.0 if cut.quilt > 0 else 5.0
