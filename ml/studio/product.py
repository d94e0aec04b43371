"""One product of the demo: how it is cut, its cloths, and what a shop calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml.garment.annotation import Cut, Region
from ml.studio.bags import BagCut
from ml.studio.bottoms import LegCut
from ml.studio.garment import Cloth
from ml.studio.hats import HatCut
from ml.studio.shoes import ShoeCut
from ml.studio.skirts import SkirtCut
from ml.studio.tops import TopCut

#: Category -> what part of the body it dresses; None: nobody tries it on.
REGIONS: Mapping[str, Region | None] = {
    "t-shirts": Region.UPPER, "shirts": Region.UPPER, "blouses": Region.UPPER,
    "knitwear": Region.UPPER, "sweatshirts": Region.UPPER, "cardigans": Region.OUTER,
    "jackets": Region.OUTER, "coats": Region.OUTER, "dresses": Region.DRESS,
    "skirts": Region.LOWER, "trousers": Region.LOWER, "jeans": Region.LOWER,
    "shorts": Region.LOWER, "hats": None, "shoes": None, "bags": None,
}  # fmt: skip


@dataclass(frozen=True)
class Garment:
    """One product: the first of its cloths is the main one.

    pattern: a key of ``ml.garment.pattern_names.PATTERNS``. fit: women, men or unisex.
    """

    slug: str
    category: str
    fit: str
    cut: TopCut | LegCut | SkirtCut | HatCut | ShoeCut | BagCut
    cloths: Mapping[str, Cloth]
    seed: int
    pattern: str = "plain"
    skirt: SkirtCut | None = None  # with a TopCut: a dress
    sash: bool = False
    detail: bool = False  # whether a close-up shows something

    @property
    def region(self) -> Region | None:
        return REGIONS[self.category]

    @property
    def kind(self) -> Cut | None:
        """Which landmarks it has."""
        if isinstance(self.cut, LegCut):
            return Cut.TROUSERS
        if isinstance(self.cut, SkirtCut):
            return Cut.SKIRT
        if isinstance(self.cut, TopCut):
            return Cut.TOP if self.skirt is None else Cut.DRESS
        return None

    def names(self) -> dict[str, Cloth]:
        """File stem per colourway: the slug, and slug-colour for the others."""
        return {
            self.slug if i == 0 else f"{self.slug}-{colour}": cloth
            for i, (colour, cloth) in enumerate(self.cloths.items())
        }
