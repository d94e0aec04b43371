"""Patterns of skirts, on their own and below the waist of a dress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.garment.annotation import Cut, Region
from ml.studio.bottoms import LegCut, inside_back, waistband
from ml.studio.cloth import Fold, Piece, Seam, Table
from ml.studio.garment import Cloth, DrawnGarment, Spots, finish
from ml.studio.paths import CENTRE, Points, Warp, bowed, chain, closed, flip, mirror, wavy


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
    hem = wavy(
        bowed(side[-1], mirror(side)[0], -cut.hem_curve, n=120),
        5.0 if cut.flow > 3 else 2.0,
        cut.flow * 0.8 + cut.pleats * 0.5,
        phase,
    )
    top = bowed(flip(side[0]), side[0], 5)
    return closed([top, side[1:], hem[1:], mirror(side)[1:-1]])


def skirt_folds(cut: SkirtCut, rng: np.random.Generator, strength: float) -> tuple[Fold, ...]:
    folds = []
    if cut.pleats:
        for i in range(cut.pleats + 1):
            x = -1 + 2 * i / cut.pleats
            a = cut.point(x * cut.waist * 0.99, cut.waist_y + cut.waistband)
            b = cut.point(x * cut.hem * 0.99, cut.hem_y + 8 + cut.hem_curve * (1 - x * x))
            folds.append(Fold(bowed(a, b, -x * 6), 6, strength * 4.2, False))
            shift = np.array([0.5 * 2 * cut.hem / cut.pleats, 0]) * 0.62
            folds.append(Fold(bowed(a + shift * 0.6, b + shift, -x * 6), 9, -strength * 2.6, False))
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
            pocket = bowed(
                cut.point(cut.waist * 0.58, cut.waist_y + cut.waistband),
                cut.point(cut.hip * 0.90, cut.waist_y + cut.waistband + 78),
                22,
                0.35,
            )
            seams.append(Seam(pocket if sign > 0 else mirror(pocket), cloth.thread, 1.2, 5.0))
        seams.append(Seam(np.array([cut.point(2, cut.waist_y + 40), cut.point(3, cut.hem_y + 8)]),
                          cloth.thread, 1.0, 5.0))  # fmt: skip
    table.lay(
        Piece(
            skirt_outline(cut, rng.uniform(0, 6)),
            cloth.surface,
            cloth.colour,
            cloth.second,
            cloth.pattern,
            thickness=cloth.thickness,
            wrinkles=cloth.wrinkles,
            cast=cast,
            folds=skirt_folds(cut, rng, cloth.wrinkles),
            seams=tuple(seams),
        )
    )
    if cut.buttons:
        for y in np.linspace(cut.waist_y + cut.waistband + 34, cut.hem_y - 40, 7):
            table.button((CENTRE, float(y)), 7.5, cloth.button)


def draw_skirt(cut: SkirtCut, cloth: Cloth, seed: int, scale: int = 2) -> DrawnGarment:
    table = Table(cloth.ground, seed, Warp(seed, 3.0), scale)
    rng = np.random.default_rng(seed + 3000)
    belt = LegCut(waist=cut.waist, waist_y=cut.waist_y, waistband=cut.waistband, jeans=cut.jeans,
                  elastic=cut.elastic)  # fmt: skip
    inside_back(table, belt, cloth)
    lay_skirt(table, cut, cloth, rng)
    if cut.jeans:
        waistband(table, belt, cloth)
    else:
        top = bowed(cut.point(-cut.waist, cut.waist_y), cut.point(cut.waist, cut.waist_y), 6)
        low = bowed(cut.point(-cut.waist - 5, cut.waist_y + cut.waistband),
                    cut.point(cut.waist + 5, cut.waist_y + cut.waistband), 6)  # fmt: skip
        table.lay(
            Piece(
                closed([top, low[::-1]]),
                cloth.surface,
                cloth.band,
                cloth.second,
                cloth.pattern,
                origin=(CENTRE, 8),
                thickness=2.4,
                edge=5,
                wrinkles=0.6,
                cast=0.24,
                seams=(Seam(low - np.array([0, 3]), cloth.thread, 0.9),),
            )
        )
        if cut.buttons:
            table.button((CENTRE, cut.waist_y + cut.waistband / 2 + 4), 7.5, cloth.button)
    side = cut.side()
    spots: Spots = {}
    for name, p in (("waist", side[0]), ("hem", side[-1])):
        spots[f"{name}_left"] = (float(p[0]), float(p[1]), 2)
        spots[f"{name}_right"] = (float(flip(p)[0]), float(p[1]), 2)
    return finish(table, Region.LOWER, Cut.SKIRT, spots)
