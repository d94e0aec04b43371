"""Flat outlines become even triangle meshes whose border can be sewn to another's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from ml.studio.paths import Points

#: Length of a triangle's edge in pixels of the flat picture: about 1.5 cm of cloth.
EDGE = 15.5

Edge = NDArray[np.intp]


@dataclass(frozen=True)
class Sheet:
    """points: (n, 2). triangles: (m, 3), all turning the same way. edges: name -> vertices of that
    part of the border in the order of its line, ends included."""

    points: Points
    triangles: NDArray[np.intp]
    edges: Mapping[str, Edge]


def steps(line: Points, edge: float = EDGE) -> int:
    """Into how many pieces a line is cut."""
    return max(1, round(float(np.hypot(*np.diff(line, axis=0).T).sum()) / edge))


def resample(line: Points, count: int) -> Points:
    """``count`` + 1 points at equal distances along a line, both ends kept."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, length[-1], count + 1)
    return np.stack([np.interp(at, length, line[:, i]) for i in (0, 1)], axis=1)


def triangulate(
    border: Mapping[str, Points], counts: Mapping[str, int] | None = None, edge: float = EDGE,
    *, sewn: bool = True,
) -> Sheet:  # fmt: skip
    """An even mesh inside a closed border.

    border: lines that go once around, each beginning where the one before ends. counts: pieces of
    those lines that must match a line elsewhere; the others are cut by ``edge``. sewn: the whole
    border is needed; else sharp tips may lose a triangle. Raises ValueError where a border that is
    to be sewn is too narrow or crosses itself.
    """
    rim: list[Points] = []
    edges: dict[str, Edge] = {}
    start = 0
    for name, line in border.items():
        count = (counts or {}).get(name) or steps(line, edge)
        rim.append(resample(line, count)[:-1])
        edges[name] = np.arange(start, start + count + 1)
        start += count
    outline = np.concatenate(rim)
    for name, run in edges.items():
        edges[name] = run % start
    points = np.concatenate([outline, _inside(outline, edge)])
    found = Delaunay(points).simplices.astype(np.intp)
    corners = points[found]
    keep = _within(outline, corners.mean(axis=1)) & (np.abs(_area(corners)) > 0.02 * edge * edge)
    triangles = found[keep]
    turned = _area(points[triangles]) < 0
    triangles[turned] = triangles[turned][:, ::-1]
    if sewn:
        _check(triangles, start)
    return _without_strays(Sheet(points, triangles, edges), start)


def border_pairs(triangles: NDArray[np.intp]) -> NDArray[np.intp]:
    """(k, 2) the vertex pairs that belong to one triangle only."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    pairs, count = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    return np.asarray(pairs[count == 1])


def _inside(outline: Points, edge: float) -> Points:
    """Points of a triangular grid that keep their distance from the border."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    row = edge * np.sqrt(3) / 2
    ys = np.arange(low[1] + row / 2, high[1], row)
    grid = [
        np.stack(np.broadcast_arrays(np.arange(low[0] + edge / 2 * (i % 2), high[0], edge), y), 1)
        for i, y in enumerate(ys)
    ]
    points = np.concatenate(grid)
    points = points[_within(outline, points)]
    closed = np.concatenate([outline, outline[:1]])
    dense = resample(closed, steps(closed, edge / 5))
    away, _ = cKDTree(dense).query(points)
    return np.asarray(points[away > 0.6 * edge])


def _within(outline: Points, points: Points) -> NDArray[np.bool_]:
    shape: Any = outline.astype(np.float32).reshape(-1, 1, 2)
    return np.array([cv2.pointPolygonTest(shape, (float(x), float(y)), False) > 0
                     for x, y in points], dtype=bool)  # fmt: skip


def _area(corners: NDArray[Any]) -> NDArray[Any]:
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2)


def _check(triangles: NDArray[np.intp], rim: int) -> None:
    """The mesh's border is the rim, in its order."""
    have = {(int(a), int(b)) for a, b in border_pairs(triangles)}
    want = {tuple(sorted((i, (i + 1) % rim))) for i in range(rim)}
    if have != want:
        raise ValueError(f"the border is torn: {len(want - have)} of {rim} pieces are missing")


def _without_strays(sheet: Sheet, rim: int) -> Sheet:
    """Points in no triangle go; the border's all stay."""
    used = np.zeros(len(sheet.points), dtype=bool)
    used[sheet.triangles] = True
    used[:rim] = True
    renamed = np.cumsum(used) - 1
    return Sheet(sheet.points[used], renamed[sheet.triangles], sheet.edges)
