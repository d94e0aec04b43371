"""Patterns printed on cloth or woven into it, as functions of where on the cloth one looks.

u runs across the cloth, v along it, in final pixels. Drawn prints are tiles that repeat: painted
once as a map of inks, then sampled wherever they are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio.fabric import Field, Print

FINE = 4  # painted px per final px
Labels = NDArray[np.uint8]  # ink of each painted pixel, 0: the cloth


def stripes(period: float, share: float, lengthwise: bool = False, shift: float = 0.0) -> Print:
    """Bars across the cloth, or along it."""

    def weight(u: Field, v: Field) -> Field:
        x = (u if lengthwise else v) + np.float32(shift)
        saw = np.abs((x / period) - np.floor(x / period) - 0.5) * 2  # 0..1
        return np.asarray(np.clip((share - saw) * period * 0.9 + 0.5, 0, 1), dtype=np.float32)

    return weight


def gingham(period: float) -> Print:
    """Half where one bar lies, full where two cross."""
    along, across = stripes(period, 0.5, True), stripes(period, 0.5)
    return lambda u, v: (0.5 * along(u, v) + 0.5 * across(u, v)).astype(np.float32)


def tartan(period: float) -> Print:
    """A wide check with a thin line beside it."""
    bars = [(stripes(period, 0.36, way), stripes(period, 0.045, way, period * 0.42))
            for way in (True, False)]  # fmt: skip

    def weight(u: Field, v: Field) -> Field:
        total = sum(0.42 * wide(u, v) + 0.30 * thin(u, v) for wide, thin in bars)
        return np.asarray(np.clip(total, 0, 1), dtype=np.float32)

    return weight


def dots(period: float, radius: float) -> Print:
    def weight(u: Field, v: Field) -> Field:
        row = np.floor(v / period)
        x = u / period + 0.5 * (row % 2)
        dx = (x - np.floor(x) - 0.5) * period
        dy = (v / period - row - 0.5) * period
        return np.clip(radius - np.hypot(dx, dy) + 0.5, 0, 1).astype(np.float32)

    return weight


def blossoms(period: float, size: float) -> Print:
    """Small scattered five-petal flowers."""

    def weight(u: Field, v: Field) -> Field:
        row = np.floor(v / period)
        x = u / period + 0.5 * (row % 2)
        col = np.floor(x)
        jig = np.sin(col * 12.9898 + row * 78.233) * 43758.5453
        jig = jig - np.floor(jig)
        dx = (x - col - 0.5 + 0.28 * (jig - 0.5)) * period
        dy = (v / period - row - 0.5 + 0.28 * (np.modf(jig * 7.3)[0] - 0.5)) * period
        r = np.hypot(dx, dy)
        angle = np.arctan2(dy, dx) + jig * 6.28
        petal = size * (0.62 + 0.38 * np.cos(angle * 5)) * (0.75 + 0.4 * jig)
        flower = np.clip(petal - r + 0.5, 0, 1)
        heart = np.clip(r - size * 0.2 + 0.5, 0, 1)
        return (flower * heart).astype(np.float32)

    return weight


def plaid(period: float, *bars: tuple[float, float, int]) -> Print:
    """A woven check. bars: centre and width as shares of the period, and the ink (0, 1, ...).

    Where a coloured thread crosses another it covers half: every other one, as in twill.
    """
    inks = 1 + max(ink for _, _, ink in bars)

    def weight(u: Field, v: Field) -> Field:
        out = np.zeros((*u.shape, inks), np.float32)
        for x in (u, v):
            t = x / period - np.floor(x / period)
            for centre, width, ink in bars:
                gap = np.abs((t - centre + 0.5) % 1.0 - 0.5)
                bar = np.clip((width / 2 - gap) * period + 0.5, 0, 1)
                out[..., ink] = np.maximum(out[..., ink], 0) + 0.5 * bar
        return np.clip(out, 0, 1)

    return weight


def pinstripes(period: float) -> Print:
    thin = stripes(period, 1.1 / period, True)
    return lambda u, v: 0.55 * thin(u, v)


def tiled(paint: Callable[[], Labels], inks: int, size: float = 1.0) -> Print:
    """A painted tile, repeated; ``size`` scales it."""

    @cache
    def tile() -> list[Field]:
        labels = paint()
        small = (labels.shape[1] // 2, labels.shape[0] // 2)
        return [cv2.resize((labels == i + 1).astype(np.float32), small,
                           interpolation=cv2.INTER_AREA) for i in range(inks)]  # fmt: skip

    def weight(u: Field, v: Field) -> Field:
        layers = tile()
        h, w = layers[0].shape
        x = np.mod(u * np.float32(FINE / 2 / size), w).astype(np.float32)
        y = np.mod(v * np.float32(FINE / 2 / size), h).astype(np.float32)
        parts = [cv2.remap(f, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP) for f in layers]
        # layers exclude one another: weight each by what those after it leave
        rest = np.ones_like(parts[0])
        for i in reversed(range(inks)):
            share = np.clip(parts[i] / np.maximum(rest, 1e-3), 0, 1)
            rest = np.clip(rest - parts[i], 0, 1)
            parts[i] = share
        return np.stack(parts, axis=-1)

    return weight


class Canvas:
    """A tile that wraps round: shapes drawn over one edge come in at the other."""

    def __init__(self, width: float, height: float) -> None:
        self.size = np.array([width, height])
        self.labels = np.zeros((int(height * FINE), int(width * FINE)), np.uint8)

    def fill(self, points: NDArray[np.float64], ink: int) -> None:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                p = np.round((points + self.size * (dx, dy)) * FINE).astype(np.int32)
                cv2.fillPoly(self.labels, [p.reshape(-1, 1, 2)], ink)

    def leaf(
        self,
        at: NDArray[np.float64],
        angle: float,
        size: float,
        ink: int,
        vein: int,
        wide: float = 0.30,
    ) -> None:
        """vein: the ink of its rib, negative for none."""
        t = np.linspace(0, 1, 14)
        half = wide * np.sin(np.pi * t**0.8)
        side = np.concatenate([np.stack([t, half], 1), np.stack([t, -half], 1)[::-1]])
        self.fill(at + _turn(side * size, angle), ink)
        rib = np.array([[0.05, 0.015], [0.85, 0.004], [0.85, -0.004], [0.05, -0.015]])
        if vein >= 0:
            self.fill(at + _turn(rib * size, angle), vein)

    def flower(
        self, at: NDArray[np.float64], angle: float, size: float, petals: int, inks: tuple[int, ...]
    ) -> None:
        """inks: petal, its shaded inner half, heart."""
        for ring, scale in ((0, 1.0), (1, 0.58)):
            for i in range(petals):
                a = angle + 2 * np.pi * (i + 0.5 * ring) / petals
                t = np.linspace(0, 2 * np.pi, 18)
                wide = np.stack(
                    [0.56 + 0.44 * np.cos(t), 0.36 * np.sin(t) * (1 + 0.3 * np.cos(t))], 1
                )
                self.fill(at + _turn(wide * size * scale, a), inks[min(ring, 1)])
        t = np.linspace(0, 2 * np.pi, 16)
        heart = np.stack([np.cos(t), np.sin(t)], 1) * 0.2 * size
        self.fill(at + heart, inks[2])


def _turn(points: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(points @ np.array([[c, s], [-s, c]]))


def _spots(size: float, gap: float, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Points no closer than ``gap`` on a tile that wraps round."""
    found: list[NDArray[np.float64]] = []
    for p in rng.uniform(0, size, (4000, 2)):
        apart = [np.abs((p - q + size / 2) % size - size / 2) for q in found]
        if all(np.hypot(*d) > gap for d in apart):
            found.append(p)
    return found


