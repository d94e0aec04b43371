"""Cut a garment out of its photo: Otsu on plain grounds, GrabCut on others, the best scored wins.

Otsu's method (1979) splits saliency maps; GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004)
follows colour edges from there. Both run small; the edge is then sharpened at full size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import NoGarment
from ml.garment import saliency
from ml.garment.edges import sharpen
from ml.images import Picture, fit

Bool = NDArray[np.bool_]

#: Where saliency and GrabCut look (longer side) and where the edge is followed.
SMALL = 256
MEDIUM = 512
#: A garment covers at least and at most this share of a photo worth taking.
SHARE = (0.015, 0.97)
#: Border spread (weighted Lab units) up to which a ground counts as plain.
PLAIN = 3.0
#: A whole garment's outline is at least this clear (0..1), and shares at most this much of its
#: colours with the ground.
_LEAST_CONTOUR = 0.4
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Cutout:
    """mask: (H, W) uint8, 255 = fabric, the picture's size. confidence: 0..1."""

    mask: NDArray[np.uint8]
    confidence: float


def cut_out(picture: Picture) -> Cutout:
    """The garment of a photo. Raises NoGarment."""
    height, width = picture.size
    if picture.alpha is not None:
        cut = _from_alpha(picture.alpha)
        if cut is not None:
            return cut
    small = fit(picture.rgb, max_side=SMALL)
    found, confidence = _find(small)
    if not SHARE[0] <= float(found.mean()) <= SHARE[1]:
        raise NoGarment("no garment can be told from its background")
    medium = fit(picture.rgb, max_side=MEDIUM)
    grown = _resize(found, medium.shape[:2])
    edge = max(3, round(0.012 * max(medium.shape[:2])))
    followed = _grab_cut(_lab_bytes(_lab(medium)), grown, band=edge)
    if _overlap(followed, grown) < 0.85:  # the edge ran away: a ground like the garment
        followed = grown
    followed = _tidy(drop_hook(followed))
    mask = followed if medium.shape[:2] == (height, width) else sharpen(picture.rgb, followed)
    return Cutout(mask=mask.astype(np.uint8) * 255, confidence=confidence)


def _from_alpha(alpha: NDArray[np.uint8]) -> Cutout | None:
    """A cut-out photo brings its mask; rounded corners and full transparency do not."""
    opaque = alpha > 127
    if not SHARE[0] <= float(opaque.mean()) <= SHARE[1]:
        return None
    mask = _main_pieces(opaque)
    return Cutout(mask=mask.astype(np.uint8) * 255, confidence=0.98)


def _find(rgb: NDArray[np.uint8]) -> tuple[Bool, float]:
    """The best of several cuts of a small picture, and how far to trust it."""
    lab = _lab(rgb)
    smooth = np.asarray(
        np.dstack([cv2.medianBlur(channel, 5) for channel in cv2.split(lab)]), np.float32
    )
    residual, spread = saliency.background_residual(smooth)
    if float(np.percentile(residual, 99)) < 4.0:
        raise NoGarment("the photo shows nothing but an even background")
    scaled = np.clip(residual / max(float(np.percentile(residual, 95)), 1e-6), 0, 1)
    likely = saliency.colour_likelihood(smooth)
    together = (scaled + saliency.surroundedness(smooth) + likely) / 3
    data = _lab_bytes(lab)
    cuts = [_tidy(_grab_cut(data, _tidy(_otsu(map_)))) for map_ in (together, scaled)]
    if _overlap(*cuts) < 0.98:
        cuts.append(_tidy(_grab_cut(data, _tidy(likely > 0.5))))
    standing_out: Bool = residual > max(4 * spread, 6.0)
    if spread < PLAIN:
        # Whatever differs from a plain ground is garment, also where its parts differ in colour.
        plain = _tidy(standing_out)
        cuts.append(_tidy(_grab_cut(data, plain, band=6)))
    edges = _edge_strength(lab)
    agreement = [
        float(np.mean([_overlap(cut, other) for j, other in enumerate(cuts) if j != i]))
        for i, cut in enumerate(cuts)
    ]
    scores = [
        _score(cut, edges, standing_out if spread < PLAIN else None) + 0.3 * agree
        for cut, agree in zip(cuts, agreement, strict=True)
    ]
    scores[0] += 0.02  # all maps together are right most often
    scores = [
        score - max(_is_part(cut, other, smooth, edges) for other in cuts)
        for cut, score in zip(cuts, scores, strict=True)
    ]
    best = int(np.argmax(scores))
    sharp = _contour_mean(cuts[best], edges)
    confidence = float(np.clip(0.5 * sharp + 0.9 * agreement[best] - 0.4, 0, 1))
    return cuts[best], confidence


