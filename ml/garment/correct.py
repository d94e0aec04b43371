"""A person corrects a mask: clicks on what is garment and what is not, then landmarks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import NoGarment
from ml.garment.annotate import CUTS_OF
from ml.garment.annotation import Cut, Landmark, Region
from ml.garment.edges import sharpen
from ml.garment.landmarks import find_landmarks
from ml.garment.light import lab_bytes
from ml.garment.orientation import turn
from ml.garment.pieces import resize
from ml.garment.saliency import border
from ml.images import fit

Point = tuple[float, float]
Bool = NDArray[np.bool_]

#: Longer side at which clicks are followed.
SIDE = 512
#: Stretched 8-bit Lab within which pixels around a click look alike: light differs more.
_ALIKE = (34, 14, 14)
#: GrabCut may join this many times what lies around a click, or this share of the garment (to
#: it, from it); more is another object.
_FARTHEST = 6
_LARGEST = {True: 0.6, False: 0.3}
_LEAST_AREA = 64


def refine_mask(
    rgb: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    *,
    foreground: Sequence[Point],
    background: Sequence[Point],
) -> NDArray[np.uint8]:
    """The mask with the clicked parts added and removed.

    rgb: (H, W, 3) uint8 sRGB. mask: (H, W) uint8, 255 = fabric (may be empty).
    foreground, background: clicks as (x, y) in pixels of the photo; later clicks of the same
    garment are given together with the earlier ones.
    Returns (H, W) uint8. Raises ValueError for points outside the photo, NoGarment where
    nothing of the garment is left.
    """
    height, width = mask.shape
    for x, y in (*foreground, *background):
        if not (0 <= x < width and 0 <= y < height):
            raise ValueError(f"({x}, {y}) lies outside the photo")
    small = fit(rgb, max_side=SIDE)
    scale = small.shape[1] / width
    near = {
        True: [(x * scale, y * scale) for x, y in foreground],
        False: [(x * scale, y * scale) for x, y in background],
    }
    before = resize(mask > 127, small.shape[:2])
    after = _clicked(small, before, near)
    if not after.any():
        raise NoGarment("nothing is left of the garment")
    changed = resize(after != before, (height, width))
    return np.where(changed, sharpen(rgb, after), mask > 127).astype(np.uint8) * 255


def relandmark(mask: NDArray[np.uint8], region: Region, cut: Cut) -> Mapping[str, Landmark]:
    """The landmarks of a corrected mask: exactly the names of ``LANDMARKS[cut]``.

    mask: (H, W) uint8, 255 = fabric. Raises NoGarment for an empty mask, ValueError where
    region and cut contradict each other.
    """
    if cut not in CUTS_OF[region]:
        raise ValueError(f"a garment of region {region} cannot be cut as {cut}")
    if int((mask > 127).sum()) < _LEAST_AREA:
        raise NoGarment("the mask is empty")
    upright, _ = turn(mask)
    return find_landmarks(upright, cut).landmarks


def _clicked(rgb: NDArray[np.uint8], before: Bool, clicks: Mapping[bool, list[Point]]) -> Bool:
    """What looks like a click's surroundings changes sides, and what GrabCut joins to it."""
    data = lab_bytes(rgb)
    smooth = np.asarray(cv2.bilateralFilter(data, 7, 25, 5), np.uint8)
    parts = {
        value: [_part(smooth, before, click, value) for click in near]
        for value, near in clicks.items()
    }
    near = before.copy()
    for value in (True, False):
        for part in parts[value]:
            near[part] = value
    after = near.copy()
    if any(parts.values()):
        followed = _follow(data, near, parts)
        for value in (True, False):
            for part in parts[value]:
                joined = _touching((followed == value) & (near != value), part)
                if joined.sum() < max(_FARTHEST * part.sum(), _LARGEST[value] * near.sum()):
                    after[joined] = value
    for value in (True, False):  # whatever the parts overlap, a click itself is always obeyed
        for click in clicks[value]:
            after[_disc(after.shape, click)] = value
    return after


def _part(smooth: NDArray[np.uint8], mask: Bool, click: Point, value: bool) -> Bool:
    """The piece around a click that looks alike and is not yet on the wanted side."""
    height, width = mask.shape
    x, y = min(int(click[0]), width - 1), min(int(click[1]), height - 1)
    closed = np.ones((height + 2, width + 2), np.uint8)
    closed[1:-1, 1:-1] = mask == value  # what is right already is a wall
    closed[y + 1, x + 1] = 0
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (2 << 8)
    cv2.floodFill(smooth.copy(), closed, (x, y), (0, 0, 0), _ALIKE, _ALIKE, flags)
    part = closed[1:-1, 1:-1] == 2
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    grown = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_CLOSE, kernel) > 0
    return np.asarray((grown & (mask != value)) | part)


def _follow(data: NDArray[np.uint8], near: Bool, parts: Mapping[bool, list[Bool]]) -> Bool:
    """GrabCut with the clicked parts, the garment's core and the frame as what is known."""
    known = np.where(near, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    core = cv2.distanceTransform(near.astype(np.uint8), cv2.DIST_L2, 3)
    known[core > 0.6 * core.max()] = cv2.GC_FGD
    known[border(near.shape, 0.015) & ~near] = cv2.GC_BGD
    for value, certain in ((True, cv2.GC_FGD), (False, cv2.GC_BGD)):
        for part in parts[value]:
            known[part] = certain
    if not near.any() or not (known == cv2.GC_BGD).any():
        return near
    cv2.setRNGSeed(1)
    whole = (0, 0, 0, 0)  # not used with a mask
    cv2.grabCut(data, known, whole, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    return np.asarray((known == cv2.GC_FGD) | (known == cv2.GC_PR_FGD))


def _touching(pieces: Bool, part: Bool) -> Bool:
    """The connected pieces that touch a part."""
    _, labels = cv2.connectedComponents(pieces.astype(np.uint8), connectivity=4)
    rim = cv2.dilate(part.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    touched = np.unique(labels[rim & pieces])
    return np.asarray(np.isin(labels, touched[touched > 0]))


def _disc(shape: tuple[int, ...], centre: Point) -> Bool:
    disc = np.zeros(shape, np.uint8)
    radius = max(2, round(0.008 * max(shape)))
    cv2.circle(disc, (round(centre[0]), round(centre[1])), radius, 1, -1)
    return disc > 0
