"""Pairs of shoes: sneakers and boots from the side, loafers and flats from above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ml.studio.cloth import Piece, Seam
from ml.studio.drape import Pull
from ml.studio.fabric import leather, rib, rubber
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import Points, band, bowed, smooth, xy
from ml.studio.table import Table


@dataclass(frozen=True)
class ShoeCut:
    """kind: sneaker, boot, loafer or flat."""

    kind: str


class _Last:
    """Where a shoe lies: its own coordinates, turned and moved, mirrored for the other foot."""

    def __init__(self, at: Points, size: float = 1.0, turn: float = 0.0, mirror: int = 1) -> None:
        self.at, self.size, self.mirror = at, size, mirror
        c, s = np.cos(turn), np.sin(turn)
        self.frame = np.array([[c, s], [-s, c]])

    def __call__(self, points: ArrayLike) -> Points:
        p = np.asarray(points, float).reshape(-1, 2) * xy(self.mirror * self.size, self.size)
        return np.asarray(p @ self.frame + self.at)


def lay_shoes(table: Table, cut: ShoeCut, cloth: Cloth, seed: int) -> Spots:
    """Shoes have no landmarks."""
    if cut.kind in {"sneaker", "boot"}:
        make = _sneaker if cut.kind == "sneaker" else _boot
        lift = 210.0 if cut.kind == "sneaker" else 130.0
        make(table, _Last(xy(478, 760 - lift), 0.94, -0.03), cloth)
        make(table, _Last(xy(414, 800 + (60 if cut.kind == "sneaker" else 110)), 1.0, 0.02), cloth)
        return {}
    make = _loafer if cut.kind == "loafer" else _flat
    make(table, _Last(xy(292, 600), 1.0, -0.09, 1), cloth)
    make(table, _Last(xy(608, 612), 1.0, 0.07, -1), cloth)
    return {}


#: Outlines in a shoe's own coordinates. From the side: toe to the right, the ground at y = 10.
SNEAKER = smooth([
    (-298, -34), (-302, -110), (-304, -196), (-286, -236), (-236, -222), (-160, -198),
    (-108, -212), (-72, -262), (-40, -270), (0, -240), (60, -192), (126, -146), (206, -126),
    (272, -104), (306, -66), (308, -30), (290, 2), (0, 4), (-284, 0),
])  # fmt: skip
CUPSOLE = smooth([(-306, -58), (-310, -22), (-298, 10), (0, 13), (268, 10), (308, -10), (318, -40),
                  (306, -62), (150, -48), (0, -44), (-150, -48)])  # fmt: skip
BOOT = smooth([
    (-244, -32), (-248, -120), (-240, -220), (-226, -340), (-224, -470), (-214, -484), (-120, -474),
    (-32, -470), (-22, -456), (-20, -330), (-8, -232), (50, -172), (130, -130), (220, -104),
    (278, -78), (296, -40), (284, -2), (0, 0), (-240, -2),
])  # fmt: skip
#: From above, toe up.
LOAFER = smooth(
    [
        (10, -326),
        (66, -302),
        (106, -222),
        (114, -130),
        (98, 0),
        (84, 120),
        (84, 226),
        (60, 306),
        (0, 326),
        (-60, 306),
        (-80, 226),
        (-80, 100),
        (-92, -20),
        (-106, -130),
        (-94, -232),
        (-52, -304),
    ]
)
FLAT = smooth([
    (10, -312), (62, -290), (98, -214), (104, -130), (90, 0), (74, 120), (74, 216), (52, 290),
    (0, 308), (-52, 290), (-72, 216), (-72, 100), (-84, -20), (-98, -130), (-88, -224), (-48, -292),
])  # fmt: skip


def _grown(outline: Points, by: float) -> Points:
    centre = outline.mean(axis=0)
    d = outline - centre
    return np.asarray(centre + d * (1 + by / np.hypot(d[:, 0], d[:, 1])[:, None]))


def _sneaker(table: Table, last: _Last, cloth: Cloth) -> None:
    upper = last(SNEAKER)
    tongue = smooth([(-112, -200), (-96, -280), (-72, -310), (-34, -310), (-10, -286), (70, -190),
                     (0, -160), (-80, -170)])  # fmt: skip
    inside = smooth(
        [(-286, -214), (-250, -250), (-160, -226), (-90, -250), (-70, -220), (-150, -180)]
    )
    table.lay(cloth.piece(last(inside), colour="#cfcac0", tone=0.62, cast=0.3, wrinkles=0.3))
    table.lay(cloth.piece(last(tongue), thickness=12, edge=14.0, cast=0.3, wrinkles=0.5))
    flex = tuple(Pull(last(bowed((x, -122), (x + 16, -52), 6)), 1.0, 26) for x in (112, 136, 160))
    table.lay(
        cloth.piece(
            upper,
            thickness=40,
            edge=38.0,
            wrinkles=0.5,
            cast=0.5,
            pulls=flex,
            seams=(
                Seam(last(bowed((64, -38), (150, -134), 22)), cloth.thread, 1.1, 4.0),
                Seam(last(bowed((-300, -196), (-110, -190), -16)), cloth.thread, 0.8, 4.0),
                Seam(last(bowed((-96, -40), (-124, -192), -8)), cloth.thread, 0.9, 4.0),
            ),
        )
    )
    for x in (108, 132, 156, 180, 204):
        spot = last((x, -106 + 0.22 * (x - 108)))[0]
        table.button((float(spot[0]), float(spot[1])), 2.6, "#8d8a84", holes=0)
    heel = smooth(
        [(-330, -20), (-330, -260), (-262, -260), (-244, -190), (-236, -120), (-262, -30)]
    )
    table.lay(
        cloth.piece(
            last(heel),
            colour=cloth.trim or "#3d5a4c",
            thickness=6,
            edge=7.0,
            cast=0.3,
            wrinkles=0.3,
            within=upper,
            seams=(Seam(last(bowed((-256, -226), (-246, -50), 14)), None, 0.6),),
        )
    )
    stay = smooth([(-86, -270), (-30, -290), (10, -250), (70, -200), (128, -156), (112, -124),
                   (70, -128), (0, -164), (-86, -206)])  # fmt: skip
    table.lay(
        cloth.piece(
            last(stay),
            thickness=6,
            edge=6.0,
            cast=0.35,
            wrinkles=0.3,
            within=upper,
            seams=(Seam(last(bowed((96, -128), (-84, -200), 10)), cloth.thread, 0.6),),
        )
    )
    for i in range(6):
        t = i / 5
        eye = xy(-58 + 134 * t, -222 + 84 * t)
        far = eye + xy(40 - 6 * t, -30 + 3 * t)
        spot = last(eye)[0]
        table.button((float(spot[0]), float(spot[1])), 4.6, "#9a968e", holes=0)
        _lace(table, last, bowed(eye, far, -6), 11)
    for end, bend in (((-150, -120), 30), ((-30, -104), -26)):
        _lace(table, last, bowed((-52, -236), end, bend), 9)
    rows = (
        Seam(last(bowed((-308, -42), (312, -38), 8)), "#d3d0c8", 0.9),
        Seam(last(bowed((-310, -6), (306, -8), 3)), None, 0.8),
    )
    table.lay(
        Piece(
            last(CUPSOLE),
            rubber,
            "#efece5",
            thickness=14,
            edge=9,
            wrinkles=0.0,
            cast=0.5,
            seams=rows,
            pucker=0,
        )
    )


def _lace(table: Table, last: _Last, line: Points, wide: float) -> None:
    table.lay(
        Piece(last(band(line, wide)), rib, "#f3f1ec", thickness=6, edge=4, wrinkles=0, cast=0.5)
    )


def _boot(table: Table, last: _Last, cloth: Cloth) -> None:
    upper = last(BOOT)
    flex = [
        Pull(last(bowed((x, -150 + 0.2 * x), (x + 24, -56), 9)), 1.2, 28) for x in (60, 94, 128)
    ]
    flex += [
        Pull(last(bowed((-230, -190), (-30, -240), 12)), 0.9, 40),
        Pull(last(bowed((-230, -150), (-60, -170), -8)), 0.7, 30),
    ]
    tab = band(bowed((-214, -440), (-208, -520), 4), 30)
    table.lay(cloth.strip(last(tab), surface=rib, thickness=4, cast=0.3))
    table.lay(
        cloth.piece(
            upper,
            thickness=52,
            edge=46.0,
            wrinkles=0.9,
            cast=0.5,
            pulls=tuple(flex),
            seams=(
                Seam(last(bowed((-242, -150), (-150, -104), -8)), cloth.thread, 0.8, 4.0),
                Seam(last(bowed((-222, -462), (-26, -452), 7)), cloth.thread, 0.7),
            ),
        )
    )
    gore = smooth(
        [
            (-178, -480),
            (-176, -420),
            (-160, -280),
            (-138, -192),
            (-104, -192),
            (-84, -280),
            (-70, -420),
            (-68, -480),
        ],
        2,
    )
    table.lay(
        Piece(
            last(gore),
            rib,
            cloth.trim or "#19181a",
            thickness=4,
            edge=6,
            wrinkles=0.3,
            cast=0.0,
            angle=4,
            within=upper,
        )
    )
    heel = np.array([(-250, -34), (-104, -34), (-112, 30), (-244, 30)])
    toe = smooth([(-250, -26), (-180, -30), (288, -34), (302, -24), (276, -4), (150, 0), (20, -4),
                  (-70, -12), (-250, -10)])  # fmt: skip
    welt = smooth([(-254, -40), (0, -38), (288, -44), (304, -36), (296, -24), (0, -24),
                   (-254, -24)])  # fmt: skip
    for shape, colour in ((heel, "#1b1a1b"), (toe, "#201e1e"), (welt, "#2b2725")):
        rows = (
            (Seam(last(bowed((-240, -37), (280, -37), 2)), "#8a7a62", 0.4),)
            if shape is welt
            else ()
        )
        table.lay(
            Piece(
                last(shape),
                rubber,
                colour,
                thickness=8,
                edge=6,
                wrinkles=0,
                cast=0.5,
                seams=rows,
                pucker=0,
            )
        )


def _insole(table: Table, last: _Last, opening: Points, colour: str) -> None:
    table.lay(
        Piece(
            last(opening), leather, colour, thickness=2, edge=6, wrinkles=0.3, cast=0.0, tone=0.55
        )
    )
    deep = _grown(opening, -11) + xy(3, 9)
    table.lay(
        Piece(
            last(deep),
            leather,
            colour,
            thickness=6,
            edge=12,
            wrinkles=0.3,
            cast=0.5,
            tone=0.84,
            within=last(opening),
        )
    )
    for y, half in ((190, 22), (198, 13)):  # the name, stamped
        stamp = band(bowed((2 - half, y), (2 + half, y), 0), 3.2)
        table.lay(Piece(last(stamp), leather, "#8a6f4e", thickness=0.5, edge=2, wrinkles=0, cast=0))


def _loafer(table: Table, last: _Last, cloth: Cloth) -> None:
    body, dark = last(LOAFER), cloth.thread or "#3a2216"
    table.lay(
        Piece(
            last(_grown(LOAFER, 9)), rubber, "#2a201a", thickness=10, edge=5, wrinkles=0, cast=0.7
        )
    )
    drags = tuple(Pull(last(bowed((-90, y), (90, y + 12), 10)), 0.6, 34) for y in (-120, -90))
    table.lay(cloth.piece(body, thickness=80, edge=60.0, wrinkles=0.5, pulls=drags, cast=0.3))
    apron = smooth([(-66, 40), (-76, -60), (-70, -160), (-46, -226), (10, -258), (64, -226),
                    (86, -160), (84, -60), (74, 40)])  # fmt: skip
    line = _grown(apron, -7)
    table.lay(
        cloth.piece(
            last(apron),
            thickness=14,
            edge=16.0,
            cast=0.25,
            wrinkles=0.6,
            pulls=drags,
            seams=(Seam(last(np.concatenate([line, line[:1]])), dark, 1.4),),
        )
    )
    opening = smooth(
        [
            (-72, 40),
            (-40, 6),
            (2, 0),
            (46, 6),
            (76, 40),
            (74, 140),
            (60, 240),
            (0, 292),
            (-58, 240),
            (-70, 140),
        ]
    )
    _insole(table, last, opening, cloth.lining or "#b98d5f")
    tongue = smooth(
        [(-64, 30), (-40, 84), (2, 96), (46, 84), (70, 30), (76, -40), (0, -60), (-68, -40)]
    )
    table.lay(cloth.piece(last(tongue), thickness=10, edge=14.0, cast=0.5, wrinkles=0.4))
    strap = smooth(
        [(-140, -60), (0, -52), (140, -64), (140, 0), (60, 8), (0, 8), (-60, 8), (-140, 4)]
    )
    table.lay(
        cloth.piece(
            last(strap),
            thickness=10,
            edge=9.0,
            cast=0.55,
            wrinkles=0.3,
            within=body,
            seams=(
                Seam(last(bowed((-110, -44), (116, -46), 10)), dark, 0.6),
                Seam(last(bowed((-100, -6), (106, -8), 12)), dark, 0.6),
            ),
        )
    )
    slot = smooth([(-34, -26), (0, -36), (38, -27), (0, -16)])
    table.lay(cloth.piece(last(slot), tone=0.4, thickness=1, cast=0, wrinkles=0))


def _flat(table: Table, last: _Last, cloth: Cloth) -> None:
    table.lay(
        Piece(last(_grown(FLAT, 6)), rubber, "#3a2a20", thickness=6, edge=4, wrinkles=0, cast=0.7)
    )
    drags = tuple(Pull(last(bowed((-70, y), (80, y + 6), 8)), 0.5, 30) for y in (-190, -165))
    table.lay(cloth.piece(last(FLAT), thickness=64, edge=46.0, wrinkles=0.4, pulls=drags, cast=0.3))
    opening = smooth(
        [
            (-76, -90),
            (-50, -150),
            (8, -172),
            (62, -150),
            (86, -90),
            (74, 60),
            (64, 200),
            (44, 270),
            (0, 290),
            (-44, 270),
            (-62, 200),
            (-72, 60),
        ]
    )
    _insole(table, last, opening, cloth.lining or "#d8bd9a")
    rim = np.concatenate([opening, opening[:1]])
    table.lay(cloth.strip(last(band(rim, 9)), thickness=7, edge=4.0, cast=0.4))
    for sign in (1, -1):
        loop = smooth(
            [
                (8, -166),
                (8 + sign * 30, -190),
                (8 + sign * 58, -184),
                (8 + sign * 58, -158),
                (8 + sign * 30, -152),
            ],
            3,
        )
        table.lay(cloth.strip(last(loop), thickness=9, edge=9.0, cast=0.5))
    knot = smooth([(-4, -180), (20, -180), (20, -154), (-4, -154)], 2)
    table.lay(cloth.strip(last(knot), thickness=8, edge=6.0, cast=0.5))
