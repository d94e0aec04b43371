"""From a mask to an upright outline: symmetry axis, closed contour, gaps opened to the outside."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

#: Longer side of the garment's box while geometry is done.
SIDE = 400
#: Points of a resampled outline.
COUNT = 256
_SYMMETRY_SIDE = 96


@dataclass(frozen=True, slots=True)
class Upright:
    """A garment turned upright and scaled.

    mask: (h, w) bool, one piece, with a free frame around it.
    axis: x of the symmetry axis. symmetry: 0..1, how well the halves agree.
    to_photo: 2x3 affine from this frame's pixels to the photo's.
    """

    mask: NDArray[np.bool_]
    axis: float
    symmetry: float
    to_photo: NDArray[np.float64]

    def photo_points(self, points: Points) -> Points:
        """(N, 2) points of this frame in pixels of the photo."""
        return np.asarray(points @ self.to_photo[:, :2].T + self.to_photo[:, 2])


@dataclass(frozen=True, slots=True)
class Outline:
    """points: (COUNT, 2), clockwise on the screen, evenly spaced, from the top of the axis.

    box: left, top, width, height. scale: square root of the garment's area.
    turning: (COUNT,) radians, positive at convex corners.
    """

    points: Points
    box: tuple[float, float, float, float]
    scale: float
    turning: NDArray[np.float64]


def turn_upright(mask: NDArray[np.uint8], *, quarter_turns: int = 0, max_tilt: int = 28) -> Upright:
    """Rotate by quarter turns (counter-clockwise), then level the symmetry axis.

    mask: (H, W) uint8, 255 = fabric, not empty.
    """
    turned = np.rot90(mask, quarter_turns) > 127
    ys, xs = np.nonzero(turned)
    centre = np.array([(xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2])
    extent = max(int(np.ptp(xs)), int(np.ptp(ys))) + 1
    tilt = _tilt(_rotated(turned, centre, 0.0, _SYMMETRY_SIDE / extent), max_tilt)
    scale = SIDE / extent
    upright = _rotated(turned, centre, tilt, scale)
    matrix = _rotation(centre, tilt, scale, upright.shape)
    joined = _one_piece(upright)
    axis, symmetry = _axis(joined)
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    return Upright(
        mask=joined,
        axis=axis,
        symmetry=symmetry,
        to_photo=_compose(_unturn(mask.shape, quarter_turns), back),
    )


def trace(upright: Upright) -> Outline:
    """The outer contour, after closed gaps (arm against body, leg against leg) were opened."""
    mask = open_gaps(upright.mask, upright.axis)
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)[:, 0, :].astype(np.float64)
    if cv2.contourArea(contour.astype(np.float32), oriented=True) < 0:
        contour = contour[::-1]
    points = _resample(_smooth(contour, 2.0), COUNT * 4)
    start = _top_of_axis(points, upright.axis)
    points = np.roll(points, -start, axis=0)
    left, top = points.min(axis=0)
    width, height = np.ptp(points, axis=0)
    scale = float(np.sqrt(mask.sum()))
    even = points[::4]
    return Outline(
        points=even,
        box=(float(left), float(top), float(width), float(height)),
        scale=scale,
        turning=_turning(points, reach=0.09 * scale)[::4],
    )


def open_gaps(mask: NDArray[np.bool_], axis: float) -> NDArray[np.bool_]:
    """Cut from the bottom of each larger hole straight down (and outwards) to the outside.

    A hole between sleeve and body or between two legs is a gap closed by a touching cuff; cut
    open, the outline runs through the armpit or crotch again. Holes inside a garment's middle
    above its lower third are print, not gaps: they are filled.
    """
    height, width = mask.shape
    count, labels, stats, centres = cv2.connectedComponentsWithStats(
        (~mask).astype(np.uint8), connectivity=4
    )
    area = float(mask.sum())
    rows = np.nonzero(mask.any(axis=1))[0]
    columns = np.nonzero(mask.any(axis=0))[0]
    half = (columns[-1] - columns[0]) / 2
    out = mask.copy()
    for hole in range(1, count):
        x, y, w, h, size = stats[hole]
        if x == 0 or y == 0 or x + w == width or y + h == height:
            continue
        central = abs(centres[hole, 0] - axis) < 0.25 * half
        low = (y + h - rows[0]) / len(rows) > 0.7
        if size < 0.002 * area or h < 0.06 * len(rows) or (central and not low):
            out[labels == hole] = True
            continue
        ys, xs = np.nonzero(labels == hole)
        x0, y0 = int(np.median(xs[ys == ys.max()])), int(ys.max())
        away = 0 if central else (int(np.sign(centres[hole, 0] - axis)) or 1)
        end = _nearest_outside(mask, x0, y0, away)
        line = np.zeros(mask.shape, np.uint8)
        cv2.line(line, (x0, y0), end, 1, 3)
        out[line > 0] = False
    return _largest(out)


def _nearest_outside(mask: NDArray[np.bool_], x0: int, y0: int, away: int) -> tuple[int, int]:
    """Where the garment ends below a hole; steps lean outwards for sleeves."""
    height, width = mask.shape
    best, shortest = (x0, height - 1), float(height)
    for slope in (-0.3, 0.0, 0.3, 0.8) if away == 0 else (0.0, 0.3 * away, 0.8 * away):
        for step in range(3, height - y0):
            x, y = round(x0 + slope * step), y0 + step
            if not (0 <= x < width and y < height) or not mask[y, x]:
                length = step * float(np.hypot(1, slope))
                if length < shortest:
                    best, shortest = (min(max(x, 0), width - 1), y), length
                break
    return best


def _tilt(small: NDArray[np.bool_], limit: int) -> float:
    """Degrees to turn so that the halves agree best; small tilts are preferred."""
    centre = np.array(small.shape[::-1]) / 2
    scores: dict[float, float] = {}

    def score(angle: float) -> float:
        if angle not in scores:
            turned = _rotated(small, centre, angle, 1.0)
            scores[angle] = _axis(turned)[1] - 0.0015 * abs(angle)
        return scores[angle]

    best = max((float(a) for a in range(-limit, limit + 1, 4)), key=score)
    for step in (2.0, 1.0):
        best = max((best - step, best, best + step), key=score)
    return best


def _axis(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """x of the vertical mirror line with the largest overlap, and that overlap's share."""
    rows = mask[:: max(1, mask.shape[0] // 100)].astype(np.float64)
    size = 2 * rows.shape[1]
    spectrum = np.fft.rfft(rows, size, axis=1)
    overlap = np.fft.irfft((spectrum * spectrum).sum(axis=0), size)
    # Entry s counts pairs with x + x' = s: a mirror about s / 2.
    best = int(np.argmax(overlap))
    return best / 2, float(overlap[best] / max(rows.sum(), 1.0))


def _rotation(
    centre: NDArray[np.float64], angle: float, scale: float, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    turn = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    matrix = np.asarray(turn, np.float64)
    matrix[:, 2] += np.array(shape[::-1]) / 2 - centre
    return matrix


def _rotated(
    mask: NDArray[np.bool_], centre: NDArray[np.float64], angle: float, scale: float
) -> NDArray[np.bool_]:
    """The garment turned about its box's centre and scaled, in a frame with room around it."""
    ys, xs = np.nonzero(mask)
    radians = np.deg2rad(angle)
    w, h = float(np.ptp(xs)) * scale, float(np.ptp(ys)) * scale
    room = 2 * (abs(centre[0] - (xs.min() + xs.max()) / 2) + 8)
    width = int(abs(w * np.cos(radians)) + abs(h * np.sin(radians)) + room + 8)
    height = int(abs(w * np.sin(radians)) + abs(h * np.cos(radians)) + room + 8)
    matrix = _rotation(centre, angle, scale, (height, width))
    grey = mask.astype(np.uint8) * 255
    if scale < 0.6:  # warpAffine does not average: shrink by blurring first
        grey = np.asarray(cv2.blur(grey, (round(1 / scale), round(1 / scale))), np.uint8)
    return np.asarray(cv2.warpAffine(grey, matrix, (width, height)) > 127)


def _one_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Bridge the gap between the halves of an open jacket; keep the largest piece."""
    for size in (0, 9, 21, 45):
        closed = mask
        if size:
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
            closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel) > 0
        main = _largest(closed)
        if main.sum() > 0.93 * mask.sum():
            return main
    return _largest(mask)


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return mask
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def _top_of_axis(points: Points, axis: float) -> int:
    """Index of the topmost outline point that lies on the axis."""
    beside = points[:, 0] - axis
    crossing = np.nonzero(np.sign(beside) != np.sign(np.roll(beside, -1)))[0]
    if len(crossing) == 0:
        return int(np.argmin(points[:, 1]))
    return int(crossing[np.argmin(points[crossing, 1])])


def _smooth(points: Points, sigma: float) -> Points:
    """Gaussian along a closed curve."""
    radius = int(4 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.concatenate([points[-radius:], points, points[:radius]])
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in (0, 1)], axis=1)


def _resample(points: Points, count: int) -> Points:
    closed = np.concatenate([points, points[:1]])
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0, length[-1], count, endpoint=False)
    return np.stack([np.interp(at, length, closed[:, i]) for i in (0, 1)], axis=1)


def _turning(points: Points, reach: float) -> NDArray[np.float64]:
    """Change of direction over ``reach`` pixels of a clockwise closed curve, convex positive."""
    step = float(np.hypot(*(points[1] - points[0])))
    k = max(1, round(reach / max(step, 1e-6)))
    before = points - np.roll(points, k, axis=0)
    after = np.roll(points, -k, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    dot = (before * after).sum(axis=1)
    return np.asarray(np.arctan2(cross, dot))


def _unturn(shape: tuple[int, ...], quarter_turns: int) -> NDArray[np.float64]:
    """2x3 affine from the frame of ``np.rot90(mask, quarter_turns)`` back to the mask's."""
    height, width = shape
    return {
        0: np.array([[1.0, 0, 0], [0, 1, 0]]),
        1: np.array([[0.0, -1, width - 1], [1, 0, 0]]),
        2: np.array([[-1.0, 0, width - 1], [0, -1, height - 1]]),
        3: np.array([[0.0, 1, 0], [-1, 0, height - 1]]),
    }[quarter_turns % 4]


def _compose(outer: NDArray[np.float64], inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """The affine that applies ``inner`` first."""
    linear = outer[:, :2] @ inner[:, :2]
    shift = outer[:, :2] @ inner[:, 2] + outer[:, 2]
    return np.concatenate([linear, shift[:, None]], axis=1)
