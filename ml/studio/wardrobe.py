"""What the demo shop sells, drawn. Copy and prices live in ``fixtures/demo``."""

from __future__ import annotations

from ml.studio import stock_bottoms, stock_dresses, stock_extras, stock_outer, stock_tops
from ml.studio.bags import BagCut, lay_bag
from ml.studio.bottoms import LegCut, lay_legs
from ml.studio.dresses import lay_dress
from ml.studio.garment import Cloth, DrawnGarment, Spots, finish
from ml.studio.hats import HatCut, lay_hat
from ml.studio.paths import Warp
from ml.studio.product import Garment
from ml.studio.shoes import ShoeCut, lay_shoes
from ml.studio.skirts import SkirtCut, lay_whole_skirt
from ml.studio.table import Table
from ml.studio.tops import lay_top

__all__ = ["GARMENTS", "Garment", "draw", "lay"]

GARMENTS: tuple[Garment, ...] = (
    *stock_tops.GARMENTS,
    *stock_outer.GARMENTS,
    *stock_dresses.GARMENTS,
    *stock_bottoms.GARMENTS,
    *stock_extras.GARMENTS,
)


def draw(garment: Garment, cloth: Cloth, seed: int = 0, scale: int = 2) -> DrawnGarment:
    """One colourway as a product picture with labels."""
    number = garment.seed + seed
    warp = Warp(number, 3.5 if garment.region else 1.5, 0.006)
    table = Table(cloth.ground, number, warp, scale)
    spots = lay(table, garment, cloth, number)
    return finish(table, garment.region, garment.kind, spots)


def lay(table: Table, garment: Garment, cloth: Cloth, number: int) -> Spots:
    """Put a garment on a table, piece by piece; ``number`` seeds its folds. Where its landmarks
    lie, before the warp."""
    cut = garment.cut
    match cut:
        case LegCut():
            return lay_legs(table, cut, cloth, number)
        case SkirtCut():
            return lay_whole_skirt(table, cut, cloth, number)
        case HatCut():
            return lay_hat(table, cut, cloth, number)
        case ShoeCut():
            return lay_shoes(table, cut, cloth, number)
        case BagCut():
            return lay_bag(table, cut, cloth, number)
    if garment.skirt is not None:
        return lay_dress(table, cut, garment.skirt, cloth, number, garment.sash)
    return lay_top(table, cut, cloth, number)
