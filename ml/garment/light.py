"""Cut a garment from its ground by colour alone: Otsu on saliency maps, then GrabCut.

Otsu's method (1979) splits saliency maps; GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004)
follows colour edges from there. Several cuts of a small picture come out;
:mod:`ml.garment.trust` judges them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment import saliency
from ml.garment.pieces import overlap, tidy

Bool = NDArray[np.bool_]

#: A garment covers at least and at most this share of a photo worth taking.
SHARE = (0.015, 0.97)
#: Border spread (weighted Lab units) up to which a ground counts as plain.
PLAIN = 3.0
#: Nothing in the picture is farther from the ground's colours than this (Lab): an even wall.
_NOTHING = 4.0
#: A whole garment's outline is at least this clear (0..1), and shares at most this much of its
#: colours with the ground.
_LEAST_CONTOUR = 0.4
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """A small picture, prepared once for all who cut it.

    smooth: CIELAB without grain. data: 8-bit Lab for GrabCut. edges: (h, w) 0..1.
    residual: distance from the ground's colours, spread: the ground's own (Lab units).
    """

    smooth: NDArray[np.float32]
    data: NDArray[np.uint8]
    edges: NDArray[np.float32]
    residual: NDArray[np.float32]
    spread: float

    @classmethod
    def at(cls, rgb: NDArray[np.uint8]) -> Look:
        lab = _lab(rgb)
        smooth = np.asarray(
            np.dstack([cv2.medianBlur(channel, 5) for channel in cv2.split(lab)]), np.float32
        )
        residual, spread = saliency.background_residual(smooth)
        return cls(smooth, lab_bytes(rgb), _edge_strength(lab), residual, spread)

    @property
    def even(self) -> bool:
        """Nothing stands out from the ground."""
        return float(np.percentile(self.residual, 99)) < _NOTHING

    @property
    def standing_out(self) -> Bool | None:
        """What must be garment because the ground is plain; None where it is not."""
        if self.spread >= PLAIN:
            return None
        return np.asarray(self.residual > max(4 * self.spread, 6.0))


def cuts_by_colour(look: Look) -> list[Bool]:
    """Two to four cuts; the first, from all maps together, is right most often."""
    top = max(float(np.percentile(look.residual, 95)), 1e-6)
    scaled = np.clip(look.residual / top, 0, 1)
    likely = saliency.colour_likelihood(look.smooth)
    together = (scaled + saliency.surroundedness(look.smooth) + likely) / 3
    cuts = [tidy(grab_cut(look.data, tidy(_otsu(map_)))) for map_ in (together, scaled)]
    if overlap(*cuts) < 0.98:
        cuts.append(tidy(grab_cut(look.data, tidy(likely > 0.5))))
    if look.standing_out is not None:
        # Whatever differs from a plain ground is garment, also where its parts differ in colour.
        cuts.append(tidy(grab_cut(look.data, tidy(look.standing_out), band=6)))
    return cuts


def is_part(cut: Bool, whole: Bool, look: Look) -> float:
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
    if contour_mean(whole, look.edges) < _LEAST_CONTOUR:
        return 0.0
    far = cv2.distanceTransform((~_outline(cut)).astype(np.uint8), cv2.DIST_L2, 3) > 4
    if float(far[_outline(whole)].mean()) < 0.4:  # nearly the same outline: a gap, not a print
        return 0.0
    rest, ground = saliency.histograms(look.smooth, whole & ~cut, ~whole)
    alike = float(np.minimum(rest, ground).sum())
    return 0.6 * max(0.0, 1 - alike / _ALIKE)


def contour_mean(cut: Bool, edges: NDArray[np.float32]) -> float:
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


def grab_cut(data: NDArray[np.uint8], seed: Bool, *, band: int | None = None) -> Bool:
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


def _lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def lab_bytes(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """8-bit Lab for GrabCut, colour stretched: clothes rarely use the ends of a and b."""
    scaled = _lab(rgb) * np.array([1.8, 2.0, 2.0]) + np.array([0.0, 128.0, 128.0])
    return np.asarray(np.clip(scaled, 0, 255), dtype=np.uint8)
