"""Where the front neckline runs on a flat garment, and what shows of the inside of its back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.warp_flat import Flat
from ml.tryon.drape.warp_neckline_search import search

Points = NDArray[np.float64]

WAIST_DIP = 0.35  # deepest front edge of a waistband below its corners, in half widths
WAIST_CLEAR = 9.0  # colour change (Lab) along nearly all of that edge
COLLAR, HOOD = 0.28, 1.55  # rise above the sides of the neck, in half neck widths


def split_back(flat: Flat) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(front, back) alphas of the flat garment; they overlap by nothing and leave no gap.

    The front neckline is the V, round or square line from one side of the neck to the other that
    looks most like one.
    """
    found = neck(flat)
    if found is None:
        return flat.alpha, np.zeros_like(flat.alpha)
    middle, frame = found
    half = float(np.linalg.norm(frame[0]))
    axis, down = frame / half
    left, right = middle + frame[0], middle - frame[0]
    ring = search(flat, middle, frame) @ frame + middle

    # Everything above the neckline: up to the mask's top, between the two sides of the neck.
    far = 6 * half
    spread = 0.35 * half
    region = np.concatenate(
        [
            ring,
            [left - down * 0.15 * half + axis * 0.0],
            [left - down * far + axis * spread],
            [right - down * far - axis * spread],
            [right - down * 0.15 * half],
        ]
    )
    inside = np.zeros(flat.alpha.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(region * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    back = (flat.alpha.astype(np.uint16) * inside // 255).astype(np.uint8)
    return flat.alpha - back, back


def neck(flat: Flat) -> tuple[Points, Points] | None:
    """(2,) the middle between the sides of the neck, and (2, 2) the ways from there to the wearer's
    left side of it and down, as long, in pixels. None where the neck is too small to see."""
    right, left = _ends(flat)
    half = (left - right) / 2
    if float(np.linalg.norm(half)) < 4:
        return None
    return (left + right) / 2, np.stack([half, [-half[1], half[0]]])


def split_waistband(flat: Flat) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(front, back) alphas of trousers or a skirt: the inside of the back of the waistband shows
    above its front edge where that edge is clear; else all is front."""
    right, left = flat.points["waist_right"], flat.points["waist_left"]
    half = float(np.linalg.norm(left - right)) / 2
    nothing = np.zeros_like(flat.alpha)
    if half < 6:
        return flat.alpha, nothing
    axis = (left - right) / (2 * half)
    down = np.array([-axis[1], axis[0]])
    share = np.linspace(-0.97, 0.97, 97)
    sag = np.linspace(0.03, WAIST_DIP, 24)
    base = (left + right) / 2 + share[:, None] * half * axis
    curve = sag[:, None] * half * (1 - share**2)
    where = base[None] + curve[..., None] * down
    lab = cv2.GaussianBlur(cv2.cvtColor(flat.colour, cv2.COLOR_RGB2LAB), (0, 0), 1.0)
    step = 1.5 * down
    sides = []
    for shift in (-step, step):
        x, y = (
            (where + shift)[..., 0].astype(np.float32),
            (where + shift)[..., 1].astype(np.float32),
        )
        sides.append(cv2.remap(lab, x, y, cv2.INTER_LINEAR).astype(float))
    x, y = (
        (where - 3 * down)[..., 0].astype(np.float32),
        (where - 3 * down)[..., 1].astype(np.float32),
    )
    fabric = cv2.remap(flat.alpha, x, y, cv2.INTER_LINEAR) > 200
    change = np.linalg.norm(sides[1] - sides[0], axis=2)
    inner = np.abs(share) < 0.8
    enough = fabric[:, inner].mean(axis=1) > 0.8
    score = np.percentile(change[:, inner], 30, axis=1) * enough
    best = int(np.argmax(score))
    if score[best] < WAIST_CLEAR:
        return flat.alpha, nothing
    edge = where[best]
    region = np.concatenate([edge, [left - down * half], [right - down * half]])
    inside = np.zeros(flat.alpha.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(region * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    back = (flat.alpha.astype(np.uint16) * inside // 255).astype(np.uint8)
    return flat.alpha - back, back


def _ends(flat: Flat) -> tuple[Points, Points]:
    """Right and left end of the neckline: the sides of the neck, or, where a collar stands above
    them, the collar's upper corners. A hood's neckline is that of its neck."""
    right, left = flat.points["neck_right"], flat.points["neck_left"]
    half = float(np.linalg.norm(left - right)) / 2
    line, real = flat.path(right, left, bulge=8.0)
    if not real or half < 4:
        return right, left
    axis = (left - right) / (2 * half)
    rise = (line - (left + right) / 2) @ np.array([axis[1], -axis[0]])
    top = float(rise.max())
    if not COLLAR * half < top < HOOD * half:
        return right, left
    high = np.flatnonzero(rise >= 0.72 * top)
    first, last = line[high[0]], line[high[-1]]
    if float((last - first) @ axis) < 0.5 * half:
        return right, left
    return first, last
