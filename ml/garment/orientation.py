"""Which way up a garment lies in its photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.garment.outline import Upright, turn_upright
from ml.garment.shape import Shape, classify
from ml.images import fit

#: Before looking: most photos are upright, some lie on a side, hardly any on their head.
_PRIOR = (1.0, 0.3, 0.1, 0.3)
#: Which way up is told from a mask of this size.
_GLANCE = 160


def turn(mask: NDArray[np.uint8]) -> tuple[Upright, Shape]:
    """The quarter turn after which the shape looks upright."""
    small = fit(mask, max_side=_GLANCE)
    shapes = [classify(turn_upright(small, quarter_turns=q).mask) for q in range(4)]
    best = int(np.argmax([s.upright * p for s, p in zip(shapes, _PRIOR, strict=True)]))
    return turn_upright(mask, quarter_turns=best), shapes[best]
