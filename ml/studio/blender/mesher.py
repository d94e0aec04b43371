"""From a signed distance field to an even mesh of quadrilaterals: surface nets.

One vertex per grid cell that the surface crosses (Gibson 1998), then moved along the surface for
evenness and along the field's gradient until it lies exactly on the surface.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.studio.blender.sdf import Array, Field

_BLOCK = 6
_ROOM = 8  # blocks per side of the cubes in which parts are picked


@dataclass(frozen=True)
class Mesh:
    """vertices: (N, 3) in cm. faces: (M, 4) indices, outside seen anticlockwise; a triangle
    repeats its last index."""

    vertices: Array
    faces: Array


def surface(field: Field, cell: float, relax: int = 2) -> Mesh:
    """The surface of ``field`` with edges of about ``cell`` centimetres."""
    low, high = field.bounds()
    # a grid that is symmetric about x = 0 makes symmetric bodies
    low = np.floor(low / cell) * cell + np.array([cell / 2, 0, 0])
    values = _sample(field, low, high, cell)
    vertices, faces = _nets(values, low, cell)
    for _ in range(relax):
        vertices = _project(field, _relaxed(vertices, faces), cell)
    return Mesh(vertices, faces)


def _sample(field: Field, low: Array, high: Array, cell: float) -> Array:
    """Distances on a grid; far from the surface only their sign is right."""
    blocks = np.ceil((high - low) / (cell * _BLOCK)).astype(int) + 1
    values = np.full(tuple(blocks * _BLOCK), np.float32(cell * _BLOCK), np.float32)
    grid = values.reshape(blocks[0], _BLOCK, blocks[1], _BLOCK, blocks[2], _BLOCK)
    inner = np.stack(np.meshgrid(*[np.arange(_BLOCK)] * 3, indexing="ij"), -1).reshape(-1, 3)
    half = cell * (_BLOCK - 1) / 2
    for corner in np.ndindex(*(-(-blocks // _ROOM))):
        first = np.array(corner) * _ROOM
        last = np.minimum(first + _ROOM, blocks)
        box = low + first * _BLOCK * cell, low + last * _BLOCK * cell
        local = field.near(*box)
        if not local.parts:
            continue
        index = np.stack(np.meshgrid(*map(np.arange, first, last), indexing="ij"), -1)
        index = index.reshape(-1, 3)
        middle = low + index * (_BLOCK * cell) + half
        d = local(middle)
        near = np.abs(d) < 1.8 * half + 1.5 * cell
        grid[index[~near, 0], :, index[~near, 1], :, index[~near, 2], :] = np.where(
            d[~near] < 0, -cell * _BLOCK, cell * _BLOCK
        )[:, None, None, None]
        at = index[near]
        if len(at):
            points = low + (at[:, None] * _BLOCK + inner) * cell
            found = local(points.reshape(-1, 3)).reshape(-1, _BLOCK, _BLOCK, _BLOCK)
            grid[at[:, 0], :, at[:, 1], :, at[:, 2], :] = found
    return values


def _nets(values: Array, low: Array, cell: float) -> tuple[Array, Array]:
    solid = values < 0
    count = solid[:-1, :-1, :-1].astype(np.int8)
    corners = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    for i, j, k in corners[1:]:
        count = count + solid[_cut(i), _cut(j), _cut(k)]
    cells = np.argwhere((count > 0) & (count < 8))
    number = np.full(count.shape, -1, np.int64)
    number[tuple(cells.T)] = np.arange(len(cells))
    total = np.zeros((len(cells), 3))
    crossings = np.zeros(len(cells))
    for a in corners:
        for axis in range(3):
            if a[axis]:
                continue
            b = tuple(v + (n == axis) for n, v in enumerate(a))
            va, vb = values[tuple((cells + a).T)], values[tuple((cells + b).T)]
            crossed = (va < 0) != (vb < 0)
            t = np.where(crossed, va / np.where(crossed, va - vb, 1), 0)
            point = cells + np.array(a, float)
            point[:, axis] += t
            total += np.where(crossed[:, None], point, 0)
            crossings += crossed
    vertices = low + total / crossings[:, None] * cell
    faces = []
    for axis in range(3):
        one, two = (axis + 1) % 3, (axis + 2) % 3
        ahead = np.take(solid, range(1, solid.shape[axis]), axis)
        behind = np.take(solid, range(solid.shape[axis] - 1), axis)
        edges = np.argwhere(ahead != behind)
        edges = edges[(edges[:, one] > 0) & (edges[:, two] > 0)]
        quad = np.stack([edges] * 4, 1)
        for n, (i, j) in enumerate(((1, 1), (0, 1), (0, 0), (1, 0))):
            quad[:, n, one] -= i
            quad[:, n, two] -= j
        ids = number[quad[..., 0], quad[..., 1], quad[..., 2]]
        flip = ahead[tuple(edges.T)]
        ids[flip] = ids[flip][:, ::-1]
        faces.append(ids)
    return vertices, np.concatenate(faces)


def _cut(start: int) -> slice:
    return slice(1, None) if start else slice(None, -1)


def neighbours(faces: Array, count: int) -> Callable[[Array], Array]:
    """A function that averages values (N, ...) over each vertex's neighbours."""
    a = faces.ravel()
    b = np.roll(faces, -1, axis=1).ravel()
    a, b = a[a != b], b[a != b]
    degree = np.bincount(a, minlength=count) + np.bincount(b, minlength=count)

    def average(values: Array) -> Array:
        flat = values.reshape(count, -1)
        out = np.empty_like(flat, dtype=np.float64)
        for n in range(flat.shape[1]):
            out[:, n] = np.bincount(a, flat[b, n], count) + np.bincount(b, flat[a, n], count)
        return np.asarray((out / np.maximum(degree, 1)[:, None]).reshape(values.shape))

    return average


