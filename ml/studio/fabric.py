"""Cloth surfaces: what yarn does to colour and to the fine relief.

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
#: Weight 0..1 of the second colour, (H, W); or of several inks one over the other, (H, W, n).
Print = Callable[[Field, Field], Field]


def noise(shape: tuple[int, int], cell: tuple[float, float], rng: np.random.Generator) -> Field:
    """Smooth noise of about -1..1 with features of ``cell`` (rows, columns) pixels."""
    grid = rng.normal(0, 0.6, (int(shape[0] / cell[0]) + 4, int(shape[1] / cell[1]) + 4))
    big = cv2.resize(
        grid.astype(np.float32),
        (int(grid.shape[1] * cell[1]) + 1, int(grid.shape[0] * cell[0]) + 1),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.asarray(big[: shape[0], : shape[1]], dtype=np.float32)


def clouds(shape: tuple[int, int], cell: tuple[float, float], rng: np.random.Generator) -> Field:
    """As :func:`noise`, alike in all directions: no grid that shiny cloth would show."""
    step = max(min(cell) / 5, 1.0)
    size = (int(shape[1] / step) + 2, int(shape[0] / step) + 2)
    raw = rng.normal(0, 1, size[::-1]).astype(np.float32)
    soft = cv2.GaussianBlur(raw, (0, 0), 0.5 * cell[1] / step, sigmaY=0.5 * cell[0] / step)
    soft = soft * np.float32(0.6 / max(float(soft.std()), 1e-6))
    big = cv2.resize(soft, None, fx=step, fy=step, interpolation=cv2.INTER_CUBIC)
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
    flecks = cv2.blur(grain(u.shape, rng), (2, 9)) + cv2.blur(grain(u.shape, rng), (2, 31))
    tone = 1 + 0.08 * twill + 0.24 * flecks + 0.05 * grain(u.shape, rng)
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


def zipper(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Teeth that mesh in the middle."""
    teeth = np.sign(u) * _wave(v, 5.2)
    tone = 0.85 + 0.22 * teeth * np.exp(-((u / 4.2) ** 2))
    return tone.astype(np.float32), (1.2 * teeth).astype(np.float32)


def fine_knit(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Stockinette of fine gauge."""
    lines = np.abs(np.sin(u * np.float32(np.pi / 3.4)))
    rows = _wave(v + 1.6 * lines, 3.0)
    g = grain(u.shape, rng)
    tone = 0.95 + 0.055 * lines + 0.02 * rows + 0.012 * g
    return tone.astype(np.float32), (0.45 * lines + 0.12 * rows).astype(np.float32)


def chunky(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Wide ribs of thick yarn."""
    period = 17.0
    x = u / period - np.floor(u / period)
    bump = np.sqrt(np.clip(1 - (2 * x - 1) ** 2, 0, 1))
    loops = np.abs(np.sin((v / 8.0 + np.abs(x - 0.5) * 0.9) * np.float32(np.pi))) ** 0.7
    fuzz = blur(grain(u.shape, rng), 1.0)
    tone = 0.80 + 0.16 * bump + 0.07 * loops * bump + 0.04 * fuzz
    return tone.astype(np.float32), (4.2 * bump + 1.1 * loops * bump).astype(np.float32)


def melange(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Brushed fleece spun of pale and dark fibres."""
    fibres = cv2.blur(grain(u.shape, rng), (1, 9)) + cv2.blur(grain(u.shape, rng), (11, 1))
    tone, relief = fleece(u, v, rng)
    return (tone + 0.17 * fibres).astype(np.float32), relief


def slub(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Jersey of uneven yarn."""
    tone, relief = jersey(u, v, rng)
    thick = cv2.blur(grain(u.shape, rng), (61, 2))
    return (tone + 0.10 * thick).astype(np.float32), relief + 0.1 * thick


def pique(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    cells = _wave(u + v, 5.0) * _wave(u - v, 5.0)
    g = grain(u.shape, rng)
    return 1 + 0.045 * cells + 0.012 * g, 0.32 * cells


def canvas(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    grid = _wave(u, 3.1) * _wave(v, 3.1)
    thread = cv2.blur(grain(u.shape, rng), (2, 15)) + cv2.blur(grain(u.shape, rng), (15, 2))
    return 1 + 0.03 * grid + 0.07 * thread, 0.16 * grid + 0.10 * thread


def corduroy(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    wale = np.abs(np.sin(u * np.float32(np.pi / 6.4))) ** 0.8
    nap = cv2.blur(grain(u.shape, rng), (2, 7))
    tone = 0.78 + 0.27 * wale + 0.07 * nap
    return tone.astype(np.float32), (1.3 * wale).astype(np.float32)


def nylon(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    g = grain(u.shape, rng)
    return 1 + 0.012 * g, 0.02 * g


def leather(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    pores = blur(grain(u.shape, rng), 1.1) * 2.4
    cloud = noise((u.shape[0], u.shape[1]), (40, 40), rng)
    return 1 + 0.012 * pores + 0.03 * cloud, 0.10 * pores


def rubber(u: Field, v: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    return np.ones_like(u), np.zeros_like(u)
