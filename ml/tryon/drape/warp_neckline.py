"""Where the front neckline runs on a flat garment, and what shows of the inside of its back."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.warp_flat import Flat

Points = NDArray[np.float64]

ANGLES = 61
RADII = 104
DEEPEST = 4.2  # radius of the search / half of the neck's width
DEPTH = 0.58  # of the neckline taken where no edge shows, in half neck widths
#: Necklines against the landmarks, which lie on the back collar: fronts may be cut wider.
WIDTHS = (1.0, 1.15, 1.3, 1.45)
STRAY = 0.14  # how far the edge may lie beside the curve found for it / its radius
LIKELY = 0.85  # of several clear edges (trims, labels) the one nearest to this depth is taken
WAIST_DIP = 0.35  # deepest front edge of a waistband below its corners, in half widths
WAIST_CLEAR = 9.0  # colour change (Lab) along nearly all of that edge
BEYOND = 1.3  # where the front is looked for / the neckline: past a trim
STRANGE = 40.0  # colour distances (Lab) count up to this
COLLAR, HOOD = 0.28, 1.55  # rise above the sides of the neck, in half neck widths
CLEAR = 1.95  # an edge counts when it is this many times stronger than its surroundings


def split_back(flat: Flat) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(front, back) alphas of the flat garment; they overlap by nothing and leave no gap.

    The front neckline is searched as the path of strongest colour change between the two sides
    of the neck, in polar coordinates around the middle of the neck; where none is clear, an
    ellipse of usual depth stands in.
    """
    right, left = _ends(flat)
    middle = (left + right) / 2
    half = float(np.linalg.norm(left - right)) / 2
    if half < 4:
        return flat.alpha, np.zeros_like(flat.alpha)
    axis = (left - right) / (2 * half)
    down = np.array([-axis[1], axis[0]])

    theta = np.linspace(0, np.pi, ANGLES)  # 0 = right side of the neck, through below, to left
    usual = _neckline(theta, DEPTH, 2.0)
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
    level = float(np.median(change[change > 0])) if (change > 0).any() else 1.0
    change = np.minimum(change / max(level, 1.5), 4.0)
    front = np.median(lab[flat.alpha > 200], axis=0)
    unlike = np.where(fabric > 0.5, np.linalg.norm(polar - front, axis=2), 0.0)
    found = _family(change, np.minimum(unlike, STRANGE), radii, theta)
    if found is None:
        return usual
    # Follow the edge itself, close to the curve.
    factors = np.exp(np.linspace(-STRAY, STRAY, 15))
    score = np.stack(
        [
            np.interp(radius * factors, radii, row) - 12.0 * np.abs(np.log(factors))
            for radius, row in zip(found, change, strict=True)
        ]
    )
    stray = np.log(factors[_best_path(score)])
    soft = np.convolve(np.pad(stray, 3, mode="edge"), np.full(7, 1 / 7), "valid")
    return np.asarray(found * np.exp(soft))


def _family(
    change: NDArray[np.float64],
    unlike: NDArray[np.float64],
    radii: NDArray[np.float64],
    theta: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """The V, round or square neckline that follows colour changes best, or None: prints and
    folds have edges too, but seldom along all of such a curve. Beyond it the fabric looks like
    the front: the seam and the label of the back have more of the inside below them.

    change, unlike: (angles, radii) strength of edges, and distance from the front's colour.
    """
    # Of deep necklines the curve is known less exactly.
    near = np.where(
        radii > 1.2, cv2.dilate(change, np.ones((1, 5))), cv2.dilate(change, np.ones((1, 3)))
    )
    low = np.abs(np.cos(theta)) < 0.94
    power, depth, width = (
        v.reshape(-1, 1)
        for v in np.meshgrid(
            (1.0, 1.4, 2.0, 3.0), np.geomspace(0.22, 4.0, 54), WIDTHS, indexing="ij"
        )
    )
    curves = _neckline(theta, depth, power, width)
    bins = np.clip(np.searchsorted(radii, curves), 0, len(radii) - 1)
    along = near[np.arange(len(theta)), bins][:, low]
    score = 0.5 * along.mean(axis=1) + 0.5 * np.percentile(along, 25, axis=1)
    score -= 0.3 * np.abs(np.log(depth[:, 0] / LIKELY)) + 0.5 * (width[:, 0] - 1.0)
    beyond = np.clip(np.searchsorted(radii, BEYOND * curves), 0, len(radii) - 1)
    score -= 0.02 * unlike[np.arange(len(theta)), beyond][:, low].mean(axis=1)
    best = int(np.argmax(score))
    return curves[best] if score[best] > CLEAR else None


def _neckline(
    theta: NDArray[np.float64],
    depth: float | NDArray[np.float64],
    power: float | NDArray[np.float64],
    width: float | NDArray[np.float64] = 1.0,
) -> NDArray[np.float64]:
    """Radius per angle of the curve |x / width|^power + (y / depth)^power = 1."""
    across, down = np.abs(np.cos(theta)) / width, np.sin(theta) / depth
    return np.asarray((across**power + down**power) ** (-1 / power))


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
