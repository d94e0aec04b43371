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
#: What may turn out to be cloth; how far from the labelled cloth, in metres; its strictness.
NEIGHBOURS: tuple[tuple[tuple[Atr, ...], float, float], ...] = (
    (SKIN, 0.016, 1.0),
    ((Atr.HAIR,), 0.035, 0.6),  # cloth is seen between strands, which have many colours
    ((Atr.BAG,), 0.035, 1.0),  # beside straps
    ((Atr.BACKGROUND,), 0.028, 0.9),  # fur and fringes
)
MIXED = 0.009  # metres of skin's edge at a collar or cuff whose pixels may be mixtures
MOSTLY_OWN = 0.22  # share of cloth in a pixel from which on it goes with the cloth
THICK = 0.026  # metres: bags that are thicker than straps are believed
PLAIN = 0.004  # metres at a label's edge whose colours are mixed
LOCAL = 0.014  # metres over which a kind's local colour is taken
FOREIGN = 25.0  # Lab distance from the cloth's colour beyond which it is surely something else
OWN_FAR = 16.0  # Lab distance from the own kind's colour below which a label is believed
CLOTH_NEAR = 15.0  # Lab distance from the cloth's colour above which it is not this cloth
CLEARLY = 0.5  # how much nearer to the cloth than to its own kind a pixel must be


def settle(photo: NDArray[np.uint8], parse: NDArray[np.uint8], metre: float) -> NDArray[np.uint8]:
    """The labels (H, W) with slivers of clothes given back to the clothes. metre: in pixels."""
    widest = max(reach for _, reach, _ in NEIGHBOURS)
    cloth = np.isin(parse, CLOTHES)
    box = box_of(cloth, margin=round(4 * widest * metre) + 2)
    if box is None:
        return parse
    image, labels, cloth = photo[box], parse[box], cloth[box]
    off = real(cv2.distanceTransform((~cloth).astype(np.uint8), cv2.DIST_L2, 3))
    deep = real(cv2.distanceTransform(cloth.astype(np.uint8), cv2.DIST_L2, 3))
    sure = deep > max(PLAIN * metre, 1.5)
    band = ~cloth & (off <= widest * metre)
    if not sure.any() or not band.any():
        return parse
    sigma = max(LOCAL * metre, 1.0)
    ys, xs = np.nonzero(band)
    away, lab = off[ys, xs], _lab(real(image[ys, xs]))
    fabric = _lab(spread(image, sure, sigma)[ys, xs])
    to_cloth = _far(lab, fabric)
    foreign = np.zeros(cloth.shape, bool)
    foreign[ys, xs] = to_cloth > FOREIGN
    stray = np.zeros(cloth.shape, bool)
    for kinds, reach, strict in NEIGHBOURS:
        kind = np.isin(labels, kinds)
        sure = kind & ((off > reach * metre) | foreign)
        near = kind[ys, xs] & (away <= reach * metre)
        if not near.any() or int(sure.sum()) < 50:
            continue
        own = _lab(spread(image, sure, sigma)[ys[near], xs[near]])
        to_own, to_fabric = _far(lab[near], own), to_cloth[near]
        fits = (to_fabric < CLOTH_NEAR * strict) & (to_fabric < CLEARLY * strict * to_own)
        fits &= to_own > OWN_FAR
        if Atr.BAG in kinds:
            side = 2 * max(1, round(THICK * metre)) + 1
            disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
            thick = cv2.morphologyEx(kind.astype(np.uint8), cv2.MORPH_OPEN, disc)
            fits &= thick[ys[near], xs[near]] == 0
        if kinds is SKIN:
            edge = away[near] <= max(MIXED * metre, 2.5)
            fits |= edge & (_mixture(lab[near], own, fabric[near]) > MOSTLY_OWN)
        stray[ys[near], xs[near]] |= fits
    # Single pixels are noise, not cloth.
    fitting = cv2.boxFilter(real(stray | cloth), -1, (3, 3)) > 0.5
    stray &= fitting
    if not stray.any():
        return parse
    nearest = _nearest_label(labels, cloth)
    # Beside dark trousers lies the person's own shadow: that is no cloth.
    stray &= (labels != Atr.BACKGROUND) | ~np.isin(nearest, (Atr.PANTS, Atr.SKIRT))
    result = parse.copy()
    result[box] = np.where(stray, nearest, labels)
    return result


def _mixture(lab: FloatImage, own: FloatImage, fabric: FloatImage) -> FloatImage:
    """Share (N,) of the fabric in colours (N, 3); 0 where fabric and own look alike."""
    way = fabric - own
    length = np.einsum("ij,ij->i", way, way)
    share = np.einsum("ij,ij->i", lab - own, way) / np.maximum(length, 1.0)
    return real(np.where(length > FOREIGN**2, share, 0.0))


def _nearest_label(labels: NDArray[np.uint8], cloth: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """For each pixel the label of the nearest cloth."""
    _, index = cv2.distanceTransformWithLabels(
        (~cloth).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(index.max()) + 1, np.uint8)
    table[index[cloth]] = labels[cloth]
    return np.asarray(table[index], np.uint8)


def _lab(rgb: FloatImage) -> FloatImage:
    """(N, 3) RGB 0..255 to Lab."""
    return real(cv2.cvtColor(real(rgb[None] / 255).clip(0, 1), cv2.COLOR_RGB2LAB)[0])


def _far(lab: FloatImage, other: FloatImage) -> FloatImage:
    """(N,) distances of colours (N, 3)."""
    return real(np.linalg.norm(lab - other, axis=1))
