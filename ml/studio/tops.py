"""Patterns of tops, outerwear and the upper half of dresses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from ml.garment.annotation import Cut, Region
from ml.studio import collars
from ml.studio.cloth import Fold, Piece, Seam, Table
from ml.studio.fabric import rib
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
class TopCut:
    """Measures of a top in pixels, half widths from the centre; angle: sleeve from vertical."""

    neck: float = 92
    neck_y: float = 236
    neck_drop: float = 80
    shoulder: float = 226
    shoulder_y: float = 280
    armpit: float = 266
    armpit_y: float = 478
    waist: float = 260
    waist_y: float = 720
    hem: float = 265
    hem_y: float = 950
    sleeve: float = 208  # 0: none
    angle: float = 55
    cuff: float = 162
    collar: str = "crew"  # crew, scoop, vee, mock, shirt, stand
    opening: str = "none"  # none, buttons, zip
    ribbed: bool = False  # rib at cuffs and hem
    pocket: str = "none"  # none, chest, chests, hips, welts
    hem_curve: float = 0.0  # shirt tails
    seams: tuple[str, ...] = field(default=())

    def point(self, half: float, y: float) -> Points:
        return np.array([CENTRE + half, y])

    @property
    def neck_left(self) -> Points:
        return self.point(self.neck, self.neck_y)

    @property
    def shoulder_left(self) -> Points:
        return self.point(self.shoulder, self.shoulder_y)

    @property
    def armpit_left(self) -> Points:
        return self.point(self.armpit, self.armpit_y)

    @property
    def hem_left(self) -> Points:
        return self.point(self.hem, self.hem_y)

    @property
    def along(self) -> Points:
        a = math.radians(self.angle)
        return np.array([math.sin(a), math.cos(a)])

    @property
    def cuff_outer(self) -> Points:
        return self.shoulder_left + self.along * self.sleeve

    @property
    def wristband(self) -> float:
        """How much of a sleeve's length is a cuff of its own."""
        if self.sleeve < 300:
            return 0.0
        return 50.0 if self.ribbed else 60.0 if self.collar == "shirt" else 0.0

    @property
    def sleeve_end(self) -> tuple[Points, Points]:
        """Outer and inner corner of the sleeve proper, above a cuff of its own."""
        back = self.along * -self.wristband
        full = 13.0 if self.ribbed else 5.0 if self.wristband else 0.0
        across = (self.cuff_inner - self.cuff_outer) / self.cuff
        return self.cuff_outer + back - across * full, self.cuff_inner + back + across * full

    @property
    def cuff_inner(self) -> Points:
        a = math.radians(self.angle)
        return self.cuff_outer + np.array([-math.cos(a), math.sin(a)]) * self.cuff

    def neckline(self) -> Points:
        """The front neck edge from the wearer's right to left."""
        low = self.point(0, self.neck_y + self.neck_drop)
        right, left = flip(self.neck_left), self.neck_left
        if self.collar in {"vee", "shirt", "stand"}:
            bend = -14 if self.collar == "vee" else -6
            return chain(bowed(right, low, -bend), bowed(low, left, -bend))
        side = bowed(low, left, 0.32 * self.neck_drop + 6, 0.62)
        return chain(mirror(side), side)

    def side(self) -> Points:
        """The wearer's left side from armpit to hem."""
        waist = self.point(self.waist, self.waist_y)
        t = np.linspace(0, 1, 40)
        y = self.armpit_y + (self.hem_y - self.armpit_y) * t
        knots = (self.armpit_y, self.waist_y, self.hem_y)
        line = np.interp(y, knots, (self.armpit, self.waist, self.hem))
        # rounded at the waist instead of a corner
        pull = np.exp(-(((y - self.waist_y) / 110) ** 2)) * 0.35
        line = line * (1 - pull) + pull * (waist[0] - CENTRE)
        return np.stack([CENTRE + line, y], axis=1)


