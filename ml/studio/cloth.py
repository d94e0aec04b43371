"""Laying cloth: pieces with outline, folds and seams become a lit product picture.

Works at twice the final size; lengths below are final pixels unless a name ends in ``_s``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio.fabric import Field, Print, Surface, blur, grain, noise
from ml.studio.paths import Points, Warp, offset

HEIGHT, WIDTH = 1200, 900
SCALE = 2
LIGHT = np.array((-0.46, -0.56, 0.69), dtype=np.float32)


@dataclass(frozen=True)
class Fold:
    """A soft ridge (or, with negative height, a furrow) along a line.

    fading: towards both ends; a pressed pleat or crease does not.
    """

    line: Points
    width: float
    height: float
    fading: bool = True


@dataclass(frozen=True)
class Seam:
    """A line sewn into the cloth. stitch: hex of a visible thread, or None; depth: the groove."""

    line: Points
    stitch: str | None = None
    depth: float = 0.8
    gap: float = 0.0  # distance of a second row of stitches


@dataclass(frozen=True)
class Piece:
    """One piece of cloth lying on those before it."""

    outline: Points
    surface: Surface
    colour: str
    second: str = "#ffffff"
    pattern: Print | None = None
    origin: tuple[float, float] = (450.0, 0.0)
    angle: float = 0.0  # degrees the cloth is turned
    thickness: float = 3.0
    edge: float = 7.0
    wrinkles: float = 1.0
    folds: tuple[Fold, ...] = ()
    seams: tuple[Seam, ...] = ()
    tone: float = 1.0
    cast: float = 0.34
    fade: tuple[tuple[float, float, float, float], ...] = field(default=())  # x, y, radius, gain


def linear(colour: str) -> NDArray[np.float32]:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32) / 255
    return np.asarray(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), np.float32)


class Table:
    """The ground on which a garment is laid out, piece by piece."""

    def __init__(self, ground: str, seed: int, warp: Warp, scale: int = SCALE) -> None:
        self.k = scale
        self.rng = np.random.default_rng(seed)
        self.warp = warp
        h, w = HEIGHT * scale, WIDTH * scale
        self.mask = np.zeros((h, w), dtype=np.uint8)
        self.colour = self._ground(ground, h, w)
        self._relief = self._wrinkles(h, w)

    def _ground(self, ground: str, h: int, w: int) -> NDArray[np.float32]:
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        glow = 1.03 - 0.09 * ((x / w - 0.35) ** 2 + (y / h - 0.3) ** 2)
        paper = 1 + 0.006 * noise((h, w), (30, 30), self.rng) + 0.007 * grain((h, w), self.rng)
        return np.asarray(linear(ground) * (glow * paper)[..., None], dtype=np.float32)

    def _wrinkles(self, h: int, w: int) -> Field:
        """Shallow waves that all pieces share, in pixels of the large picture."""
        small = (h // 4, w // 4)
        waves = 6.5 * noise(small, (62, 46), self.rng) + 1.9 * noise(small, (22, 16), self.rng)
        ridged = 0.5 - np.abs(noise(small, (44, 30), self.rng))
        waves += 4.2 * blur(ridged, 2.6)
        return np.asarray(cv2.resize(waves, (w, h), interpolation=cv2.INTER_CUBIC) * self.k / 2)

    def _pixels(self, line: Points) -> NDArray[np.int32]:
        """Fixed-point (4 fractional bits) vertices for OpenCV."""
        p = self.warp(line) * self.k + (self.k - 1) / 2
        return np.round(p * 16).astype(np.int32).reshape(-1, 1, 2)

    def stencil(self, outline: Points) -> NDArray[np.uint8]:
        out = np.zeros_like(self.mask)
        cv2.fillPoly(out, [self._pixels(outline)], 255, lineType=cv2.LINE_8, shift=4)
        return out

    def _folds(self, folds: Sequence[Fold], box: tuple[slice, slice]) -> Field:
        h, w = self.mask.shape
        total = np.zeros((h // 2, w // 2), dtype=np.float32)
        for width in sorted({f.width for f in folds}):
            sheet = np.zeros_like(total)
            for fold in folds:
                if fold.width != width:
                    continue
                p = self.warp(fold.line) * self.k / 2
                n = len(p) - 1
                for i in range(n):
                    t = (i + 0.5) / n
                    a, b = (np.round(q * 16).astype(int) for q in (p[i], p[i + 1]))
                    level = fold.height
                    if fold.fading:
                        level *= math.sin(math.pi * min(1.0, 0.12 + t)) ** 0.8
                    one = (int(a[0]), int(a[1])), (int(b[0]), int(b[1]))
                    cv2.line(sheet, *one, level, 1, cv2.LINE_4, 4)
            sigma = max(width * self.k / 4, 0.8)
            total += blur(sheet, sigma) * np.float32(sigma * 2.5)
        full = cv2.resize(total, (w, h), interpolation=cv2.INTER_CUBIC)
        return np.asarray(full[box] * self.k, dtype=np.float32)

    def lay(self, piece: Piece) -> None:
        """Put a piece on top: its shadow falls on what is there, then it is painted."""
        stencil = self.stencil(piece.outline)
        ys, xs = np.nonzero(stencil)
        if not len(ys):
            return
        k, pad = self.k, 40 * self.k
        rows, cols = self.mask.shape
        box = (slice(max(int(ys.min()) - pad, 0), min(int(ys.max()) + pad, rows)),
               slice(max(int(xs.min()) - pad, 0), min(int(xs.max()) + pad, cols)))  # fmt: skip
        m = stencil[box]
        if piece.cast:
            self._shadow(m, box, piece.cast)
        y, x = np.mgrid[box].astype(np.float32) / k
        c, s = math.cos(math.radians(piece.angle)), math.sin(math.radians(piece.angle))
        dx, dy = x - piece.origin[0], y - piece.origin[1]
        u, v = (dx * c + dy * s).astype(np.float32), (dy * c - dx * s).astype(np.float32)
        relief = self._relief[box] * piece.wrinkles
        if piece.folds:
            relief = relief + self._folds(piece.folds, box)
        inside = cv2.distanceTransform(m, cv2.DIST_L2, 3) / k
        rim = piece.thickness * k * (1 - np.exp(-inside / piece.edge))
        # printed and woven lines follow the folds a little
        gy, gx = np.gradient(blur(relief, 3))
        u, v = u + 5 * gx, v + 5 * gy
        tone, fine = piece.surface(u, v, self.rng)
        albedo = linear(piece.colour) * np.ones((*m.shape, 1), dtype=np.float32)
        if piece.pattern is not None:
            weight = piece.pattern(u, v)[..., None]
            albedo = albedo * (1 - weight) + linear(piece.second) * weight
        for fx, fy, radius, gain in piece.fade:
            spot = np.exp(-(((x - fx) / radius) ** 2 + ((y - fy) / (radius * 1.9)) ** 2))
            albedo = albedo * (1 - spot[..., None] * gain) + linear("#c3cfdd") * (
                spot[..., None] * gain
            )
        groove, thread, thread_colour = self._sewing(piece.seams, box)
        height = relief + rim + fine * k / 2 - groove * k
        light = self._light(height, relief)
        paint = albedo * (tone * light * piece.tone)[..., None]
        paint = np.where(
            thread[..., None] > 0,
            paint * (1 - thread[..., None]) + thread_colour * light[..., None] * thread[..., None],
            paint,
        )
        lip = np.clip(inside / 1.6, 0, 1)  # the very edge turns away from the light
        paint *= (0.80 + 0.20 * lip)[..., None]
        on = m > 0
        self.colour[box][on] = paint[on]
        self.mask[box] |= m

    def _light(self, height: Field, relief: Field) -> Field:
        hy, hx = np.gradient(height)
        facing = (-hx * LIGHT[0] - hy * LIGHT[1] + LIGHT[2]) / np.sqrt(hx * hx + hy * hy + 1)
        lambert = 0.34 + 0.66 * np.clip(facing / LIGHT[2], 0, 1.5)
        wide = blur(relief, 14 * self.k / 2)
        cavity = np.clip(1 + (relief - wide) * 0.022, 0.8, 1.1)
        return np.asarray(lambert * cavity, dtype=np.float32)

    def _shadow(self, m: NDArray[np.uint8], box: tuple[slice, slice], strength: float) -> None:
        cover = m.astype(np.float32) / 255
        k = self.k
        total = np.zeros_like(cover)
        for dx, dy, sigma, share in ((1.5, 2, 2.2, 0.5), (5, 7, 8, 0.32), (10, 15, 20, 0.22)):
            move = np.array([[1, 0, dx * k], [0, 1, dy * k]], dtype=np.float32)
            moved = cv2.warpAffine(cover, move, (cover.shape[1], cover.shape[0]))
            total += share * blur(moved, sigma * k / 1.4)
        self.colour[box] *= (1 - strength * np.clip(total, 0, 1))[..., None]

    def _sewing(
        self, seams: Sequence[Seam], box: tuple[slice, slice]
    ) -> tuple[Field, Field, NDArray[np.float32]]:
        shape = self.mask[box].shape
        groove = np.zeros(shape, dtype=np.float32)
        thread = np.zeros(shape, dtype=np.float32)
        tint = np.zeros((*shape, 3), dtype=np.float32)
        shift = np.array([box[1].start, box[0].start]) * 16
        for seam in seams:
            line = self._pixels(seam.line) - shift.astype(np.int32)
            sheet = np.zeros(shape, dtype=np.uint8)
            cv2.polylines(sheet, [line], False, 255, 1, cv2.LINE_AA, 4)
            furrow = blur(sheet.astype(np.float32) / 255, 0.7 * self.k)
            groove += furrow * np.float32(seam.depth * 3.2)
            if seam.stitch is None:
                continue
            for gap in {0.0, seam.gap}:
                dashes = self._dashes(seam.line, gap + 2.4, shape, shift)
                thread = np.maximum(thread, dashes * 0.9)
                tint[dashes > 0.05] = linear(seam.stitch)
                groove -= dashes * 0.25
        return groove, thread, tint

    def _dashes(
        self, line: Points, gap: float, shape: tuple[int, ...], shift: NDArray[np.int_]
    ) -> Field:
        p = self.warp(offset(line, gap)) * self.k + (self.k - 1) / 2
        step = np.hypot(*np.diff(p, axis=0).T)
        along = np.concatenate([[0], np.cumsum(step)])
        sheet = np.zeros(shape, dtype=np.uint8)
        pitch = 6.0 * self.k
        for at in np.arange(pitch / 2, along[-1] - pitch / 2, pitch):
            ends = [
                (int(np.interp(a, along, p[:, 0]) * 16 - shift[0]),
                 int(np.interp(a, along, p[:, 1]) * 16 - shift[1]))
                for a in (at, at + pitch * 0.64)
            ]  # fmt: skip
            cv2.line(sheet, ends[0], ends[1], 255, self.k, cv2.LINE_AA, 4)
        return np.asarray(sheet.astype(np.float32) / 255)

    def button(self, at: tuple[float, float], radius: float, colour: str, holes: int = 4) -> None:
        """A sewn-on button (or, without holes, a snap) with rim and shadow."""
        k = self.k
        cx, cy = self.warp(np.array([at]))[0] * k + (k - 1) / 2
        r = radius * k
        y0, x0 = int(cy - 3 * r), int(cx - 3 * r)
        box = (slice(y0, int(cy + 3 * r)), slice(x0, int(cx + 3 * r)))
        y, x = np.mgrid[box].astype(np.float32)
        dx, dy = (x - cx) / r, (y - cy) / r
        d = np.hypot(dx, dy)
        cast = np.clip(1.35 - np.hypot(dx - 0.22, dy - 0.32), 0, 1)
        self.colour[box] *= (1 - 0.45 * cast)[..., None]
        face = np.clip((1 - d) * r + 0.5, 0, 1)
        ring = np.exp(-(((d - 0.80) / 0.12) ** 2))
        tone = 0.93 + 0.20 * (-dx - dy) * (0.15 + ring) + 0.05 * ring
        for i in range(holes):
            a = math.pi / 4 + i * math.pi / 2
            tone *= 1 - 0.65 * (np.hypot(dx - 0.3 * math.cos(a), dy - 0.3 * math.sin(a)) < 0.13)
        paint = linear(colour) * tone[..., None].astype(np.float32)
        old = self.colour[box]
        self.colour[box] = old * (1 - face[..., None]) + paint * face[..., None]

    def picture(self) -> NDArray[np.uint8]:
        """The finished picture, (1200, 900, 3) sRGB."""
        return self._develop(cv2.resize(self.colour, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))

    def closeup(self, x: int, y: int) -> NDArray[np.uint8]:
        """The 450 x 600 part of the picture at (x, y), as large as it was drawn."""
        k = self.k
        part = self.colour[y * k : (y + 600) * k, x * k : (x + 450) * k]
        return self._develop(cv2.GaussianBlur(part, (0, 0), 0.45))

    def _develop(self, light: NDArray[Any]) -> NDArray[np.uint8]:
        x = np.clip(light, 0, None)
        x = np.where(x > 0.8, 0.8 + 0.2 * np.tanh((x - 0.8) / 0.25), x)
        srgb = np.where(
            x < 0.0031308, 12.92 * x, 1.055 * np.power(np.maximum(x, 1e-6), 1 / 2.4) - 0.055
        )
        srgb = srgb + self.rng.normal(0, 0.003, srgb.shape[:2])[..., None]
        return np.asarray(np.clip(srgb * 255 + 0.5, 0, 255), dtype=np.uint8)

    def cutout(self) -> NDArray[np.uint8]:
        """The exact mask, (1200, 900), 255 where at least half a pixel is cloth."""
        small = cv2.resize(self.mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return np.where(small >= 128, 255, 0).astype(np.uint8)
