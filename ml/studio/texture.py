"""What a worn garment is painted with: the drawing without its folds and light."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio import wardrobe
from ml.studio.garment import Cloth, Spots
from ml.studio.paths import Warp
from ml.studio.product import Garment
from ml.studio.sleeves import lay_sleeves
from ml.studio.table import Table
from ml.studio.tops import TopCut

Lay = Callable[[Table, Garment, Cloth, int], Spots]

#: Shading of the drawing wider than this (px) is folds, narrower is sewn.
BROAD = 11.0


def texture(garment: Garment, cloth: Cloth) -> NDArray[np.uint8]:
    """(1200 n, 900, 3) sRGB for other renderers: the garment's colours with what is sewn into it,
    seams, quilting, the edges of collars and pockets. Folds and light, which they make themselves,
    are left out.

    Drawn like ``draw``'s picture but without its slight bend, so that the cut's own outlines are
    the coordinates. Beyond the garment it repeats the nearest cloth. With sleeves n is 2: below
    the garment follow its sleeves, with what the body covers of them.
    """
    parts = [_painted(garment, cloth, wardrobe.lay)]
    if isinstance(garment.cut, TopCut) and garment.cut.sleeve:
        parts.append(_painted(garment, cloth, _lay_whole_sleeves))
    return np.concatenate(parts)


def _painted(garment: Garment, cloth: Cloth, lay: Lay) -> NDArray[np.uint8]:
    lit, plain = (Table("#ecebe8", garment.seed, Warp(garment.seed, 0.0, 0.0), 1, unlit=unlit)
                  for unlit in (False, True))  # fmt: skip
    for table in (lit, plain):
        lay(table, garment, cloth, garment.seed)
    flat = plain.texture()
    inside = (lit.cutout() > 0).astype(np.float32)
    shade, bare = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
                   for p in (lit.picture(), flat))  # fmt: skip
    shade = np.where(inside > 0, (shade + 0.02) / (bare + 0.02), 0)
    broad = cv2.GaussianBlur(shade, (0, 0), BROAD) / np.maximum(
        cv2.GaussianBlur(inside, (0, 0), BROAD), 1e-3
    )
    fine = np.where(inside > 0, np.clip(shade / np.maximum(broad, 1e-3), 0.6, 1.3), 1)
    return np.asarray(np.clip(flat * fine[..., None] + 0.5, 0, 255), np.uint8)


def _lay_whole_sleeves(table: Table, garment: Garment, cloth: Cloth, number: int) -> Spots:
    if isinstance(garment.cut, TopCut):
        lay_sleeves(table, garment.cut, cloth, np.random.default_rng(number + 1000), whole=True)
    return {}