def body_outline(cut: TopCut, phase: float = 0.0) -> Points:
    """The front: neck, shoulder, armhole, side, hem and back up."""
    shoulder = bowed(cut.neck_left, cut.shoulder_left, -3)
    armhole = bowed(cut.shoulder_left, cut.armpit_left, 20, 0.6)
    half = chain(shoulder, armhole, cut.side())
    right, left = flip(cut.hem_left), cut.hem_left
    hem = wavy(bowed(left, right, -cut.hem_curve - 5), 3.0, 2.3, phase)
    return closed([cut.neckline(), half[1:], hem[1:], mirror(half)[1:-1]])


def sleeve_outline(cut: TopCut) -> Points:
    """The wearer's left sleeve, reaching under the body."""
    under = cut.point(cut.shoulder - 42, cut.shoulder_y + 4)
    deep = cut.point(cut.armpit - 30, cut.armpit_y + 2)
    long = cut.sleeve > 300
    end_outer, end_inner = cut.sleeve_end
    outer = bowed(cut.shoulder_left, end_outer, -15 if long else -8, 0.3)
    opening = bowed(end_outer, end_inner, -4)
    inner = bowed(end_inner, cut.armpit_left, 12 if long else -5, 0.6)
    return closed([np.array([under]), outer, opening[1:], inner[1:], np.array([deep])])


def fall(cut: TopCut, rng: np.random.Generator, strength: float) -> tuple[Fold, ...]:
    """Folds of the body: from the armpits inwards, and long soft ones towards the hem."""
    folds = []
    for sign in (-1.0, 1.0):
        for i in range(3):
            a = cut.point(sign * (cut.armpit - 14 - 8 * i), cut.armpit_y - 18 + 30 * i)
            reach = rng.uniform(70, 150)
            b = a + np.array([-sign * reach, reach * rng.uniform(0.15, 1.0)])
            height = strength * rng.uniform(1.5, 3.4) * rng.choice([1, 1, -0.7])
            folds.append(Fold(bowed(a, b, sign * rng.uniform(4, 16)), 11, height))
        for _ in range(2):
            x = sign * rng.uniform(0.25, 0.85) * cut.hem
            y = rng.uniform(0.45, 0.7)
            a = cut.point(x * 0.8, cut.armpit_y + (cut.hem_y - cut.armpit_y) * y)
            b = cut.point(x + rng.uniform(-20, 20), cut.hem_y + 12)
            folds.append(
                Fold(bowed(a, b, rng.uniform(-14, 14)), 26, strength * rng.uniform(2, 4.5))
            )
        for _ in range(2):
            a = cut.point(sign * cut.waist, cut.waist_y + rng.uniform(-120, 150))
            b = a + np.array([-sign * rng.uniform(60, 130), rng.uniform(-50, 50)])
            folds.append(
                Fold(bowed(a, b, rng.uniform(-8, 8)), 14, strength * rng.uniform(1.2, 2.6))
            )
    return tuple(folds)


def sleeve_folds(cut: TopCut, rng: np.random.Generator, strength: float) -> tuple[Fold, ...]:
    """Creases across the wearer's left sleeve, most of them at the elbow."""
    folds = []
    count = 8 if cut.sleeve > 300 else 3
    for i in range(count):
        t = rng.normal(0.5, 0.16) if cut.sleeve > 300 and i < 5 else rng.uniform(0.15, 0.9)
        inner = between(cut.armpit_left, cut.cuff_inner, float(np.clip(t, 0.05, 0.95)))
        outer = between(cut.shoulder_left, cut.cuff_outer, float(np.clip(t - 0.08, 0.05, 0.95)))
        stop = between(inner, outer, rng.uniform(0.45, 0.85))
        line = bowed(inner + np.array([4, 0]), stop, rng.uniform(-12, 12))
        folds.append(Fold(line, float(rng.choice([8, 11])), strength * rng.uniform(1.4, 3.0)))
    a, b = (
        between(cut.shoulder_left, cut.armpit_left, 0.5),
        between(cut.cuff_outer, cut.cuff_inner, 0.5),
    )
    folds.append(Fold(bowed(between(a, b, 0.1), between(a, b, 0.7), 8), 22, strength * 2.4))
    return tuple(folds)


