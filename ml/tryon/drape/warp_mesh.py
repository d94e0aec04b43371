"""Grids of quads that carry fabric from the garment's photo to the person's photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

DENSE = 1.35  # source pixels per output pixel beyond which one look is not enough
JUMP = 12.0  # beyond this, neighbours lie on different parts of the fabric


@dataclass(frozen=True, slots=True)
class Mesh:
    """source, target: (rows, columns, 2) the same vertices in the garment's and the person's
    photo. ``scale``: the fabric's own scale, target pixels per source pixel."""

    source: Points
    target: Points
    scale: float

    def __post_init__(self) -> None:
        if self.source.shape != self.target.shape or self.source.shape[2:] != (2,):
            raise ValueError(f"unlike grids: {self.source.shape} and {self.target.shape}")
        if not (np.isfinite(self.source).all() and np.isfinite(self.target).all()):
            raise ValueError("a mesh must be finite")

    def triangles(self) -> tuple[Points, Points]:
        """(N, 3, 2) source and target corners; neighbouring quads share their diagonal's way."""
        return _split(self.source), _split(self.target)

    def jacobians(self) -> tuple[Points, NDArray[np.float64]]:
        """(N, 2, 2) source → target, and each triangle's area in the source."""
        source, target = self.triangles()
        a = source[:, 1:] - source[:, :1]
        b = target[:, 1:] - target[:, :1]
        area = 0.5 * np.abs(_det(a))
        keep = area > 1e-6
        a, b = a[keep].transpose(0, 2, 1), b[keep].transpose(0, 2, 1)
        return b @ np.linalg.inv(a), area[keep]

    def folds(self) -> int:
        """How many triangles are turned over."""
        jacobian, _ = self.jacobians()
        return int((_det(jacobian) < 0).sum())


def _det(m: Points) -> NDArray[np.float64]:
    out: NDArray[np.float64] = m[:, 0, 0] * m[:, 1, 1] - m[:, 0, 1] * m[:, 1, 0]
    return out


def _split(grid: Points) -> Points:
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
    upper = np.stack([a, b, d], axis=2).reshape(-1, 3, 2)
    lower = np.stack([a, d, c], axis=2).reshape(-1, 3, 2)
    return np.concatenate([upper, lower])


def stretch(meshes: list[Mesh], percentile: float = 99.0) -> float:
    """How far fabric is pulled longer than its own scale, over all meshes, weighted by area."""
    pulls, weights = [], []
    for mesh in meshes:
        jacobian, area = mesh.jacobians()
        pulls.append(np.linalg.svd(jacobian, compute_uv=False)[:, 0] / mesh.scale)
        weights.append(area * mesh.scale**2)
    pull, weight = np.concatenate(pulls), np.concatenate(weights)
    order = np.argsort(pull)
    total = np.cumsum(weight[order])
    at = int(np.searchsorted(total, total[-1] * percentile / 100.0))
    return float(pull[order][min(at, len(pull) - 1)])


@dataclass(frozen=True, slots=True)
class Sampled:
    """Where each pixel of a box of the output looks in the source.

    left, top: the box's corner. where: (h, w, 2) float32 source points. cover: (h, w) bool.
    """

    left: int
    top: int
    where: NDArray[np.float32]
    cover: NDArray[np.bool_]

    @property
    def box(self) -> tuple[slice, slice]:
        h, w = self.cover.shape
        return slice(self.top, self.top + h), slice(self.left, self.left + w)


def rasterise(mesh: Mesh, size: tuple[int, int]) -> Sampled | None:
    """The mesh's inverse map at pixel centres, exact and without holes; None if out of frame.

    All triangles of similar size are evaluated at once on a common small window.
    """
    height, width = size
    source, target = mesh.triangles()
    low = np.maximum(np.ceil(target.min(axis=1) - 1e-9), 0).astype(int)
    high = np.minimum(np.floor(target.max(axis=1) + 1e-9), [width - 1, height - 1]).astype(int)
    area = _det(target[:, 1:] - target[:, :1])
    keep = (high >= low).all(axis=1) & (np.abs(area) > 1e-9)
    if not keep.any():
        return None
    source, target, low, high, area = source[keep], target[keep], low[keep], high[keep], area[keep]
    left, top = low.min(axis=0)
    right, bottom = high.max(axis=0)
    where = np.zeros((bottom - top + 1, right - left + 1, 2), np.float32)
    cover = np.zeros(where.shape[:2], bool)
    spans = high - low + 1
    size_class = np.ceil(np.log2(spans.max(axis=1))).astype(int)
    for level in np.unique(size_class):
        group = np.flatnonzero(size_class == level)
        window = spans[group].max(axis=0)
        dx, dy = np.meshgrid(np.arange(window[0]), np.arange(window[1]))
        x = low[group, 0, None] + dx.ravel()
        y = low[group, 1, None] + dy.ravel()
        a, b, c = (target[group, i] for i in range(3))
        det = area[group][:, None]
        px, py = x - a[:, :1], y - a[:, 1:]
        u = (px * (c - a)[:, 1:] - py * (c - a)[:, :1]) / det
        v = (py * (b - a)[:, :1] - px * (b - a)[:, 1:]) / det
        inside = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6)
        inside &= (x <= right) & (y <= bottom)
        rows, _ = np.nonzero(inside)
        u, v, x, y = u[inside][:, None], v[inside][:, None], x[inside], y[inside]
        s = source[group][rows]
        found = s[:, 0] + u * (s[:, 1] - s[:, 0]) + v * (s[:, 2] - s[:, 0])
        where[y - top, x - left] = found
        cover[y - top, x - left] = True
    return Sampled(int(left), int(top), where, cover)


def sample(
    sampled: Sampled, picture: NDArray[np.uint8], *, outside: int | None = None
) -> NDArray[np.uint8]:
    """Resample a picture once. ``outside``: value beyond its frame (None = repeat its edge).

    Where the fabric is much smaller in the output than in the picture (sides of a body), four
    looks per pixel are averaged, so that stripes do not alias.
    """
    once = _look(picture, sampled.where, outside)
    right, down = _steps(sampled, 1), _steps(sampled, 0)
    size = np.maximum((right**2).sum(axis=2), (down**2).sum(axis=2))
    dense = (size > DENSE**2) & (size < JUMP**2)
    if dense.mean() < 0.01:
        return once
    total = np.zeros(once.shape, np.uint16)
    for x, y in ((-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25)):
        total += _look(
            picture, sampled.where + np.float32(x) * right + np.float32(y) * down, outside
        )
    mixed = dense if once.ndim == 2 else dense[..., None]
    return np.where(mixed, (total + 2) // 4, once).astype(np.uint8)


def _steps(sampled: Sampled, axis: int) -> NDArray[np.float32]:
    """How far the place looked at moves from one output pixel to the next; 0 at edges."""
    step = np.zeros_like(sampled.where)
    whole = sampled.cover
    if axis == 1:
        both = whole[:, 1:] & whole[:, :-1]
        step[:, :-1] = np.where(both[..., None], np.diff(sampled.where, axis=1), 0)
    else:
        both = whole[1:] & whole[:-1]
        step[:-1] = np.where(both[..., None], np.diff(sampled.where, axis=0), 0)
    return step


def _look(
    picture: NDArray[np.uint8], where: NDArray[np.float32], outside: int | None
) -> NDArray[np.uint8]:
    mode = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    x, y = np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])
    out = cv2.remap(
        picture, x, y, cv2.INTER_LINEAR, borderMode=mode, borderValue=(outside or 0,) * 3
    )
    return np.asarray(out, np.uint8)
