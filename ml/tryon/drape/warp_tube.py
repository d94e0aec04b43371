"""Tubes of fabric along a limb with one joint: sleeves and trouser legs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import Limb
from ml.tryon.drape.warp_flat import along, length

Points = NDArray[np.float64]

#: Worn half-widths to the outer and the inner side of the bone, from true distances along the
#: limb and flat widths; all in pixels.
HalfWidth = Callable[
    [NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]
]

COLUMNS = 9
ROW = 0.06  # most between two rows / unit: elbows are round
LEAD = 0.25  # of a row's sideways step, taken forwards at least
TURNS = 12  # a row is turned at most this often until it is clear of the one before
LEAST = 0.2  # pixels that each row's ends lie ahead of the row before


class Bone:
    """A limb's middle line with its joint rounded, by true distance from its first joint.

    rounding: how far the joint is rounded, in pixels (about the limb's half-width).
    """

    def __init__(self, limb: Limb, rounding: float) -> None:
        unit = self.unit = limb.unit
        reach = sum(limb.bones) * unit
        self.step = unit / 80
        self.at = np.arange(-0.1 * unit, reach + 0.25 * unit, self.step)
        sharp = limb.at(self.at)
        self.line = _blur(sharp, rounding / self.step)
        self.cut = np.linalg.norm(sharp - self.line, axis=1)  # by how much rounding cuts the bend
        way = np.gradient(self.line, axis=0)
        speed = np.linalg.norm(way, axis=1, keepdims=True)
        # A limb that points at the camera has no direction of its own in the picture.
        whole = limb.joints[2] - limb.joints[0]
        whole = whole / max(float(np.linalg.norm(whole)), 1e-6)
        way = np.where(speed > 0.05 * self.step, way / np.maximum(speed, 1e-6), whole)
        self.way = _blur(way, rounding / self.step)
        self.way /= np.maximum(np.linalg.norm(self.way, axis=1, keepdims=True), 1e-6)
        turn = np.gradient(np.unwrap(np.arctan2(self.way[:, 1], self.way[:, 0])))
        self.curvature = turn / np.maximum(speed[:, 0], 0.2 * self.step)

    def project(self, point: Points) -> float:
        """Distance along the first bone of the foot of the perpendicular from a point."""
        start = self._get(self.line, np.array([0.0]))[0]
        way = self._get(self.way, np.array([0.0]))[0]
        return float((point - start) @ way)

    def _get(self, values: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
        if values.ndim == 1:
            return np.interp(at, self.at, values)
        return np.stack([np.interp(at, self.at, values[:, i]) for i in range(2)], axis=-1)

    def offset(self, at: NDArray[np.float64], half: NDArray[np.float64], side: int) -> Points:
        """Points beside the bone: side +1 = on the image's right of a hanging limb, -1 = on its
        left. On the inside of a bend they stay within its radius, so that rows never cross; on its
        outside they go around the joint itself."""
        way = self._get(self.way, at)
        normal = np.stack([way[:, 1], -way[:, 0]], axis=-1) * side
        bend = -side * self._get(self.curvature, at)  # positive: bends towards this side
        limit = np.where(bend > 1e-6, 0.85 / np.maximum(bend, 1e-6), np.inf)
        half = half + np.where(bend < 0, self._get(self.cut, at), 0.0)
        return np.asarray(self._get(self.line, at) + normal * np.minimum(half, limit)[:, None])


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube between two source lines, from a start row on the body to an end along a limb.

    outer, inner: source lines from start to end. first_source, first_target: (COLUMNS, 2) the
    first row, shared with another part. at_outer, at_inner: (from, to) true distances along the
    limb, in pixels. margin: (outer, inner) source pixels of mesh past the edges. leave_outer: the
    direction in which the outer edge leaves its start, if that matters.
    """

    outer: Points
    inner: Points
    first_source: Points
    first_target: Points
    at_outer: tuple[float, float]
    at_inner: tuple[float, float]
    margin: tuple[float, float]
    leave_outer: Points | None = None


def lay(
    tube: Tube,
    bone: Bone,
    side: int,
    half_width: HalfWidth,
    *,
    scale: float,
    rounded: float,
    settle: tuple[float, float],
) -> tuple[Points, Points]:
    """Source and target grids: rows from start to end, columns from the outer edge to the inner,
    one more column past each edge.

    side: +1 for limbs whose outer edge is on the image's right. rounded: how far
    columns bunch at the edges. settle: over how many pixels outer and inner edge leave their
    start for the limb.
    """
    longest = max(length(tube.outer), length(tube.inner)) * scale
    rows = int(np.clip(longest / min(12.0, ROW * bone.unit), 5, 48))
    share = np.linspace(0, 1, rows)
    source_outer, source_inner = along(tube.outer, rows), along(tube.inner, rows)
    at_outer = tube.at_outer[0] + (tube.at_outer[1] - tube.at_outer[0]) * share
    at_inner = tube.at_inner[0] + (tube.at_inner[1] - tube.at_inner[0]) * share
    flat_width = _girth(source_outer, source_inner)
    half_outer, half_inner = half_width(0.5 * (at_outer + at_inner), flat_width * scale)
    outer = _begin(
        bone.offset(at_outer, half_outer, side),
        tube.first_target[0],
        at_outer - at_outer[0],
        settle[0],
        tube.leave_outer,
    )
    inner = _begin(
        bone.offset(at_inner, half_inner, -side),
        tube.first_target[-1],
        at_inner - at_inner[0],
        settle[1],
        None,
    )
    u = np.linspace(0, 1, COLUMNS)
    v = 2 * u - 1
    bunched = 0.5 + 0.5 * ((1 - rounded) * v + rounded * np.sin(0.5 * np.pi * v))
    # The first row is spaced and curved as the other part has it; that fades along the limb.
    fade = np.clip(1 - share * longest / max(settle), 0, 1)[:, None] ** 2
    margin = (tube.margin[0] * scale, tube.margin[1] * scale)
    source = _rows(source_outer, source_inner, u, tube.first_source, fade, tube.margin, side)
    return source, _rows(outer, inner, bunched, tube.first_target, fade, margin, side)


def _girth(outer: Points, inner: Points) -> NDArray[np.float64]:
    """Flat width per row at right angles to the tube: rows that join equal shares of two edges
    of unlike length lie at a slant."""
    gaps = np.linalg.norm(outer[:, None] - inner[None], axis=2)
    return np.asarray(0.5 * (gaps.min(axis=1) + gaps.min(axis=0)))


def _rows(
    outer: Points,
    inner: Points,
    u: NDArray[np.float64],
    first_row: Points,
    fade: NDArray[np.float64],
    margin: tuple[float, float],
    side: int,
) -> Points:
    """Rows between two lines, at ``u`` (columns) and past both ends, none of which crosses the
    one before. They are straight but for the first one's shape, of which each keeps ``fade``."""
    outer, inner = outer.copy(), inner.copy()
    for i in range(1, len(outer)):
        ahead = _ahead(inner[i - 1] - outer[i - 1], side)
        row = inner[i - 1] - outer[i - 1]
        row = row / max(float(np.linalg.norm(row)), 1e-6)
        for line, inwards in ((outer, row), (inner, -row)):
            step = line[i] - line[i - 1]
            # Where the tube narrows, its end must get ahead of the curve of the row before.
            need = max(LEAST, LEAD * float(step @ inwards))
            line[i] += max(0.0, need - float(step @ ahead)) * ahead
        for _ in range(TURNS):
            # The row before must lie behind this one, too.
            ahead = _ahead(inner[i] - outer[i], side)
            for line in (outer, inner):
                line[i] += max(0.0, LEAST - float((line[i] - line[i - 1]) @ ahead)) * ahead
    way = inner - outer
    width = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    way = way / width
    past_outer = _room(outer, way, margin[0], -1)
    past_inner = _room(inner, way, margin[1], 1)
    first, last = outer - past_outer * way, inner + past_inner * way
    chord = first_row[-1] - first_row[0]
    span = max(float(np.linalg.norm(chord)), 1e-6)
    u_first = (first_row - first_row[0]) @ chord / span**2
    depth = (first_row - first_row[0]) @ _ahead(chord, side)
    rows_u = fade * u_first + (1 - fade) * u
    inside = (past_outer + rows_u * width) / (width + past_outer + past_inner)
    share = np.concatenate([np.zeros_like(width), inside, np.ones_like(width)], axis=1)[..., None]
    straight = first[:, None] * (1 - share) + last[:, None] * share
    aheads = np.stack([_ahead(row, side) for row in last - first])
    for strength in (1.0, 0.4, 0.0):
        grid = straight.copy()
        grid[:, 1:-1] += strength * (fade * depth)[..., None] * aheads[:, None]
        if not _folds(grid, side):
            break
    return np.asarray(grid)


def _folds(grid: Points, side: int) -> bool:
    """Whether any quad's corner is turned over."""
    across, ahead = np.diff(grid, axis=1), np.diff(grid, axis=0)
    for r in (across[:-1], across[1:]):
        for c in (ahead[:, :-1], ahead[:, 1:]):
            if (side * (r[..., 0] * c[..., 1] - r[..., 1] * c[..., 0]) > 0).any():
                return True
    return False


def _room(edge: Points, way: Points, margin: float, sign: int) -> Points:
    """How far (rows, 1) rows may go on past an edge: less where they meet soon."""
    room = np.full((len(edge), 1), margin)
    for i in range(1, len(edge)):
        turn = float(way[i - 1, 0] * way[i, 1] - way[i - 1, 1] * way[i, 0])
        step = edge[i] - edge[i - 1]
        # Where line i meets line i-1, measured along line i from its edge.
        if abs(turn) < 1e-9:
            continue
        meet = float(step[0] * way[i - 1, 1] - step[1] * way[i - 1, 0]) / turn * sign
        if meet > 0:
            room[i - 1 : i + 1] = np.minimum(room[i - 1 : i + 1], 0.4 * meet)
    return room


def _ahead(row: Points, side: int) -> Points:
    """Unit vector at right angles to a row from outer to inner edge, towards the limb's end."""
    return side * np.array([row[1], -row[0]]) / max(float(np.linalg.norm(row)), 1e-6)


def end_of(grid: Points) -> Points:
    """Unit vector out of the end of a tube, at right angles to its last row."""
    row = grid[-1, -1] - grid[-1, 0]
    across = np.array([row[1], -row[0]]) / max(float(np.linalg.norm(row)), 1e-6)
    way = (grid[-1] - grid[-2]).mean(axis=0)
    return np.asarray(across * np.sign(float(way @ across) or 1.0))


def lengthen(grid: Points, *, first: float, last: float, taper: bool = False) -> Points:
    """One more row, in pixels, before the first and past the last. taper: the one before begins
    at nothing at the outer edge, where it would stick out over a shoulder."""
    amounts = np.ones((2, grid.shape[1], 1))
    if taper:
        amounts[0, :4, 0] = (0.02, 0.02, 0.3, 0.7)
    extra = []
    ends = ((grid[0], grid[1], first * amounts[0]), (grid[-1], grid[-2], last * amounts[1]))
    for end, before, by in ends:
        way = (end - before).mean(axis=0)
        row = end[-1] - end[0]
        across = np.array([row[1], -row[0]]) / max(float(np.linalg.norm(row)), 1e-6)
        extra.append(end + by * across * np.sign(float(way @ across) or 1.0))
    return np.concatenate([extra[0][None], grid, extra[1][None]])


def _begin(
    line: Points,
    start: Points,
    travelled: NDArray[np.float64],
    over: float,
    leave: Points | None,
) -> Points:
    """Bend the beginning of a line so that it starts at ``start``; where ``leave`` is given, in
    that direction and round, as over a shoulder."""
    left = np.clip(1 - travelled / max(over, 1e-6), 0, 1)[:, None]
    if leave is None or travelled[-1] < over:
        return np.asarray(line + left**2 * (3 - 2 * left) * (start - line[0]))
    join = int(np.searchsorted(travelled, over))
    join = min(max(join, 1), len(line) - 2)
    end = line[join]
    way = line[join + 1] - line[join - 1]
    reach = float(np.linalg.norm(end - start))
    arrive = way / max(float(np.linalg.norm(way)), 1e-6) * reach
    leave = leave / max(float(np.linalg.norm(leave)), 1e-6) * reach
    t = (travelled[: join + 1] / travelled[join])[:, None]
    out = line.copy()
    out[: join + 1] = (
        (2 * t**3 - 3 * t**2 + 1) * start
        + (t**3 - 2 * t**2 + t) * leave
        + (3 * t**2 - 2 * t**3) * end
        + (t**3 - t**2) * arrive
    )
    return out


def _blur(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    radius = max(1, int(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="reflect", reflect_type="odd")
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(2)], axis=-1)
