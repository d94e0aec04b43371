"""Patterns of trousers, jeans and shorts."""

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


def _by(point: Points, x: float, y: float = 0.0) -> Points:
    return np.asarray(point + np.array([x, y]))


def leg_outline(cut: LegCut, phase: float) -> Points:
    """The wearer's left leg with its half of the seat."""
    hem = wavy(bowed(cut.hem_outer, cut.hem_inner, -5), 2.0, 1.4, phase)
    inner = bowed(cut.hem_inner, cut.crotch, 4, 0.6)
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
        folds.append(Fold(bowed(mid_a, mid_b, 3), 4, strength * 2.4, False))
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
            fades += [(x, mid[1] + 40, 66.0, 0.11), (x + sign * 8, mid[1] + 330, 56.0, 0.07)]
    for sign in (-1, 1):
        shape = leg_outline(cut, rng.uniform(0, 6))
        folds = _leg_folds(cut, rng, cloth.wrinkles)
        hem = bowed(cut.hem_outer, cut.hem_inner, -5) - np.array([0, 18])
        outer = cut.outer() - np.array([9, 0])
        seams = [Seam(hem, cloth.thread, 0.8), Seam(_pocket_line(cut), cloth.thread, 1.2, 5.0)]
        if cut.jeans:
            seams.append(Seam(outer[:24], cloth.thread, 0.6))
            inner = bowed(cut.hem_inner, cut.crotch, 4, 0.6) + np.array([5, 0])
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
            strip = closed([bowed(_by(a + up, 4), _by(b + up, -3), -4),
                            bowed(_by(b, -3), _by(a, 4), 4)])  # fmt: skip
            table.lay(Piece(strip if sign > 0 else mirror(strip), cloth.surface, cloth.colour,
                            cloth.second, cloth.pattern, thickness=cloth.thickness, wrinkles=0.7,
                            cast=0.3, tone=1.04))  # fmt: skip


def _fly(table: Table, cut: LegCut, cloth: Cloth) -> None:
    top = cut.waist_y + cut.waistband
    if not cut.elastic:
        edge = bowed(np.array([CENTRE + 4, top]), cut.crotch + np.array([3, -46]), -2)
        flap = closed(
            [edge, bowed(cut.crotch + np.array([3, -46]), np.array([CENTRE + 44, top]), 24, 0.3)]
        )
        curve = bowed(cut.crotch + np.array([5, -50]), np.array([CENTRE + 40, top]), 22, 0.3)
        table.lay(Piece(flap, cloth.surface, cloth.colour, cloth.second, cloth.pattern,
                        origin=(CENTRE, 0), thickness=1.2, edge=4, cast=0.24,
                        wrinkles=cloth.wrinkles,
                        seams=(Seam(curve, cloth.thread, 0.5, 5.0),)))  # fmt: skip


def waistband(table: Table, cut: LegCut, cloth: Cloth) -> None:
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
            cord = bowed(
                cut.point(sign * 7, cut.waist_y + 24),
                cut.point(sign * 34, cut.waist_y + 150),
                sign * 16,
            )
            table.lay(Piece(band(cord, 6), cloth.surface, cloth.trim or "#e9e6df", thickness=2,
                            edge=2, wrinkles=0.3, cast=0.4))  # fmt: skip
        return
    for x in (-0.62, 0.62):
        p = cut.point(x * cut.waist, cut.waist_y)
        end = cut.waistband + 10
        loop = np.array([_by(p, -7), _by(p, 7), _by(p, 8, end), _by(p, -6, end)])
        table.lay(
            Piece(
                loop,
                cloth.surface,
                cloth.band,
                thickness=2,
                edge=3,
                wrinkles=0.3,
                cast=0.4,
                seams=(Seam(loop[[0, 3]] + (2, 0), cloth.thread, 0.4),),
            )
        )
    edge = np.array(
        [cut.point(16, cut.waist_y + 3), cut.point(17, cut.waist_y + cut.waistband + 8)]
    )
    table.lay(
        Piece(
            closed([edge, edge[::-1] - np.array([20, 0])]),
            cloth.surface,
            cloth.band,
            thickness=1.5,
            edge=3,
            wrinkles=0.3,
            cast=0.0,
            seams=(Seam(edge, None, 1.4),),
        )
    )
    y = cut.waist_y + cut.waistband / 2 + 6
    if cut.jeans:
        table.button((CENTRE, y), 10, "#b08a5a", holes=0)
    else:
        table.button((CENTRE, y), 8, cloth.thread or "#3b3631")


def inside_back(table: Table, cut: LegCut, cloth: Cloth) -> None:
    back = bowed(cut.point(-cut.waist + 3, cut.waist_y), cut.point(cut.waist - 3, cut.waist_y), -9)
    shape = closed([back, back[::-1] + np.array([0, 26])])
    table.lay(Piece(shape, cloth.surface, cloth.colour, cloth.second, None, tone=0.58, thickness=1,
                    wrinkles=0.4, cast=0.4))  # fmt: skip


def draw_legs(cut: LegCut, cloth: Cloth, seed: int, scale: int = 2) -> DrawnGarment:
    """Trousers, jeans or shorts."""
    table = Table(cloth.ground, seed, Warp(seed, 3.0), scale)
    rng = np.random.default_rng(seed + 2000)
    inside_back(table, cut, cloth)
    _legs(table, cut, cloth, rng)
    _fly(table, cut, cloth)
    waistband(table, cut, cloth)
    spots: Spots = {"crotch": (float(cut.crotch[0]), float(cut.crotch[1]), 2)}
    pairs = {"waist": cut.point(cut.waist, cut.waist_y), "hem_outer": cut.hem_outer,
             "hem_inner": cut.hem_inner}  # fmt: skip
    for name, p in pairs.items():
        stem, _, end = name.partition("_")
        for side, q in (("left", p), ("right", flip(p))):
            spots[f"{stem}_{side}" + (f"_{end}" if end else "")] = (float(q[0]), float(q[1]), 2)
    return finish(table, Region.LOWER, Cut.TROUSERS, spots)