def _score(cut: Bool, edges: NDArray[np.float32], standing_out: Bool | None) -> float:
    """Strong edges all along the outline, away from the border, nothing left outside."""
    share = float(cut.mean())
    if not SHARE[0] <= share <= SHARE[1]:
        return -1.0
    at_border = float(cut[saliency.border(cut.shape, 0.01)].mean())
    score = _contour_mean(cut, edges) * (1 - at_border)
    if standing_out is not None:
        score -= min(0.5, float((standing_out & ~cut).mean()) / share)
    return score


def _is_part(cut: Bool, whole: Bool, lab: NDArray[np.float32], edges: NDArray[np.float32]) -> float:
    """Up to 0.6 where ``cut`` is only a print or stripe of the garment that ``whole`` holds.

    What ``whole`` holds besides must be unlike the ground around it: else it is ground, as
    between the legs of trousers.
    """
    area, larger = int(cut.sum()), int(whole.sum())
    if area == 0 or larger < 1.15 * area or int((cut & whole).sum()) < 0.9 * area:
        return 0.0
    frame = saliency.border(cut.shape, 0.01)
    if float(whole[frame].mean()) > float(cut[frame].mean()) + 0.05:
        return 0.0
    if _contour_mean(whole, edges) < _LEAST_CONTOUR:
        return 0.0
    far = cv2.distanceTransform((~_outline(cut)).astype(np.uint8), cv2.DIST_L2, 3) > 4
    if float(far[_outline(whole)].mean()) < 0.4:  # nearly the same outline: a gap, not a print
        return 0.0
    rest, ground = saliency.histograms(lab, whole & ~cut, ~whole)
    alike = float(np.minimum(rest, ground).sum())
    return 0.6 * max(0.0, 1 - alike / _ALIKE)


def _contour_mean(cut: Bool, edges: NDArray[np.float32]) -> float:
    """Mean edge strength (0..1) along the outline of a mask."""
    outline = _outline(cut)
    return float(edges[outline].mean()) if outline.any() else 0.0


def _outline(cut: Bool) -> Bool:
    """Pixels on both sides of the mask's edge; the picture's own border is none."""
    padded = cv2.copyMakeBorder(cut.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.morphologyEx(padded, cv2.MORPH_GRADIENT, kernel)[1:-1, 1:-1] > 0)


