"""A garment photo in, its annotation out: mask, region, cut and landmarks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml.errors import NoGarment
from ml.garment.annotation import Cut, GarmentAnnotation, Region
from ml.garment.landmarks import Found, find_landmarks
from ml.garment.mask import cut_out
from ml.garment.outline import Upright, turn_upright
from ml.garment.shape import CUTS, Shape, classify
from ml.images import Picture, fit

#: Changes with anything that changes an annotation: part of cache keys.
VERSION = "geometry-2"

REGIONS: Mapping[Cut, Region] = {
    Cut.TOP: Region.UPPER,  # an outer garment has the shape of a top: only the caller knows
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
#: Before looking: most photos are upright, some lie on a side, hardly any on their head.
_TURN_PRIOR = (1.0, 0.3, 0.1, 0.3)
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
_LEAST_CONFIDENCE = 0.2
#: Which way up is told from a mask of this size.
_GLANCE = 160


def annotate(
    photo: Picture | NDArray[np.uint8], *, region: Region | None = None, cut: Cut | None = None
) -> GarmentAnnotation:
    """Annotate a photo of one garment, laid flat or hung.

    photo: a decoded picture, or (H, W, 3) uint8 sRGB. region and cut: where known; what is not
    said is told from the shape ('outer' never is: it looks like 'upper').
    Raises NoGarment, and ValueError where region and cut contradict each other.
    """
    allowed = _allowed(region, cut)
    picture = photo if isinstance(photo, Picture) else Picture(rgb=photo, alpha=None, format="raw")
    cutout = cut_out(picture)
    if cutout.confidence < _LEAST_CONFIDENCE:
        raise NoGarment("no garment can be told from its background")
    upright, shape = _turn(cutout.mask)
    chosen, share, found = _choose(upright, shape, allowed)
    return GarmentAnnotation(
        mask=cutout.mask,
        region=region or REGIONS[chosen],
        cut=chosen,
        landmarks=found.landmarks,
        confidence=_confidence(cutout.confidence, found, chosen, share),
        version=VERSION,
    )


def _allowed(region: Region | None, cut: Cut | None) -> tuple[Cut, ...]:
    if region is None:
        return CUTS if cut is None else (cut,)
    if cut is None:
        return CUTS_OF[region]
    if cut not in CUTS_OF[region]:
        raise ValueError(f"a garment of region {region} cannot be cut as {cut}")
    return (cut,)


def _turn(mask: NDArray[np.uint8]) -> tuple[Upright, Shape]:
    """The quarter turn after which the shape looks upright."""
    small = fit(mask, max_side=_GLANCE)
    shapes = [classify(turn_upright(small, quarter_turns=q).mask) for q in range(4)]
    turn = int(np.argmax([s.upright * p for s, p in zip(shapes, _TURN_PRIOR, strict=True)]))
    return turn_upright(mask, quarter_turns=turn), shapes[turn]


def _choose(upright: Upright, shape: Shape, allowed: tuple[Cut, ...]) -> tuple[Cut, float, Found]:
    """The cut that shape and landmarks together speak for, its share by shape, its landmarks."""
    likeliest = max(shape.cuts[cut] for cut in allowed)
    fits = {
        cut: find_landmarks(upright, cut)
        for cut in allowed
        if shape.cuts[cut] >= _PLAUSIBLE * likeliest
    }

    def plausible(cut: Cut) -> float:
        misfit = fits[cut].cost - _DOUBTFUL_COST[cut]
        return float(np.log(max(shape.cuts[cut], 1e-6))) - misfit

    best = max(fits, key=plausible)
    return best, shape.cuts[best] if len(allowed) > 1 else 1.0, fits[best]


def _confidence(mask: float, found: Found, cut: Cut, share: float) -> float:
    """Mask, landmark fit and certainty of the cut must all be good."""
    fit = 1 / (1 + np.exp((found.cost - _DOUBTFUL_COST[cut]) / _COST_SPREAD))
    return float(np.clip(mask * (0.25 + 0.75 * fit) * (0.7 + 0.3 * share), 0, 1))
