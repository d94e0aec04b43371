"""Sleeves: from the armhole along upper arm and forearm to the cuff."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import ARM, ARM_AT, ARM_HALF, Body, Limb
from ml.tryon.drape.warp_flat import Flat, along, length, smooth
from ml.tryon.drape.warp_mesh import Mesh
from ml.tryon.drape.warp_torso import EDGE, Armhole

Points = NDArray[np.float64]

SHOWN = 0.72  # visible width of a sleeve / its width laid flat
SNUG = 1.10
LOOSEST = 1.9
ROUND = 0.45
COLUMNS = 9
FULL = 0.86  # sleeves longer than this share of the arm end at the wrist
WRIST = 1.03  # where long sleeves end, in arm lengths


def sleeve(body: Body, flat: Flat, hole: Armhole, side: int, name: str, scale: float) -> Mesh:
    """The sleeve's mesh: rows from armhole to cuff, columns from the outer to the inner edge."""
    p = flat.points
    cuff_outer, cuff_inner = p[f"cuff_{name}_outer"], p[f"cuff_{name}_inner"]
    outer, _ = flat.path(hole.source[0], cuff_outer, bulge=1.9)
    inner, inner_real = flat.path(hole.source[1], cuff_inner, bulge=1.9)
    outer, inner = smooth(outer, 3.0), smooth(inner, 3.0)

    arm = body.arm(side)
    unit = body.unit
    centre = _Bone(arm)
    start_outer = float(np.clip(centre.project(hole.target[0]), 0.0, 0.25 * unit))
    start_inner = float(np.clip(centre.project(hole.target[1]), 0.02 * unit, 0.40 * unit))
    end_outer = start_outer + length(outer) * scale
    end_inner = start_inner + length(inner) * scale
    full = ARM * unit
    if max(end_outer, end_inner) > FULL * full or end_outer > (FULL - 0.04) * full:
        end_outer = end_inner = WRIST * full
    end_outer = max(end_outer, start_outer + 0.05 * unit)
    end_inner = max(end_inner, start_inner + 0.02 * unit)
    # A cuff is cut at a slant only so far.
    end_inner = float(np.clip(end_inner, end_outer - 0.30 * unit, end_outer + 0.08 * unit))
    end_inner = max(end_inner, start_inner + 0.02 * unit)

    rows = int(np.clip(max(length(outer), length(inner)) * scale / 12, 5, 40))
    share = np.linspace(0, 1, rows)
    source_outer, source_inner = along(outer, rows), along(inner, rows)
    flat_width = np.linalg.norm(source_outer - source_inner, axis=1)
    at_outer = start_outer + (end_outer - start_outer) * share
    at_inner = start_inner + (end_inner - start_inner) * share
    half = _half_widths(unit, 0.5 * (at_outer + at_inner), flat_width * scale)

    target_outer = centre.offset(at_outer, half, side)
    target_inner = centre.offset(at_inner, half, -side)
    target_outer = _begin(target_outer, hole.target[0], at_outer - start_outer, 0.28 * unit)
    target_inner = _begin(target_inner, hole.target[1], at_inner - start_inner, 0.32 * unit)

    u = np.linspace(0, 1, COLUMNS)
    v = 2 * u - 1
    bend = 0.5 + 0.5 * ((1 - ROUND) * v + ROUND * np.sin(0.5 * np.pi * v))
    # The armhole itself is shared with the torso, point by point.
    easing = np.clip(share / 0.3, 0, 1)[:, None] if rows > 2 else np.ones((rows, 1))
    mixed = (u + (bend - u) * easing)[..., None]
    source = source_outer[:, None] * (1 - u)[:, None] + source_inner[:, None] * u[:, None]
    target = target_outer[:, None] * (1 - mixed) + target_inner[:, None] * mixed

    edge_inner = EDGE if inner_real else 1.0
    source = _border(source, EDGE, edge_inner, 1.0)
    target = _border(target, EDGE, edge_inner, scale)
    return Mesh(source, target, scale)


