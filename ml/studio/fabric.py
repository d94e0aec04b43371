"""Cloth surfaces: what yarn does to colour and to the fine relief, and printed patterns.

A surface is computed on local coordinates (u across, v along the cloth, in final pixels) and
returns a colour factor (H, W) around 1 and a relief (H, W) in pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]  # float32
Surface = Callable[[Field, Field, np.random.Generator], tuple[Field, Field]]
Print = Callable[[Field, Field], Field]  # weight 0..1 of the second colour


def noise(shape: tuple[int, int], cell: tuple[float, float], rng: np.random.Generator) -> Field:
    """Smooth noise of about -1..1 with features of ``cell`` (rows, columns) pixels."""
    grid = rng.normal(0, 0.6, (int(shape[0] / cell[0]) + 4, int(shape[1] / cell[1]) + 4))
    big = cv2.resize(
        grid.astype(np.float32),
        (int(grid.shape[1] * cell[1]) + 1, int(grid.shape[0] * cell[0]) + 1),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.asarray(big[: shape[0], : shape[1]], dtype=np.float32)


def blur(field: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), dtype=np.float32)


def grain(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    return rng.normal(0, 1, shape).astype(np.float32)


def _wave(x: Field, period: float) -> Field:
    return np.asarray(np.sin(x * np.float32(2 * np.pi / period)), dtype=np.float32)


def jersey(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    ribs = _wave(u, 2.6) * 0.5 + _wave(v + np.abs(_wave(u, 2.6)), 2.2) * 0.5
    g = grain(u.shape, rng)
    return 1 + 0.02 * ribs + 0.022 * g, 0.08 * ribs + 0.05 * g


def poplin(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    g = grain(u.shape, rng)
    thread = cv2.blur(g, (1, 7)) + cv2.blur(grain(u.shape, rng), (7, 1))
    return 1 + 0.05 * thread, 0.09 * thread


def linen(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    slub = cv2.blur(grain(u.shape, rng), (41, 2)) + cv2.blur(grain(u.shape, rng), (2, 41))
    return 1 + 0.10 * slub + 0.02 * grain(u.shape, rng), 0.22 * slub


def denim(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    twill = _wave(u + v * 0.75, 2.9)
    flecks = cv2.blur(grain(u.shape, rng), (2, 9))
    tone = 1 + 0.07 * twill + 0.16 * flecks + 0.03 * grain(u.shape, rng)
    return tone, 0.12 * twill + 0.05 * flecks


def twill(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    lines = _wave(u - v * 0.9, 2.4)
    g = grain(u.shape, rng)
    return 1 + 0.022 * lines + 0.016 * g, 0.06 * lines + 0.02 * g


def wool(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    fluff = blur(grain(u.shape, rng), 1.3) * 2.2
    mottle = noise((u.shape[0], u.shape[1]), (5, 9), rng)
    return 1 + 0.055 * fluff + 0.05 * mottle, 0.25 * fluff


def fleece(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    fluff = blur(grain(u.shape, rng), 1.0) * 1.8
    return 1 + 0.022 * fluff, 0.11 * fluff


def satin(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    g = cv2.blur(grain(u.shape, rng), (1, 15))
    return 1 + 0.01 * g, 0.01 * g


def knit(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Stockinette: columns of small Vs."""
    wale, course = 7.0, 6.0
    x = u / wale
    left = np.abs((x - np.floor(x)) - 0.5) * 2  # 0 at the column's middle, 1 at its edge
    phase = v / course + left * 0.9
    loop = np.abs(np.sin(phase * np.float32(np.pi)))
    relief = loop**0.6 * np.sqrt(np.clip(1 - (left - 0.5) ** 2 * 3.2, 0, 1))
    g = blur(grain(u.shape, rng), 1.0)
    return (0.87 + 0.18 * relief + 0.03 * g).astype(np.float32), (1.2 * relief).astype(np.float32)


def rib(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Vertical ribs of collars, cuffs and hems."""
    lines = np.abs(np.sin(u * np.float32(np.pi / 5.2))) ** 0.7
    g = grain(u.shape, rng)
    tone = 0.90 + 0.13 * lines + 0.014 * g
    return tone.astype(np.float32), (1.1 * lines).astype(np.float32)


def cable(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Knit with cables: twisted pairs between purl gutters."""
    tone, relief = knit(u, v, rng)
    period = 74.0
    x = (u / period - np.floor(u / period)) * period - period / 2
    swing = 9.0 * np.sin(v * np.float32(2 * np.pi / 66))
    strand = np.maximum(
        np.exp(-(((x - swing) / 7.5) ** 2)) * (1 + 0.25 * np.cos(v * np.float32(2 * np.pi / 66))),
        np.exp(-(((x + swing) / 7.5) ** 2)) * (1 - 0.25 * np.cos(v * np.float32(2 * np.pi / 66))),
    )
    gutter = np.exp(-(((np.abs(x) - 22) / 3.6) ** 2))
    tone = tone * (0.93 + 0.10 * strand - 0.12 * gutter)
    return tone.astype(np.float32), (relief + 5.5 * strand - 1.5 * gutter).astype(np.float32)


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


def motif(name: str, at: tuple[float, float], size: float) -> Print:
    """One graphic on the chest: a ``sun`` over waves, or a ``circle`` of arcs."""

    def weight(u: Field, v: Field) -> Field:
        x, y = (u - at[0]) / size, (v - at[1]) / size
        r = np.hypot(x, y)
        soft = size / 1.2
        if name == "sun":
            disc = np.clip((0.62 - r) * soft, 0, 1)
            lines = np.clip((np.sin(y * 26 + 0.5 * np.sin(x * 7)) + 0.1) * 6, 0, 1)
            low = np.clip((y - 0.02) * soft, 0, 1)
            return (disc * (1 - low) + disc * low * lines).astype(np.float32)
        rings = np.clip(np.sin(r * 34) * 5 + 1.5, 0, 1) * np.clip((0.95 - r) * soft, 0, 1)
        gate = np.clip((np.abs(x) - 0.04) * soft, 0, 1)
        return np.asarray(rings * gate, dtype=np.float32)

    return weight
