"""Patterns of trousers, jeans, shorts and skirts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.garment.annotation import Cut, Region
from ml.studio.cloth import Fold, Piece, Seam, Table
from ml.studio.garment import Cloth, DrawnGarment, Spots, finish
from ml.studio.paths import (
    CENTRE,
    Points,
    Warp,
    band,
    between,
    bowed,
    chain,
    closed,
    flip,
    mirror,
    wavy,
)


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


def leg_outline(cut: LegCut, phase: float) -> Points:
    """The wearer's left leg with its half of the seat."""
    hem = wavy(bowed(cut.hem_outer, cut.hem_inner, -5), 2.0, 1.4, phase)
    inner = bowed(cut.hem_inner, cut.crotch, 9, 0.62)
    top = bowed(cut.point(0, cut.waist_y + 7), cut.point(cut.waist, cut.waist_y), -3)
    return closed([top, cut.outer()[1:], hem[1:], inner[1:]])


def _leg_folds(cut: LegCut, rng: np.random.Generator, strength: float) -> tuple[Fold, ...]:
    folds = []
    hip = cut.point(cut.hip, cut.hip_y)
    for i in range(4):  # whiskers from the crotch
        a = cut.crotch + np.array([10, -14 - 24 * i])
        b = a + np.array([rng.uniform(70, 150), rng.uniform(-30, 60) - 14 * i])
        folds.append(Fold(bowed(a, b, rng.uniform(-10, 6)), 10, strength * rng.uniform(1.6, 3.2)))
    long = cut.hem_y - cut.crotch[1] > 400
    for _ in range(7 if long else 2):
        t = float(np.clip(rng.normal(0.5, 0.24), 0.06, 0.95))
        inner, outer = between(cut.crotch, cut.hem_inner, t), between(hip, cut.hem_outer, t)
        flip_side = rng.random() < 0.5
        a, b = (inner, outer) if flip_side else (outer, inner)
        stop = between(a, b, rng.uniform(0.35, 0.75)) + np.array([0, rng.uniform(-40, 40)])
        folds.append(
            Fold(bowed(a, stop, rng.uniform(-12, 12)), 12, strength * rng.uniform(1.5, 3.4))
        )
    mid_a = between(cut.crotch, hip, 0.52) + np.array([0, 40])
    mid_b = between(cut.hem_inner, cut.hem_outer, 0.5)
    if cut.crease:
        folds.append(Fold(bowed(mid_a, mid_b, 3), 4, strength * 3.0))
    else:
        folds.append(Fold(bowed(mid_a, between(mid_a, mid_b, 0.8), rng.uniform(-12, 12)), 30,
                          strength * rng.uniform(3, 5)))  # fmt: skip
    return tuple(folds)


def _pocket_line(cut: LegCut) -> Points:
    a = cut.point(cut.waist * 0.60, cut.waist_y + cut.waistband)
    if cut.jeans:
        return bowed(a, cut.point(cut.hip * 0.955, cut.waist_y + cut.waistband + 84), 24, 0.35)
    return bowed(a, cut.point(cut.hip * 0.97, cut.waist_y + cut.waistband + 138), -4)


def _legs(table: Table, cut: LegCut, cloth: Cloth, rng: np.random.Generator) -> None:
    fades = []
    if cut.jeans:
        for sign in (-1, 1):
            mid = between(cut.crotch, cut.hem_outer, 0.16)
            x = CENTRE + sign * (mid[0] - CENTRE + 48)
            fades += [(x, mid[1] + 40, 62.0, 0.20), (x + sign * 8, mid[1] + 330, 52.0, 0.13)]
    for sign in (-1, 1):
        shape = leg_outline(cut, rng.uniform(0, 6))
        folds = _leg_folds(cut, rng, cloth.wrinkles)
        hem = bowed(cut.hem_outer, cut.hem_inner, -5) - np.array([0, 18])
        outer = cut.outer() - np.array([9, 0])
        seams = [Seam(hem, cloth.thread, 0.8), Seam(_pocket_line(cut), cloth.thread, 1.2, 5.0)]
        if cut.jeans:
            seams.append(Seam(outer[:24], cloth.thread, 0.6))
            inner = bowed(cut.hem_inner, cut.crotch, 9, 0.62) + np.array([5, 0])
            seams.append(Seam(inner, cloth.thread, 0.9))
        if sign < 0:
            shape, folds = mirror(shape), tuple(
                Fold(mirror(f.line), f.width, f.height) for f in folds)  # fmt: skip
            seams = [Seam(mirror(s.line), s.stitch, s.depth, s.gap) for s in seams]
        table.lay(Piece(shape, cloth.surface, cloth.colour, cloth.second, cloth.pattern,
                        origin=(CENTRE + sign * 90, 0), angle=-sign * 3.0,
                        thickness=cloth.thickness, folds=folds, seams=tuple(seams),
                        wrinkles=cloth.wrinkles, cast=0.5 if sign < 0 else 0.26,
                        fade=tuple(fades)))  # fmt: skip
        if cut.cuffs:
            a, b = cut.hem_outer, cut.hem_inner
            up = np.array([0.0, -46.0])
            strip = closed([bowed(a + up + (4, 0), b + up - (3, 0), -4),
                            bowed(b + (-3, 0), a + (4, 0), 4)])  # fmt: skip
            table.lay(Piece(strip if sign > 0 else mirror(strip), cloth.surface, cloth.colour,
                            cloth.second, cloth.pattern, thickness=cloth.thickness, wrinkles=0.7,
                            cast=0.3, tone=1.04))  # fmt: skip


