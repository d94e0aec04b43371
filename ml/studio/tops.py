"""Patterns of tops, outerwear and the upper half of dresses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ml.studio import collars, openings, pockets, sleeves
from ml.studio.cloth import Piece, Seam
from ml.studio.fabric import rib
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import (
    CENTRE,
    Points,
    band,
    bowed,
    chain,
    closed,
    flip,
    mirror,
    wavy,
    xy,
)
from ml.studio.table import Table
from ml.studio.tension import body_pulls, gathers


@dataclass(frozen=True)
class TopCut:
    """Measures of a top in pixels, half widths from the centre; angle: sleeve from vertical."""

    neck: float = 92
    neck_y: float = 236
    neck_drop: float = 80
    shoulder: float = 226
    shoulder_y: float = 280
    armpit: float = 262
    armpit_y: float = 478
    waist: float = 256
    waist_y: float = 720
    hem: float = 260
    hem_y: float = 950
    sleeve: float = 208  # 0: none
    angle: float = 52
    cuff: float = 158
    collar: str = "crew"  # a key of ``collars.COLLARS``
    opening: str = "none"  # a key of ``openings.OPENINGS``
    ribbed: bool = False  # rib at cuffs and hem
    pocket: str = "none"  # a key of ``pockets.POCKETS``
    hem_curve: float = 0.0  # shirt tails
    puff: float = 0.0  # how far a gathered sleeve swells
    raglan: bool = False
    quilt: float = 0.0  # distance of quilting lines; negative: across one another
    belt: float = 0.0  # y of a tied belt
    strap: float = 0.0  # width of shoulder straps that end at ``strap_y``
    strap_y: float = 0.0
    seams: tuple[str, ...] = field(default=())  # yoke, waist, vees, princess, darts

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
    def low(self) -> Points:
        """The lowest point of the front neck."""
        return self.point(0, self.neck_y + self.neck_drop)

    @property
    def along(self) -> Points:
        a = math.radians(self.angle)
        return np.array([math.sin(a), math.cos(a)])

    @property
    def cuff_outer(self) -> Points:
        return self.shoulder_left + self.along * self.sleeve

    @property
    def cuff_inner(self) -> Points:
        a = math.radians(self.angle)
        return self.cuff_outer + np.array([-math.cos(a), math.sin(a)]) * self.cuff

    @property
    def wristband(self) -> float:
        """How much of a sleeve's length is a cuff of its own."""
        if self.puff:
            return 26.0
        if self.sleeve < 300:
            return 0.0
        return 50.0 if self.ribbed else 60.0 if self.collar in {"shirt", "bow"} else 0.0

    @property
    def sleeve_end(self) -> tuple[Points, Points]:
        """Outer and inner corner of the sleeve proper, above a cuff of its own."""
        back = self.along * -self.wristband
        full = 16.0 if self.puff else 12.0 if self.ribbed else 4.0 if self.wristband else 0.0
        across = (self.cuff_inner - self.cuff_outer) / self.cuff
        return self.cuff_outer + back - across * full, self.cuff_inner + back + across * full

    def neckline(self) -> Points:
        """The front neck edge from the wearer's right to left."""
        if self.strap:
            base = self.point(self.neck + 4, self.strap_y)
            if self.collar == "square":
                return bowed(flip(base), base, 5)
            return chain(bowed(flip(base), self.low, -7), bowed(self.low, base, -7))
        right, left = flip(self.neck_left), self.neck_left
        if self.collar in {"vee", "shirt", "stand", "lapel"}:
            bend = -14 if self.collar == "vee" else -6
            return chain(bowed(right, self.low, -bend), bowed(self.low, left, -bend))
        side = bowed(self.low, left, 0.32 * self.neck_drop + 6, 0.62)
        return chain(mirror(side), side)

    def side(self) -> Points:
        """The wearer's left side from armpit to hem."""
        t = np.linspace(0, 1, 40)
        y = self.armpit_y + (self.hem_y - self.armpit_y) * t
        knots = (self.armpit_y, self.waist_y, self.hem_y)
        line = np.interp(y, knots, (self.armpit, self.waist, self.hem))
        # rounded at the waist instead of a corner
        pull = np.exp(-(((y - self.waist_y) / 110) ** 2)) * 0.35
        line = line * (1 - pull) + pull * self.waist
        return np.stack([CENTRE + line, y], axis=1)

    def armhole(self) -> Points:
        if self.strap:
            top = self.point(self.neck + 4 + self.strap, self.strap_y + 2)
            return bowed(top, self.armpit_left, 14, 0.7)
        if self.sleeve:
            return bowed(self.shoulder_left, self.armpit_left, 20, 0.6)
        return bowed(self.shoulder_left, self.armpit_left, 34, 0.62)


