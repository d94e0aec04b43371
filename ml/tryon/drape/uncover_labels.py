"""Labels corrected by colour where old clothes meet something else.

Labels of people are a few pixels off: bits of a coat count as hair, neck, strap or wall, and
would stay behind when the coat goes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr
from ml.tryon.drape.uncover_smooth import FloatImage, box_of, real, spread

CLOTHES = (Atr.UPPER, Atr.DRESS, Atr.SKIRT, Atr.PANTS)
SKIN = (Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.LEFT_LEG, Atr.RIGHT_LEG)
#: What may turn out to be cloth, and how far from the labelled cloth, in metres.
NEIGHBOURS: tuple[tuple[tuple[Atr, ...], float], ...] = (
    (SKIN, 0.016),
    ((Atr.HAIR,), 0.045),  # cloth is seen between strands
    ((Atr.BAG,), 0.035),  # beside straps
    ((Atr.BACKGROUND,), 0.016),
)
PLAIN = 0.004  # metres at a label's edge whose colours are mixed
FOREIGN = 25.0  # Lab distance from the cloth's colour beyond which it is surely something else
OWN_FAR = 16.0  # Lab distance from the own kind's colour below which a label is believed
CLOTH_NEAR = 15.0  # Lab distance from the cloth's colour above which it is not this cloth
CLEARLY = 0.5  # how much nearer to the cloth than to its own kind a pixel must be


def settle(photo: NDArray[np.uint8], parse: NDArray[np.uint8], metre: float) -> NDArray[np.uint8]:
    """The labels (H, W) with slivers of clothes given back to the clothes. metre: in pixels."""
    widest = max(reach for _, reach in NEIGHBOURS)
    cloth = np.isin(parse, CLOTHES)
    box = box_of(cloth, margin=round(2 * widest * metre) + 2)
    if box is None:
        return parse
    image, labels, cloth = photo[box], parse[box], cloth[box]
    lab = _lab(image)
    sigma = max(0.010 * metre, 1.0)
    off = real(cv2.distanceTransform((~cloth).astype(np.uint8), cv2.DIST_L2, 3))
    deep = real(cv2.distanceTransform(cloth.astype(np.uint8), cv2.DIST_L2, 3))
    sure = deep > max(PLAIN * metre, 1.5)
    if not sure.any():
        return parse
    to_cloth = _far(lab, _lab8(spread(image, sure, sigma)))
    stray = np.zeros(cloth.shape, bool)
    for kinds, reach in NEIGHBOURS:
        kind = np.isin(labels, kinds)
        sure = kind & ((off > reach * metre) | (to_cloth > FOREIGN))
        near = kind & (off <= reach * metre)
        if not near.any() or int(sure.sum()) < 50:
            continue
        to_own = _far(lab, _lab8(spread(image, sure, sigma)))
        stray |= near & (to_own > OWN_FAR) & (to_cloth < CLOTH_NEAR) & (to_cloth < CLEARLY * to_own)
    # Single pixels are noise, not cloth.
    fitting = cv2.boxFilter(real(stray | cloth), -1, (3, 3)) > 0.5
    stray &= fitting
    if not stray.any():
        return parse
    nearest = _nearest_label(labels, cloth)
    result = parse.copy()
    result[box] = np.where(stray, nearest, labels)
    return result


def _nearest_label(labels: NDArray[np.uint8], cloth: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """For each pixel the label of the nearest cloth."""
    _, index = cv2.distanceTransformWithLabels(
        (~cloth).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(index.max()) + 1, np.uint8)
    table[index[cloth]] = labels[cloth]
    return np.asarray(table[index], np.uint8)


def _lab(rgb: NDArray[np.uint8]) -> FloatImage:
    return real(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def _lab8(rgb: FloatImage) -> FloatImage:
    return real(cv2.cvtColor(real(np.clip(rgb / 255, 0, 1)), cv2.COLOR_RGB2LAB))


def _far(lab: FloatImage, other: FloatImage) -> FloatImage:
    gap = lab - other
    return real(np.sqrt(np.einsum("ijk,ijk->ij", gap, gap)))