def _half_widths(
    unit: float, at: NDArray[np.float64], flat_width: NDArray[np.float64]
) -> NDArray[np.float64]:
    own = np.interp(at / unit, ARM_AT, ARM_HALF) * unit
    garment = 0.5 * flat_width * SHOWN
    power = 8.0
    half = ((SNUG * own) ** power + garment**power) ** (1 / power)
    half = np.minimum(half, LOOSEST * own)
    if len(half) >= 5:
        padded = np.pad(half, 2, mode="edge")
        half = np.convolve(padded, [0.1, 0.2, 0.4, 0.2, 0.1], "valid")
    return np.asarray(half)


class _Bone:
    """The arm's middle line with a rounded elbow, by true distance from the shoulder joint."""

    def __init__(self, arm: Limb) -> None:
        unit = arm.unit
        self.step = unit / 80
        self.at = np.arange(-0.1 * unit, (ARM + 0.25) * unit, self.step)
        raw = arm.at(self.at)
        self.line = _blur(raw, 0.075 * unit / self.step)
        way = np.gradient(self.line, axis=0)
        speed = np.linalg.norm(way, axis=1, keepdims=True)
        whole = arm.joints[2] - arm.joints[0]
        whole = whole / max(float(np.linalg.norm(whole)), 1e-6)
        way = np.where(speed > 0.05 * self.step, way / np.maximum(speed, 1e-6), whole)
        self.way = _blur(way, 0.05 * unit / self.step)
        self.way /= np.maximum(np.linalg.norm(self.way, axis=1, keepdims=True), 1e-6)
        turn = np.gradient(np.unwrap(np.arctan2(self.way[:, 1], self.way[:, 0])))
        self.curvature = turn / np.maximum(speed[:, 0], 0.2 * self.step)

    def project(self, point: Points) -> float:
        """True distance along the upper arm of the foot of a perpendicular."""
        first = int(0.1 / (1 / 80))
        start, way = self.line[first], self.way[first]
        return float((point - start) @ way)

    def _get(self, values: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
        if values.ndim == 1:
            return np.interp(at, self.at, values)
        return np.stack([np.interp(at, self.at, values[:, i]) for i in range(2)], axis=-1)

    def offset(self, at: NDArray[np.float64], half: NDArray[np.float64], side: int) -> Points:
        """Points beside the bone: side +1 = to the left of a hanging arm in wearer's terms
        (image right), -1 = the other. On the inside of a bend they stay within its radius."""
        way = self._get(self.way, at)
        normal = np.stack([way[:, 1], -way[:, 0]], axis=-1) * side
        # Positive where the line bends towards this side.
        bend = -side * self._get(self.curvature, at)
        limit = np.where(bend > 1e-6, 0.85 / np.maximum(bend, 1e-6), np.inf)
        return np.asarray(self._get(self.line, at) + normal * np.minimum(half, limit)[:, None])


def _blur(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    radius = max(1, int(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="reflect", reflect_type="odd")
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(2)], axis=-1)


def _begin(line: Points, start: Points, travelled: NDArray[np.float64], over: float) -> Points:
    """Bend the beginning of a line so that it starts at ``start``."""
    over = min(over, float(travelled[-1]))
    left = np.clip(1 - travelled / max(over, 1e-6), 0, 1)
    return np.asarray(line + (left**2 * (3 - 2 * left))[:, None] * (start - line[0]))


def _border(grid: Points, outer: float, inner: float, scale: float) -> Points:
    """A little more mesh on all sides: under the torso, past the edges, past the cuff."""

    def beyond(last: Points, before: Points, by: float) -> Points:
        way = last - before
        way = way / np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 1e-6)
        return np.asarray(last + by * way)

    left = beyond(grid[:, 0], grid[:, 2], outer * scale)
    right = beyond(grid[:, -1], grid[:, -3], inner * scale)
    grid = np.concatenate([left[:, None], grid, right[:, None]], axis=1)
    first = beyond(grid[0], grid[1], EDGE * scale)
    last = beyond(grid[-1], grid[-2], 2 * EDGE * scale)
    return np.concatenate([first[None], grid, last[None]])
