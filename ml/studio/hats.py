"""Hats: a cap, a beanie, a bucket hat, photographed from the front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.studio.cloth import Seam
from ml.studio.drape import Pull
from ml.studio.fabric import chunky
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import CENTRE, Points, between, bowed, chain, closed, xy
from ml.studio.table import Table


@dataclass(frozen=True)
class HatCut:
    """kind: cap, beanie or bucket."""

    kind: str


def _p(x: float, y: float) -> Points:
    return np.array([CENTRE + x, y])


def lay_hat(table: Table, cut: HatCut, cloth: Cloth, seed: int) -> Spots:
    """A hat has no landmarks."""
    {"cap": _cap, "beanie": _beanie, "bucket": _bucket}[cut.kind](table, cloth)
    return {}


def _dome(half: float, top: float, foot: float, full: float) -> Points:
    """From the foot on the wearer's right over the top to the left. full: 2 an ellipse, more is
    squarer."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 120)
    x = np.sign(a) * np.abs(np.sin(a)) ** (2 / full)
    y = foot - (foot - top) * np.cos(a).clip(0) ** (2 / full)
    return np.stack([CENTRE + half * x, y], axis=1)


def _cap(table: Table, cloth: Cloth) -> None:
    visor = _dome(208, 664, 822, 2.3)
    rim = np.stack([visor[:, 0], 664 + 822 - visor[:, 1]], axis=1)[::-1]  # hangs down
    middle = np.array([CENTRE, 664.0])
    rows = []
    for t in (0.95, 0.88, 0.81, 0.74, 0.67):
        rows.append(Seam(middle + (rim[2:-2] - middle) * t, cloth.thread or cloth.band, 0.6))
    table.lay(cloth.strip(rim, thickness=60, edge=74.0, seams=tuple(rows), cast=0.6, pucker=0.4))
    dome = _dome(230, 312, 668, 2.3)
    front = bowed(_p(230, 668), _p(-230, 668), -30)
    seams = [Seam(bowed(_p(0, 314), _p(0, 694), 0), cloth.thread, 1.2, 5.0)]
    for sign in (1, -1):
        side = bowed(_p(sign * 12, 316), _p(sign * 168, 688), -sign * 48, 0.45)
        seams.append(Seam(side, cloth.thread, 1.0, 5.0))
    pulls = (Pull(bowed(_p(-150, 560), _p(-60, 660), 6), 0.5, 70),
             Pull(bowed(_p(150, 600), _p(60, 670), 6), 0.5, 70),
             Pull(bowed(_p(0, 360), _p(0, 640), 0), 0.35, 120))  # fmt: skip
    shape = closed([dome, front])
    table.lay(cloth.piece(shape, thickness=120, edge=105.0, pulls=pulls, seams=tuple(seams),
                          cast=0.6, wrinkles=0.8))  # fmt: skip
    for x, y in ((-66, 440), (66, 440)):  # eyelets
        table.button((CENTRE + x, y), 7.0, cloth.thread or cloth.colour, holes=0)
        table.button((CENTRE + x, y), 2.6, "#22252b", holes=0)
    table.button((CENTRE, 314), 13.0, cloth.colour, holes=0)


def _beanie(table: Table, cloth: Cloth) -> None:
    dome = _dome(226, 312, 760, 2.15)
    shape = closed([dome, bowed(_p(226, 760), _p(-226, 760), -10)])
    seams = []
    for x in (-0.62, -0.2, 0.24, 0.66):  # where the crown is drawn together
        seams.append(Seam(bowed(_p(x * 22, 322), _p(x * 120, 430), -x * 22), None, 1.2))
    pulls = tuple(Pull(bowed(_p(x * 30, 330), _p(x * 210, 700), -x * 60), 0.7, 60)
                  for x in (-0.9, -0.45, 0.0, 0.5, 0.9))  # fmt: skip
    table.lay(cloth.piece(shape, surface=chunky, thickness=110, edge=95.0, pulls=pulls,
                          seams=tuple(seams), cast=0.6, wrinkles=1.2, crisp=0.05))  # fmt: skip
    top = bowed(_p(-238, 700), _p(238, 700), 16)
    low = bowed(_p(244, 868), _p(-244, 868), -22)
    cuff = closed([top, bowed(_p(238, 700), _p(244, 868), -8)[1:], low[1:],
                   bowed(_p(-244, 868), _p(-238, 700), -8)[1:-1]])  # fmt: skip
    table.lay(cloth.strip(cuff, surface=chunky, thickness=46, edge=36.0, cast=0.6,
                          pulls=(Pull(top + xy(0, 30), 0.5, 50),)))  # fmt: skip
    label = np.array([_p(-34, 770), _p(34, 771), _p(34, 824), _p(-34, 823)])
    edge = label * 0.9 + label.mean(axis=0) * 0.1
    table.lay(cloth.piece(label, surface=cloth.surface, colour="#4a3527", thickness=4, edge=4.0,
                          cast=0.5, wrinkles=0.0, gloss=0.12,
                          seams=(Seam(closed([edge, edge[:1]]), "#b39469", 0.4),)))  # fmt: skip


def _bucket(table: Table, cloth: Cloth) -> None:
    lid = closed([bowed(_p(-168, 400), _p(168, 400), -64), bowed(_p(168, 400), _p(-168, 400), -46)])
    crown = closed(
        [
            bowed(_p(-172, 398), _p(172, 398), 44),
            bowed(_p(172, 398), _p(212, 640), -7),
            bowed(_p(212, 640), _p(-212, 640), -52),
            bowed(_p(-212, 640), _p(-172, 398), -7),
        ]
    )
    brim_top = bowed(_p(-210, 618), _p(210, 618), 50)
    rim = chain(bowed(_p(210, 618), _p(330, 806), 10), bowed(_p(330, 806), _p(-330, 806), -84),
                bowed(_p(-330, 806), _p(-210, 618), 10))  # fmt: skip
    brim = closed([brim_top, rim[1:]])
    table.lay(cloth.piece(brim, tone=0.5, cast=0.55))
    rows = []
    for t in np.linspace(0.14, 0.93, 8):
        a, b = between(_p(210, 618), _p(330, 806), t), between(_p(-210, 618), _p(-330, 806), t)
        rows.append(Seam(bowed(a, b, -54 - 28 * t), cloth.thread or cloth.band, 0.8))
    drags = tuple(
        Pull(bowed(_p(x * 200, 660), _p(x * 310, 860), 0), 0.5, 60) for x in (-0.8, 0, 0.7)
    )
    side = Pull(bowed(_p(-150, 470), _p(160, 600), 24), 0.5, 90)
    table.lay(cloth.piece(brim, thickness=20, edge=40.0, seams=tuple(rows), cast=0.0, pulls=drags,
                          pucker=0.7))  # fmt: skip
    seam = Seam(bowed(_p(-2, 440), _p(2, 684), 0), cloth.thread, 1.0, 5.0)
    table.lay(cloth.piece(crown, thickness=80, edge=80.0, cast=0.5, pulls=(side,), seams=(seam,)))
    ring = Seam(bowed(_p(-160, 404), _p(160, 404), 42), cloth.thread or cloth.band, 0.9)
    table.lay(cloth.piece(lid, thickness=10, edge=30.0, cast=0.12, tone=1.04, seams=(ring,)))
    for x in (-150, -118):
        table.button((CENTRE + x, 520 + abs(x) * 0.12), 5.0, cloth.metal, holes=0)
