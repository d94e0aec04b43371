"""Graphics printed in one place: drawn here, placed by their middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.studio.fabric import Field, Print

SIDE = 1024  # px of a drawn graphic, which spans -1..1 both ways
#: Strokes of block letters in a box of 4 x 6.
LETTERS: Mapping[str, Sequence[Sequence[tuple[float, float]]]] = {
    "O": [[(1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)]],
    "T": [[(0, 0), (4, 0)], [(2, 0), (2, 6)]],
    "B": [[(0, 0), (3, 0), (4, 1), (4, 2.2), (3, 3), (4, 3.8), (4, 5), (3, 6), (0, 6), (0, 0)],
          [(0, 3), (3, 3)]],
    "A": [[(0, 6), (0, 1.5), (1.5, 0), (2.5, 0), (4, 1.5), (4, 6)], [(0, 3.6), (4, 3.6)]],
    "N": [[(0, 6), (0, 0), (4, 6), (4, 0)]],
    "G": [[(4, 1), (3, 0), (1, 0), (0, 1), (0, 5), (1, 6), (3, 6), (4, 5), (4, 3.2), (2.4, 3.2)]],
}  # fmt: skip


def motif(name: str, at: tuple[float, float], size: float) -> Print:
    """One of ``_DRAWINGS``, ``size`` px from its middle to its edge, in the second colour."""

    def weight(u: Field, v: Field) -> Field:
        x = ((u - at[0]) / size + 1) * (SIDE / 2)
        y = ((v - at[1]) / size + 1) * (SIDE / 2)
        picture = _drawing(name)
        # drawn larger than it is shown: soften to what a pixel covers
        return np.asarray(cv2.remap(picture, x.astype(np.float32), y.astype(np.float32),
                                    cv2.INTER_LINEAR))  # fmt: skip

    return weight


@cache
def _drawing(name: str) -> Field:
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    _DRAWINGS[name](sheet)
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), 1.6).astype(np.float32) / 255)


def _px(points: ArrayLike) -> NDArray[np.int32]:
    p = (np.asarray(points, float) + 1) * (SIDE / 2)
    return np.round(p).astype(np.int32).reshape(-1, 1, 2)


def _sun(sheet: NDArray[np.uint8]) -> None:
    cv2.circle(sheet, (SIDE // 2, SIDE // 2), int(0.62 * SIDE / 2), 255, -1, cv2.LINE_AA)
    x = np.linspace(-1, 1, 120)
    for y in (0.06, 0.24, 0.42):
        top, low = y + 0.035 * np.sin(x * 7), y + 0.09 + 0.035 * np.sin(x * 7 + 0.4)
        wave = np.concatenate([np.stack([x, top], 1), np.stack([x, low], 1)[::-1]])
        cv2.fillPoly(sheet, [_px(wave)], 0, cv2.LINE_AA)


def _mountains(sheet: NDArray[np.uint8]) -> None:
    """Three ridges in lines, under a moon."""
    cv2.circle(sheet, (int(0.66 * SIDE), int(0.22 * SIDE)), int(0.075 * SIDE), 255, -1, cv2.LINE_AA)
    rng = np.random.default_rng(5)
    x = np.linspace(-0.92, 0.92, 90)
    for i in range(9):
        base = -0.12 + 0.085 * i
        peaks = sum(
            h * np.exp(-(((x - c) / w) ** 2))
            for h, c, w in zip(rng.uniform(0.1, 0.42, 4), rng.uniform(-0.7, 0.7, 4),
                               rng.uniform(0.08, 0.24, 4), strict=True)
        )  # fmt: skip
        y = base - np.asarray(peaks) * np.cos(x * 1.5)
        hill = np.concatenate([np.stack([x, y], 1), [[0.92, 0.8], [-0.92, 0.8]]])
        cv2.fillPoly(sheet, [_px(hill)], 0)
        cv2.polylines(sheet, [_px(np.stack([x, y], 1))], False, 255, 9, cv2.LINE_AA)
    sheet[int(0.845 * SIDE) :] = 0


def _college(sheet: NDArray[np.uint8]) -> None:
    """The shop's name in block letters on an arch, and a line below."""
    name = "OTBANG"
    for i, letter in enumerate(name):
        for stroke in LETTERS[letter]:
            dense = np.concatenate([np.linspace(a, b, 12) for a, b in pairwise(stroke)])
            x = (i - (len(name) - 1) / 2) * 5.9 + dense[:, 0] - 2
            y = dense[:, 1] - 3
            px = x / 18.2
            py = y / 13.5 + 0.30 * px**2 - 0.16
            cv2.polylines(sheet, [_px(np.stack([px, py], 1))], False, 255, 42, cv2.LINE_AA)
    for low, half in ((0.36, 0.5), (0.44, 0.36)):
        cv2.polylines(sheet, [_px([(-half, low), (half, low)])], False, 255, 14, cv2.LINE_AA)


def _plant(sheet: NDArray[np.uint8]) -> None:
    """A twig of leaves in a pot."""
    pot = [(-0.26, 0.38), (0.26, 0.38), (0.2, 0.82), (-0.2, 0.82)]
    cv2.fillPoly(sheet, [_px(pot)], 255, cv2.LINE_AA)
    cv2.polylines(sheet, [_px([(-0.3, 0.36), (0.3, 0.36)])], False, 255, 26, cv2.LINE_AA)
    for lean, first in ((-0.62, 20), (0.02, 14), (0.60, 23)):
        t = np.linspace(0, 1, 40)
        stem = np.stack([lean * t**1.4, 0.34 - 1.12 * t * (1 - 0.16 * abs(lean))], 1)
        cv2.polylines(sheet, [_px(stem)], False, 255, 8, cv2.LINE_AA)
        for i in range(first, 40, 6):
            for side in (-1, 1):
                s = np.linspace(0, 1, 14)
                half = 0.27 * np.sin(np.pi * s)
                long = 0.22 * (1.2 - i / 60)
                leaf = np.concatenate([np.stack([s, half], 1), np.stack([s, -half], 1)[::-1]])
                a = -0.55
                turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
                leaf = (leaf * long) @ turn * (side, 1)
                cv2.fillPoly(sheet, [_px(stem[i] + leaf)], 255, cv2.LINE_AA)


_DRAWINGS = {"sun": _sun, "mountains": _mountains, "college": _college, "plant": _plant}
