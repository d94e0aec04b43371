"""Fronts that open: buttons, zips, plackets, double-breasted and wrapped fronts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.cloth import Piece, Seam
from ml.studio.fabric import zipper
from ml.studio.garment import Cloth
from ml.studio.paths import CENTRE, Points, band, bowed, chain, closed, xy
from ml.studio.table import Table
from ml.studio.tension import body_pulls

if TYPE_CHECKING:
    from ml.studio.tops import TopCut

OPENINGS = ("none", "buttons", "snaps", "placket", "zip", "halfzip", "lapel", "double", "wrap")
PLACKET = 190.0  # px below the neck


def _edge(cut: TopCut) -> Points:
    """The free edge of a front that laps over, from the neck down."""
    if cut.opening == "double":
        return chain(
            bowed(cut.low + xy(0, 0), cut.point(-84, cut.low[1] + 40), 8),
            bowed(cut.point(-84, cut.low[1] + 40), cut.point(-80, cut.hem_y + 4), 0),
        )
    if cut.opening == "wrap":
        foot = cut.point(-cut.hem * 0.30, cut.hem_y + 5)
        return bowed(cut.low, foot, 4)
    return np.array([cut.low + xy(-17, 0), cut.point(-17, cut.hem_y)])


def seams(cut: TopCut, cloth: Cloth) -> tuple[Seam, ...]:
    """Lines that the opening leaves on the front piece."""
    middle = np.array([cut.low, cut.point(1, cut.hem_y + cut.hem_curve)])
    if cut.opening in {"buttons", "snaps"} and cut.collar != "vee":
        if cut.opening == "snaps":
            return (Seam(middle, cloth.thread, 1.5),)
        return (Seam(middle + xy(17, 0), cloth.thread, 1.3),
                Seam(middle - xy(17, 0), cloth.thread, 0.7))  # fmt: skip
    if cut.opening == "lapel":
        return (Seam(middle + xy(-16, 0), None, 1.8),)
    return ()


def lay_panel(table: Table, cut: TopCut, cloth: Cloth, rng: np.random.Generator) -> None:
    """The front that lies on top, where it is a piece of its own."""
    if cut.opening not in {"double", "wrap"}:
        return
    edge = _edge(cut)
    armhole = cut.armhole()
    shoulder = bowed(cut.neck_left, cut.shoulder_left, -4, 0.6)
    half = chain(shoulder, armhole, cut.side())
    hem = bowed(cut.hem_left, edge[-1], -4)
    neck = bowed(cut.low, cut.neck_left, 6)
    shape = closed([neck, half[1:], hem[1:], edge[::-1][:-1]])
    extra = [Seam(edge + xy(8, 0), cloth.thread, 0.7), Seam(hem - xy(0, 15), cloth.thread, 0.7)]
    if cut.sleeve:
        extra.append(Seam(armhole + np.array([-2, 0]), None, 0.9))
    table.lay(cloth.piece(shape, pulls=body_pulls(cut, rng), cast=0.4, seams=tuple(extra)))


def lay(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """Buttons, zips and plackets, on top of everything."""
    low = float(cut.low[1])
    if cut.opening == "buttons":
        last = cut.hem_y - (34 if cut.collar == "vee" else 60)
        first = low + (34 if cut.collar == "vee" else 12)
        count = 6 if cut.collar == "vee" or cut.pocket == "denim" else 7
        big = 10.0 if cut.collar == "vee" or cut.pocket == "denim" else 7.0
        count = 5 if cut.pocket == "chore" else count
        for y in np.linspace(first, last, count):
            table.button((CENTRE + (5 if cut.collar == "vee" else 0), float(y)), big, cloth.button,
                         holes=0 if cloth.wear else 4)  # fmt: skip
    elif cut.opening == "snaps":
        for y in np.linspace(low + 20, cut.hem_y - 40, 5):
            table.button((CENTRE - 14, float(y)), 8.5, cloth.metal, holes=0)
    elif cut.opening == "lapel":
        count = 2 if cut.hem_y < 1000 else 3
        for y in low + 8 + np.arange(count) * (118 if count == 2 else 128):
            table.button((CENTRE - 2, float(y)), 11.0, cloth.button)
    elif cut.opening == "double":
        for y in low + 74 + np.arange(3 if cut.belt else 2) * 138:
            if cut.belt and abs(y - cut.belt) < 50:
                continue
            for x in (-58, 74):
                table.button((CENTRE + x, float(y)), 11.5, cloth.button)
    elif cut.opening == "placket":
        _placket(table, cut, cloth)
    elif cut.opening in {"zip", "halfzip"}:
        _zip(table, cut, cloth)


def _placket(table: Table, cut: TopCut, cloth: Cloth) -> None:
    """Three buttons on a short strip."""
    y = float(cut.low[1])
    shape = np.array([(CENTRE - 17, y - 3), (CENTRE + 17, y - 3), (CENTRE + 17, y + PLACKET),
                      (CENTRE - 17, y + PLACKET)])  # fmt: skip
    inner = np.array(
        [
            (CENTRE - 12, y),
            (CENTRE - 12, y + PLACKET - 5),
            (CENTRE + 12, y + PLACKET - 5),
            (CENTRE + 12, y),
        ]
    )
    table.lay(cloth.strip(shape, cast=0.32, thickness=2.6,
                          seams=(Seam(inner[::-1], cloth.thread, 0.7),)))  # fmt: skip
    for at in np.linspace(y + 16, y + PLACKET - 34, 3):
        table.button((CENTRE, float(at)), 7.0, cloth.button)


def _zip(table: Table, cut: TopCut, cloth: Cloth) -> None:
    top = float(cut.low[1]) - (46 if cut.collar == "stand" else -12)
    foot = top + 250 if cut.opening == "halfzip" else cut.hem_y - 3
    tape = np.array(
        [(CENTRE - 15, top), (CENTRE + 15, top), (CENTRE + 15, foot), (CENTRE - 15, foot)]
    )
    edges = [
        band(bowed((CENTRE + s * 15, top), (CENTRE + s * 15, foot), 0), s * -7) for s in (1, -1)
    ]
    table.lay(cloth.strip(tape, pattern=None, tone=0.62, thickness=0.5, cast=0.1))
    teeth = np.array([(CENTRE - 5.5, top + 3), (CENTRE + 5.5, top + 3), (CENTRE + 5.5, foot - 2),
                      (CENTRE - 5.5, foot - 2)])  # fmt: skip
    table.lay(Piece(teeth, zipper, cloth.metal, thickness=2, edge=2, wrinkles=0.0, cast=0.3,
                    origin=(CENTRE, 0), gloss=0.3))  # fmt: skip
    for edge in edges:
        table.lay(cloth.strip(edge, pattern=None, thickness=3.5, edge=3.0, cast=0.35))
    pull = np.array([(CENTRE - 4, top + 24), (CENTRE + 4, top + 24), (CENTRE + 6, top + 56),
                     (CENTRE - 6, top + 56)])  # fmt: skip
    slider = np.array([(CENTRE - 8, top + 8), (CENTRE + 8, top + 8), (CENTRE + 6, top + 26),
                       (CENTRE - 6, top + 26)])  # fmt: skip
    for shape in (slider, pull):
        table.lay(Piece(shape, cloth.surface, cloth.metal, thickness=4, edge=2.5, wrinkles=0.0,
                        cast=0.5, gloss=0.6))  # fmt: skip