def _relaxed(vertices: Array, faces: Array) -> Array:
    return np.asarray(0.4 * vertices + 0.6 * neighbours(faces, len(vertices))(vertices))


def _project(field: Field, vertices: Array, cell: float) -> Array:
    """Onto the surface along the gradient, in rooms so that few parts are asked."""
    out = vertices.copy()
    room = np.floor(vertices / 12.0).astype(int)
    _, which = np.unique(room, axis=0, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    for ids in np.split(order, np.flatnonzero(np.diff(which.ravel()[order])) + 1):
        p = vertices[ids]
        local = field.near(p.min(0) - 1, p.max(0) + 1)
        step = np.clip(local(p), -cell, cell)
        out[ids] = p - local.gradient(p) * step[:, None]
    return out


def refine(field: Field, mesh: Mesh, where: Callable[[Array], Array]) -> Mesh:
    """Each face whose middle is ``where`` split in four, the new vertices on the surface."""
    f = mesh.faces
    split = where(mesh.vertices[f].mean(1))
    old = f[split]
    edges = np.sort(np.stack([old, np.roll(old, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    pairs, place = np.unique(edges, axis=0, return_inverse=True)
    first = len(mesh.vertices)
    middles = mesh.vertices[pairs].mean(1)
    mid = first + place.reshape(-1, 4)
    centre = first + len(pairs) + np.arange(len(old))
    made = np.stack([
        np.stack([old[:, n], mid[:, n], centre, mid[:, n - 1]], 1) for n in range(4)
    ], 1).reshape(-1, 4)  # fmt: skip
    added = np.concatenate([middles, mesh.vertices[old].mean(1)])
    edge = float(np.linalg.norm(mesh.vertices[f[0, 0]] - mesh.vertices[f[0, 1]]))
    vertices = np.concatenate([mesh.vertices, _project(field, added, edge)])
    return Mesh(vertices, np.concatenate([f[~split], made]))


def normals(field: Field, vertices: Array) -> Array:
    """(N, 3) unit normals of the field at points on its surface."""
    out = np.zeros_like(vertices)
    room = np.floor(vertices / 12.0).astype(int)
    _, which = np.unique(room, axis=0, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    for ids in np.split(order, np.flatnonzero(np.diff(which.ravel()[order])) + 1):
        p = vertices[ids]
        out[ids] = field.near(p.min(0) - 1, p.max(0) + 1).gradient(p)
    return out


def clip(mesh: Mesh, keep: Callable[[Array], Array]) -> Mesh:
    """The part where ``keep`` (points -> values) is negative, cut sharply along its zero line."""
    values = keep(mesh.vertices)
    f = mesh.faces
    whole = (values[f] < 0).all(1)
    mixed = ~whole & (values[f] < 0).any(1)
    triangles = np.concatenate([f[mixed][:, [0, 1, 2]], f[mixed][:, [0, 2, 3]]])
    triangles = triangles[triangles[:, 1] != triangles[:, 2]]
    extra: dict[tuple[int, int], int] = {}
    added: list[Array] = []
    made: list[list[int]] = []

    def between(i: int, j: int) -> int:
        key = (i, j) if i < j else (j, i)
        if key not in extra:
            t = float(np.clip(values[key[0]] / (values[key[0]] - values[key[1]]), 0.001, 0.999))
            added.append(mesh.vertices[key[0]] * (1 - t) + mesh.vertices[key[1]] * t)
            extra[key] = len(mesh.vertices) + len(added) - 1
        return extra[key]

    for triangle in triangles.tolist():
        loop: list[int] = []
        for n in range(3):
            i, j = triangle[n], triangle[(n + 1) % 3]
            if values[i] < 0:
                loop.append(i)
            if (values[i] < 0) != (values[j] < 0):
                loop.append(between(i, j))
        if len(loop) >= 3:
            made.append([*loop, loop[-1]][:4])
    faces = np.concatenate([f[whole], np.array(made, np.int64).reshape(-1, 4)])
    vertices = np.concatenate([mesh.vertices, np.array(added).reshape(-1, 3)])
    used = np.unique(faces)
    number = np.full(len(vertices), -1)
    number[used] = np.arange(len(used))
    return Mesh(vertices[used], number[faces])
