"""Where the front neckline runs on a flat garment, and what shows of the inside of its back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.warp_flat import Flat

Points = NDArray[np.float64]

COUNT = 64  # points along a neckline
DEPTHS = (0.22, 6.0)  # of necklines, in half neck widths: from boat necks to blazers
DEPTH = 0.58  # of the neckline taken where no edge shows
POWERS = (0.85, 1.0, 1.4, 2.0, 3.0)  # V, round, square
#: Necklines against the landmarks, which lie on the back collar: fronts may be cut wider, and a
#: collar's own fronts narrow them.
WIDTHS = (0.7, 0.85, 1.0, 1.15, 1.3, 1.45)
STRAY = 0.14  # how far the edge may lie beside the curve found for it / half of the neck's width
DEEP = 0.6
LIKELY = 0.85  # of several clear edges (trims, labels) the one nearest to this depth is taken
WAIST_DIP = 0.35  # deepest front edge of a waistband below its corners, in half widths
WAIST_CLEAR = 9.0  # colour change (Lab) along nearly all of that edge
STEP = 0.035  # where an edge's two sides are looked at, half neck widths
#: Where the back's inside and the front are looked for, past bands and collars, half neck widths.
WITHIN, BEYOND = (-0.12, -0.25, -0.4), (0.25, 0.4, 0.55)
SHADE = 0.06  # what a colour distance (Lab) between them is worth, and up to what it counts
STRANGE = 20.0
EDGE = 40.0
WHOLE = 2.0  # what it is worth that all of a line lies on cloth
OUTER = 0.33  # share of colours on either end that is left out
COLLAR, HOOD = 0.28, 1.55  # rise above the sides of the neck, in half neck widths
CLEAR = 3.8  # score from which on a neckline is believed


def split_back(flat: Flat) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(front, back) alphas of the flat garment; they overlap by nothing and leave no gap.

    The front neckline is the V, round or square line from one side of the neck to the other along
    which the colour changes most; where none is clear, an ellipse of usual depth stands in.
    """
    right, left = _ends(flat)
    middle = (left + right) / 2
    half = float(np.linalg.norm(left - right)) / 2
    if half < 4:
        return flat.alpha, np.zeros_like(flat.alpha)
    axis = (left - right) / (2 * half)
    down = np.array([-axis[1], axis[0]])
    frame = np.stack([axis, down]) * half
    ring = _edge(flat, middle, frame) @ frame + middle

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


def _edge(flat: Flat, middle: Points, frame: Points) -> Points:
    """(COUNT, 2) the neckline from the wearer's right to left, in half neck widths: x to the
    wearer's left, y down. frame: those two ways in pixels."""
    half = float(np.linalg.norm(frame[0]))
    lab = cv2.cvtColor(flat.colour, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab = cv2.GaussianBlur(lab, (0, 0), max(0.8, 0.02 * half))
    fabric = cv2.erode(flat.alpha, np.ones((3, 3)))

    def look(picture: NDArray[Any], points: Points) -> NDArray[Any]:
        x, y = np.moveaxis(points @ frame + middle, -1, 0).astype(np.float32)
        return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    step = max(STEP, 1.5 / half)

    def change(points: Points, out: Points) -> NDArray[np.float64]:
        """How much the colour changes across a line; NaN at the rim of the garment, which is not
        an edge between two fabrics."""
        sides = [points - step * out, points + step * out]
        inner, outer = (look(lab, side) for side in sides)
        there = np.min([look(fabric, side) for side in sides], axis=0) > 200
        return np.where(there, np.linalg.norm(outer - inner, axis=-1), np.nan)

    curves, out, depth, width = _family()
    found = np.minimum(change(curves, out), EDGE)
    score = WHOLE * np.isfinite(found).mean(axis=1)
    found = np.nan_to_num(found, nan=0.0)
    level = max(float(np.median(found[found > 0])) if (found > 0).any() else 1.0, 1.5)
    found = np.minimum(found / level, 4.0)
    score += 0.5 * found.mean(axis=1) + 0.5 * np.percentile(found, 25, axis=1)
    score -= DEEP * np.abs(np.log(depth / LIKELY)) + np.maximum(width - 1.0, 0.5 * (1.0 - width))
    # prints and folds have edges too, but beyond a neckline the cloth is the front's, and within
    # it is in the shade, or lining: the seam and the label of the back have that on both sides
    front = _usual(lab[flat.alpha > 200][None])[0]

    def unlike(offsets: Sequence[float]) -> NDArray[np.float64]:
        """How far the usual colour beside each curve is from the front's."""
        beside = np.stack([curves + s * out for s in offsets], axis=1).reshape(-1, COUNT, 2)
        seen = look(lab, beside)
        seen[look(fabric, beside) < 200] = np.nan
        seen = seen.reshape(len(curves), -1, 3)
        enough = np.isfinite(seen[..., 0]).mean(axis=1) > 0.3
        far = np.zeros(len(curves))
        far[enough] = np.linalg.norm(_usual(seen[enough]) - front, axis=1)
        return np.minimum(far, STRANGE)

    score += SHADE * (unlike(WITHIN) - unlike(BEYOND))
    best = int(np.argmax(score))
    if score[best] < CLEAR:
        return _neckline(2.0, DEPTH, 1.0)[0]
    # follow the edge itself, close to the curve
    shifts = np.linspace(-STRAY, STRAY, 15)
    line, way = curves[best], out[best]
    beside = line + shifts[:, None, None] * way
    near = np.nan_to_num(change(beside, np.broadcast_to(way, beside.shape)) / level, nan=0.0).T
    stray = shifts[_best_path(np.minimum(near, 4.0) - 12.0 * np.abs(shifts))]
    soft = np.convolve(np.pad(stray, 3, mode="edge"), np.full(7, 1 / 7), "valid")
    return np.asarray(line + soft[:, None] * way)


def _usual(colours: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 3) means of (n, points, 3) without the darkest and lightest: labels, buttons. NaN does
    not count."""
    ranked = np.sort(colours, axis=1)
    count = np.isfinite(ranked[..., :1]).sum(axis=1, keepdims=True)
    at = (np.arange(ranked.shape[1])[:, None] + 0.5) / count
    inner = (at > OUTER) & (at < 1 - OUTER)
    return np.asarray(np.where(inner, ranked, 0).sum(axis=1) / inner.sum(axis=1), np.float64)


@cache
def _family() -> tuple[Points, Points, NDArray[np.float64], NDArray[np.float64]]:
    """All necklines that are tried: their points and ways out (n, COUNT, 2), depths and widths."""
    grid = np.meshgrid(POWERS, np.geomspace(*DEPTHS, 60), WIDTHS, indexing="ij")
    lines, ways = zip(*(_neckline(*one) for one in np.stack(grid, -1).reshape(-1, 3)), strict=True)
    return np.stack(lines), np.stack(ways), grid[1].ravel(), grid[2].ravel()


def _neckline(power: float, depth: float, width: float) -> tuple[Points, Points]:
    """(COUNT, 2) points at equal distances along |x / width|^power + (y / depth)^power = 1, without
    its very ends, and the unit ways out of it."""
    t = np.linspace(0, np.pi, 400)
    x = -np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power) * width
    y = np.sin(t) ** (2 / power) * depth
    at = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    where = np.linspace(0.02, 0.98, COUNT) * at[-1]
    line = np.stack([np.interp(where, at, x), np.interp(where, at, y)], axis=1)
    along = np.gradient(line, axis=0)
    out = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return line, out / np.linalg.norm(out, axis=1, keepdims=True)


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