def garden(size: float = 1.0) -> Print:
    """Large flowers with leaves between. Inks: petal, leaf, petal's shade, heart."""

    def paint() -> Labels:
        rng = np.random.default_rng(41)
        page = Canvas(300, 300)
        spots = _spots(300, 68, rng)
        for at in spots:
            for a in rng.uniform(0, 6.28, 4):
                page.leaf(at + _turn(np.array([[14.0, 0]]), a)[0], a, rng.uniform(26, 44), 2, 0)
        for at in _spots(300, 40, rng):
            page.flower(at, rng.uniform(0, 6), rng.uniform(7, 10), 5, (3, 3, 4))
        for at in spots:
            page.flower(at, rng.uniform(0, 6), rng.uniform(23, 36), 6, (1, 3, 4))
        return page.labels

    return tiled(paint, 4, size)


def ditsy(size: float = 1.0) -> Print:
    """Small scattered flowers and leaves. Inks: petal, leaf, heart."""

    def paint() -> Labels:
        rng = np.random.default_rng(43)
        page = Canvas(200, 200)
        for at in _spots(200, 21, rng):
            a = rng.uniform(0, 6.28)
            for turn in (2.2, 4.0):
                page.leaf(at, a + turn, rng.uniform(9, 13), 2, -1)
            page.flower(at, a, rng.uniform(5, 7.5), 5, (1, 1, 3))
        return page.labels

    return tiled(paint, 3, size)