def _fly(table: Table, cut: LegCut, cloth: Cloth) -> None:
    top = cut.waist_y + cut.waistband
    if not cut.elastic:
        edge = bowed(np.array([CENTRE + 4, top]), cut.crotch + np.array([3, -46]), -2)
        flap = closed([edge, bowed(cut.crotch + np.array([3, -46]), np.array([CENTRE + 44, top]), 24,
                                   0.3)])  # fmt: skip
        curve = bowed(cut.crotch + np.array([5, -50]), np.array([CENTRE + 40, top]), 22, 0.3)
        table.lay(Piece(flap, cloth.surface, cloth.colour, cloth.second, cloth.pattern,
                        origin=(CENTRE, 0), thickness=1.2, edge=4, cast=0.24,
                        wrinkles=cloth.wrinkles,
                        seams=(Seam(curve, cloth.thread, 0.5, 5.0),)))  # fmt: skip


def _waistband(table: Table, cut: LegCut, cloth: Cloth) -> None:
    """Inside of the back first, then the front band, loops, button or cord."""
    a, b = cut.point(-cut.waist, cut.waist_y), cut.point(cut.waist, cut.waist_y)
    front = bowed(a, b, 8)
    low = bowed(cut.point(-cut.waist - 9, cut.waist_y + cut.waistband),
                cut.point(cut.waist + 9, cut.waist_y + cut.waistband), 8)  # fmt: skip
    folds: tuple[Fold, ...] = ()
    if cut.elastic:
        gathers = []
        for x in np.linspace(-cut.waist + 8, cut.waist - 8, 30):
            y = cut.waist_y + 4
            gathers.append(Fold(bowed(cut.point(x, y), cut.point(x * 1.04, y + cut.waistband + 16)),
                                5, 1.5))  # fmt: skip
        folds = tuple(gathers)
    seams = (Seam(low - np.array([0, 4]), cloth.thread, 0.9),
             Seam(front + np.array([0, 3]), cloth.thread, 0.5))  # fmt: skip
    table.lay(Piece(closed([front, low[::-1]]), cloth.surface, cloth.band, cloth.second,
                    None if cut.jeans else cloth.pattern, origin=(CENTRE, 0), angle=0,
                    thickness=cloth.thickness, edge=5, folds=folds, seams=seams, wrinkles=0.5,
                    cast=0.24))  # fmt: skip
    if cut.elastic:
        for sign in (-1, 1):
            cord = bowed(cut.point(sign * 7, cut.waist_y + 24), cut.point(sign * 34, cut.waist_y + 150),
                         sign * 16)  # fmt: skip
            table.lay(Piece(band(cord, 6), cloth.surface, cloth.trim or "#e9e6df", thickness=2,
                            edge=2, wrinkles=0.3, cast=0.4))  # fmt: skip
        return
    for x in (-0.62, 0.62):
        p = cut.point(x * cut.waist, cut.waist_y)
        loop = np.array(
            [p + (-7, 0), p + (7, 0), p + (8, cut.waistband + 10), p + (-6, cut.waistband + 10)]
        )
        table.lay(Piece(loop, cloth.surface, cloth.band, thickness=2, edge=3, wrinkles=0.3, cast=0.4,
                        seams=(Seam(loop[[0, 3]] + (2, 0), cloth.thread, 0.4),)))  # fmt: skip
    edge = np.array(
        [cut.point(16, cut.waist_y + 3), cut.point(17, cut.waist_y + cut.waistband + 8)]
    )
    table.lay(Piece(closed([edge, edge[::-1] - np.array([20, 0])]), cloth.surface, cloth.band,
                    thickness=1.5, edge=3, wrinkles=0.3, cast=0.0, seams=(Seam(edge, None, 1.4),)))  # fmt: skip
    y = cut.waist_y + cut.waistband / 2 + 6
    if cut.jeans:
        table.button((CENTRE, y), 10, "#b08a5a", holes=0)
    else:
        table.button((CENTRE, y), 8, cloth.thread or "#3b3631")


