"""Patterns of trousers, jeans and shorts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.studio.cloth import Fold, Piece, Seam
from ml.studio.drape import Pull
from ml.studio.fabric import rib
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import (
    CENTRE,
    Points,
    band,
    between,
    bowed,
    chain,
    closed,
    flip,
    mirror,
    wavy,
    xy,
)
from ml.studio.table import Table
from ml.studio.tension import Pulls, gathers, mirrored
from ml.studio.waist import inside_back, lay_fly, waistband


@dataclass(frozen=True)
class LegCut:
    """Measures of trousers and shorts in pixels; half widths from the centre line."""

    waist: float = 152
    waist_y: float = 108
    rise: float = 232  # waist to crotch
    hip: float = 204
    hip_y: float = 262
    spread: float = 205  # outer hem corner from the centre
    hem: float = 118  # width of a hem
    hem_y: float = 1098
    knee: float = 0.0  # extra bulge of the outer line, px
    waistband: float = 42
    jeans: bool = False
    elastic: bool = False
    crease: bool = False
    cuffs: bool = False  # turned-up hems
    ribbed: bool = False  # ankles gathered into rib
    pleats: bool = False
    cargo: bool = False
    frayed: bool = False

    def point(self, half: float, y: float) -> Points:
        return np.array([CENTRE + half, y])

    @property
    def crotch(self) -> Points:
        return self.point(0, self.waist_y + self.rise)

    @property
    def hem_outer(self) -> Points:
        return self.point(self.spread, self.hem_y - 5)

    @property
    def hem_inner(self) -> Points:
        return self.point(self.spread - self.hem, self.hem_y + 3)

    def outer(self) -> Points:
        waist, hip = self.point(self.waist, self.waist_y), self.point(self.hip, self.hip_y)
        return chain(bowed(waist, hip, -13), bowed(hip, self.hem_outer, -self.knee, 0.35))

    def inner(self) -> Points:
        """The inside leg from the hem up to the crotch."""
        long = self.hem_y - self.crotch[1] > 400
        return bowed(self.hem_inner, self.crotch, 9 if long else 4, 0.7)


def leg_outline(cut: LegCut, phase: float) -> Points:
    """The wearer's left leg with its half of the seat."""
    hem = wavy(bowed(cut.hem_outer, cut.hem_inner, -5), 1.2, 1.2, phase)
    top = bowed(cut.point(0, cut.waist_y + 7), cut.point(cut.waist, cut.waist_y), -3)
    return closed([top, cut.outer()[1:], hem[1:], cut.inner()[1:]])


def leg_pulls(cut: LegCut, rng: np.random.Generator) -> Pulls:
    """The left leg: whiskers from the crotch, creases behind the knee, stacks at the hem."""
    hip = cut.point(cut.hip, cut.hip_y)

    def inner(t: float) -> Points:
        return between(cut.crotch, cut.hem_inner, t)

    def outer(t: float) -> Points:
        return between(hip, cut.hem_outer, t)

    pulls = []
    for i in range(3):
        a = cut.crotch + xy(6, -10 - 30 * i)
        b = a + xy(rng.uniform(70, 170), rng.uniform(-36, 40) - 12 * i)
        pulls.append(Pull(bowed(a, b, rng.uniform(-14, 4)), rng.uniform(0.25, 0.6), 26))
    pulls.append(Pull(bowed(cut.crotch + xy(10, 10), outer(0.28), -16), rng.uniform(0.3, 0.7), 48))
    pulls.append(Pull(bowed(inner(0.06), outer(0.45), 14), rng.uniform(0.2, 0.5), 54))
    pulls.append(Pull(bowed(cut.point(cut.waist * 0.5, cut.waist_y + 60), outer(0.1), 5), 0.3, 50))
    long = cut.hem_y - cut.crotch[1] > 400
    if long:
        for t in np.linspace(0.36, 0.56, 3) + rng.normal(0, 0.03, 3):
            a, b = inner(t), outer(t - rng.uniform(0.07, 0.15))
            if rng.random() < 0.4:
                a, b = outer(t - 0.05), inner(t + 0.07)
            stop = between(a, b, rng.uniform(0.4, 0.85))
            pulls.append(Pull(bowed(a, stop, rng.uniform(-10, 10)), rng.uniform(0.2, 0.5), 27))
        for t in rng.uniform(0.7, 0.96, 2 if not cut.ribbed else 4):
            a, b = inner(t), outer(t - rng.uniform(0.05, 0.1))
            a, b = (a, b) if rng.random() < 0.5 else (b, a)
            stop = between(a, b, rng.uniform(0.4, 0.8))
            pulls.append(Pull(bowed(a, stop, rng.uniform(-8, 8)), rng.uniform(0.25, 0.55), 24))
    middle = between(cut.crotch, hip, 0.52) + xy(0, 40)
    foot = between(cut.hem_inner, cut.hem_outer, 0.5)
    strength = 0.25 if cut.crease else rng.uniform(0.35, 0.55)
    pulls.append(Pull(bowed(middle, foot, rng.uniform(-10, 10)), strength, 66))
    if not long:
        for t in (0.25, 0.75):
            end = between(cut.hem_inner, cut.hem_outer, t)
            pulls.append(Pull(bowed(end - xy(0, rng.uniform(80, 160)), end, 5), 0.6, 44))
    return tuple(pulls)