def body_outline(cut: TopCut, phase: float = 0.0) -> Points:
    """The front: neck, shoulder, armhole, side, hem and back up."""
    armhole = cut.armhole()
    if cut.strap:
        half = chain(armhole, cut.side())
    else:
        shoulder = bowed(cut.neck_left, cut.shoulder_left, -4, 0.6)
        half = chain(shoulder, armhole, cut.side())[1:]
    right, left = flip(cut.hem_left), cut.hem_left
    wave = 0.8 if cut.ribbed else 3.0
    hem = wavy(bowed(left, right, -cut.hem_curve - 5), wave, 2.3, phase)
    return closed([cut.neckline(), half, hem[1:], mirror(half)[1:]])


def _quilting(cut: TopCut) -> list[Seam]:
    """Level channels, or the crossed lines of a quilted liner."""
    if cut.quilt > 0:
        rows = np.arange(cut.shoulder_y + 0.8 * cut.quilt, cut.hem_y - 0.5 * cut.quilt, cut.quilt)
        return [Seam(bowed((90, y), (810, y), 7), None, 1.0) for y in rows]
    lines = []
    for x in np.arange(-900, 900, -cut.quilt) if cut.quilt else ():
        for lean in (-1, 1):
            a, b = (CENTRE + x, cut.neck_y), (CENTRE + x + lean * 640, cut.hem_y + 40)
            lines.append(Seam(bowed(a, b, 0, n=60), None, 0.75))
    return lines


def body_seams(cut: TopCut, cloth: Cloth) -> tuple[Seam, ...]:
    hem = bowed(cut.hem_left, flip(cut.hem_left), -cut.hem_curve - 5)
    rows = _quilting(cut)
    if not cut.ribbed and "waist" not in cut.seams:
        rows.append(Seam(hem - np.array([0, 15]), cloth.thread, 0.8, 4.0))
    if cut.sleeve and not cut.raglan:
        rows += [Seam(side, None, 0.9) for side in _both(cut.armhole() + np.array([-2, 0]))]
    elif not cut.sleeve:
        rows += [Seam(side, cloth.thread, 0.7) for side in _both(cut.armhole() + np.array([-9, 3]))]
    if "yoke" in cut.seams:
        yoke = bowed(cut.neck_left + xy(14, 26), cut.shoulder_left + xy(-6, 26), -2)
        rows += [Seam(side, cloth.thread, 0.9) for side in _both(yoke)]
    if "vees" in cut.seams:  # a denim jacket
        across = bowed((CENTRE + 8, cut.armpit_y - 42), cut.armpit_left + np.array([-6, -46]), 0)
        rows += [Seam(side, cloth.thread, 1.2, 4.0) for side in _both(across)]
        for x, foot in ((150, 70), (62, 40)):
            vee = bowed((CENTRE + x, cut.armpit_y - 38), (CENTRE + foot, cut.hem_y - 44), 0)
            rows += [Seam(side, cloth.thread, 1.1, 4.0) for side in _both(vee)]
        rows.append(Seam(hem - np.array([0, 52]), cloth.thread, 1.3, 4.0))
    if "princess" in cut.seams:
        line = chain(bowed(cut.armhole()[18], cut.point(cut.waist * 0.52, cut.waist_y - 60), 22),
                     bowed(cut.point(cut.waist * 0.52, cut.waist_y - 60),
                           cut.point(cut.hem * 0.6, cut.hem_y), 6))  # fmt: skip
        rows += [Seam(side, None, 0.8) for side in _both(line)]
    if "darts" in cut.seams:
        dart = bowed(cut.point(cut.armpit - 4, cut.armpit_y + 58),
                     cut.point(cut.armpit * 0.5, cut.armpit_y + 26), 3)  # fmt: skip
        rows += [Seam(side, None, 0.8) for side in _both(dart)]
    return tuple(rows)


def _both(line: Points) -> tuple[Points, Points]:
    return line, mirror(line)