def _inside_back(table: Table, cut: LegCut, cloth: Cloth) -> None:
    back = bowed(cut.point(-cut.waist + 3, cut.waist_y), cut.point(cut.waist - 3, cut.waist_y), -9)
    shape = closed([back, back[::-1] + np.array([0, 26])])
    table.lay(Piece(shape, cloth.surface, cloth.colour, cloth.second, None, tone=0.58, thickness=1,
                    wrinkles=0.4, cast=0.4))  # fmt: skip


def draw_legs(cut: LegCut, cloth: Cloth, seed: int, scale: int = 2) -> DrawnGarment:
    """Trousers, jeans or shorts."""
    table = Table(cloth.ground, seed, Warp(seed, 3.0), scale)
    rng = np.random.default_rng(seed + 2000)
    _inside_back(table, cut, cloth)
    _legs(table, cut, cloth, rng)
    _fly(table, cut, cloth)
    _waistband(table, cut, cloth)
    spots: Spots = {"crotch": (float(cut.crotch[0]), float(cut.crotch[1]), 2)}
    pairs = {"waist": cut.point(cut.waist, cut.waist_y), "hem_outer": cut.hem_outer,
             "hem_inner": cut.hem_inner}  # fmt: skip
    for name, p in pairs.items():
        stem, _, end = name.partition("_")
        for side, q in (("left", p), ("right", flip(p))):
            spots[f"{stem}_{side}" + (f"_{end}" if end else "")] = (float(q[0]), float(q[1]), 2)
    return finish(table, Region.LOWER, Cut.TROUSERS, spots)


@dataclass(frozen=True)
class SkirtCut:
    """Measures of a skirt; pleats: 0 none, else their number."""

    waist: float = 150
    waist_y: float = 130
    hip: float = 205
    hip_y: float = 320
    hem: float = 250
    hem_y: float = 640
    waistband: float = 44
    pleats: int = 0
    flow: int = 5  # soft folds towards the hem
    buttons: bool = False
    hem_curve: float = 16
    jeans: bool = False
    elastic: bool = False

    def point(self, half: float, y: float) -> Points:
        return np.array([CENTRE + half, y])

    def side(self) -> Points:
        """The wearer's left side from waist to hem."""
        waist, hip = self.point(self.waist, self.waist_y), self.point(self.hip, self.hip_y)
        return chain(bowed(waist, hip, -8), bowed(hip, self.point(self.hem, self.hem_y), 3))


def skirt_outline(cut: SkirtCut, phase: float) -> Points:
    side = cut.side()
    hem = wavy(bowed(side[-1], mirror(side)[0], -cut.hem_curve, n=120), 5.0 if cut.flow > 3 else 2.0,
               cut.flow * 0.8 + cut.pleats * 0.5, phase)  # fmt: skip
    top = bowed(flip(side[0]), side[0], 5)
    return closed([top, side[1:], hem[1:], mirror(side)[1:-1]])


def skirt_folds(cut: SkirtCut, rng: np.random.Generator, strength: float) -> tuple[Fold, ...]:
    folds = []
    if cut.pleats:
        for i in range(cut.pleats + 1):
            x = -1 + 2 * i / cut.pleats
            a = cut.point(x * cut.waist * 0.99, cut.waist_y + cut.waistband)
            b = cut.point(x * cut.hem * 0.99, cut.hem_y + 8 + cut.hem_curve * (1 - x * x))
            folds.append(Fold(bowed(a, b, -x * 6), 6, strength * 5.0))
            shift = np.array([0.5 * 2 * cut.hem / cut.pleats, 0]) * 0.62
            folds.append(Fold(bowed(a + shift * 0.6, b + shift, -x * 6), 9, -strength * 3.2))
        return tuple(folds)
    for i in range(cut.flow):
        x = -0.85 + 1.7 * (i + rng.uniform(0.15, 0.85)) / cut.flow
        a = cut.point(x * cut.hip * 0.8, cut.hip_y + rng.uniform(-90, 60))
        b = cut.point(x * cut.hem, cut.hem_y + 20)
        folds.append(Fold(bowed(a, b, rng.uniform(-10, 10)), float(rng.choice([14, 24])),
                          strength * rng.uniform(3.5, 6.5)))  # fmt: skip
    for sign in (-1, 1):
        for _ in range(2):
            a = cut.point(sign * cut.hip * 0.98, cut.hip_y + rng.uniform(-60, 60))
            b = a + np.array([-sign * rng.uniform(70, 150), rng.uniform(-10, 60)])
            folds.append(Fold(bowed(a, b, rng.uniform(-8, 8)), 10, strength * rng.uniform(1.5, 3)))
    return tuple(folds)