def palms(size: float = 1.0) -> Print:
    """Palm fronds crossing. Inks: front fronds, fronds behind."""

    def paint() -> Labels:
        rng = np.random.default_rng(47)
        page = Canvas(360, 360)
        for ink, gap in ((2, 104), (1, 128)):
            for at in _spots(360, gap, rng):
                lean, bend = rng.uniform(0, 6.28), rng.uniform(-0.5, 0.5)
                for t in np.linspace(0.05, 1, 17):
                    a = lean + bend * t
                    p = at + _turn(np.array([[105 * t, 0]]), a)[0]
                    for side in (-1, 1):
                        long = 46 * (np.sin(np.pi * (0.15 + 0.8 * t))) + 6
                        page.leaf(p, a + side * (1.05 - 0.55 * t), long, ink, -1, 0.056)
        return page.labels

    return tiled(paint, 2, size)


def foliage(size: float = 1.0) -> Print:
    """Leaves on twigs. Inks: leaf, vein."""

    def paint() -> Labels:
        rng = np.random.default_rng(53)
        page = Canvas(280, 280)
        for at in _spots(280, 66, rng):
            lean = rng.uniform(0, 6.28)
            for i in range(5):
                p = at + _turn(np.array([[9.0 * i, 0]]), lean)[0]
                turn = 0.9 if i % 2 else -0.9
                page.leaf(p, lean + turn * (1 - i / 7), rng.uniform(20, 27), 1, 2)
        return page.labels

    return tiled(paint, 2, size)


def houndstooth(size: float = 22.0) -> Print:
    """Four threads dark, four pale, in 2/2 twill."""

    def paint() -> Labels:
        cell = np.zeros((8, 8), np.uint8)
        for i in range(8):
            for j in range(8):
                warp_up = (i + j) % 4 < 2
                cell[i, j] = (j < 4) if warp_up else (i < 4)
        return np.kron(cell, np.ones((24, 24), np.uint8)).astype(np.uint8)

    return tiled(paint, 1, size / (8 * 24 / FINE))


def argyle(width: float = 74.0, height: float = 116.0) -> Print:
    """Diamonds with thin lines crossing them. Inks: diamond, other diamond, line."""

    def weight(u: Field, v: Field) -> Field:
        x, y = u / width, v / height
        a, b = np.floor(x + y), np.floor(x - y)
        first = ((a % 2 == 0) & (b % 2 == 0)).astype(np.float32)
        second = ((a % 2 == 1) & (b % 2 == 1)).astype(np.float32)
        lines = [np.abs((x + y + 0.5) % 1 - 0.5), np.abs((x - y + 0.5) % 1 - 0.5)]
        thin = np.maximum(*[np.clip((0.022 - np.abs(d - 0.5)) * width, 0, 1) for d in lines])
        return np.stack([first, second, thin * (first + second < 1.5)], axis=-1)

    return weight


def yoke(top: float, rows: tuple[str, ...], stitch: float = 7.0) -> Print:
    """Bands knitted stitch by stitch below ``top``: each row a string that repeats, '#' the ink."""

    def weight(u: Field, v: Field) -> Field:
        line = np.floor((v - top) / stitch).astype(int)
        column = np.floor(u / stitch).astype(int)
        out = np.zeros(u.shape, np.float32)
        for i, row in enumerate(rows):
            ink = np.array([c == "#" for c in row], np.float32)
            here = line == i
            out[here] = ink[column[here] % len(row)]
        return out

    return weight
