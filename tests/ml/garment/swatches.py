"""Drawn pieces of cloth: a garment-shaped mask, light, folds and prints, all from formulas."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

SIZE = (320, 260)
GROUND = (236, 235, 232)
Tint = tuple[float, float, float]


def mask() -> np.ndarray:
    """(H, W) uint8: a rectangle with rounded shoulders, 255 = cloth."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    inside = (np.abs(x - 130) < 96) & (y > 30) & (y < 290)
    inside &= np.hypot(np.maximum(np.abs(x - 130) - 60, 0), np.maximum(80 - y, 0)) < 46
    return inside.astype(np.uint8) * 255


def rgb_of(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.lstrip("#"))
    return red, green, blue


def plain(colour: str) -> np.ndarray:
    return np.broadcast_to(np.array(rgb_of(colour), np.float64), (*SIZE, 3)).copy()


def stripes(one: str, other: str, *, period: float = 24, share: float = 0.4) -> np.ndarray:
    """The second colour covers ``share`` of the cloth."""
    y = np.mgrid[: SIZE[0], : SIZE[1]][0]
    return np.where(((y / period) % 1 < share)[..., None], plain(other), plain(one))


def dots(one: str, other: str, *, period: float = 26, radius: float = 6) -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float64)
    row = np.floor(y / period)
    x = x + (row % 2) * period / 2
    near = np.hypot(x % period - period / 2, y % period - period / 2) < radius
    return np.where(near[..., None], plain(other), plain(one))


def check(one: str, other: str, *, period: float = 28) -> np.ndarray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    amount = ((y / period) % 1 < 0.5) * 0.5 + ((x / period) % 1 < 0.5) * 0.5
    return plain(one) * (1 - amount[..., None]) + plain(other) * amount[..., None]


def motif(one: str, other: str, *, radius: float = 46) -> np.ndarray:
    """A star with a hole on the chest."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float64)
    far = np.hypot(x - 130, y - 130)
    angle = np.arctan2(y - 130, x - 130)
    inside = (far < radius * (0.75 + 0.25 * np.cos(5 * angle))) & (far > 0.3 * radius)
    return np.where(inside[..., None], plain(other), plain(one))


def lit(cloth: np.ndarray, *, slope: float = 0.0, folds: float = 0.0) -> np.ndarray:
    """Brighter on the left than on the right by ``slope``, darker in folds by ``folds``."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float64)
    light = 1 - slope * x / SIZE[1]
    wave = np.sin(x / 13 + 0.8 * np.sin(y / 60)) * np.clip(y / 200, 0, 1)
    light = light * (1 - folds * np.clip(-wave, 0, 1))
    return cloth * light[..., None]


def photo(cloth: np.ndarray, *, ground: tuple[int, int, int] = GROUND, noise: float = 2.0,
          jpeg: int | None = 70, tint: Tint = (1, 1, 1)) -> np.ndarray:  # fmt: skip
    """(H, W, 3) uint8: the cloth on a ground, as a camera and JPEG leave it."""
    inside = (mask() > 0)[..., None]
    picture = np.where(inside, cloth, np.array(ground, np.float64)) * np.array(tint)
    picture = picture + np.random.default_rng(3).normal(0, noise, picture.shape)
    pixels = np.clip(picture, 0, 255).astype(np.uint8)
    if jpeg is None:
        return pixels
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=jpeg)
    return np.array(Image.open(data))
