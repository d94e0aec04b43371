"""Patterns of dresses: the upper half of a top, sewn to a skirt at the waist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ml.studio import collars, openings, sleeves, tops
from ml.studio.cloth import Seam
from ml.studio.drape import Pull
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import CENTRE, bowed, chain, closed, flip, mirror, through, wavy, xy
from ml.studio.skirts import SkirtCut, lay_skirt, skirt_folds, skirt_pulls
from ml.studio.table import Table
from ml.studio.tops import TopCut


def _lay_in_one(
    table: Table, top: TopCut, skirt: SkirtCut, cloth: Cloth, rng: np.random.Generator
) -> None:
    """A slip: one piece from the neck to the hem, without a seam at the waist."""
    upper, lower = top.side(), skirt.side()
    below = lower[lower[:, 1] > top.hem_y + 110]
    knots = np.concatenate([upper[[0, 30]], below[:-4:9], lower[-1:]])
    half = chain(top.armhole(), through(knots))
    hem = bowed(half[-1], flip(half[-1]), -skirt.hem_curve, n=120)
    shape = closed(
        [
            top.neckline(),
            half[1:],
            wavy(hem, 5.0, 0.8 * skirt.flow, rng.uniform(0, 6))[1:],
            mirror(half)[1:],
        ]
    )
    seams = [Seam(hem - xy(0, 16), cloth.thread, 0.7)]
    for edge in (top.armhole() + xy(-9, 3), mirror(top.armhole() + xy(-9, 3))):
        seams.append(Seam(edge, cloth.thread, 0.7))
    bust = Pull(bowed(top.point(top.armpit * 0.9, top.armpit_y + 10),
                      top.point(top.waist * 0.2, top.waist_y + 90), 30), 0.6, 56)  # fmt: skip
    other = Pull(mirror(bust.line) + xy(6, 14), 0.45, 50)
    table.lay(cloth.piece(shape, pulls=(bust, other, *skirt_pulls(skirt, rng)), cast=0.5,
                          folds=skirt_folds(skirt, rng, cloth.wrinkles),
                          seams=tuple(seams)))  # fmt: skip


def lay_dress(
    table: Table, top: TopCut, skirt: SkirtCut, cloth: Cloth, seed: int, sash: bool = False
) -> Spots:
    """``top`` ends at the waist seam; the skirt starts there, whatever its own waist says."""
    top = replace(top, seams=(*top.seams, "waist"))
    skirt = replace(skirt, waist=top.hem - 2, waist_y=top.hem_y - 12, waistband=0)
    rng = np.random.default_rng(seed + 4000)
    collars.lay_inside(table, top, cloth)
    if top.sleeve:
        sleeves.lay_sleeves(table, top, cloth, rng)
    if skirt.one:
        _lay_in_one(table, top, skirt, cloth, rng)
    else:
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