def lay_body(
    table: Table, cut: TopCut, cloth: Cloth, rng: np.random.Generator, seams: tuple[Seam, ...] = ()
) -> None:
    pulls = body_pulls(cut, rng)
    if "gathered" in cut.seams:
        pulls += gathers(-cut.armpit * 0.5, cut.armpit * 0.5, cut.low[1] + 26, 120, 0.8)
    if cut.belt:
        pulls += gathers(-cut.waist * 0.9, cut.waist * 0.9, cut.belt + 24, 90, 0.6)
        pulls += gathers(-cut.waist * 0.9, cut.waist * 0.9, cut.belt - 24, -80, 0.6)
    if cut.ribbed:
        pulls += gathers(-cut.hem * 0.9, cut.hem * 0.9, cut.hem_y - 56, -70, 0.55)
    table.lay(
        cloth.piece(
            body_outline(cut, rng.uniform(0, 6)),
            pulls=pulls,
            pattern=cloth.graphic or cloth.pattern,
            loft=sleeves.loft(cut),
            seams=(*seams, *body_seams(cut, cloth)),
            cast=0.2 if "waist" in cut.seams else 0.45,
        )
    )
    if cut.ribbed:
        hem = bowed(cut.hem_left, flip(cut.hem_left), -cut.hem_curve - 5)
        top = hem - np.array([0, 52])
        table.lay(
            cloth.strip(
                closed([top, hem[::-1]]),
                surface=rib,
                pattern=None,
                cast=0.12,
                origin=(CENTRE, 0),
                edge=5.0,
                seams=(Seam(top, None, 1.2),),
            )
        )


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


def lay_belt(table: Table, half: float, y: float, cloth: Cloth, buckle: bool = False) -> None:
    """A belt round the waist, buckled or tied in a knot with two hanging ends."""
    line = bowed((CENTRE - half, y - 4), (CENTRE + half, y - 4), 6)
    table.lay(cloth.strip(band(line, 38), pattern=None, cast=0.42, thickness=3.5, edge=6.0,
                          seams=(Seam(line + xy(0, 4), cloth.thread, 0.7),
                                 Seam(line + xy(0, 34), cloth.thread, 0.7))))  # fmt: skip
    x = CENTRE + 26.0
    if buckle:
        frame = np.array([(x - 30, y - 10), (x + 30, y - 10), (x + 30, y + 46), (x - 30, y + 46)])
        table.lay(Piece(frame, cloth.surface, cloth.button, thickness=5, edge=5, wrinkles=0,
                        cast=0.5, gloss=0.5))  # fmt: skip
        hole = (frame - xy(x, y + 18)) * (0.66, 0.66) + xy(x, y + 18)
        table.lay(cloth.strip(hole, pattern=None, tone=0.8, cast=0.5))
        tail = bowed((x + 30, y + 16), (x + 150, y + 44), -6)
        table.lay(cloth.strip(band(tail - xy(0, 18), 36), pattern=None, cast=0.45, thickness=3.5))
        return
    for dx, drop in ((-16, 250), (34, 210)):
        tail = bowed((x, y + 18), (x + dx, y + drop), dx * 0.3)
        table.lay(cloth.strip(band(tail + xy(17, 0), 34), pattern=None, cast=0.42, thickness=3.5))
    knot = band(bowed((x - 24, y - 6), (x + 26, y - 8), 3), 48)
    table.lay(cloth.strip(knot, pattern=None, cast=0.5, thickness=9, edge=12.0, angle=30))


def lay_top(table: Table, cut: TopCut, cloth: Cloth, seed: int) -> Spots:
    """The whole garment; returns where its landmarks are."""
    rng = np.random.default_rng(seed + 1000)
    collars.lay_inside(table, cut, cloth)
    if cut.sleeve and not cut.raglan:
        sleeves.lay_sleeves(table, cut, cloth, rng)
    lay_body(table, cut, cloth, rng, openings.seams(cut, cloth))
    if cut.sleeve and cut.raglan:
        sleeves.lay_sleeves(table, cut, cloth, rng)
    openings.lay_panel(table, cut, cloth, rng)
    pockets.lay(table, cut, cloth)
    collars.lay_collar(table, cut, cloth)
    openings.lay(table, cut, cloth)
    if cut.belt:
        lay_belt(table, cut.waist + 5, cut.belt, cloth, cut.opening == "double")
    return landmarks(cut)