def mirrored(folds: tuple[Fold, ...], rng: np.random.Generator) -> tuple[Fold, ...]:
    """The other side's folds: alike, never the same."""
    return tuple(
        replace(
            f, line=mirror(f.line) + rng.normal(0, 5, 2), height=f.height * rng.uniform(0.6, 1.3)
        )
        for f in folds
    )


def lay_sleeves(table: Table, cut: TopCut, cloth: Cloth, rng: np.random.Generator) -> None:
    outline = sleeve_outline(cut)
    strength = cloth.wrinkles
    left = sleeve_folds(cut, rng, strength)
    across = bowed(cut.cuff_outer, cut.cuff_inner, -4)
    for sign, folds in ((1, left), (-1, mirrored(left, rng))):
        shape = outline if sign > 0 else mirror(outline)
        start = cut.shoulder_left if sign > 0 else flip(cut.shoulder_left)
        hemline = across - cut.along * 16
        hemline = hemline if sign > 0 else mirror(hemline)
        seams = () if cut.wristband else (Seam(hemline, cloth.thread, 0.7, 4.0),)
        piece = Piece(shape, cloth.surface, cloth.colour, cloth.second, cloth.pattern,
                      origin=(float(start[0]), float(start[1])), angle=-sign * cut.angle * 0.8,
                      thickness=cloth.thickness, folds=folds, seams=seams, cast=0.5,
                      wrinkles=strength)  # fmt: skip
        table.lay(piece)
        if cut.wristband:
            _cuff(table, cut, cloth, sign)


def _cuff(table: Table, cut: TopCut, cloth: Cloth, sign: int) -> None:
    """A knitted or buttoned cuff at the end of a long sleeve."""
    back = cut.along * -cut.wristband
    a, b = cut.cuff_outer, cut.cuff_inner
    top = bowed(a + back, b + back, -2)
    shape = closed([top, bowed(b, a, 3)])
    at = a if sign > 0 else flip(a)
    seam = Seam(top if sign > 0 else mirror(top), None if cut.ribbed else cloth.thread, 1.4)
    piece = Piece(shape if sign > 0 else mirror(shape), rib if cut.ribbed else cloth.surface,
                  cloth.band, cloth.second, None if cut.ribbed else cloth.pattern,
                  origin=(float(at[0]), float(at[1])), angle=-sign * cut.angle,
                  thickness=cloth.thickness, wrinkles=0.5, cast=0.3, seams=(seam,))  # fmt: skip
    table.lay(piece)
    if not cut.ribbed:
        spot = between(a, b, 0.76) + back * 0.45
        spot = spot if sign > 0 else flip(spot)
        table.button((float(spot[0]), float(spot[1])), 6.5, cloth.button)


def lay_body(
    table: Table, cut: TopCut, cloth: Cloth, rng: np.random.Generator, seams: tuple[Seam, ...] = ()
) -> None:
    hem = bowed(cut.hem_left, flip(cut.hem_left), -cut.hem_curve - 5)
    rows = list(seams)
    if not cut.ribbed and "waist" not in cut.seams:
        rows.append(Seam(hem - np.array([0, 15]), cloth.thread, 0.7, 4.0))
    if cut.sleeve:
        armhole = bowed(cut.shoulder_left, cut.armpit_left, 20, 0.6)
        rows += [Seam(armhole + np.array([-2, 0]), None, 0.9)]
        rows += [Seam(mirror(armhole + np.array([-2, 0])), None, 0.9)]
    if "yoke" in cut.seams:
        for sign in (1, -1):
            yoke = bowed(
                cut.neck_left + np.array([14, 26]), cut.shoulder_left + np.array([-6, 26]), -2
            )
            rows.append(Seam(yoke if sign > 0 else mirror(yoke), cloth.thread, 0.9))
    piece = Piece(body_outline(cut, rng.uniform(0, 6)), cloth.surface, cloth.colour, cloth.second,
                  cloth.pattern, thickness=cloth.thickness, folds=fall(cut, rng, cloth.wrinkles),
                  seams=tuple(rows), wrinkles=cloth.wrinkles,
                  cast=0.45)  # fmt: skip
    table.lay(piece)
    if cut.ribbed:
        top = hem - np.array([0, 52])
        shape = closed([top, hem[::-1]])
        table.lay(Piece(shape, rib, cloth.band, thickness=cloth.thickness, wrinkles=0.5, cast=0.12,
                        origin=(CENTRE, 0), seams=(Seam(top, None, 1.2),)))  # fmt: skip


