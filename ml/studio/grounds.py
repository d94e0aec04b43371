"""What garments lie on: paper, and rooms as people photograph them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.studio.cloth import linear
from ml.studio.drape import Pull, wrinkles
from ml.studio.fabric import Field, blur, grain, noise
from ml.studio.paths import band, bowed, chain, through, xy

HEIGHT, WIDTH = 1200, 900
Picture = NDArray[np.float32]  # (H, W, 3) linear light


def ground(name: str, k: int, rng: np.random.Generator) -> Picture:
    """Seamless paper of a colour "#rrggbb", or one of ``SCENES``; ``k`` times the final size."""
    make = SCENES.get(name)
    return paper(name, k, rng) if make is None else make(k, rng)


def _enlarge(picture: Field, k: int) -> Field:
    """From half of the final size to ``k`` times it."""
    size = (WIDTH * k, HEIGHT * k)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.float32)


def paper(colour: str, k: int, rng: np.random.Generator) -> Picture:
    h, w = HEIGHT * k, WIDTH * k
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    glow = 1.03 - 0.10 * ((x / w - 0.35) ** 2 + (y / h - 0.3) ** 2)
    cloud = _enlarge(noise((HEIGHT // 2, WIDTH // 2), (100, 100), rng), k)
    fleck = 1 + 0.006 * cloud + 0.006 * grain((h, w), rng)
    return np.asarray(linear(colour) * (glow * fleck)[..., None], dtype=np.float32)


def _bed(k: int, rng: np.random.Generator) -> Picture:
    """A washed linen sheet that nobody has smoothed."""
    pulls = []
    for _ in range(11):
        a = rng.uniform((0, 0), (WIDTH, HEIGHT)) / 2
        b = a + rng.normal(0, 260, 2)
        pulls.append(Pull(bowed(a, b, rng.uniform(-50, 50)), rng.uniform(0.6, 1.6), 60))
    bends = 3.2 * wrinkles((HEIGHT // 2, WIDTH // 2), pulls, 0.35, rng)
    bends += 7 * noise((HEIGHT // 2, WIDTH // 2), (120, 120), rng)
    height = _enlarge(bends, k)
    gy, gx = np.gradient(height)
    slope = (0.46 * gx + 0.56 * gy) * k
    hollow = _enlarge(np.clip(0.03 * (bends - blur(bends, 10)), -0.2, 0.08), k)
    weave = 1 + 0.012 * grain(height.shape, rng)
    light = np.clip(0.95 + 0.40 * slope + hollow, 0.35, 1.25) * weave
    return np.asarray(linear("#d6d4d0") * light[..., None], dtype=np.float32)


def _oak(k: int, rng: np.random.Generator) -> Picture:
    """Floorboards, a little worn."""
    h, w = HEIGHT, WIDTH
    wide = 142
    tone: Field = np.ones((h, w), np.float32)
    gap = np.zeros((h, w), np.float32)
    for i, x0 in enumerate(range(-40, w, wide)):
        x1 = x0 + wide
        cut = int(rng.uniform(200, 1000))
        for y0, y1 in ((0, cut), (cut, h)):
            part = tone[y0:y1, max(x0, 0) : min(x1, w)]
            if not part.size:
                continue
            rows, cols = part.shape
            lines = (
                noise((rows, cols), (260, 3.2), rng) * 0.11
                + noise((rows, cols), (90, 14), rng) * 0.09
            )
            y, x = np.mgrid[0:rows, 0:cols].astype(np.float32)
            heart = np.hypot((x - rng.uniform(0, wide)) * 4, (y - rng.uniform(0, rows)) * 0.3)
            rings = 0.035 * np.sin(heart / 9 + 2 * noise((rows, cols), (120, 20), rng))
            part[:] = rng.uniform(0.84, 1.08) + lines + rings
        gap[:, max(x0, 0) : max(x0, 0) + 2] = 1 if i else 0
        gap[cut : cut + 2, max(x0, 0) : min(x1, w)] = 1
    tone = tone * (1 - 0.7 * blur(gap, 0.7))
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    tone *= 1.10 - 0.30 * np.hypot(x / w - 0.2, y / h - 0.1)
    big = cv2.resize(tone, (w * k, h * k), interpolation=cv2.INTER_CUBIC)
    big = big + 0.012 * grain((h * k, w * k), rng)
    warm = linear("#b98a5e") * big[..., None] ** np.array([0.9, 1.05, 1.25], np.float32)
    return np.asarray(warm, dtype=np.float32)


def _door(k: int, rng: np.random.Generator) -> Picture:
    """A painted door with panels; a wooden hanger on a hook."""
    h, w = HEIGHT, WIDTH
    height: Field = np.zeros((h, w), np.float32)
    for x0, x1, y0, y1 in ((70, 400, -60, 500), (500, 830, -60, 500), (70, 400, 590, 1260),
                           (500, 830, 590, 1260)):  # fmt: skip
        for inset, level in ((0, -7.0), (16, 0.0), (34, 4.0)):
            a, b = max(y0 + inset, 0), min(y1 - inset, h)
            height[a:b, x0 + inset : x1 - inset] += level
    height = blur(height, 2.4) + 0.25 * noise((h, w), (9, 5), rng)
    gy, gx = np.gradient(height)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    light = np.clip(0.95 + 0.34 * (0.46 * gx + 0.56 * gy), 0.4, 1.2)
    light *= 1.06 - 0.22 * np.hypot(x / w - 0.2, y / h - 0.15)
    big = cv2.resize(light, (w * k, h * k), interpolation=cv2.INTER_CUBIC)
    big = big + 0.006 * grain(big.shape, rng)
    picture = np.asarray(linear("#cfd3cc") * big[..., None], dtype=np.float32)
    hook = through([(450, 250), (450, 196), (454, 174), (470, 154), (474, 130), (460, 112),
                    (440, 112), (428, 128)])  # fmt: skip
    _rod(picture, band(hook - xy(3.5, 0), 7), "#8b8d8f", k, 0.5)
    arms = chain(bowed((268, 306), (450, 238), -14), bowed((450, 238), (632, 306), -14))
    _rod(picture, band(arms, 26), "#a57848", k, 0.35)
    return picture


def _rod(picture: Picture, outline: NDArray[np.float64], colour: str, k: int, gloss: float) -> None:
    sheet = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(sheet, [np.round(outline * k).astype(np.int32).reshape(-1, 1, 2)], 255)
    move = np.array([[1, 0, 6 * k], [0, 1, 9 * k]], np.float32)
    cast = blur(cv2.warpAffine(sheet, move, sheet.shape[::-1]).astype(np.float32) / 255, 4 * k)
    picture *= (1 - 0.4 * cast)[..., None]
    far = cv2.distanceTransform(sheet, cv2.DIST_L2, 5)
    round_ = np.sqrt(np.clip(far / max(float(far.max()), 1), 0, 1))
    light = (0.55 + 0.5 * round_ + gloss * round_**6)[..., None]
    on = sheet > 0
    picture[on] = (linear(colour) * light)[on]


def _stone(k: int, rng: np.random.Generator) -> Picture:
    """A terrace of poured concrete."""
    h, w = HEIGHT // 2, WIDTH // 2
    tone = sum(a * noise((h, w), (c, c), rng) for a, c in ((0.07, 130), (0.05, 40), (0.04, 12)))
    pits = np.clip(noise((h, w), (4, 4), rng) - 0.95, 0, 1) * -0.5
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    joint = np.exp(-(((x - 0.78 * w - 0.03 * y) / 1.6) ** 2)) * -0.35
    fall = 1.08 - 0.3 * np.hypot(x / w - 0.2, y / h - 0.15)
    big = _enlarge(np.asarray((1 + tone + pits + joint) * fall, np.float32), k)
    big = big + 0.03 * grain(big.shape, rng)
    return np.asarray(linear("#a3a19c") * big[..., None], dtype=np.float32)


SCENES: Mapping[str, Callable[[int, np.random.Generator], Picture]] = {
    "bed": _bed, "oak": _oak, "door": _door, "stone": _stone,
}  # fmt: skip
