"""Patterns of skirts, on their own and below the waist of a dress."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ml.studio.bottoms import LegCut
from ml.studio.cloth import Fold, Piece, Seam
from ml.studio.drape import Pull
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import CENTRE, Points, bowed, chain, closed, flip, mirror, wavy, xy
from ml.studio.table import Table
from ml.studio.tension import Pulls, gathers
from ml.studio.waist import inside_back, waistband


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
    tiers: int = 1  # gathered one below the other
    slit: float = 0.0  # how far the front is open from the hem, px
    wrap: bool = False  # one front over the other
    apron: bool = False  # a kilt: flat in front, buckled
    one: bool = False  # of a dress: cut in one with the upper half

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


def skirt_pulls(cut: SkirtCut, rng: np.random.Generator) -> Pulls:
    """Uprights that fan out to the hem, and creases at the hips."""
    pulls = []
    fullness = min(0.35 + 0.09 * cut.flow, 1.1)
    for x in np.linspace(-0.9, 0.9, 7) + rng.normal(0, 0.05, 7):
        a = cut.point(x * cut.hip * 0.9, cut.waist_y + 0.35 * (cut.hem_y - cut.waist_y))
        b = cut.point(x * cut.hem, cut.hem_y + 20)
        pulls.append(Pull(bowed(a, b, rng.uniform(-8, 8)), fullness * rng.uniform(0.5, 1.1), 62))
    for sign in (-1, 1):
        for _ in range(2):
            a = cut.point(sign * cut.hip * 0.98, cut.hip_y + rng.uniform(-80, 60))
            b = a + xy(-sign * rng.uniform(60, 130), rng.uniform(60, 130))
            pulls.append(Pull(bowed(a, b, rng.uniform(-8, 8)), rng.uniform(0.15, 0.4), 40))
    return tuple(pulls)


def skirt_folds(cut: SkirtCut, rng: np.random.Generator, strength: float) -> tuple[Fold, ...]:
    folds = []
    if cut.pleats:
        for i in range(cut.pleats + 1):
            x = -1 + 2 * i / cut.pleats
            if cut.apron and abs(x) < 0.42:
                continue
            a = cut.point(x * cut.waist * 0.99, cut.waist_y + cut.waistband)
            b = cut.point(x * cut.hem * 0.99, cut.hem_y + 8 + cut.hem_curve * (1 - x * x))
            wide = cut.hem / cut.pleats
            jitter = rng.normal(0, 2.5)
            folds.append(Fold(bowed(a, b + xy(jitter, 0), -x * 6), 5, -4.6, False))
            shift = xy(wide * 0.42, 0)
            folds.append(Fold(bowed(a + shift * 0.6, b + shift, -x * 6 + rng.normal(0, 3)),
                              13, rng.uniform(3.0, 4.4), False))  # fmt: skip
        return tuple(folds)
    for i in range(cut.flow):
        x = -0.85 + 1.7 * (i + rng.uniform(0.15, 0.85)) / max(cut.flow, 1)
        a = cut.point(x * cut.hip * 0.8, cut.hip_y + rng.uniform(-90, 60))
        b = cut.point(x * cut.hem, cut.hem_y + 20)
        folds.append(Fold(bowed(a, b, rng.uniform(-10, 10)), float(rng.choice([16, 26])),
                          strength * rng.uniform(2.5, 5.5)))  # fmt: skip
    return tuple(folds)


def _seams(cut: SkirtCut, cloth: Cloth) -> list[Seam]:
    side = cut.side()
    hem = bowed(side[-1], flip(side[-1]), -cut.hem_curve) - xy(0, 16)
    seams = [Seam(hem, cloth.thread, 0.7)]
    if cut.buttons:
        line = np.array([cut.point(17, cut.waist_y + 10), cut.point(18, cut.hem_y + cut.hem_curve)])
        seams.append(Seam(line, cloth.thread, 1.3))
    if cut.jeans:
        for sign in (-1, 1):
            a = cut.point(cut.waist * 0.58, cut.waist_y + cut.waistband)
            b = cut.point(cut.waist * 1.1, cut.waist_y + cut.waistband + 78)
            pocket = bowed(a, b, 22, 0.35)
            seams.append(Seam(pocket if sign > 0 else mirror(pocket), cloth.thread, 1.2, 5.0))
        foot = cut.hem_y + 8 - cut.slit
        seams.append(Seam(np.array([cut.point(2, cut.waist_y + 40), cut.point(3, foot)]),
                          cloth.thread, 1.0, 5.0))  # fmt: skip
    return seams


def lay_skirt(
    table: Table, cut: SkirtCut, cloth: Cloth, rng: np.random.Generator, cast: float = 0.5
) -> None:
    """The skirt itself, without waistband."""
    if cut.tiers > 1:
        _lay_tiers(table, cut, cloth, rng)
        return
    pulls = skirt_pulls(cut, rng) if not cut.pleats else ()
    if cut.elastic:
        pulls += gathers(-cut.waist * 0.95, cut.waist * 0.95, cut.waist_y + cut.waistband, 120, 0.8)
    fade = ((CENTRE, cut.hip_y + 60, cut.hip * 0.7, 0.24 * cloth.wear),) if cloth.wear else ()
    table.lay(cloth.piece(
        skirt_outline(cut, rng.uniform(0, 6)), cast=cast, pulls=pulls, fade=fade,
        folds=skirt_folds(cut, rng, cloth.wrinkles), seams=tuple(_seams(cut, cloth))))  # fmt: skip
    if cut.slit:
        _slit(table, cut, cloth)
    if cut.wrap or cut.apron:
        _over(table, cut, cloth, rng)
    if cut.buttons:
        for y in np.linspace(cut.waist_y + cut.waistband + 34, cut.hem_y - 40, 7):
            table.button((CENTRE, float(y)), 7.5, cloth.button)


def _lay_tiers(table: Table, cut: SkirtCut, cloth: Cloth, rng: np.random.Generator) -> None:
    """From the lowest tier up, each gathered under the one above."""
    tall = (cut.hem_y - cut.waist_y) / cut.tiers
    for i in reversed(range(cut.tiers)):
        y0, y1 = cut.waist_y + tall * i, cut.waist_y + tall * (i + 1)

        def half(y: float) -> float:
            t = (y - cut.waist_y) / (cut.hem_y - cut.waist_y)
            return float(cut.waist + (cut.hem - cut.waist) * t**0.8)

        top, low = half(y0) - (0 if i == 0 else 3), half(y1) + 7
        tier = replace(cut, waist=top, waist_y=y0 - (0 if i == 0 else 8), hip=(top + low) / 2 + 3,
                       hip_y=(y0 + y1) / 2, hem=low, hem_y=y1, tiers=1, waistband=0,
                       hem_curve=10, flow=7)  # fmt: skip
        pulls = gathers(-top * 0.97, top * 0.97, y0, tall * 0.55, 1.3) + skirt_pulls(tier, rng)
        hem = tier.side()[-1]
        seam = Seam(bowed(hem, flip(hem), -10) - xy(0, 9), cloth.thread, 0.5)
        table.lay(cloth.piece(skirt_outline(tier, rng.uniform(0, 6)), pulls=pulls, cast=0.5,
                              seams=(seam,), origin=(CENTRE, 13.0 * i)))  # fmt: skip


def _slit(table: Table, cut: SkirtCut, cloth: Cloth) -> None:
    """The dark gap of an open slit and its two edges."""
    top, foot = cut.hem_y - cut.slit, cut.hem_y + cut.hem_curve + 1
    gap = np.array([(CENTRE + 2, top), (CENTRE + 15, foot - 4), (CENTRE - 13, foot - 4)])
    table.lay(cloth.piece(gap, tone=0.42, thickness=0.5, cast=0.0, wrinkles=0.3, pattern=None))
    for x in (19, -17):
        edge = bowed((CENTRE + 2 + x * 0.3, top + 6), (CENTRE + x, foot - 8), 2)
        strip = closed([edge, edge[::-1] + xy(3 if x > 0 else -3, 0)])
        table.lay(Piece(strip, cloth.surface, cloth.colour, thickness=1.5, edge=2, wrinkles=0.2,
                        cast=0.2, seams=(Seam(edge, cloth.thread, 0.5),)))  # fmt: skip


def _over(table: Table, cut: SkirtCut, cloth: Cloth, rng: np.random.Generator) -> None:
    """The front panel on top of a wrapped skirt or a kilt."""
    side = mirror(cut.side())[::-1]  # the wearer's right, from the waist down
    if cut.apron:
        edge = bowed(cut.point(cut.waist * 0.5, cut.waist_y),
                     cut.point(cut.hem * 0.46, cut.hem_y + cut.hem_curve * 0.9), -3)  # fmt: skip
        left = bowed(cut.point(-cut.waist * 0.5, cut.waist_y),
                     cut.point(-cut.hem * 0.46, cut.hem_y + cut.hem_curve * 0.9), 3)  # fmt: skip
    else:
        edge = bowed(
            cut.point(cut.waist * 0.84, cut.waist_y + 4),
            cut.point(cut.hem * 0.42, cut.hem_y + cut.hem_curve - 6),
            -34,
            0.6,
        )
        left = side
    hem = bowed(edge[-1], left[-1], -4)
    shape = closed([edge, hem[1:], left[::-1][1:]])
    pulls = skirt_pulls(cut, rng) if cut.wrap else ()
    table.lay(cloth.piece(shape, cast=0.42, pulls=pulls, wrinkles=cloth.wrinkles,
                          seams=(Seam(edge - xy(9, 0), cloth.thread, 0.8),)))  # fmt: skip
    if cut.apron:
        for y in (cut.waist_y + 62, cut.waist_y + 122):
            x = cut.waist * 0.5 + 3
            tab = np.array([cut.point(x - 42, y - 9), cut.point(x + 40, y - 8),
                            cut.point(x + 48, y), cut.point(x + 40, y + 9),
                            cut.point(x - 42, y + 8)])  # fmt: skip
            table.lay(Piece(tab, cloth.surface, "#2a211c", thickness=3, edge=4, wrinkles=0,
                            cast=0.45, gloss=0.25))  # fmt: skip
            table.button((CENTRE + x + 14, y), 7.5, cloth.metal, holes=0)


def lay_whole_skirt(table: Table, cut: SkirtCut, cloth: Cloth, seed: int) -> Spots:
    """The skirt with its waistband; returns where the landmarks are."""
    rng = np.random.default_rng(seed + 3000)
    belt = LegCut(waist=cut.waist, waist_y=cut.waist_y, waistband=cut.waistband, jeans=cut.jeans,
                  elastic=cut.elastic, hip=cut.waist * 1.22)  # fmt: skip
    inside_back(table, belt, cloth)
    lay_skirt(table, cut, cloth, rng)
    if cut.jeans:
        waistband(table, belt, cloth)
    else:
        top = bowed(cut.point(-cut.waist, cut.waist_y), cut.point(cut.waist, cut.waist_y), 6)
        low = bowed(cut.point(-cut.waist - 5, cut.waist_y + cut.waistband),
                    cut.point(cut.waist + 5, cut.waist_y + cut.waistband), 6)  # fmt: skip
        pulls = gathers(-cut.waist, cut.waist, cut.waist_y, 60, 1.4) if cut.elastic else ()
        table.lay(cloth.strip(closed([top, low[::-1]]), origin=(CENTRE, 8), thickness=3, edge=6.0,
                              wrinkles=0.8, pulls=pulls,
                              seams=(Seam(low - xy(0, 3), cloth.thread, 0.9),)))  # fmt: skip
        if cut.buttons:
            table.button((CENTRE, cut.waist_y + cut.waistband / 2 + 4), 7.5, cloth.button)
    side = cut.side()
    spots: Spots = {}
    for name, p in (("waist", side[0]), ("hem", side[-1])):
        spots[f"{name}_left"] = (float(p[0]), float(p[1]), 2)
        spots[f"{name}_right"] = (float(flip(p)[0]), float(p[1]), 2)
    return spots