def _creases(cut: LegCut, strength: float) -> tuple[Fold, ...]:
    hip = cut.point(cut.hip, cut.hip_y)
    top = between(cut.crotch, hip, 0.52) + xy(0, 40)
    foot = between(cut.hem_inner, cut.hem_outer, 0.5)
    folds = []
    if cut.crease:
        folds.append(Fold(bowed(top, foot, 3), 4, 2.0, False))
    if cut.pleats:
        for x in (0.42, 0.66):
            a = cut.point(cut.waist * x, cut.waist_y + cut.waistband)
            b = a + xy(18 * (x - 0.2), 150)
            folds.append(Fold(bowed(a, b, -4), 5, -4.5))
            folds.append(Fold(bowed(a + xy(9, 0), b + xy(14, -10), -4), 9, 4.5))
    return tuple(Fold(f.line, f.width, f.height * strength, f.fading) for f in folds)


def _pocket_line(cut: LegCut) -> Points:
    a = cut.point(cut.waist * 0.60, cut.waist_y + cut.waistband)
    if cut.jeans:
        return bowed(a, cut.point(cut.hip * 0.955, cut.waist_y + cut.waistband + 84), 24, 0.35)
    return bowed(a, cut.point(cut.hip * 0.97, cut.waist_y + cut.waistband + 138), -4)


def _fades(cut: LegCut, cloth: Cloth) -> list[tuple[float, float, float, float]]:
    """Washed denim is palest on the thighs and the knees."""
    spots = []
    for sign in (-1, 1) if cloth.wear else ():
        mid = between(cut.crotch, cut.hem_outer, 0.16)
        x = CENTRE + sign * (mid[0] - CENTRE + 46)
        spots.append((x, mid[1] + 30, 58.0, 0.30 * cloth.wear))
        if cut.hem_y - cut.crotch[1] > 400:
            spots.append((x + sign * 8, mid[1] + 330, 50.0, 0.18 * cloth.wear))
    return spots


def _seams(cut: LegCut, cloth: Cloth) -> list[Seam]:
    hem = bowed(cut.hem_outer, cut.hem_inner, -5) - xy(0, 18)
    seams = [] if cut.ribbed or cut.frayed else [Seam(hem, cloth.thread, 0.9)]
    seams.append(Seam(_pocket_line(cut), cloth.thread, 1.2, 5.0 if cut.jeans else 0.0))
    if cut.jeans:
        seams.append(Seam((cut.outer() - xy(9, 0))[:24], cloth.thread, 0.7))
        seams.append(Seam(cut.inner() + xy(6, 0), cloth.thread, 1.0))
        coin = bowed(cut.point(cut.waist * 0.74, cut.waist_y + cut.waistband + 22),
                     cut.point(cut.hip * 0.93, cut.waist_y + cut.waistband + 26), 2)  # fmt: skip
        seams.append(Seam(coin, cloth.thread, 0.7))
    return seams


def _legs(table: Table, cut: LegCut, cloth: Cloth, rng: np.random.Generator) -> None:
    fades = tuple(_fades(cut, cloth))
    for sign in (-1, 1):
        shape = leg_outline(cut, rng.uniform(0, 6))
        pulls, folds = leg_pulls(cut, rng), _creases(cut, cloth.wrinkles)
        seams = _seams(cut, cloth)
        if sign < 0:
            shape, pulls = mirror(shape), mirrored(pulls, rng)
            folds = tuple(Fold(mirror(f.line), f.width, f.height, f.fading) for f in folds)
            seams = [Seam(mirror(s.line), s.stitch, s.depth, s.gap) for s in seams]
        if cut.elastic:
            low, high = (10.0, cut.waist * 0.95) if sign > 0 else (-cut.waist * 0.95, -10.0)
            pulls += gathers(low, high, cut.waist_y + cut.waistband, 64, 0.45)
        if cut.frayed:
            _fray(table, cut, cloth, rng, sign)
        table.lay(cloth.piece(
            shape, origin=(CENTRE + sign * 90, 0), angle=-sign * 3.0, folds=folds, pulls=pulls,
            seams=tuple(seams), cast=0.5 if sign < 0 else 0.30, fade=fades))  # fmt: skip
        if cut.cuffs:
            _turn_up(table, cut, cloth, sign)
        if cut.ribbed:
            _ankle(table, cut, cloth, sign)
        if cut.cargo:
            _cargo(table, cut, cloth, sign)


