"""Seams and stitches: the groove, the puckers beside it, and the thread on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio.cloth import Seam, linear
from ml.studio.drape import along
from ml.studio.fabric import Field, blur
from ml.studio.paths import Points, Warp, offset

PITCH = 6.0  # px from stitch to stitch


@dataclass(frozen=True)
class Sewing:
    """What seams do to a piece, on the drawn grid: depth and puckers in final px."""

    groove: Field
    pucker: Field
    thread: Field  # 0..1 how much of the thread is seen
    colour: NDArray[np.float32]
    near: Field  # 0..1 beside a seam, where cloth rubs


class Needle:
    """Sews on one rectangle of the drawn picture: corner (x, y), shape (rows, columns), scale k."""

    def __init__(self, corner: tuple[int, int], shape: tuple[int, int], k: int, warp: Warp) -> None:
        self.corner, self.shape, self.k, self.warp = np.array(corner), shape, k, warp

    def pixels(self, line: Points) -> NDArray[np.int32]:
        """Fixed-point (4 fractional bits) vertices for OpenCV."""
        p = self.warp(line) * self.k + (self.k - 1) / 2 - self.corner
        return np.asarray(np.round(p * 16), np.int32).reshape(-1, 1, 2)

    def sew(self, seams: Sequence[Seam], pucker: float, rng: np.random.Generator) -> Sewing:
        groove, thread = np.zeros(self.shape, np.float32), np.zeros(self.shape, np.float32)
        colour = np.zeros((*self.shape, 3), np.float32)
        lines, ticks = np.zeros(self.shape, np.uint8), np.zeros(self.shape, np.float32)
        k = self.k
        for seam in seams:
            sheet = np.zeros(self.shape, np.uint8)
            cv2.polylines(sheet, [self.pixels(seam.line)], False, 255, 1, cv2.LINE_AA, 4)
            groove += blur(sheet.astype(np.float32) / 255, 0.75 * k) * np.float32(seam.depth * 3.4)
            lines |= sheet
            if pucker and seam.depth > 0.45:
                self._pucker(ticks, seam.line, rng)
            if seam.stitch is None:
                continue
            for gap in {0.0, seam.gap}:
                dashes = self._dashes(offset(seam.line, gap + 2.4))
                colour[dashes > thread] = linear(seam.stitch)
                thread = np.maximum(thread, dashes * 0.9)
                groove += dashes * (0.9 * (1 - dashes) - 0.25)
        near = blur((lines > 0).astype(np.float32), 3.2 * k) * np.float32(6 * k)
        return Sewing(groove, blur(ticks, 1.7 * k) * np.float32(pucker * 1.5), thread, colour,
                      np.clip(near, 0, 1))  # fmt: skip

    def _pucker(self, sheet: Field, line: Points, rng: np.random.Generator) -> None:
        """Short ridges across the seam, as where the thread draws the cloth together."""
        length = float(np.hypot(*np.diff(line, axis=0).T).sum())
        points, angle = along(line, max(int(length / 8.5), 2))
        points = points + rng.normal(0, 1.6, points.shape)
        reach = rng.uniform(4, 11, len(points))
        level = rng.normal(0.25, 0.75, len(points))
        tilt = angle + np.pi / 2 + rng.normal(0, 0.35, len(points))
        across = np.stack([np.cos(tilt), np.sin(tilt)], axis=1) * reach[:, None]
        for p, d, height in zip(points, across, level, strict=True):
            ends = self.pixels(np.stack([p - d, p + d])).reshape(2, 2)
            one, other = (int(ends[0, 0]), int(ends[0, 1])), (int(ends[1, 0]), int(ends[1, 1]))
            cv2.line(sheet, one, other, float(height), self.k, cv2.LINE_8, 4)

    def _dashes(self, line: Points) -> Field:
        p = self.pixels(line).reshape(-1, 2).astype(float)
        way = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(p, axis=0).T))]) / 16
        sheet = np.zeros(self.shape, np.uint8)
        pitch = PITCH * self.k
        for at in np.arange(pitch / 2, way[-1] - pitch / 2, pitch):
            one, other = [
                (int(np.interp(a, way, p[:, 0])), int(np.interp(a, way, p[:, 1])))
                for a in (at, at + pitch * 0.64)
            ]
            cv2.line(sheet, one, other, 255, self.k, cv2.LINE_AA, 4)
        return np.asarray(sheet.astype(np.float32) / 255)
