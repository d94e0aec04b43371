"""Patterns of dresses: the upper half of a top, sewn to a skirt at the waist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.studio import collars, openings, tops
from ml.studio.cloth import Seam
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import CENTRE, bowed, closed, flip, xy
from ml.studio.skirts import SkirtCut, lay_skirt
from ml.studio.table import Table
from ml.studio.tops import TopCut


def lay_dress(
    table: Table, top: TopCut, skirt: SkirtCut, cloth: Cloth, seed: int, sash: bool = False
) -> Spots:
    """``top`` ends at the waist seam; the skirt starts there, whatever its own waist says."""
    top = replace(top, seams=(*top.seams, "waist"))
    skirt = replace(skirt, waist=top.hem - 2, waist_y=top.hem_y - 12, waistband=0)
    rng = np.random.default_rng(seed + 4000)
    collars.lay_inside(table, top, cloth)
    if top.sleeve:
        tops.lay_sleeves(table, top, cloth, rng)
    lay_skirt(table, skirt, cloth, rng)
    tops.lay_body(table, top, cloth, rng, openings.seams(top, cloth))
    openings.lay_panel(table, top, cloth, rng)
    collars.lay_collar(table, top, cloth)
    openings.lay(table, top, cloth)
    left = top.hem_left + xy(3, -16)
    if skirt.wrap:
        tops.lay_belt(table, top.hem + 3, top.hem_y - 18, cloth)
    elif sash:
        line = bowed(flip(left), left, 5)
        shape = closed([line, line[::-1] + xy(0, 34)])
        table.lay(cloth.strip(shape, origin=(CENTRE, 11), thickness=3, edge=6.0, wrinkles=0.8,
                              cast=0.34, seams=(Seam(line + xy(0, 31), None, 0.6),)))  # fmt: skip
    spots = tops.landmarks(top)
    waist, hem = top.hem_left, skirt.side()[-1]
    for name, p in (("waist", waist), ("hem", hem)):
        spots[f"{name}_left"] = (float(p[0]), float(p[1]), 2)
        spots[f"{name}_right"] = (float(flip(p)[0]), float(p[1]), 2)
    return spots
