"""Where the front neckline runs on a flat garment, and what shows of the inside of its back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.warp_flat import Flat

Points = NDArray[np.float64]

ANGLES = 61
RADII = 48
DEEPEST = 2.0  # radius of the search / half of the neck's width
DEPTH = 0.72  # of the neckline taken where no edge shows, in half neck widths
CLEAR = 1.9  # an edge counts when it is this many times stronger than its surroundings


def split_back(flat: Flat) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(front, back) alphas of the flat garment; they overlap by nothing and leave no gap.

    The front neckline is searched as the path of strongest colour change between the two sides
    of the neck, in polar coordinates around the middle of the neck; where none is clear, an
    ellipse of usual depth stands in.
    """
    right, left = flat.points["neck_right"], flat.points["neck_left"]
    middle = (left + right) / 2
    half = float(np.linalg.norm(left - right)) / 2
    if half < 4:
        return flat.alpha, np.zeros_like(flat.alpha)
    axis = (left - right) / (2 * half)
    down = np.array([-axis[1], axis[0]])

    theta = np.linspace(0, np.pi, ANGLES)  # 0 = right side of the neck, through below, to left
    usual = 1.0 / np.sqrt(np.cos(theta) ** 2 + (np.sin(theta) / DEPTH) ** 2)
    radius = _edge(flat, middle, axis, down, half, theta, usual)

    ring = middle + (radius * half)[:, None] * (
        -np.cos(theta)[:, None] * axis + np.sin(theta)[:, None] * down
    )
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


def _edge(
    flat: Flat,
    middle: Points,
    axis: Points,
    down: Points,
    half: float,
    theta: NDArray[np.float64],
    usual: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The neckline's radius per angle, in half neck widths."""
    radii = np.linspace(0.12, DEEPEST, RADII)
    ways = -np.cos(theta)[:, None] * axis + np.sin(theta)[:, None] * down
    where = middle + radii[None, :, None] * half * ways[:, None]
    lab = cv2.cvtColor(flat.colour, cv2.COLOR_RGB2LAB)
    x, y = where[..., 0].astype(np.float32), where[..., 1].astype(np.float32)
    polar = cv2.remap(lab, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(float)
    fabric = cv2.remap(flat.alpha, x, y, cv2.INTER_LINEAR).astype(float) / 255
    polar = cv2.GaussianBlur(polar, (0, 0), 1.0)
    change = np.zeros(fabric.shape)
    change[:, 1:-1] = np.linalg.norm(polar[:, 2:] - polar[:, :-2], axis=2)
    # The rim of the mask is not an edge between two fabrics.
    change[(cv2.erode(fabric, np.ones((3, 5))) < 0.9)] = 0
    change = np.minimum(change, 40.0)
    usual_level = float(np.median(change[change > 0])) if (change > 0).any() else 1.0
    score = change / max(usual_level, 1.5)
    score -= 0.9 * np.abs(np.log(radii[None] / usual[:, None]))
    ends = np.abs(np.cos(theta)) > 0.9
    score[ends] -= 4.0 * np.abs(radii - 1.0)[None]
    path = _best_path(np.minimum(score, 6.0))
    strength = change[np.arange(len(theta)), path] / max(usual_level, 1.5)
    low = slice(len(theta) // 5, -(len(theta) // 5))
    if float(np.median(strength[low])) < CLEAR:
        return usual
    found = radii[path]
    soft = np.convolve(np.pad(found, 3, mode="edge"), np.full(7, 1 / 7), "valid")
    return np.asarray(soft)


def _best_path(score: NDArray[np.float64]) -> NDArray[np.int64]:
    """Per row the column of the best path whose column moves by at most two per row."""
    rows, columns = score.shape
    total = score.copy()
    came = np.zeros((rows, columns), np.int64)
    for row in range(1, rows):
        best = np.full(columns, -np.inf)
        for move in (0, -1, 1, -2, 2):
            shifted = np.full(columns, -np.inf)
            if move >= 0:
                shifted[move:] = total[row - 1, : columns - move]
            else:
                shifted[:move] = total[row - 1, -move:]
            shifted = shifted - 0.25 * abs(move)
            better = shifted > best
            best = np.where(better, shifted, best)
            came[row] = np.where(better, np.arange(columns) - move, came[row])
        total[row] += best
    path = np.zeros(rows, np.int64)
    path[-1] = int(np.argmax(total[-1]))
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