def _edge_strength(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colour gradient, 1 = 8 Lab units per pixel or more, within a pixel's reach."""
    blurred = cv2.GaussianBlur(lab, (0, 0), 1.0)
    along_x = cv2.Sobel(blurred, cv2.CV_32F, 1, 0) / 8
    along_y = cv2.Sobel(blurred, cv2.CV_32F, 0, 1) / 8
    strength = np.sqrt((along_x**2 + along_y**2).sum(axis=2))
    return np.asarray(np.clip(cv2.dilate(strength, np.ones((3, 3))) / 8, 0, 1), np.float32)


def _otsu(values: NDArray[np.float32]) -> Bool:
    top = max(float(np.percentile(values, 99.5)), 1e-6)
    grey = (np.clip(values / top, 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1] > 0)


def _grab_cut(data: NDArray[np.uint8], seed: Bool, *, band: int | None = None) -> Bool:
    """GrabCut from a seed mask; with ``band``, only pixels that near its outline may change."""
    if not seed.any() or seed.all():
        return seed
    label = np.where(seed, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    inside = cv2.distanceTransform(seed.astype(np.uint8), cv2.DIST_L2, 3)
    if band is None:
        label[saliency.border(seed.shape, 0.015) & ~seed] = cv2.GC_BGD
        label[inside > 0.5 * inside.max()] = cv2.GC_FGD
    else:
        outside = cv2.distanceTransform((~seed).astype(np.uint8), cv2.DIST_L2, 3)
        label[inside > band] = cv2.GC_FGD
        label[outside > band] = cv2.GC_BGD
        if not (label == cv2.GC_FGD).any() or not (label == cv2.GC_BGD).any():
            return seed
    cv2.setRNGSeed(1)  # its k-means starts at random: the same photo must give the same mask
    rounds = 3 if band is None else 2
    ground, garment = np.zeros((1, 65)), np.zeros((1, 65))
    whole = (0, 0, 0, 0)  # not used with a mask
    cv2.grabCut(data, label, whole, ground, garment, rounds, cv2.GC_INIT_WITH_MASK)
    return np.asarray((label == cv2.GC_FGD) | (label == cv2.GC_PR_FGD))


def _tidy(cut: Bool) -> Bool:
    """Drop specks and threads, keep the main pieces, fill small holes."""
    radius = max(1, round(0.006 * min(cut.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    opened = cv2.morphologyEx(cut.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    return _fill_small_holes(_main_pieces(opened > 0))


def _main_pieces(cut: Bool) -> Bool:
    """The largest piece near the middle, and others of a comparable size away from the border."""
    height, width = cut.shape
    count, labels, stats, centres = cv2.connectedComponentsWithStats(
        cut.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return np.zeros_like(cut)
    area = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    off = (centres[1:] / (width, height)) - 0.5
    best = int(np.argmax(area * np.exp(-3 * (off**2).sum(axis=1))))
    keep = np.zeros(count, dtype=bool)
    keep[best + 1] = True
    left, top = stats[1:, cv2.CC_STAT_LEFT], stats[1:, cv2.CC_STAT_TOP]
    right = left + stats[1:, cv2.CC_STAT_WIDTH]
    bottom = top + stats[1:, cv2.CC_STAT_HEIGHT]
    free = (left > 0) & (top > 0) & (right < width) & (bottom < height)
    keep[1:] |= (area > 0.3 * area[best]) & free
    return np.asarray(keep[labels])


def _fill_small_holes(cut: Bool, *, share: float = 0.02) -> Bool:
    """Holes below ``share`` of the garment are print or glare; larger ones are real gaps."""
    height, width = cut.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~cut).astype(np.uint8), connectivity=4
    )
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    inside = (left > 0) & (top > 0) & (right < width) & (bottom < height)
    fill = inside & (stats[:, cv2.CC_STAT_AREA] < share * cut.sum())
    fill[0] = False
    return np.asarray(cut | fill[labels]) if count > 1 else cut


def drop_hook(cut: Bool) -> Bool:
    """Remove a hanger's hook: a thin piece standing on the top, near the middle."""
    ys, xs = np.nonzero(cut)
    if len(ys) == 0:
        return cut
    top, left, right = int(ys.min()), int(xs.min()), int(xs.max())
    height, width = int(ys.max()) - top + 1, right - left + 1
    size = max(3, round(0.05 * min(height, width))) | 1
    padded = cv2.copyMakeBorder(cut.astype(np.uint8), size, size, size, size, cv2.BORDER_CONSTANT)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, kernel)[size:-size, size:-size] > 0
    if not opened.any():
        return cut
    body_top = int(np.nonzero(opened.any(axis=1))[0][0])
    count, labels, stats, centres = cv2.connectedComponentsWithStats(
        (cut & ~opened).astype(np.uint8), connectivity=8
    )
    out = cut.copy()
    for piece in range(1, count):
        bottom = stats[piece, cv2.CC_STAT_TOP] + stats[piece, cv2.CC_STAT_HEIGHT]
        middle = abs(centres[piece, 0] - (left + right) / 2) < 0.2 * width
        tall = stats[piece, cv2.CC_STAT_HEIGHT] > size
        if middle and tall and bottom <= body_top + 3 * size:
            out[labels == piece] = False
    return out


def _overlap(one: Bool, other: Bool) -> float:
    """Intersection over union."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 0.0


def _resize(cut: Bool, shape: tuple[int, ...]) -> Bool:
    height, width = shape[:2]
    if cut.shape == (height, width):
        return cut
    soft = cv2.resize(cut.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(soft > 0.5)


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _lab_bytes(lab: NDArray[np.float32]) -> NDArray[np.uint8]:
    """8-bit Lab for GrabCut, colour stretched: clothes rarely use the ends of a and b."""
    scaled = lab * np.array([1.8, 2.0, 2.0]) + np.array([0.0, 128.0, 128.0])
    return np.asarray(np.clip(scaled, 0, 255), dtype=np.uint8)
