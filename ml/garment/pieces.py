"""Masks as shapes: specks, pieces, holes, hooks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Bool = NDArray[np.bool_]


def tidy(cut: Bool) -> Bool:
    """Drop specks and threads, keep the main pieces, fill small holes."""
    radius = max(1, round(0.006 * min(cut.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    opened = cv2.morphologyEx(cut.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    return fill_small_holes(main_pieces(opened > 0))


def main_pieces(cut: Bool) -> Bool:
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


def fill_small_holes(cut: Bool, *, share: float = 0.02) -> Bool:
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


def overlap(one: Bool, other: Bool) -> float:
    """Intersection over union."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 0.0


def resize(cut: Bool, shape: tuple[int, ...]) -> Bool:
    height, width = shape[:2]
    if cut.shape == (height, width):
        return cut
    soft = cv2.resize(cut.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(soft > 0.5)
