"""Pockets of tops and jackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Seam
from ml.studio.garment import Cloth
from ml.studio.paths import CENTRE, Points, band, bowed, closed, mirror, xy
from ml.studio.table import Table

if TYPE_CHECKING:
    from ml.studio.tops import TopCut

#: Kind of pockets -> patches as (x from the centre, y from armpit or hem, width, height, flap).
#: y > 0 counts down from the armpit, y < 0 up from the hem.
POCKETS: dict[str, tuple[tuple[float, float, float, float, bool], ...]] = {
    "none": (),
    "chest": ((104, 1, 96, 108, False),),
    "chests": ((112, 22, 104, 114, False), (-112, 22, 104, 114, False)),
    "flaps": ((112, 1, 104, 110, True), (-112, 1, 104, 110, True)),
    "hips": ((126, -250, 120, 134, False), (-126, -250, 120, 134, False)),
    "chore": ((126, -250, 142, 162, False), (-126, -250, 142, 162, False),
              (112, 14, 100, 112, False)),
    "jetted": (), "welts": (), "slants": (), "kangaroo": (), "split": (), "denim": (),
}  # fmt: skip


def lay(table: Table, cut: TopCut, cloth: Cloth) -> None:
    for x, y, w, h, flap in POCKETS[cut.pocket]:
        at = cut.armpit_y + y if y > 0 else cut.hem_y + y
        _patch(table, cut.point(x, at), w, h, cloth)
        if flap:
            _flap(table, cut.point(x, at - 4), w + 6, cloth)
    if cut.pocket == "denim":
        for sign in (1, -1):
            _flap(table, cut.point(sign * 112, cut.armpit_y - 44), 104, cloth)
            _welt(table, cut, cloth, sign, (168, -210), (140, -112))
    elif cut.pocket in {"welts", "slants"}:
        for sign in (1, -1):
            top = min(-280.0, cut.waist_y + 60 - cut.hem_y) if cut.hem_y > 1000 else -280.0
            _welt(table, cut, cloth, sign, (166, top), (126, top + 152))
    elif cut.pocket == "jetted":
        for sign in (1, -1):
            y = cut.waist_y + 0.26 * (cut.hem_y - cut.waist_y)
            a, b = cut.point(sign * 92, y), cut.point(sign * (cut.waist - 22), y - 8)
            line = bowed(a, b, 0) if sign > 0 else bowed(b, a, 0)
            table.lay(cloth.strip(band(line, 40), cast=0.4, thickness=3,
                                  seams=(Seam(line + xy(0, 1), None, 1.3),)))  # fmt: skip
        line = bowed(cut.point(72, cut.armpit_y + 30), cut.point(164, cut.armpit_y + 18), 0)
        table.lay(cloth.strip(band(line, 17), cast=0.25))
    elif cut.pocket in {"kangaroo", "split"}:
        _kangaroo(table, cut, cloth)


def _patch(table: Table, at: Points, w: float, h: float, cloth: Cloth) -> None:
    x, y = float(at[0]), float(at[1])
    a, b = (x - w / 2, y), (x + w / 2, y + 1)
    c, d = (x + w / 2 - 2, y + h - 12), (x - w / 2 + 2, y + h - 12)
    tip = (x, y + h + 3)
    shape = np.array([a, b, c, tip, d])
    edge = np.array([a, d, tip, c, b]) * 0.945 + np.array([x, y + h / 2]) * 0.055
    top = bowed((x - w / 2 + 3, y + 17), (x + w / 2 - 3, y + 17), 1)
    table.lay(cloth.piece(shape, thickness=2.2, edge=3.0, wrinkles=0.7 * cloth.wrinkles, cast=0.24,
                          seams=(Seam(edge, cloth.thread, 0.7),
                                 Seam(top, cloth.thread, 0.7))))  # fmt: skip


def _flap(table: Table, at: Points, w: float, cloth: Cloth) -> None:
    x, y = float(at[0]), float(at[1])
    shape = closed([bowed((x - w / 2, y), (x + w / 2, y), 0),
                    np.array([(x + w / 2, y + 30), (x, y + 50), (x - w / 2, y + 30)])])  # fmt: skip
    edge = np.array([(x + w / 2 - 5, y + 4), (x + w / 2 - 5, y + 26), (x, y + 44),
                     (x - w / 2 + 5, y + 26), (x - w / 2 + 5, y + 4)])  # fmt: skip
    table.lay(cloth.strip(shape, cast=0.36, thickness=3,
                          seams=(Seam(edge[::-1], cloth.thread, 0.7),)))  # fmt: skip
    table.button((x, y + 31), 6.5, cloth.button, holes=0 if cloth.wear else 4)


def _welt(
    table: Table,
    cut: TopCut,
    cloth: Cloth,
    sign: int,
    top: tuple[float, float],
    low: tuple[float, float],
) -> None:
    a, b = cut.point(top[0], cut.hem_y + top[1]), cut.point(low[0], cut.hem_y + low[1])
    line = bowed(a, b, 0)
    strip = band(line, 18)
    table.lay(
        cloth.strip(
            strip if sign > 0 else mirror(strip),
            cast=0.36,
            thickness=3,
            seams=(Seam(line if sign > 0 else mirror(line), cloth.thread, 1.0),),
        )
    )


def _kangaroo(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """The pouch of a hoodie, in two halves where a zip runs through it."""
    foot, top = cut.hem_y - 52, cut.hem_y - 250
    right = [(0, top), (96, top + 2)]
    edge = bowed(cut.point(96, top + 2), cut.point(172, foot - 66), 14, 0.6)
    half = closed([np.array([cut.point(*p) for p in right]), edge,
                   np.array([cut.point(170, foot), cut.point(0, foot + 3)])])  # fmt: skip
    hem = edge + np.array([-11, 2])
    if cut.pocket == "kangaroo":
        shape = closed([half[2:-1], mirror(half[2:-1])])
        table.lay(
            cloth.piece(
                shape,
                thickness=3.5,
                wrinkles=0.8 * cloth.wrinkles,
                cast=0.34,
                seams=(
                    Seam(hem, cloth.thread, 0.8, 4.0),
                    Seam(mirror(hem), cloth.thread, 0.8, 4.0),
                    Seam(
                        np.array([(CENTRE - 92, top + 10), (CENTRE + 92, top + 10)]),
                        cloth.thread,
                        0.7,
                    ),
                ),
            )
        )
        return
    for sign in (1, -1):
        seam = hem if sign > 0 else mirror(hem)
        table.lay(cloth.piece(half if sign > 0 else mirror(half), thickness=3.5, cast=0.34,
                              seams=(Seam(seam, cloth.thread, 0.8, 4.0),)))  # fmt: skip
