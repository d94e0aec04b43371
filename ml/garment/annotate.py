"""A garment photo in, its annotation out: mask, category, region, cut and landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.errors import NoGarment, NotSupported
from ml.garment.annotation import NEEDS_ATTENTION, Cut, GarmentAnnotation, Region
from ml.garment.category import CUT_OF, Category, categorise_upright, group_shares
from ml.garment.landmarks import Found, find_landmarks
from ml.garment.mask import Cutout, cut_out
from ml.garment.orientation import turn
from ml.garment.outline import Upright
from ml.garment.shape import CUTS, Shape
from ml.images import Picture

__all__ = ["CUTS_OF", "NEEDS_ATTENTION", "VERSION", "Looked", "annotate", "label", "look_at"]

#: Changes with anything that changes an annotation: part of cache keys.
VERSION = "networks-2"

REGIONS: Mapping[Cut, Region] = {
    Cut.TOP: Region.UPPER,  # or outer: the category knows
    Cut.DRESS: Region.DRESS,
    Cut.TROUSERS: Region.LOWER,
    Cut.SKIRT: Region.LOWER,
}
CUTS_OF: Mapping[Region, tuple[Cut, ...]] = {
    Region.UPPER: (Cut.TOP,),
    Region.OUTER: (Cut.TOP,),
    Region.DRESS: (Cut.DRESS,),
    Region.LOWER: (Cut.TROUSERS, Cut.SKIRT),
}
#: Fit cost of a garment whose landmarks are half right, by cut, and how fast trust falls.
_DOUBTFUL_COST: Mapping[Cut, float] = {
    Cut.TOP: -0.3,
    Cut.DRESS: -0.2,
    Cut.TROUSERS: -0.9,
    Cut.SKIRT: -1.2,
}
_COST_SPREAD = 0.22
#: A cut is tried on the outline where it is at least this likely, compared with the likeliest.
_PLAUSIBLE = 0.2
#: What the category counts beside the shape, and what a bad fit of the landmarks costs.
_SEEN = 1.0
_MISFIT = 1.0
#: Below this the mask is worth nothing; between this and NEEDS_ATTENTION a person had better look.
_LEAST_CONFIDENCE = 0.02


@dataclass(frozen=True, slots=True)
class Looked:
    """What is seen of a garment before anybody says what it is to be worn as."""

    cutout: Cutout
    upright: Upright
    shape: Shape
    category: Category


def look_at(photo: Picture | NDArray[np.uint8]) -> Looked:
    """Cut the garment out and tell its category; also of shoes and hats. Raises NoGarment.

    photo: a decoded picture, or (H, W, 3) uint8 sRGB.
    """
    picture = photo if isinstance(photo, Picture) else Picture(rgb=photo, alpha=None, format="raw")
    cutout = cut_out(picture)
    if cutout.confidence < _LEAST_CONFIDENCE:
        raise NoGarment("no garment can be told from its background")
    upright, shape = turn(cutout.mask)
    return Looked(cutout, upright, shape, categorise_upright(picture.rgb, cutout.mask, upright))


def annotate(
    photo: Picture | NDArray[np.uint8], *, region: Region | None = None, cut: Cut | None = None
) -> GarmentAnnotation:
    """Annotate a photo of one garment, laid flat or hung.

    photo: a decoded picture, or (H, W, 3) uint8 sRGB. region and cut: where known; what is not
    said is told from category and shape. Raises NoGarment; NotSupported for shoes and hats where
    neither is said; ValueError where region and cut contradict each other.
    """
    allowed = _allowed(region, cut)
    return label(look_at(photo), region, allowed)


def label(looked: Looked, region: Region | None, allowed: tuple[Cut, ...]) -> GarmentAnnotation:
    """The annotation of what was looked at. Raises NotSupported for shoes and hats if no region
    is said and every cut is allowed."""
    category = looked.category
    if region is None and allowed == CUTS and category.group not in list(Region):
        raise NotSupported(f"{category.name}: only garments for body and legs have landmarks")
    chosen, share, found = _choose(looked, allowed)
    return GarmentAnnotation(
        mask=looked.cutout.mask,
        region=region or _region(chosen, category),
        cut=chosen,
        landmarks=found.landmarks,
        confidence=_confidence(looked.cutout.confidence, found, chosen, share),
        version=VERSION,
        mask_confidence=looked.cutout.confidence,
        category=category.name,
        probabilities=category.probabilities,
    )


def _allowed(region: Region | None, cut: Cut | None) -> tuple[Cut, ...]:
    if region is None:
        return CUTS if cut is None else (cut,)
    if cut is None:
        return CUTS_OF[region]
    if cut not in CUTS_OF[region]:
        raise ValueError(f"a garment of region {region} cannot be cut as {cut}")
    return (cut,)


def _region(cut: Cut, category: Category) -> Region:
    shares = group_shares(category.probabilities)
    if cut is Cut.TOP and shares[Region.OUTER] > shares[Region.UPPER]:
        return Region.OUTER
    return REGIONS[cut]


def _choose(looked: Looked, allowed: tuple[Cut, ...]) -> tuple[Cut, float, Found]:
    """The cut that category, shape and landmarks together speak for, its share, its landmarks."""
    shares = _shares(looked)
    likeliest = max(shares[cut] for cut in allowed)
    fits = {
        cut: find_landmarks(looked.upright, cut)
        for cut in allowed
        if shares[cut] >= _PLAUSIBLE * likeliest
    }

    def plausible(cut: Cut) -> float:
        misfit = fits[cut].cost - _DOUBTFUL_COST[cut]
        return float(np.log(shares[cut])) - _MISFIT * misfit

    best = max(fits, key=plausible)
    return best, shares[best] if len(allowed) > 1 else 1.0, fits[best]


def _shares(looked: Looked) -> dict[Cut, float]:
    """How likely each cut is by what the category network sees and by the mask's shape."""
    seen = dict.fromkeys(CUTS, 1e-3)
    for name, share in looked.category.probabilities.items():
        cut = CUT_OF[name]
        if cut is not None:
            seen[cut] += share
    both = {cut: seen[cut] ** _SEEN * max(looked.shape.cuts[cut], 1e-3) for cut in CUTS}
    return {cut: value / sum(both.values()) for cut, value in both.items()}


def _confidence(mask: float, found: Found, cut: Cut, share: float) -> float:
    """Mask, landmark fit and certainty of the cut must all be good."""
    fit = 1 / (1 + np.exp((found.cost - _DOUBTFUL_COST[cut]) / _COST_SPREAD))
    return float(np.clip(mask * (0.25 + 0.75 * fit) * (0.7 + 0.3 * share), 0, 1))
