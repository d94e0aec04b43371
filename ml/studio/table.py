"""Laying cloth: pieces with outline, folds and seams become a lit product picture.

Draws at ``scale`` times the final size. Lengths are final pixels; what depends on chance and
shows (folds, outlines) does not depend on the scale, the grain of the cloth does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio.cloth import Fold, Piece, linear
from ml.studio.drape import Pull, wrinkles
from ml.studio.fabric import Field, blur, noise, satin
from ml.studio.grounds import HEIGHT, WIDTH, ground
from ml.studio.paths import Points, Warp
from ml.studio.sewing import Needle

SCALE = 2
LIGHT = np.array((-0.46, -0.56, 0.69), dtype=np.float32)
_MEAN = LIGHT + np.array((0, 0, 1), dtype=np.float32)
HALFWAY = _MEAN / np.linalg.norm(_MEAN)
Box = tuple[slice, slice]


class Table:
    """The ground on which a garment is laid out, piece by piece."""

    def __init__(
        self, below: str, seed: int, warp: Warp, scale: int = SCALE, unlit: bool = False
    ) -> None:
        """below: a colour or the name of one of ``grounds.SCENES``.

        unlit: only the colours of cloth, print, thread and buttons, without light or shadow.
        """
        self.k = scale
        self.unlit = unlit
        self.seed, self.pieces = seed, 0
        self.rng = np.random.default_rng(seed)
        self.warp = warp
        self.mask = np.zeros((HEIGHT * scale, WIDTH * scale), dtype=np.uint8)
        self.inside = np.zeros_like(self.mask)  # what one sees of the back's inside
        self.colour = ground(below, scale, np.random.default_rng(seed + 9000))
        self._waves = self._undulation(np.random.default_rng(seed + 7000))

    def _undulation(self, rng: np.random.Generator) -> Field:
        """Shallow waves that all pieces share, in final px on half-size points."""
        quarter = (HEIGHT // 4, WIDTH // 4)
        waves = 3.6 * noise(quarter, (52, 40), rng) + 1.3 * noise(quarter, (20, 15), rng)
        return np.asarray(
            cv2.resize(waves, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_CUBIC)
        )

    def stencil(self, outline: Points) -> NDArray[np.uint8]:
        out = np.zeros_like(self.mask)
        line = Needle((0, 0), (0, 0), self.k, self.warp).pixels(outline)
        cv2.fillPoly(out, [line], 255, lineType=cv2.LINE_8, shift=4)
        return out

    def lay(self, piece: Piece) -> None:
        """Put a piece on top: its shadow falls on what is there, then it is painted."""
        self.pieces += 1
        stencil = self.stencil(piece.outline)
        if piece.within is not None:
            stencil &= self.stencil(piece.within)
        ys, xs = np.nonzero(stencil)
        if not len(ys):
            return
        k, pad = self.k, 40
        rows, cols = (n // (2 * k) for n in self.mask.shape)
        half = (slice(max(int(ys.min()) // k - pad, 0) // 2,
                      min((int(ys.max()) // k + pad) // 2, rows)),
                slice(max(int(xs.min()) // k - pad, 0) // 2,
                      min((int(xs.max()) // k + pad) // 2, cols)))  # fmt: skip
        box = (slice(half[0].start * 2 * k, half[0].stop * 2 * k),
               slice(half[1].start * 2 * k, half[1].stop * 2 * k))  # fmt: skip
        rng = np.random.default_rng((self.seed, self.pieces))
        m: NDArray[np.uint8] = stencil[box]
        size = (m.shape[1], m.shape[0])
        bends = self._bends(piece, half, rng)
        relief = cv2.resize(bends, size, interpolation=cv2.INTER_CUBIC)
        gy, gx = np.gradient(blur(relief, 2.0 * k))
        slope_x, slope_y = np.clip(gx * k, -0.7, 0.7), np.clip(gy * k, -0.7, 0.7)
        y, x = np.mgrid[box].astype(np.float32)
        if piece.pulls:  # the outline goes in and out where folds meet it
            left, top = box[1].start, box[0].start
            moved = cv2.remap(
                m, x - left + 3.5 * k * slope_x, y - top + 3.5 * k * slope_y, cv2.INTER_LINEAR
            )
            m = np.where(moved > 127, 255, 0).astype(np.uint8)
        if piece.cast and not self.unlit:
            self._shadow(m, box, piece.cast)
        x, y = x / k, y / k
        inside = cv2.distanceTransform(m, cv2.DIST_L2, 5) / k
        c, s = math.cos(math.radians(piece.angle)), math.sin(math.radians(piece.angle))
        dx, dy = x - piece.origin[0], y - piece.origin[1]
        u, v = (dx * c + dy * s).astype(np.float32), (dy * c - dx * s).astype(np.float32)
        # printed and woven lines follow the folds, but for pressed creases
        u, v = u + 7 * blur(slope_x, 2.5 * k), v + 7 * blur(slope_y, 2.5 * k)
        needle = Needle((box[1].start, box[0].start), (m.shape[0], m.shape[1]), k, self.warp)
        sewn = needle.sew(piece.seams, piece.pucker * min(piece.wrinkles, 1.2), rng)
        tone, fine = piece.surface(u, v, self.rng)
        albedo = self._albedo(piece, u, v, x, y)
        if piece.wear:
            albedo = self._worn(albedo, piece, relief, sewn.near, inside, rng)
        shade: Any = 1.0
        if self.unlit:
            light: Any = np.ones_like(tone)
        else:
            rim = self._rim(piece, inside)
            height = relief + rim + fine / 2 - sewn.groove + sewn.pucker
            if piece.loft:
                height = height + self._puff(piece, m, needle)
            light = self._light(height, relief + sewn.pucker, piece.gloss)
            lip = np.clip(inside / 1.4, 0, 1)  # the very edge turns away from the light
            shade = piece.tone * (0.78 + 0.22 * lip)
        paint = albedo * tone[..., None]
        over = sewn.thread[..., None]
        paint = paint * (1 - over) + sewn.colour * over
        if not self.unlit:  # even black cloth throws a little light back from its surface
            paint = (paint * 0.985 + 0.011) * (light * shade)[..., None]
        on = m > 0
        self.colour[box][on] = paint[on]
        self.mask[box] |= m
        self.inside[box][on] = 255 if piece.inside else 0

    def _bends(self, piece: Piece, half: Box, rng: np.random.Generator) -> Field:
        """All folds of a piece in final px, on half-size points."""
        relief: Field = self._waves[half] * np.float32(piece.wrinkles)
        shiny = piece.surface is satin and piece.gloss > 0
        if shiny:  # it shows every wave: only wide, round ones
            relief = blur(relief, 22)
        corner = np.array([half[1].start, half[0].start])
        shape = (relief.shape[0], relief.shape[1])
        if piece.pulls and piece.wrinkles:
            pulls = [Pull(self.warp(p.line) / 2 - corner, p.strength, p.reach / 2)
                     for p in piece.pulls]  # fmt: skip
            relief = relief + wrinkles(shape, pulls, piece.crisp, rng, shiny) * np.float32(
                piece.wrinkles
            )
        if piece.folds:
            relief = relief + self._ridges(piece.folds, corner, shape)
        return np.asarray(relief, dtype=np.float32)

    def _ridges(self, folds: Sequence[Fold], corner: NDArray[Any], shape: tuple[int, int]) -> Field:
        total = np.zeros(shape, dtype=np.float32)
        for width in sorted({f.width for f in folds}):
            # what is sharp when blurred is drawn finer, or it would run in steps
            fine = 4 if width < 15 else 1
            sheet: NDArray[Any] = np.zeros((shape[0] * fine, shape[1] * fine), dtype=np.float32)
            for fold in folds:
                if fold.width != width:
                    continue
                p = np.round((self.warp(fold.line) / 2 - corner) * 16 * fine).astype(int)
                n = len(p) - 1
                for i in range(n):
                    level = fold.height
                    if fold.fading:
                        level *= math.sin(math.pi * min(1.0, 0.12 + (i + 0.5) / n)) ** 0.8
                    a, b = (int(p[i, 0]), int(p[i, 1])), (int(p[i + 1, 0]), int(p[i + 1, 1]))
                    cv2.line(sheet, a, b, level, fine, cv2.LINE_4, 4)
            if fine > 1:
                sheet = cv2.resize(sheet, shape[::-1], interpolation=cv2.INTER_AREA)
            sigma = max(width / 4, 0.8)
            total += blur(sheet, sigma) * np.float32(sigma * 2.5)
        return total

    def _albedo(self, piece: Piece, u: Field, v: Field, x: Field, y: Field) -> NDArray[np.float32]:
        albedo: NDArray[Any] = linear(piece.colour) * np.ones((*u.shape, 1), dtype=np.float32)
        if piece.pattern is not None:
            weights = np.atleast_3d(piece.pattern(u, v))
            for i, ink in enumerate((piece.second, *piece.inks)[: weights.shape[2]]):
                weight = weights[..., i : i + 1]
                albedo = albedo * (1 - weight) + linear(ink) * weight
        for fx, fy, radius, gain in piece.fade:
            spot = np.exp(-(((x - fx) / radius) ** 2 + ((y - fy) / (radius * 1.9)) ** 2))
            spot = spot[..., None] * gain
            albedo = albedo * (1 - spot) + linear(piece.faded) * spot
        return np.asarray(albedo, dtype=np.float32)

    def _worn(
        self,
        albedo: NDArray[np.float32],
        piece: Piece,
        relief: Field,
        near: Field,
        inside: Field,
        rng: np.random.Generator,
    ) -> NDArray[np.float32]:
        """Dye rubbed off where cloth stands out: ridges, beside seams, at edges, in streaks."""
        k = self.k
        small = cv2.resize(relief, None, fx=0.5 / k, fy=0.5 / k, interpolation=cv2.INTER_AREA)
        proud = np.clip((small - blur(small, 3.5)) * 0.22, -0.15, 0.4)
        shape = (small.shape[0], small.shape[1])
        streak = noise(shape, (60, 5), rng) * 0.07 + noise(shape, (30, 24), rng) * 0.05
        flat = cv2.resize((proud + streak).astype(np.float32), (relief.shape[1], relief.shape[0]))
        rough = cv2.resize(noise(shape, (4, 4), rng) * 0.5 + 0.6, (flat.shape[1], flat.shape[0]))
        edge = np.exp(-inside / 2.6)
        gain = piece.wear * (
            0.55 * flat + (0.36 * near + 0.5 * edge) * np.clip(rough, 0, 1.2) ** 1.5
        )
        gain = np.clip(gain, -0.22, 0.85)[..., None].astype(np.float32)
        pale = albedo * (1 - gain) + linear(piece.faded) * gain
        return np.asarray(np.where(gain > 0, pale, albedo * (1 + gain)), dtype=np.float32)

    def _rim(self, piece: Piece, inside: Field) -> Field:
        """The rounded edge; where it is wide, the swell of something stuffed."""
        if piece.edge < 20:
            return np.asarray(piece.thickness * (1 - np.exp(-inside / piece.edge)))
        small = cv2.resize(inside, None, fx=0.25 / self.k, fy=0.25 / self.k,
                           interpolation=cv2.INTER_AREA)  # fmt: skip
        swell = piece.thickness * (1 - np.exp(-small / piece.edge))
        swell = blur(np.asarray(swell, np.float32), piece.edge * 0.11)
        big = cv2.resize(swell, (inside.shape[1], inside.shape[0]), interpolation=cv2.INTER_CUBIC)
        return blur(big, 2.2 * self.k)  # or the small grid would show

    def _puff(self, piece: Piece, m: NDArray[np.uint8], needle: Needle) -> Field:
        """Padding that swells between the seams."""
        free = m.copy()
        for seam in piece.seams:
            cv2.polylines(free, [needle.pixels(seam.line)], False, 0, self.k, cv2.LINE_8, 4)
        far = cv2.distanceTransform(free, cv2.DIST_L2, 5) / self.k
        rise = piece.loft * (1 - np.exp(-far / (piece.loft * 0.9)))
        return blur(rise, 1.6 * self.k)

    def _light(self, height: Field, relief: Field, gloss: float) -> Field:
        """Daylight from the upper left: diffuse, less of it in hollows, and gloss if any."""
        k = self.k
        hy, hx = np.gradient(height)
        hx, hy = hx * k, hy * k
        long = np.sqrt(hx * hx + hy * hy + 1)
        facing = (-hx * LIGHT[0] - hy * LIGHT[1] + LIGHT[2]) / long
        light = 0.36 + 0.64 * np.clip(facing / LIGHT[2], 0, 1.6)
        small = cv2.resize(relief, None, fx=0.5 / k, fy=0.5 / k, interpolation=cv2.INTER_AREA)
        hollow = 0.055 * (small - blur(small, 3.5)) + 0.026 * (small - blur(small, 14))
        hollow = cv2.resize(np.clip(1 + hollow, 0.72, 1.12), (height.shape[1], height.shape[0]))
        light *= hollow
        if gloss:
            soft = blur(height, 1.2 * k)
            sy, sx = np.gradient(soft)
            sx, sy = sx * k, sy * k
            shine = (-sx * HALFWAY[0] - sy * HALFWAY[1] + HALFWAY[2]) / np.sqrt(sx**2 + sy**2 + 1)
            light += gloss * (np.clip(shine, 0, 1) ** 26 - 0.13) * 1.6
        return np.asarray(np.clip(light, 0.05, None), dtype=np.float32)

    def _shadow(self, m: NDArray[np.uint8], box: Box, strength: float) -> None:
        k = self.k
        cover = cv2.resize(m, None, fx=1 / k, fy=1 / k, interpolation=cv2.INTER_AREA) / 255
        cover = cover.astype(np.float32)
        total = np.zeros_like(cover)
        for dx, dy, sigma, share in ((1, 1.4, 1.5, 0.46), (4, 6, 6, 0.34), (9, 14, 15, 0.26)):
            move = np.array([[1, 0, dx], [0, 1, dy]], dtype=np.float32)
            moved = cv2.warpAffine(cover, move, (cover.shape[1], cover.shape[0]))
            total += share * blur(moved, sigma)
        dim = 1 - strength * np.clip(total, 0, 1)
        self.colour[box] *= cv2.resize(dim, (m.shape[1], m.shape[0]))[..., None]

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
        if not self.unlit:
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

    def texture(self) -> NDArray[np.uint8]:
        """What was laid, (1200 k, 900 k, 3) sRGB; beyond it, the colour of the nearest cloth."""
        bare = np.where(self.mask > 0, 0, 255).astype(np.uint8)
        _, label = cv2.distanceTransformWithLabels(
            bare, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        rows, cols = np.nonzero(self.mask)
        nearest = np.zeros(int(label.max()) + 1, dtype=np.int64)
        nearest[label[rows, cols]] = np.arange(len(rows))
        at = nearest[label]
        return self._develop(self.colour[rows[at], cols[at]])

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
