"""Patterns of dresses: the upper half of a top, sewn to a skirt at the waist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.garment.annotation import Cut, Region
from ml.studio import collars, tops
from ml.studio.cloth import Piece, Seam, Table
from ml.studio.garment import Cloth, DrawnGarment, finish
from ml.studio.paths import CENTRE, Warp, bowed, closed, flip
from ml.studio.skirts import SkirtCut, lay_skirt
from ml.studio.tops import TopCut


def draw_dress(
    top: TopCut, skirt: SkirtCut, cloth: Cloth, seed: int, sash: bool = False, scale: int = 2
) -> DrawnGarment:
    """``top`` ends at the waist seam; the skirt starts there, whatever its own waist says."""
    top = replace(top, seams=(*top.seams, "waist"))
    skirt = replace(skirt, waist=top.hem - 2, waist_y=top.hem_y - 12, waistband=0)
    table = Table(cloth.ground, seed, Warp(seed, 3.0), scale)
    rng = np.random.default_rng(seed + 4000)
    collars.lay_inside(table, top, cloth)
    if top.sleeve:
        tops.lay_sleeves(table, top, cloth, rng)
    lay_skirt(table, skirt, cloth, rng)
    tops.lay_body(table, top, cloth, rng, collars.body_seams(top, cloth))
    collars.lay_collar(table, top, cloth)
    if sash:
        left = top.hem_left + np.array([3, -16])
        line = bowed(flip(left), left, 5)
        shape = closed([line, line[::-1] + np.array([0, 34])])
        table.lay(Piece(shape, cloth.surface, cloth.band, cloth.second,
                        cloth.pattern if cloth.trim is None else None, origin=(CENTRE, 11),
                        thickness=2.4, edge=6, wrinkles=0.8, cast=0.3,
                        seams=(Seam(line + np.array([0, 31]), None, 0.6),)))  # fmt: skip
    spots = tops.landmarks(top)
    waist, hem = top.hem_left, skirt.side()[-1]
    for name, p in (("waist", waist), ("hem", hem)):
        spots[f"{name}_left"] = (float(p[0]), float(p[1]), 2)
        spots[f"{name}_right"] = (float(flip(p)[0]), float(p[1]), 2)
    return finish(table, Region.DRESS, Cut.DRESS, spots)
