"""Tubes of fabric along a limb with one joint: sleeves and trouser legs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import Limb
from ml.tryon.drape.warp_flat import along, length

Points = NDArray[np.float64]

#: Worn half-widths (pixels) from true distances along the limb and flat widths, both in pixels.
HalfWidth = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]

COLUMNS = 9


class Bone:
    """A limb's middle line with its joint rounded, by true distance from its first joint.

    rounding: how far the joint is rounded, in pixels (about the limb's half-width).
    """

    def __init__(self, limb: Limb, rounding: float) -> None:
        unit = limb.unit
        reach = sum(limb.bones) * unit
        self.step = unit / 80
        self.at = np.arange(-0.1 * unit, reach + 0.25 * unit, self.step)
        self.line = _blur(limb.at(self.at), rounding / self.step)
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
        left. On the inside of a bend they stay within its radius, so that rows never cross."""
        way = self._get(self.way, at)
        normal = np.stack([way[:, 1], -way[:, 0]], axis=-1) * side
        bend = -side * self._get(self.curvature, at)  # positive: bends towards this side
        limit = np.where(bend > 1e-6, 0.85 / np.maximum(bend, 1e-6), np.inf)
        return np.asarray(self._get(self.line, at) + normal * np.minimum(half, limit)[:, None])


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube between two source lines, from a start line on the body to an end along a limb.

    outer, inner: source lines from start to end. begin_outer, begin_inner: where they begin in
    the target. at_outer, at_inner: (from, to) true distances along the limb, in pixels.
    """

    outer: Points
    inner: Points
    begin_outer: Points
    begin_inner: Points
    at_outer: tuple[float, float]
    at_inner: tuple[float, float]


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
    """Source and target grids: rows from start to end, columns from the outer edge to the inner.

    side: +1 for limbs whose outer edge is on the image's right. half_width: worn half-width from
    (true distances, flat widths). rounded: how far columns bunch at the edges. settle: over how
    many pixels outer and inner edge leave their start for the limb.
    """
    longest = max(length(tube.outer), length(tube.inner)) * scale
    rows = int(np.clip(longest / 12, 5, 48))
    share = np.linspace(0, 1, rows)
    source_outer, source_inner = along(tube.outer, rows), along(tube.inner, rows)
    at_outer = tube.at_outer[0] + (tube.at_outer[1] - tube.at_outer[0]) * share
    at_inner = tube.at_inner[0] + (tube.at_inner[1] - tube.at_inner[0]) * share
    flat_width = np.linalg.norm(source_outer - source_inner, axis=1)
    half = half_width(0.5 * (at_outer + at_inner), flat_width * scale)
    outer = _begin(
        bone.offset(at_outer, half, side), tube.begin_outer, at_outer - at_outer[0], settle[0]
    )
    inner = _begin(
        bone.offset(at_inner, half, -side), tube.begin_inner, at_inner - at_inner[0], settle[1]
    )
    u = np.linspace(0, 1, COLUMNS)
    v = 2 * u - 1
    bunched = 0.5 + 0.5 * ((1 - rounded) * v + rounded * np.sin(0.5 * np.pi * v))
    # The first row is shared with another part, point by point, so it stays as it is.
    easing = np.clip(share / 0.3, 0, 1)[:, None]
    mixed = (u + (bunched - u) * easing)[..., None]
    source = source_outer[:, None] * (1 - u)[:, None] + source_inner[:, None] * u[:, None]
    return source, np.asarray(outer[:, None] * (1 - mixed) + inner[:, None] * mixed)


def border(grid: Points, *, outer: float, inner: float, first: float, last: float) -> Points:
    """A little more mesh, in pixels, past each of a grid's four edges."""
    left = _beyond(grid[:, 0], grid[:, 2], outer)
    right = _beyond(grid[:, -1], grid[:, -3], inner)
    grid = np.concatenate([left[:, None], grid, right[:, None]], axis=1)
    before, after = _beyond(grid[0], grid[1], first), _beyond(grid[-1], grid[-2], last)
    return np.concatenate([before[None], grid, after[None]])


def _beyond(end: Points, before: Points, by: float) -> Points:
    way = end - before
    way = way / np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 1e-6)
    return np.asarray(end + by * way)


def _begin(line: Points, start: Points, travelled: NDArray[np.float64], over: float) -> Points:
    """Bend the beginning of a line so that it starts at ``start``."""
    left = np.clip(1 - travelled / max(over, 1e-6), 0, 1)
    return np.asarray(line + (left**2 * (3 - 2 * left))[:, None] * (start - line[0]))


def _blur(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    radius = max(1, int(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="reflect", reflect_type="odd")
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(2)], axis=-1)
