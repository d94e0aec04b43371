"""Cloth that falls on a moving body: extended position-based dynamics in small steps.

After Macklin et al., "Small Steps in Physics Simulation" (SCA 2019): many substeps with one
pass over all constraints each. The cloth starts sewn and around the body (``sew.place``), and every
substep ends outside the body, so it cannot fall off, burst or be left behind. Metres and seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy  # noqa: F401 - mathutils can be imported only after it
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import NDArray

Array = NDArray[Any]  # float32
Index = NDArray[np.int64]

FPS = 24
SUBSTEPS = 12
#: Half of what it is: so little work per step leaves cloth stretchy, and less weight evens it out.
GRAVITY = np.array([0.0, 0.0, -4.9], np.float32)


@dataclass(frozen=True)
class Fabric:
    """stretch, bend: compliances (0 rigid); drag: share of speed lost per substep;
    thickness: m between body and cloth; friction: 0..1."""

    stretch: float = 0.0
    bend: float = 4e-6
    drag: float = 0.012
    thickness: float = 0.0045
    friction: float = 0.45


@dataclass(frozen=True)
class Mover:
    """A body that cloth collides with. frames: (f, n, 3) its vertices, one set per key of the
    movement; triangles: (m, 3); parts: (m,) which limb a triangle belongs to."""

    frames: Array
    triangles: Index
    parts: Index

    def at(self, t: float) -> Array:
        """Vertices at 0 (first key) to 1 (last)."""
        place = min(max(t, 0.0), 1.0) * (len(self.frames) - 1)
        k = min(int(place), len(self.frames) - 2) if len(self.frames) > 1 else 0
        if len(self.frames) == 1:
            return np.asarray(self.frames[0])
        f = np.float32(place - k)
        return np.asarray(self.frames[k] * (1 - f) + self.frames[k + 1] * f)


@dataclass
class Net:
    """Distance constraints in groups that share no vertex."""

    groups: list[tuple[Index, Index, Array]]
    compliance: float

    def pull(self, x: Array, weight: Array, dt: float) -> None:
        alpha = np.float32(self.compliance / dt**2)
        for i, j, rest in self.groups:
            d = x[i] - x[j]
            length = np.sqrt(np.einsum("ij,ij->i", d, d)) + np.float32(1e-9)
            wi, wj = weight[i], weight[j]
            share = (length - rest) / (length * (wi + wj + alpha + np.float32(1e-9)))
            d *= share[:, None]
            x[i] -= d * wi[:, None]
            x[j] += d * wj[:, None]


def net(pairs: Index, rest: Array, compliance: float) -> Net:
    """Colours the pairs greedily."""
    used: dict[int, int] = {}
    colour = np.zeros(len(pairs), np.int64)
    for k, (a, b) in enumerate(pairs.tolist()):
        taken = used.get(a, 0) | used.get(b, 0)
        free = (~taken & (taken + 1)).bit_length() - 1
        colour[k] = free
        used[a] = used.get(a, 0) | 1 << free
        used[b] = used.get(b, 0) | 1 << free
    groups = []
    for c in range(int(colour.max()) + 1 if len(pairs) else 0):
        mine = colour == c
        groups.append((pairs[mine, 0].copy(), pairs[mine, 1].copy(),
                       rest[mine].astype(np.float32)))  # fmt: skip
    return Net(groups, compliance)


@dataclass
class Contact:
    """The nearest place of the body for each vertex: a triangle, barycentric weights, the way out
    of the body there, and the distance to keep."""

    triangle: Index
    weights: Array
    out: Array
    keep: Array

    def points(self, body: Array, triangles: Index) -> Array:
        return np.asarray((body[triangles[self.triangle]] * self.weights[..., None]).sum(axis=1))


def touch(x: Array, body: Array, mover: Mover, keep: Callable[[Index], Array]) -> Contact:
    """keep: triangles -> distance to keep from each."""
    tree = BVHTree.FromPolygons(body.tolist(), mover.triangles.tolist(), all_triangles=True)
    found = [tree.find_nearest(Vector(p)) for p in x.tolist()]
    at = np.array([f[0] for f in found], np.float32)
    normal = np.array([f[1] for f in found], np.float32)
    triangle = np.array([f[2] for f in found], np.int64)
    way = x - at
    far = np.sqrt((way**2).sum(1))
    side = np.where((way * normal).sum(1) < 0, -1.0, 1.0).astype(np.float32)
    close = far < 1e-4
    out = np.where(close[:, None], normal, way * (side / np.maximum(far, 1e-9))[:, None])
    corners = body[mover.triangles[triangle]]
    return Contact(triangle, _barycentric(at, corners), out.astype(np.float32), keep(triangle))


def _barycentric(p: Array, corners: Array) -> Array:
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    u, v, w = b - a, c - a, p - a
    uu, uv, vv = (u * u).sum(1), (u * v).sum(1), (v * v).sum(1)
    wu, wv = (w * u).sum(1), (w * v).sum(1)
    det = np.maximum(uu * vv - uv * uv, 1e-16)
    s, t = (vv * wu - uv * wv) / det, (uu * wv - uv * wu) / det
    return np.stack([1 - s - t, s, t], axis=1).astype(np.float32)


class Cloth:
    """A sewn garment: positions and what holds them together."""

    def __init__(self, x: Array, triangles: Index, edges: Index, rest: Array, bends: Index,
                 bend_rest: Array, fabric: Fabric) -> None:  # fmt: skip
        self.x = x.astype(np.float32).copy()
        self.v = np.zeros_like(self.x)
        self.triangles, self.edges, self.rest, self.fabric = triangles, edges, rest, fabric
        self.weight = np.ones(len(x), np.float32)
        self.stretch = net(edges, rest, fabric.stretch)
        self.bend = net(bends, bend_rest, fabric.bend)

    def frame(self, mover: Mover, start: float, end: float, keep: Callable[[Index], Array],
              pins: Contact | None = None, pinned: Index | None = None, gravity: float = 1.0,
              drag: float | None = None, contact: Contact | None = None) -> Contact:  # fmt: skip
        """Go on by 1 / FPS while the body moves from ``start`` to ``end`` (0..1 of its movement).

        contact: what is touched, where it is known (a body that stands still).
        """
        dt = 1 / FPS / SUBSTEPS
        before = mover.at(start)
        contact = contact or touch(self.x, before, mover, keep)
        p0 = contact.points(before, mover.triangles)
        after = before if start == end else mover.at(end)
        p1 = p0 if start == end else contact.points(after, mover.triangles)
        moved = (p1 - p0) / SUBSTEPS
        loss = np.float32(1 - (self.fabric.drag if drag is None else drag))
        for k in range(SUBSTEPS):
            old = self.x.copy()
            self.v += GRAVITY * np.float32(gravity * dt)
            self.x += self.v * np.float32(dt)
            self.stretch.pull(self.x, self.weight, dt)
            self.bend.pull(self.x, self.weight, dt)
            p = p0 + moved * np.float32(k + 1)
            self._keep_out(old, p, moved, contact)
            if pins is not None and pinned is not None:
                f = np.float32((k + 1) / SUBSTEPS)
                body = before * (1 - f) + after * f if start != end else before
                self.x[pinned] = pins.points(body, mover.triangles) + pins.out * pins.keep[:, None]
            self.v = (self.x - old) * (loss / np.float32(dt))
        return contact

    def _keep_out(self, old: Array, p: Array, moved: Array, contact: Contact) -> None:
        depth = np.einsum("ij,ij->i", self.x - p, contact.out) - contact.keep
        hit = np.nonzero(depth < 0)[0]
        if not len(hit):
            return
        out = contact.out[hit]
        self.x[hit] -= np.maximum(depth[hit], np.float32(-0.01))[:, None] * out
        slide = self.x[hit] - old[hit] - moved[hit]
        slide -= np.einsum("ij,ij->i", slide, out)[:, None] * out
        self.x[hit] -= slide * np.float32(self.fabric.friction)

    def strain(self) -> Array:
        """How much longer each edge is than its pattern, as a share."""
        d = self.x[self.edges[:, 0]] - self.x[self.edges[:, 1]]
        return np.asarray(np.sqrt((d**2).sum(1)) / self.rest - 1)


def settle(cloth: Cloth, mover: Mover, keep: Callable[[Index], Array], pinned: Index | None,
           phases: Sequence[int] = (8, 4, 18, 10)) -> None:  # fmt: skip
    """Pull tight around the standing body, let it fall, follow the body's movement, come to rest.

    pinned: vertices that stay where they lie on the body (a waistband).
    """
    tight, fall, move, rest = phases
    for _ in range(tight):
        cloth.frame(mover, 0, 0, keep, gravity=0.15, drag=0.12)
    pins = None
    if pinned is not None and len(pinned):
        body = mover.at(0)
        full = touch(cloth.x[pinned], body, mover, lambda t: np.zeros(len(t), np.float32))
        gap = np.einsum("ij,ij->i", cloth.x[pinned] - full.points(body, mover.triangles), full.out)
        pins = Contact(full.triangle, full.weights, full.out,
                       np.clip(gap, cloth.fabric.thickness, 0.012))  # fmt: skip
        cloth.weight[pinned] = 0
    for _ in range(fall):
        cloth.frame(mover, 0, 0, keep, pins, pinned, drag=0.04)
    for k in range(move):
        cloth.frame(mover, k / move, (k + 1) / move, keep, pins, pinned)
    for k in range(rest):
        cloth.frame(mover, 1, 1, keep, pins, pinned, drag=0.012 if k < rest // 2 else 0.06)