def lay_skirt(
    table: Table, cut: SkirtCut, cloth: Cloth, rng: np.random.Generator, cast: float = 0.5
) -> None:
    """The skirt itself, without waistband."""
    side = cut.side()
    hem = bowed(side[-1], flip(side[-1]), -cut.hem_curve) - np.array([0, 16])
    seams = [Seam(hem, cloth.thread, 0.6)]
    if cut.buttons:
        line = np.array([cut.point(17, cut.waist_y + 10), cut.point(18, cut.hem_y + cut.hem_curve)])
        seams.append(Seam(line, cloth.thread, 1.3))
    if cut.jeans:
        for sign in (-1, 1):
            pocket = bowed(cut.point(cut.waist * 0.58, cut.waist_y + cut.waistband),
                           cut.point(cut.hip * 0.90, cut.waist_y + cut.waistband + 78), 22, 0.35)  # fmt: skip
            seams.append(Seam(pocket if sign > 0 else mirror(pocket), cloth.thread, 1.2, 5.0))
        seams.append(Seam(np.array([cut.point(2, cut.waist_y + 40), cut.point(3, cut.hem_y + 8)]),
                          cloth.thread, 1.0, 5.0))  # fmt: skip
    table.lay(Piece(skirt_outline(cut, rng.uniform(0, 6)), cloth.surface, cloth.colour, cloth.second,
                    cloth.pattern, thickness=cloth.thickness, wrinkles=cloth.wrinkles, cast=cast,
                    folds=skirt_folds(cut, rng, cloth.wrinkles), seams=tuple(seams)))  # fmt: skip
    if cut.buttons:
        for y in np.linspace(cut.waist_y + cut.waistband + 34, cut.hem_y - 40, 7):
            table.button((CENTRE, float(y)), 7.5, cloth.thread or "#efece4")


def draw_skirt(cut: SkirtCut, cloth: Cloth, seed: int, scale: int = 2) -> DrawnGarment:
    table = Table(cloth.ground, seed, Warp(seed, 3.0), scale)
    rng = np.random.default_rng(seed + 3000)
    belt = LegCut(waist=cut.waist, waist_y=cut.waist_y, waistband=cut.waistband, jeans=cut.jeans,
                  elastic=cut.elastic)  # fmt: skip
    _inside_back(table, belt, cloth)
    lay_skirt(table, cut, cloth, rng)
    if cut.jeans:
        _waistband(table, belt, cloth)
    else:
        top = bowed(cut.point(-cut.waist, cut.waist_y), cut.point(cut.waist, cut.waist_y), 6)
        low = bowed(cut.point(-cut.waist - 5, cut.waist_y + cut.waistband),
                    cut.point(cut.waist + 5, cut.waist_y + cut.waistband), 6)  # fmt: skip
        table.lay(Piece(closed([top, low[::-1]]), cloth.surface, cloth.band, cloth.second,
                        cloth.pattern, origin=(CENTRE, 8), thickness=2.4, edge=5, wrinkles=0.6,
                        cast=0.24, seams=(Seam(low - np.array([0, 3]), cloth.thread, 0.9),)))  # fmt: skip
        if cut.buttons:
            table.button(
                (CENTRE, cut.waist_y + cut.waistband / 2 + 4), 7.5, cloth.thread or "#efece4"
            )
    side = cut.side()
    spots: Spots = {}
    for name, p in (("waist", side[0]), ("hem", side[-1])):
        spots[f"{name}_left"] = (float(p[0]), float(p[1]), 2)
        spots[f"{name}_right"] = (float(flip(p)[0]), float(p[1]), 2)
    return finish(table, Region.LOWER, Cut.SKIRT, spots)
