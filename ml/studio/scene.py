"""A figure as groups of parts, a camera, and ray marching in tiles.

A picture is cut into tiles; per tile only the parts whose projected boxes touch it are evaluated,
which makes plain numpy fast enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.studio.sdf import FAR, Array, Part, join

Displace = Callable[[Array], Array]
Cut = Callable[[Array], Array]
TILE = 48
_MARGIN = 4.0  # cm a group's surface may lie outside its parts' boxes
_NEAR, _DEEP = 48.0, -48.0  # z range that holds every figure
_STEPS = 120


@dataclass(frozen=True)
class Group:
    """Parts of one material: joined smoothly, grown, displaced, then cut.

    cuts: fields that are positive where the material ends (neckline, hem).
    label: ATR class of the whole group, or None: that of the nearest part.
    """

    name: str
    parts: tuple[Part, ...]
    label: int | None = None
    offset: float = 0.0
    displace: Displace | None = None
    cuts: tuple[Cut, ...] = ()

    def distance(self, p: Array, parts: Sequence[Part]) -> Array:
        d = join(parts, p)
        if self.offset:
            d = d - np.float32(self.offset)
        if self.displace is not None:
            near = np.abs(d) < 4
            if near.any():
                d = d.copy()
                d[near] -= self.displace(p[near])
        for cut in self.cuts:
            d = np.maximum(d, cut(p))
        return d

    def labels(self, p: Array) -> NDArray[np.uint8]:
        if self.label is not None:
            return np.full(len(p), self.label, dtype=np.uint8)
        best = np.full(len(p), FAR, dtype=np.float32)
        out = np.zeros(len(p), dtype=np.uint8)
        for part in self.parts:
            if part.carve:
                continue
            d = part.distance(p)
            closer = d < best
            best[closer] = d[closer]
            out[closer] = part.label
        return out


@dataclass(frozen=True)
class Camera:
    """Looks along -z without tilt, so that verticals stay vertical. ``scale``: px per cm at z=0."""

    width: int
    height: int
    scale: float
    eye: tuple[float, float, float]
    floor_row: float  # image row of (y=0, z=0)

    @property
    def focal(self) -> float:
        return self.scale * self.eye[2]

    @property
    def centre(self) -> tuple[float, float]:
        return (self.width - 1) / 2, self.floor_row - self.scale * self.eye[1]

    def project(self, p: Array) -> Array:
        """Image points (N, 2) of world points (N, 3)."""
        q = np.atleast_2d(p).astype(np.float64)
        k = self.focal / (self.eye[2] - q[:, 2])
        cx, cy = self.centre
        return np.stack(
            [cx + (q[:, 0] - self.eye[0]) * k, cy - (q[:, 1] - self.eye[1]) * k], axis=1
        ).astype(np.float32)

    def rays(self, xs: Array, ys: Array) -> Array:
        """Unit directions (N, 3) through image points."""
        cx, cy = self.centre
        d = np.stack([(xs - cx) / self.focal, (cy - ys) / self.focal, -np.ones_like(xs)], axis=1)
        return np.asarray(d / np.linalg.norm(d, axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class Hits:
    """What each pixel sees: rows/cols of pixels that hit, surface points, normals, group, label."""

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    points: Array
    normals: Array
    group: NDArray[np.uint8]
    label: NDArray[np.uint8]
    view: Array = field(repr=False)


class Scene:
    """A figure that rays can be shot at."""

    def __init__(self, groups: Sequence[Group], camera: Camera) -> None:
        self.groups = tuple(groups)
        self.camera = camera
        self._boxes = [[self._box(part) for part in group.parts] for group in self.groups]

    def _box(self, part: Part) -> tuple[float, float, float, float]:
        low, high = part.bounds()
        corners = np.array(
            [[x, y, z] for x in (low[0] - _MARGIN, high[0] + _MARGIN)
             for y in (low[1] - _MARGIN, high[1] + _MARGIN)
             for z in (low[2], high[2])],
            dtype=np.float32,
        )  # fmt: skip
        uv = self.camera.project(corners)
        return (float(uv[:, 0].min()), float(uv[:, 1].min()),
                float(uv[:, 0].max()), float(uv[:, 1].max()))  # fmt: skip

    def parts_in(self, x0: float, y0: float, x1: float, y1: float) -> list[list[Part]]:
        """Per group, the parts that rays through this rectangle can meet."""
        return [
            [
                part
                for part, box in zip(group.parts, boxes, strict=True)
                if box[0] <= x1 and box[2] >= x0 and box[1] <= y1 and box[3] >= y0
            ]
            for group, boxes in zip(self.groups, self._boxes, strict=True)
        ]

    def distance(self, p: Array, parts: list[list[Part]]) -> tuple[Array, NDArray[np.uint8]]:
        best = np.full(len(p), FAR, dtype=np.float32)
        who = np.zeros(len(p), dtype=np.uint8)
        for i, group in enumerate(self.groups):
            if not parts[i]:
                continue
            d = group.distance(p, parts[i])
            closer = d < best
            best = np.where(closer, d, best)
            who[closer] = i
        return best, who

    def _normals(self, p: Array, parts: list[list[Part]]) -> Array:
        eps = np.float32(0.09)
        total = np.zeros_like(p)
        for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
            k = np.array(corner, dtype=np.float32)
            total += k * self.distance(p + k * eps, parts)[0][:, None]
        return np.asarray(
            total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9), np.float32
        )

    def _tile(self, x0: int, y0: int) -> tuple[Array, ...] | None:
        cam = self.camera
        x1, y1 = min(x0 + TILE, cam.width), min(y0 + TILE, cam.height)
        parts = self.parts_in(x0, y0, x1 - 1, y1 - 1)
        if not any(parts):
            return None
        ys, xs = np.mgrid[y0:y1, x0:x1].reshape(2, -1)
        view = cam.rays(xs.astype(np.float32), ys.astype(np.float32))
        eye = np.array(cam.eye, dtype=np.float32)
        t = np.float32(cam.eye[2] - _NEAR) / -view[:, 2]
        end = np.float32(cam.eye[2] - _DEEP) / -view[:, 2]
        alive = np.arange(len(t))
        hit: list[NDArray[np.int64]] = []
        for _ in range(_STEPS):
            d, _who = self.distance(eye + view[alive] * t[alive, None], parts)
            done = d < 0.025
            hit.append(alive[done])
            t[alive] += np.where(done, 0, np.maximum(d * np.float32(0.72), 0.02))
            alive = alive[~done & (t[alive] < end[alive])]
            if not len(alive):
                break
        got = np.sort(np.concatenate(hit))
        if not len(got):
            return None
        p = eye + view[got] * t[got, None]
        _d, who = self.distance(p, parts)
        label = np.zeros(len(got), dtype=np.uint8)
        for i, group in enumerate(self.groups):
            mine = who == i
            if mine.any():
                label[mine] = group.labels(p[mine])
        return (ys[got], xs[got], p, self._normals(p, parts), who, label, view[got])

    def trace(self, on_tile: Callable[[], object] = lambda: None) -> Hits:
        """Shoot one ray per pixel. ``on_tile`` is called after each tile."""
        found = []
        for y in range(0, self.camera.height, TILE):
            for x in range(0, self.camera.width, TILE):
                tile = self._tile(x, y)
                if tile is not None:
                    found.append(tile)
                on_tile()
        rows, cols, p, n, who, label, view = (np.concatenate(c) for c in zip(*found, strict=True))
        return Hits(rows, cols, p, n, who, label, view)

    def tiles(self) -> int:
        return -(-self.camera.width // TILE) * -(-self.camera.height // TILE)
