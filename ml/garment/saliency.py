"""Three maps of "this is not the background", from colour alone, each right where another fails.

- :func:`background_residual`: distance from a smooth surface through the border's colours.
  Plain grounds, also with light falling off to a corner; fails on boards and patterned rugs.
- :func:`surroundedness`: what no threshold connects with the border (Boolean map saliency: Zhang
  and Sclaroff, ICCV 2013). Patterned grounds; fails for garments that leave the picture.
- :func:`colour_likelihood`: colours frequent in the middle and rare at the border.
  Patterned grounds and garments at the border; fails on colours that both share.

All take (H, W, 3) float32 CIELAB (L 0..100) of a small picture and give (H, W) float32 in 0..1.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Lab = NDArray[np.float32]
Map = NDArray[np.float32]

#: Shadows change lightness more than hue, so lightness counts half of colour.
LIGHTNESS_WEIGHT = 0.7
COLOUR_WEIGHT = 1.4

_BINS = (16, 24, 24)


def border(shape: tuple[int, int], share: float) -> NDArray[np.bool_]:
    """The frame of the picture, ``share`` of its shorter side thick, at least two pixels."""
    height, width = shape
    thick = max(2, round(share * min(height, width)))
    frame = np.ones((height, width), dtype=bool)
    frame[thick:-thick, thick:-thick] = False
    return frame


def background_residual(lab: Lab) -> tuple[Map, float]:
    """Distance from a robust quadratic surface fitted to the border.

    Returns the map in weighted Lab units (not 0..1) and the border's own spread about the surface
    (its noise or pattern), in the same units.
    """
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    basis = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1).reshape(-1, 6)
    colours = lab.reshape(-1, 3) * np.array([LIGHTNESS_WEIGHT, COLOUR_WEIGHT, COLOUR_WEIGHT])
    frame = border((height, width), 0.06).ravel()
    known, target = basis[frame], colours[frame]
    # Begin from the median, so that a garment at one side does not bend the surface.
    distance = np.linalg.norm(target - np.median(target, axis=0), axis=1)
    spread = float(np.median(distance)) + 1.0
    stiffness = np.diag([0.0, 1e-3, 1e-3, 3e-3, 3e-3, 3e-3])
    coefficients = np.zeros((6, 3))
    for _ in range(6):
        weight = 1.0 / (1.0 + (distance / (2 * spread)) ** 2) ** 2
        weighted = known * weight[:, None]
        normal = weighted.T @ known + stiffness * weight.sum()
        coefficients = np.linalg.solve(normal, weighted.T @ target)
        distance = np.linalg.norm(target - known @ coefficients, axis=1)
        spread = 1.48 * float(np.median(distance)) + 0.7
    residual = np.linalg.norm(colours - basis @ coefficients, axis=1)
    return residual.reshape(height, width).astype(np.float32), spread


def surroundedness(lab: Lab, *, thresholds: int = 16) -> Map:
    """How many thresholded pictures have this pixel in a piece that does not touch the border."""
    height, width = lab.shape[:2]
    total: Map = np.zeros((height, width), dtype=np.float32)
    for channel in cv2.split(lab):
        low, high = np.percentile(channel, [1, 99])
        if high - low < 4:  # nothing but noise
            continue
        for threshold in np.linspace(low, high, thresholds + 2)[1:-1]:
            above = (channel > threshold).astype(np.uint8)
            for pieces in (above, 1 - above):
                count, labels = cv2.connectedComponents(pieces, connectivity=4)
                inside = np.ones(count, dtype=bool)
                inside[0] = False
                for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
                    inside[side] = False
                total += inside[labels] * np.float32(high - low)
    peak = float(total.max())
    return (total / np.float32(max(peak, 1e-6))).astype(np.float32)


def colour_likelihood(lab: Lab, *, rounds: int = 3) -> Map:
    """Probability of garment from colour histograms of middle and border, sharpened by rounds."""
    height, width = lab.shape[:2]
    cell = _cells(lab)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    prior = np.clip(np.exp(-(x**2 / 0.5 + y**2 / 0.6)), 0.02, 0.9)
    garment = prior
    ground = (1 - prior) * np.where(border((height, width), 0.05), 3.0, 1.0)
    for _ in range(rounds):
        frequent_in = _histogram(cell, garment)
        frequent_out = _histogram(cell, ground)
        ratio = (frequent_in / (frequent_in + frequent_out))[cell].reshape(height, width)
        garment = ratio * prior / (ratio * prior + (1 - ratio) * (1 - prior))
        garment = np.asarray(cv2.GaussianBlur(garment, (0, 0), 1.5), np.float64)
        ground = 1 - garment
    return np.asarray(garment, dtype=np.float32)


def histograms(lab: Lab, *regions: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Smoothed colour histograms of parts of a picture, each with sum 1."""
    cell = _cells(lab)
    return [_histogram(cell, region.astype(np.float64)) for region in regions]


def _cells(lab: Lab) -> NDArray[np.intp]:
    """(H * W,) index of each pixel's histogram cell."""
    cells = np.stack(
        [
            np.clip(lab[:, :, 0] / 100 * _BINS[0], 0, _BINS[0] - 1),
            np.clip((lab[:, :, 1] + 64) / 128 * _BINS[1], 0, _BINS[1] - 1),
            np.clip((lab[:, :, 2] + 64) / 128 * _BINS[2], 0, _BINS[2] - 1),
        ],
        axis=-1,
    ).astype(np.intp)
    flat = (cells[:, :, 0] * _BINS[1] + cells[:, :, 1]) * _BINS[2] + cells[:, :, 2]
    return np.asarray(flat.ravel())


def _histogram(cell: NDArray[np.intp], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.bincount(cell, weight.ravel(), minlength=_BINS[0] * _BINS[1] * _BINS[2])
    smooth = gaussian_filter(counts.reshape(_BINS), 0.8).ravel() + 1e-6
    return np.asarray(smooth / smooth.sum(), dtype=np.float64)