def _sided(points: Points, sign: int) -> Points:
    return points if sign > 0 else mirror(points)


def _turn_up(table: Table, cut: LegCut, cloth: Cloth, sign: int) -> None:
    a, b, up = cut.hem_outer, cut.hem_inner, xy(0, -46)
    strip = closed([bowed(a + up + xy(4, 0), b + up - xy(3, 0), -4),
                    bowed(b - xy(3, 0), a + xy(4, 0), 4)])  # fmt: skip
    table.lay(cloth.piece(_sided(strip, sign), wrinkles=0.7, cast=0.36, edge=5.0))


def _ankle(table: Table, cut: LegCut, cloth: Cloth, sign: int) -> None:
    a, b, up = cut.hem_outer, cut.hem_inner, xy(0, -8)
    low = xy(0, 48)
    strip = closed([bowed(a + up - xy(8, 0), b + up + xy(8, 0), -3),
                    bowed(b + low + xy(10, 0), a + low - xy(10, 0), 4)])  # fmt: skip
    table.lay(cloth.strip(_sided(strip, sign), surface=rib, pattern=None, cast=0.4, edge=8.0))


def _cargo(table: Table, cut: LegCut, cloth: Cloth, sign: int) -> None:
    """A bellows pocket with a flap at the thigh."""
    edge = cut.outer()
    at = edge[int(np.argmin(np.abs(edge[:, 1] - (cut.crotch[1] + 96))))]
    x, y = float(at[0]) - 118, float(at[1])
    box = np.array([(x, y), (x + 112, y - 4), (x + 114, y + 150), (x + 3, y + 154)])
    inner = np.array([(x + 6, y + 8), (x + 8, y + 148), (x + 108, y + 144), (x + 106, y + 6)])
    pleat = np.array([(x + 56, y + 20), (x + 58, y + 150)])
    table.lay(cloth.piece(_sided(box, sign), cast=0.4, thickness=4, wrinkles=0.8 * cloth.wrinkles,
                          seams=(Seam(_sided(inner, sign), cloth.thread, 0.8),
                                 Seam(_sided(pleat, sign), None, 1.3))))  # fmt: skip
    flap = np.array([(x - 3, y - 12), (x + 116, y - 16), (x + 116, y + 36), (x + 58, y + 44),
                     (x - 2, y + 40)])  # fmt: skip
    line = np.array([(x + 4, y - 4), (x + 5, y + 34), (x + 58, y + 38), (x + 110, y + 30),
                     (x + 110, y - 8)])  # fmt: skip
    table.lay(cloth.strip(_sided(flap, sign), cast=0.45, thickness=4,
                          seams=(Seam(_sided(line, sign), cloth.thread, 0.8),)))  # fmt: skip
    for dx in (24, 92):
        spot = _sided(np.array([(x + dx, y + 24)]), sign)[0]
        table.button((float(spot[0]), float(spot[1])), 6.5, cloth.button)


def _fray(table: Table, cut: LegCut, cloth: Cloth, rng: np.random.Generator, sign: int) -> None:
    """Loose white threads below a cut hem."""
    for t in rng.uniform(0, 1, 90):
        a = between(cut.hem_outer, cut.hem_inner, float(t)) - xy(0, 4)
        b = a + xy(rng.normal(0, 5), rng.uniform(8, 24))
        line = _sided(bowed(a, b, rng.normal(0, 3), n=5), sign)
        table.lay(Piece(band(line, 1.3), cloth.surface, "#dfe3e6", thickness=0.4, edge=1,
                        wrinkles=0, cast=0.25))  # fmt: skip


def lay_legs(table: Table, cut: LegCut, cloth: Cloth, seed: int) -> Spots:
    """Trousers, jeans or shorts; returns where the landmarks are."""
    rng = np.random.default_rng(seed + 2000)
    inside_back(table, cut, cloth)
    _legs(table, cut, cloth, rng)
    lay_fly(table, cut, cloth)
    waistband(table, cut, cloth)
    spots: Spots = {"crotch": (float(cut.crotch[0]), float(cut.crotch[1]), 2)}
    pairs = {"waist": cut.point(cut.waist, cut.waist_y), "hem_outer": cut.hem_outer,
             "hem_inner": cut.hem_inner}  # fmt: skip
    for name, p in pairs.items():
        stem, _, end = name.partition("_")
        for side, q in (("left", p), ("right", flip(p))):
            spots[f"{stem}_{side}" + (f"_{end}" if end else "")] = (float(q[0]), float(q[1]), 2)
    return spots
