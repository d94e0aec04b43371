"""Signed distance fields of body parts: tubes with anatomical profiles, cones, balls.

Distances are in centimetres, negative inside, first-order exact near the surface. Points are
float arrays (N, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Distance = Callable[[Array], Array]
FAR = 1e3
_TABLE = 128


def vec(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


def unit(values: ArrayLike) -> Array:
    v = vec(values)
    return np.asarray(v / np.linalg.norm(v, axis=-1, keepdims=True))


def smoothstep(x: Array, low: float, high: float) -> Array:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def smooth_min(a: Array, b: Array, k: float) -> Array:
    """The smaller of two distances with a fillet of about ``k`` centimetres between them."""
    if k <= 0:
        return np.minimum(a, b)
    h = np.maximum(k - np.abs(a - b), 0) / k
    return np.asarray(np.minimum(a, b) - h * h * h * (k / 6))


@dataclass(frozen=True)
class Part:
    """group: the limb it belongs to. blend: how softly it joins what came before, in cm.

    carve: it is taken away instead of added. low, high: corners of a box around it.
    """

    group: str
    blend: float
    distance: Distance
    low: Array
    high: Array
    carve: bool = False


def ball(
    group: str,
    centre: ArrayLike,
    radii: ArrayLike,
    blend: float,
    axis: ArrayLike = (0, 0, 1),
    carve: bool = False,
) -> Part:
    """An ellipsoid; its third radius points along ``axis``, its first stays level."""
    at, size, up = vec(centre), vec(radii), unit(axis)
    side = unit(np.cross(vec((0, 1, 0)), up))
    frame = np.stack([side, np.cross(up, side), up])

    def distance(p: Array) -> Array:
        q = (p - at) @ frame.T
        k0 = np.linalg.norm(q / size, axis=1)
        k1 = np.linalg.norm(q / (size * size), axis=1)
        return np.asarray(k0 * (k0 - 1) / np.maximum(k1, 1e-6))

    reach = np.sqrt(((frame * size[:, None]) ** 2).sum(0))
    return Part(group, blend, distance, at - reach, at + reach, carve)


def cone(
    group: str,
    start: ArrayLike,
    end: ArrayLike,
    r0: float,
    r1: float,
    blend: float,
    carve: bool = False,
) -> Part:
    """A straight rounded cone."""
    a, b = vec(start), vec(end)
    axis = b - a

    def distance(p: Array) -> Array:
        rel = p - a
        t = np.clip(rel @ axis / (axis @ axis), 0, 1)
        return np.asarray(np.linalg.norm(rel - t[:, None] * axis, axis=1) - (r0 + (r1 - r0) * t))

    r = max(r0, r1)
    return Part(group, blend, distance, np.minimum(a, b) - r, np.maximum(a, b) + r, carve)


def tube(
    group: str,
    start: ArrayLike,
    end: ArrayLike,
    rows: Sequence[Sequence[float]],
    blend: float,
    front: ArrayLike = (0, -1, 0),
    power: float = 2.0,
    cap: float = 0.0,
) -> Part:
    """A tube with superelliptic sections. rows: (t, half width, front, back[, aside, ahead]).

    t runs from 0 at ``start`` to 1 at ``end``. power: 2 is an ellipse, more is boxier.
    cap: how far the rounded ends reach beyond start and end, in cm (0: as far as they are wide).
    """
    a = vec(start)
    axis = vec(end) - a
    length = float(np.linalg.norm(axis))
    along = axis / length
    side = unit(np.cross(along, vec(front)))
    frame = np.stack([side, along, np.cross(side, along)])
    if frame[2] @ vec(front) < 0:
        frame[[0, 2]] *= -1
    table = np.array([[*row, 0.0, 0.0][:6] for row in rows], dtype=np.float64)
    profile = _softened(pchip(table[:, 0], table[:, 1:], np.linspace(0, 1, _TABLE)))

    def distance(p: Array) -> Array:
        q = (p - a) @ frame.T
        at = np.clip(q[:, 1] * ((_TABLE - 1) / length), 0, _TABLE - 1.001)
        i = at.astype(np.int64)
        f = (at - i)[:, None]
        row = profile[i] * (1 - f) + profile[i + 1] * f
        x, z = q[:, 0] - row[:, 3], q[:, 2] - row[:, 4]
        wide = row[:, 0]
        deep = np.where(z > 0, row[:, 1], row[:, 2])
        over = np.maximum(-q[:, 1], 0) + np.maximum(q[:, 1] - length, 0)
        end_size = np.full_like(wide, cap) if cap else np.minimum(wide, deep)
        u, v, w = np.abs(x) / wide, np.abs(z) / deep, over / end_size
        k0 = (u**power + v**power + w**power) ** (1 / power)
        slope = np.sqrt(
            (u ** (power - 1) / wide) ** 2
            + (v ** (power - 1) / deep) ** 2
            + (w ** (power - 1) / end_size) ** 2
        ) * np.maximum(k0, 1e-3) ** (1 - power)
        inside = -np.minimum(wide, deep) * (1 - k0)
        return np.asarray(np.where(k0 > 0.35, (k0 - 1) / np.maximum(slope, 1e-3), inside))

    reach = float(profile[:, :3].max() + np.abs(profile[:, 3:]).max())
    low, high = np.minimum(a, a + axis) - reach, np.maximum(a, a + axis) + reach
    return Part(group, blend, distance, low, high)


def _softened(profile: Array, sigma: float = 3.0) -> Array:
    """A profile whose curvature does not jump either, which satin surfaces would show."""
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    # mirrored through its ends, so that they stay where they are
    padded = np.concatenate([2 * profile[:1] - profile[reach:0:-1], profile,
                             2 * profile[-1:] - profile[-2 : -reach - 2 : -1]])  # fmt: skip
    return np.stack([np.convolve(c, kernel, "valid") for c in padded.T], 1)


def pchip(x: Array, y: Array, at: Array) -> Array:
    """Monotone cubic interpolation (Fritsch and Carlson 1980) of rows ``y`` (n, m) at ``at``."""
    h = np.diff(x)[:, None]
    slope = np.diff(y, axis=0) / h
    d = np.empty_like(y)
    d[0], d[-1] = slope[0], slope[-1]
    same = slope[:-1] * slope[1:] > 0
    w0, w1 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        harmonic = (w0 + w1) / (w0 / slope[:-1] + w1 / slope[1:])
    d[1:-1] = np.where(same, harmonic, 0.0)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    t = ((at - x[i]) / h[i, 0])[:, None]
    t = np.clip(t, 0, 1)
    return np.asarray(
        y[i] * (1 + 2 * t) * (1 - t) ** 2
        + d[i] * h[i] * t * (1 - t) ** 2
        + y[i + 1] * t * t * (3 - 2 * t)
        + d[i + 1] * h[i] * t * t * (t - 1)
    )


@dataclass(frozen=True)
class Field:
    """The smooth union of parts, carving in the order given, grown by ``grow`` centimetres."""

    parts: tuple[Part, ...]
    grow: float = 0.0

    def __call__(self, p: Array) -> Array:
        total = np.full(len(p), FAR)
        for part in self.parts:
            d = part.distance(p)
            if part.carve:
                total = -smooth_min(-total, d, part.blend)
            else:
                total = smooth_min(total, d, part.blend)
        return np.asarray(total - self.grow)

    def near(self, low: Array, high: Array) -> Field:
        """What matters inside a box."""
        return replace(self, parts=tuple(
            part for part in self.parts
            if (part.high + part.blend + self.grow + 1 > low).all()
            and (part.low - part.blend - self.grow - 1 < high).all()
        ))  # fmt: skip

    def bounds(self) -> tuple[Array, Array]:
        solid = [part for part in self.parts if not part.carve]
        margin = self.grow + 1.5
        return (np.min([part.low for part in solid], axis=0) - margin,
                np.max([part.high for part in solid], axis=0) + margin)  # fmt: skip

    def only(self, groups: Iterable[str]) -> Field:
        wanted = set(groups)
        return replace(self, parts=tuple(p for p in self.parts if p.group in wanted))

    def grown(self, by: float, softer: float = 0.0) -> Field:
        """``by`` cm larger; ``softer`` cm more fillet, as cloth spans hollows."""
        parts = tuple(p if p.carve else replace(p, blend=p.blend + softer) for p in self.parts)
        return Field(parts, self.grow + by)

    def gradient(self, p: Array, step: float = 0.02) -> Array:
        """Unit normals (N, 3) by finite differences on a tetrahedron."""
        corners = vec([(1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)])
        total = sum(c * self(p + c * step)[:, None] for c in corners)
        return unit(np.asarray(total) + 1e-12)