def lay_pockets(table: Table, cut: TopCut, cloth: Cloth) -> None:
    spots = {
        "chest": [(78, cut.armpit_y - 20, 92, 106)],
        "chests": [(88, cut.armpit_y + 6, 104, 112), (-88, cut.armpit_y + 6, 104, 112)],
        "hips": [(104, cut.hem_y - 250, 116, 130), (-104, cut.hem_y - 250, 116, 130)],
        "none": [],
        "welts": [],
    }[cut.pocket]
    for x, y, w, h in spots:
        a, b = cut.point(x - w / 2, y), cut.point(x + w / 2, y)
        c, d = cut.point(x + w / 2 - 2, y + h - 12), cut.point(x - w / 2 + 2, y + h - 12)
        tip = cut.point(x, y + h + 4)
        shape = closed([np.array([a, b, c]), np.array([tip, d])])
        edge = np.array([a, d, tip, c, b]) * 0.94 + np.array([CENTRE + x, y + h / 2]) * 0.06
        top = np.array([a + np.array([3, 16]), b + np.array([-3, 16])])
        table.lay(Piece(shape, cloth.surface, cloth.colour, cloth.second, cloth.pattern,
                        thickness=1.6, edge=3, wrinkles=0.8, cast=0.22,
                        seams=(Seam(edge, cloth.thread, 0.6),
                               Seam(top, cloth.thread, 0.6))))  # fmt: skip
    if cut.pocket == "welts":
        for sign in (1, -1):
            a, b = cut.point(150, cut.hem_y - 262), cut.point(112, cut.hem_y - 112)
            strip = band(bowed(a, b, 0), 17)
            table.lay(Piece(strip if sign > 0 else mirror(strip), cloth.surface, cloth.colour,
                            thickness=2.4, edge=3, wrinkles=0.6, cast=0.3))  # fmt: skip


def landmarks(cut: TopCut) -> Spots:
    """All names of ``TOP_LANDMARKS``; cuffs of sleeveless tops lie on shoulder and armpit."""
    seen = 2 if cut.sleeve else 0
    outer = cut.cuff_outer if cut.sleeve else cut.shoulder_left
    inner = cut.cuff_inner if cut.sleeve else cut.armpit_left
    left = {"neck": (cut.neck_left, 2), "shoulder": (cut.shoulder_left, 2),
            "armpit": (cut.armpit_left, 2), "cuff_outer": (outer, seen),
            "cuff_inner": (inner, seen), "hem": (cut.hem_left, 2)}  # fmt: skip
    spots: Spots = {}
    for name, (p, visible) in left.items():
        for side, q in (("left", p), ("right", flip(p))):
            stem, _, end = name.partition("_")
            full = f"{stem}_{side}_{end}" if end else f"{stem}_{side}"
            spots[full] = (float(q[0]), float(q[1]), visible)
    return spots


def draw_top(
    cut: TopCut, cloth: Cloth, seed: int, region: Region = Region.UPPER, scale: int = 2
) -> DrawnGarment:
    table = Table(cloth.ground, seed, Warp(seed), scale)
    rng = np.random.default_rng(seed + 1000)
    collars.lay_inside(table, cut, cloth)
    if cut.sleeve:
        lay_sleeves(table, cut, cloth, rng)
    lay_body(table, cut, cloth, rng, collars.body_seams(cut, cloth))
    lay_pockets(table, cut, cloth)
    collars.lay_collar(table, cut, cloth)
    return finish(table, region, Cut.TOP, landmarks(cut))
