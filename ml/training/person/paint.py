"""Change how a picture looks without moving anything: colours, cloth, skin, light, camera."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr

RGB = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Random = np.random.Generator
CLOTHES = (
    *(Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS, Atr.BAG, Atr.SCARF, Atr.HAT),
    *(Atr.LEFT_SHOE, Atr.RIGHT_SHOE),
)
SKIN = (Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.LEFT_LEG, Atr.RIGHT_LEG)
_NOISE = np.random.default_rng(0).normal(0, 1, (600, 600)).astype(np.float32)


def within(parse: NDArray[np.uint8], labels: Sequence[int]) -> Mask:
    table = np.zeros(256, bool)
    table[list(labels)] = True
    return table[parse]


def blend(rgb: RGB, other: NDArray[np.float32], mask: Mask) -> RGB:
    """``other`` inside ``mask``, with an edge about two pixels soft."""
    soft = cv2.blur(mask.astype(np.float32), (3, 3))[..., None]
    return np.asarray(np.clip(rgb + soft * (other - rgb), 0, 255), np.uint8)


def recolour(rgb: RGB, mask: Mask, random: Random) -> RGB:
    """Another colour or pattern for the cloth in ``mask``; its folds stay."""
    if mask.sum() < 20:
        return rgb
    picture = rgb.astype(np.float32)
    kind = random.random()
    if kind < 0.35:  # turn the hue: permute or mix channels
        mix = np.eye(3)[random.permutation(3)] * 0.7 + random.dirichlet((1, 1, 1), 3) * 0.3
        other = picture @ mix.T.astype(np.float32)
    else:  # dye: light and dark of the cloth, times a colour
        grey = picture.mean(2)
        level = max(float(grey[mask].mean()), 12.0)
        shade = np.clip(grey / level, 0.3, 2.2) ** random.uniform(0.6, 1.1)
        other = shade[..., None] * _colour(random)
        if kind > 0.65:
            share = _pattern(rgb.shape[:2], random)[..., None]
            other = other * (1 - share) + share * shade[..., None] * _colour(random)
    gain = np.exp(random.normal(0, 0.2))
    return blend(rgb, np.asarray(other * gain, np.float32), mask)


def _colour(random: Random) -> NDArray[np.float32]:
    """Clothes are often near black, white, navy or beige."""
    if random.random() < 0.45:
        value = random.choice((18.0, 40.0, 90.0, 150.0, 215.0, 240.0))
        return np.asarray(value + random.normal(0, 10, 3), np.float32).clip(5, 250)
    return np.asarray(random.uniform(15, 240, 3), np.float32)


def _pattern(shape: tuple[int, ...], random: Random) -> NDArray[np.float32]:
    """0..1: stripes, checks, dots or blotches."""
    ys, xs = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    turn, period = random.uniform(0, np.pi), random.uniform(3, 26)
    kind = random.integers(4)
    if kind < 2 and random.random() < 0.7:
        turn = random.choice((0, np.pi / 2)) + random.normal(0, 0.1)
    u = (xs * np.cos(turn) + ys * np.sin(turn)) * (2 * np.pi / period)
    v = (ys * np.cos(turn) - xs * np.sin(turn)) * (2 * np.pi / period)
    if kind == 0:
        wave = np.sin(u)
    elif kind == 1:
        wave = np.maximum(np.sin(u), np.sin(v)) - 0.3
    elif kind == 2:
        wave = np.sin(u) * np.sin(v) * 2 - 0.8
    else:
        small = random.normal(0, 1, (shape[0] // 8 + 1, shape[1] // 8 + 1)).astype(np.float32)
        wave = cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) * 1.5
    return np.asarray(np.clip(wave * 2 + 0.5, 0, 1), np.float32)


def retone_skin(rgb: RGB, mask: Mask, random: Random) -> RGB:
    """Lighter or, more often, darker skin: the photos show few dark people."""
    dark = random.uniform(0.0, 1.0) ** 0.8
    if random.random() < 0.25:
        gain = np.array((1.08, 1.07, 1.06)) ** random.uniform(0, 1.5)
    else:  # towards deep brown
        gain = 1 - dark * np.array((0.62, 0.70, 0.76))
    picture = rgb.astype(np.float32)
    shine = np.clip(picture / 255, 0, 1) ** (1 + 0.5 * dark)
    return blend(rgb, np.asarray(255 * shine * gain * (1 + 0.25 * dark), np.float32), mask)


def dye_hair(rgb: RGB, mask: Mask, random: Random) -> RGB:
    """Black, brown, blond, red, grey, now and then a loud colour."""
    if mask.sum() < 20:
        return rgb
    colours = ((20, 18, 18), (60, 40, 28), (110, 75, 45), (190, 155, 105), (120, 50, 30))
    colour = np.array((*colours, (160, 160, 165))[int(random.integers(6))], np.float32)
    if random.random() < 0.1:
        colour = random.uniform(20, 230, 3).astype(np.float32)
    grey = rgb.astype(np.float32).mean(2)
    shade = np.clip(grey / max(float(grey[mask].mean()), 10.0), 0.3, 2.0)
    return blend(rgb, np.asarray(shade[..., None] * colour, np.float32), mask)


def studio(shape: tuple[int, int], random: Random) -> RGB:
    """A plain backdrop: one colour or a soft gradient, perhaps a floor."""
    height, width = shape
    if random.random() < 0.6:
        first = np.full(3, random.choice((255.0, 250.0, 240.0, 225.0, 200.0, 150.0, 90.0, 40.0)))
        first = first + random.normal(0, 4, 3)
    else:
        first = random.uniform(40, 255, 3)
    second = first * np.exp(random.normal(0, 0.12))
    along = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    if random.random() < 0.4:
        xs = np.linspace(-1, 1, width)[None, :, None]
        along = np.clip((along * 2 - 1) ** 2 + xs**2, 0, 1)
    else:
        along = np.broadcast_to(along, (height, width, 1))
    plain = first * (1 - along) + second * along
    if random.random() < 0.35:
        floor = int(height * random.uniform(0.7, 0.95))
        plain = plain.copy()
        plain[floor:] = plain[floor:] * np.exp(random.normal(0, 0.15)) + random.normal(0, 5, 3)
    return np.asarray(np.clip(plain, 0, 255), np.uint8)


def texture(shape: tuple[int, int], random: Random) -> RGB:
    """Wallpaper, tiles, blotches."""
    share = _pattern(shape, random)[..., None]
    for _ in range(int(random.integers(0, 2))):
        share = 0.5 * share + 0.5 * _pattern(shape, random)[..., None]
    return np.asarray(share * _colour(random) + (1 - share) * _colour(random), np.uint8)


def camera(rgb: RGB, random: Random) -> RGB:
    """Exposure, contrast, white balance, grey, blur, noise, JPEG: the same scene, another phone."""
    steps = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(random.normal(0, 0.22))
    gain = np.exp(random.normal(0, 0.16)) * np.exp(random.normal(0, 0.06, 3))
    contrast, lift = np.exp(random.normal(0, 0.15)), random.normal(0, 0.04)
    curve = steps[:, None] ** gamma * gain
    curve = (curve - 0.5) * contrast + 0.5 + lift
    rgb = np.asarray(cv2.LUT(rgb, np.clip(curve * 255, 0, 255).astype(np.uint8)[None]), np.uint8)
    if random.random() < 0.3:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        keep = 0.0 if random.random() < 0.2 else float(random.uniform(0.3, 1.5))
        rgb = np.asarray(
            cv2.addWeighted(rgb, keep, cv2.merge((grey, grey, grey)), 1 - keep, 0), np.uint8
        )
    what = random.random()
    height, width = rgb.shape[:2]
    if what < 0.12:
        rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), random.uniform(0.4, 1.6)), np.uint8)
    elif what < 0.22:
        scale = random.uniform(0.35, 0.8)
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        rgb = np.asarray(cv2.resize(small, (width, height)), np.uint8)
    if random.random() < 0.2:
        y, x = random.integers(0, 600 - np.array((height, width)) + 1)
        noise = _NOISE[y : y + height, x : x + width, None] * random.uniform(2, 14)
        rgb = np.asarray(np.clip(rgb + noise, 0, 255), np.uint8)
    if random.random() < 0.25:
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), int(random.integers(25, 85))]
        encoded = cv2.imencode(".jpg", rgb[..., ::-1], quality)[1]
        rgb = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
    return np.ascontiguousarray(rgb)
