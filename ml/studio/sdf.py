"""Signed distance fields of body parts: tubes with anatomical profiles, capsules, ellipsoids.

Distances are in centimetres, negative inside, and first-order exact near the surface (good enough
to march along rays with a step factor below one). Points are float32 arrays (N, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

Array = NDArray[Any]  # float32
FAR = np.float32(1e4)
_TABLE = 96


def vec(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float32)


def unit(values: ArrayLike) -> Array:
    v = vec(values)
    return vec(v / np.linalg.norm(v))


def smooth_min(a: Array, b: Array, k: float) -> Array:
    """The smaller of two distances with a fillet of about ``k`` centimetres between them."""
    if k <= 0:
        return np.minimum(a, b)
    h = np.maximum(k - np.abs(a - b), 0) / np.float32(k)
    return np.asarray(np.minimum(a, b) - h * h * np.float32(k / 4))


def smooth_max(a: Array, b: Array, k: float) -> Array:
    return -smooth_min(-a, -b, k)


class Part(Protocol):
    """A primitive: what it belongs to, how softly it joins, where it is and how far."""

    @property
    def label(self) -> int: ...

    @property
    def blend(self) -> float: ...

    @property
    def carve(self) -> bool: ...

    def distance(self, p: Array) -> Array: ...

    def bounds(self) -> tuple[Array, Array]: ...


@dataclass(frozen=True)
class Loft:
    """A straight tube whose elliptical cross-section follows a profile.

    profile: (96, 5) rows along the axis: half width, depth in front, depth behind, and the
        centre's shift sideways and to the front.
    frame: rows are the directions width, axis, front.
    flat: whether the start and the end are cut off square (hems) or rounded (joints).
    """

    label: int
    blend: float
    start: Array
    length: float
    frame: Array
    profile: Array
    flat: tuple[bool, bool] = (False, False)
    carve: bool = False

    def local(self, p: Array) -> Array:
        return np.asarray((p - self.start) @ self.frame.T, dtype=np.float32)

    def distance(self, p: Array) -> Array:
        q = self.local(p)
        along = q[:, 1]
        at = np.clip(along * np.float32((_TABLE - 1) / self.length), 0, _TABLE - 1.001)
        i = at.astype(np.int32)
        f = (at - i)[:, None]
        row = self.profile[i] * (1 - f) + self.profile[i + 1] * f
        x = q[:, 0] - row[:, 3]
        z = q[:, 2] - row[:, 4]
        a = row[:, 0]
        b = np.where(z > 0, row[:, 1], row[:, 2])
        before = np.maximum(-along, 0)
        after = np.maximum(along - np.float32(self.length), 0)
        square = before * self.flat[0] + after * self.flat[1]
        xa, zb, ya = x / a, z / b, (before + after - square) / a
        k0 = np.sqrt(xa * xa + zb * zb + ya * ya)
        k1 = np.sqrt((xa / a) ** 2 + (zb / b) ** 2 + (ya / a) ** 2)
        radial = np.where(k1 > 1e-6, k0 * (k0 - 1) / np.maximum(k1, 1e-6), -np.minimum(a, b))
        outside = np.sqrt(np.maximum(radial, 0) ** 2 + square**2)
        return np.asarray(np.where(square > 0, outside, radial), dtype=np.float32)

    def bounds(self) -> tuple[Array, Array]:
        reach = float(self.profile[:, :3].max() + np.abs(self.profile[:, 3:]).max())
        end = self.start + self.frame[1] * np.float32(self.length)
        return np.minimum(self.start, end) - reach, np.maximum(self.start, end) + reach

    def grown(self, by: Callable[[Array], ArrayLike], label: int, blend: float) -> Loft:
        """The same tube, wider: ``by`` maps 0..1 along the axis to centimetres."""
        t = np.linspace(0, 1, _TABLE, dtype=np.float32)
        profile = self.profile.copy()
        profile[:, :3] += vec(by(t)).reshape(-1, 1)
        return replace(self, profile=profile, label=label, blend=blend)


def loft(
    label: int,
    blend: float,
    start: ArrayLike,
    end: ArrayLike,
    rows: Sequence[Sequence[float]],
    front: ArrayLike = (0, 0, 1),
    flat: tuple[bool, bool] = (False, False),
) -> Loft:
    """A tube from ``start`` to ``end``. rows: (t, width, front, back[, sideways, forwards])."""
    begin = vec(start)
    axis = vec(end) - begin
    length = float(np.linalg.norm(axis))
    along = axis / np.float32(length)
    width = unit(np.cross(along, vec(front)))
    facing = unit(np.cross(width, along))
    table = np.array([[*row, 0.0, 0.0][:6] for row in rows], dtype=np.float64)
    smooth = PchipInterpolator(table[:, 0], table[:, 1:], axis=0)
    profile = vec(smooth(np.linspace(0, 1, _TABLE)))
    return Loft(label, blend, begin, length, vec([width, along, facing]), profile, flat)


@dataclass(frozen=True)
class Capsule:
    """A straight rounded cone."""

    label: int
    blend: float
    start: Array
    end: Array
    radius_start: float
    radius_end: float
    carve: bool = False

    def distance(self, p: Array) -> Array:
        axis = self.end - self.start
        rel = p - self.start
        t = np.clip(rel @ axis / np.float32(axis @ axis), 0, 1)
        gap = np.linalg.norm(rel - t[:, None] * axis, axis=1)
        radius = self.radius_start + (self.radius_end - self.radius_start) * t
        return np.asarray(gap - radius, dtype=np.float32)

    def bounds(self) -> tuple[Array, Array]:
        r = max(self.radius_start, self.radius_end)
        return np.minimum(self.start, self.end) - r, np.maximum(self.start, self.end) + r


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid; ``carve`` takes it away from what was joined before it."""

    label: int
    blend: float
    centre: Array
    radii: Array
    frame: Array
    carve: bool = False

    def distance(self, p: Array) -> Array:
        q = (p - self.centre) @ self.frame.T
        k0 = np.linalg.norm(q / self.radii, axis=1)
        k1 = np.linalg.norm(q / (self.radii * self.radii), axis=1)
        return np.asarray(k0 * (k0 - 1) / np.maximum(k1, 1e-6), dtype=np.float32)

    def bounds(self) -> tuple[Array, Array]:
        r = float(self.radii.max())
        return self.centre - r, self.centre + r


def ellipsoid(
    label: int,
    blend: float,
    centre: ArrayLike,
    radii: ArrayLike,
    axis: ArrayLike = (0, 1, 0),
    carve: bool = False,
) -> Ellipsoid:
    """An ellipsoid whose second radius points along ``axis``."""
    up = unit(axis)
    side = unit(np.cross(up, vec((0, 0, 1))))
    front = unit(np.cross(side, up))
    return Ellipsoid(label, blend, vec(centre), vec(radii), vec([side, up, front]), carve)


def capsule(
    label: int, blend: float, start: ArrayLike, end: ArrayLike, r0: float, r1: float
) -> Capsule:
    return Capsule(label, blend, vec(start), vec(end), r0, r1)


def join(parts: Sequence[Part], p: Array) -> Array:
    """Distance to the smooth union of ``parts``, carving in the order given."""
    total: Array | None = None
    for part in parts:
        d = part.distance(p)
        if part.carve:
            if total is not None:
                total = smooth_max(total, -d, part.blend)
        elif total is None:
            total = d
        else:
            total = smooth_min(total, d, part.blend)
    return total if total is not None else np.full(len(p), FAR, dtype=np.float32)
