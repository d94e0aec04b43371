"""Bags: a tote, a crossbody bag, a backpack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.studio.cloth import Piece, Seam
from ml.studio.drape import Pull
from ml.studio.fabric import rubber, zipper
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import (
    CENTRE,
    Points,
    arch,
    band,
    bowed,
    chain,
    closed,
    mirror,
    through,
    xy,
)
from ml.studio.table import Table


@dataclass(frozen=True)
class BagCut:
    """kind: tote, crossbody or backpack."""

    kind: str


def _p(x: float, y: float) -> Points:
    return np.array([CENTRE + x, y])


def lay_bag(table: Table, cut: BagCut, cloth: Cloth, seed: int) -> Spots:
    """A bag has no landmarks."""
    {"tote": _tote, "crossbody": _crossbody, "backpack": _backpack}[cut.kind](table, cloth)
    return {}


def _box(half: float, top: float, foot: float, round_: float, low: float = 0.0) -> Points:
    """A box with rounded lower corners; ``low``: how much wider it is at its foot."""
    left = chain(
        bowed(_p(half, top), _p(half + low, foot - round_), -4),
        bowed(_p(half + low, foot - round_), _p(half + low - round_, foot), -round_ * 0.32),
    )
    return closed([bowed(_p(-half, top), _p(half, top), 6), left[1:], mirror(left)[:-1]])


def _handle(table: Table, cloth: Cloth, foot: float, high: float, half: float, tone: float) -> None:
    line = arch([_p(0, high), _p(half * 0.5, high + 16), _p(half * 0.83, high + 78),
                 _p(half * 0.93, high + 190), _p(half, foot)])  # fmt: skip
    strip = band(line, 34)
    table.lay(cloth.strip(strip, pattern=None, thickness=6, edge=5.0, cast=0.5, tone=tone,
                          seams=(Seam(line + xy(0, 5), cloth.thread, 0.6),)))  # fmt: skip


def _tote(table: Table, cloth: Cloth) -> None:
    _handle(table, cloth, 520, 168, 118, 0.80)
    back = closed([bowed(_p(-226, 470), _p(226, 470), -8), bowed(_p(226, 492), _p(-226, 492), -14)])
    table.lay(cloth.piece(back, pattern=None, tone=0.6, cast=0.4, wrinkles=0.3))
    pulls = [Pull(bowed(_p(s * 118, 500), _p(s * 60, 800), s * 20), 0.6, 70) for s in (1, -1)]
    pulls += [Pull(bowed(_p(s * 220, 1010), _p(s * 70, 860), s * 20), 0.7, 60) for s in (1, -1)]
    pulls += [Pull(bowed(_p(-190, 640), _p(180, 700), 40), 0.3, 120)]
    sides = [Seam(bowed(_p(-224, 512), _p(224, 512), 7), cloth.thread, 0.9, 5.0)]
    table.lay(
        cloth.piece(
            _box(228, 474, 1040, 26, 8),
            pattern=cloth.graphic,
            thickness=16,
            edge=16.0,
            cast=0.6,
            pulls=tuple(pulls),
            seams=tuple(sides),
        )
    )
    _handle(table, cloth, 590, 206, 120, 1.0)
    for s in (1, -1):
        x = s * 103
        a, b, c, d = _p(x - 15, 540), _p(x + 15, 540), _p(x + 15, 584), _p(x - 15, 584)
        cross = Seam(np.array([a, c, b, d, a, b, c, d]), cloth.thread or "#b9a986", 0.5)
        patch = np.array([_p(x - 18, 536), _p(x + 18, 536), _p(x + 18, 590), _p(x - 18, 590)])
        table.lay(cloth.strip(patch, pattern=None, thickness=3, seams=(cross,), cast=0.2, pucker=0))


def _crossbody(table: Table, cloth: Cloth) -> None:
    line = arch([_p(0, 176), _p(96, 192), _p(170, 250), _p(214, 360), _p(236, 610)])
    table.lay(cloth.strip(band(line, 21), thickness=9, edge=6.0, cast=0.55,
                          seams=(Seam(line + xy(0, 4), cloth.thread, 0.5),
                                 Seam(line + xy(0, 17), cloth.thread, 0.5))))  # fmt: skip
    body = _box(246, 600, 950, 84, 10)
    rim = Seam(body[30:-2] * 0.96 + body.mean(axis=0) * 0.04, cloth.thread, 0.7)
    table.lay(
        cloth.piece(
            body,
            thickness=60,
            edge=46.0,
            cast=0.6,
            wrinkles=0.5,
            seams=(rim,),
            pulls=(Pull(bowed(_p(-200, 900), _p(200, 910), 10), 0.5, 60),),
        )
    )
    flap = closed(
        [
            bowed(_p(-250, 590), _p(250, 590), -10),
            bowed(_p(250, 590), _p(246, 700), -6),
            bowed(_p(246, 700), _p(90, 836), -36),
            bowed(_p(90, 836), _p(-90, 836), -10),
            bowed(_p(-90, 836), _p(-246, 700), -36),
            bowed(_p(-246, 700), _p(-250, 590), -6),
        ]
    )
    inner = flap * 0.955 + flap.mean(axis=0) * 0.045
    table.lay(
        cloth.piece(
            flap,
            thickness=34,
            edge=30.0,
            cast=0.6,
            wrinkles=0.5,
            seams=(Seam(inner[26:-2], cloth.thread, 0.8),),
            pulls=(Pull(bowed(_p(-200, 640), _p(190, 650), 12), 0.5, 70),),
        )
    )
    for s in (1, -1):
        tab = np.array([_p(s * 236 - 17, 572), _p(s * 236 + 17, 572), _p(s * 236 + 15, 640),
                        _p(s * 236 - 15, 640)])  # fmt: skip
        table.lay(cloth.strip(tab, thickness=8, edge=6.0, cast=0.5))
        table.button((CENTRE + s * 236, 626), 5.0, cloth.metal, holes=0)
    plate = closed(
        [
            bowed(_p(-34, 800), _p(34, 800), -4),
            bowed(_p(34, 800), _p(34, 852), -3),
            bowed(_p(34, 852), _p(-34, 852), -6),
            bowed(_p(-34, 852), _p(-34, 800), -3),
        ]
    )
    table.lay(Piece(plate, rubber, cloth.metal, thickness=5, edge=4, wrinkles=0, cast=0.6,
                    gloss=0.35))  # fmt: skip
    table.button((CENTRE, 826), 9.0, cloth.metal, holes=0)


def _zip(table: Table, cloth: Cloth, line: Points) -> None:
    table.lay(cloth.strip(band(line - xy(0, 9), 18), tone=0.62, thickness=1, cast=0.15))
    table.lay(Piece(band(line - xy(0, 3), 6), zipper, cloth.metal, thickness=2, edge=2, wrinkles=0,
                    cast=0.3))  # fmt: skip
    end = line[-1]
    pull = np.array([end + xy(-4, 2), end + xy(5, 2), end + xy(7, 44), end + xy(-6, 44)])
    table.lay(cloth.strip(pull, thickness=5, edge=3.0, cast=0.5))


def _backpack(table: Table, cloth: Cloth) -> None:
    for s in (1, -1):  # straps, seen beside the bag
        strap = through([_p(s * 120, 330), _p(s * 196, 318), _p(s * 272, 420), _p(s * 300, 600),
                         _p(s * 276, 770), _p(s * 216, 868), _p(s * 150, 880)])  # fmt: skip
        table.lay(cloth.strip(band(strap, s * -46), thickness=16, edge=12.0, cast=0.5, tone=0.8))
    grip = arch([_p(0, 212), _p(34, 218), _p(58, 244), _p(68, 300)])
    table.lay(cloth.strip(band(grip, 24), thickness=12, edge=8.0, cast=0.5))
    body = arch([_p(0, 268), _p(96, 280), _p(172, 326), _p(208, 420), _p(224, 640), _p(234, 860),
                 _p(222, 938), _p(172, 980), _p(70, 990), _p(0, 991)])  # fmt: skip
    seam = body[body[:, 1] < 900]
    centre = xy(CENTRE, 640)
    inset = centre + (seam - centre) * 0.93
    pulls = (Pull(bowed(_p(-180, 520), _p(-60, 620), 10), 0.6, 60),
             Pull(bowed(_p(190, 560), _p(60, 600), 10), 0.6, 60),
             Pull(bowed(_p(0, 330), _p(0, 560), 0), 0.3, 120))  # fmt: skip
    table.lay(cloth.piece(body, thickness=90, edge=74.0, cast=0.65, pulls=pulls,
                          seams=(Seam(inset, cloth.thread, 1.2),)))  # fmt: skip
    _zip(table, cloth, arch([_p(0, 372), _p(74, 382), _p(134, 414), _p(168, 474)]))
    pocket = _box(176, 640, 960, 44, 8)
    drags = (Pull(bowed(_p(-150, 930), _p(-40, 760), 12), 0.6, 50),
             Pull(bowed(_p(150, 920), _p(50, 780), 12), 0.6, 50))  # fmt: skip
    table.lay(
        cloth.piece(
            pocket,
            thickness=44,
            edge=34.0,
            cast=0.5,
            pulls=drags,
            seams=(Seam(pocket[28:-2] * 0.97 + pocket.mean(axis=0) * 0.03, cloth.thread, 0.9),),
        )
    )
    _zip(table, cloth, bowed(_p(-158, 672), _p(154, 674), 5))
    patch = np.array([_p(-44, 560), _p(44, 560), _p(44, 600), _p(-44, 600)])
    edge = patch * 0.92 + patch.mean(axis=0) * 0.08
    table.lay(cloth.strip(patch, colour="#7a5a3c", thickness=5, edge=4.0, cast=0.4,
                          seams=(Seam(closed([edge, edge[:1]]), "#c9a878", 0.4),)))  # fmt: skip
