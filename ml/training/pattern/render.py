"""Patterns from formulas, printed on photos of plain garments with their folds and light.

Every function here paints a flat cloth: (H, W, 3) float sRGB 0..255 for places ``x, y`` (H, W) in
pixels, where ``size`` is the square root of the garment's area.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.garment.colour import to_lab
from ml.garment.colour_names import NAMES

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Rng = np.random.Generator
Painter = Callable[[Floats, Floats, float, Rng], Floats]

#: Indigo from dark to bleached, and black.
DENIM = ("#25324c", "#2f4467", "#3f5878", "#5d7da8", "#7d96b4", "#a9bfd6", "#4a4e55", "#2b2d31")


def printed(
    rgb: NDArray[np.uint8], mask: NDArray[np.uint8], name: str, rng: Rng
) -> NDArray[np.uint8]:
    """The photo of a plain garment with a pattern of that name instead of its own colour."""
    height, width = mask.shape
    inside = mask > 127
    size = float(np.sqrt(inside.sum()))
    x, y = _bent(height, width, size, rng)
    cloth = PAINTERS[name](x, y, size, rng)
    light = to_lab(rgb)[..., 0].astype(np.float64)
    middle = float(np.median(light[inside]))
    shading = np.clip((light + 8) / (middle + 8), 0.25, 1.7) ** float(rng.uniform(0.8, 1.3))
    worn = np.clip(cloth * shading[..., None], 0, 255)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None] / 255
    picture = rgb * (1 - soft) + worn * soft
    return _taken(picture, rng)


def varied(
    rgb: NDArray[np.uint8], mask: NDArray[np.uint8], rng: Rng, *, keep_hue: bool
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Another photo of the same garment: mirrored, nearer or farther, other light and camera."""
    if rng.random() < 0.5:
        rgb, mask = rgb[:, ::-1], mask[:, ::-1]
    turn = cv2.getRotationMatrix2D(
        (mask.shape[1] / 2, mask.shape[0] / 2),
        float(rng.normal(0, 6)),
        float(rng.uniform(0.8, 1.1)),
    )
    size = (mask.shape[1], mask.shape[0])
    rgb = np.asarray(cv2.warpAffine(rgb, turn, size, borderMode=cv2.BORDER_REFLECT), np.uint8)
    cut = np.asarray(cv2.warpAffine(np.ascontiguousarray(mask), turn, size), np.uint8)
    if rng.random() < 0.5:  # a mask of another hand
        kernel = np.ones((int(rng.integers(3, 8)),) * 2, np.uint8)
        cut = np.asarray((cv2.erode if rng.random() < 0.6 else cv2.dilate)(cut, kernel), np.uint8)
    picture = rgb.astype(np.float64)
    if not keep_hue and rng.random() < 0.5:
        hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + int(rng.integers(0, 180))) % 180
        picture = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.float64)
    picture = 255 * (picture / 255) ** float(np.exp(rng.normal(0, 0.15)))
    return _taken(picture * rng.normal(1, 0.03, 3), rng), cut


def _bent(height: int, width: int, size: float, rng: Rng) -> tuple[Floats, Floats]:
    """Where each pixel lies on the flat cloth: turned a little, warped smoothly."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    angle = float(rng.normal(0, 0.08))
    coarse = rng.normal(0, 1, (2, 5, 5)).astype(np.float32)
    wave = [cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC) for part in coarse]
    reach = size * abs(float(rng.normal(0, 0.02)))
    x, y = x + reach * wave[0], y + reach * wave[1]
    return (
        x * np.cos(angle) - y * np.sin(angle) + rng.uniform(0, size),
        x * np.sin(angle) + y * np.cos(angle) + rng.uniform(0, size),
    )


def _taken(picture: Floats, rng: Rng) -> NDArray[np.uint8]:
    """As a camera leaves it."""
    if rng.random() < 0.5:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.3, 0.9))))
    picture = picture + rng.normal(0, float(rng.uniform(0, 4)), picture.shape)
    data = io.BytesIO()
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    image.save(data, "JPEG", quality=int(rng.integers(50, 92)))
    return np.array(Image.open(data))


def _colour(rng: Rng) -> Floats:
    """A colour of cloth, near one that has a name."""
    keys = list(NAMES)
    examples = NAMES[keys[int(rng.integers(len(keys)))]].examples
    base = np.array(list(bytes.fromhex(examples[int(rng.integers(len(examples)))][1:])), float)
    return np.clip(base + rng.normal(0, 10, 3), 2, 253)


def _apart(rng: Rng, count: int, least: float = 45) -> list[Floats]:
    """Colours that can be told apart."""
    found = [_colour(rng)]
    while len(found) < count:
        other = _colour(rng)
        if min(float(np.linalg.norm(other - one)) for one in found) > least:
            found.append(other)
        least *= 0.98
    return found


def _flat(x: Floats, colour: Floats) -> Floats:
    return np.broadcast_to(colour, (*x.shape, 3)).copy()


def _bytes(cloth: Floats) -> Bytes:
    """What letters and shapes can be drawn on."""
    return np.asarray(np.clip(cloth, 0, 255), np.uint8)


def _grain(x: Floats, amount: float, across: float, along: float, rng: Rng) -> Floats:
    """Noise of a given length across and along, deviation ``amount``."""
    noise: Floats = rng.normal(0, 1, x.shape)
    noise[:] = cv2.GaussianBlur(noise, (0, 0), sigmaX=max(across, 0.3), sigmaY=max(along, 0.3))
    return np.asarray(noise * (amount / (noise.std() + 1e-9)), np.float64)


def plain(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    cloth = _flat(x, _colour(rng))
    if rng.random() < 0.3:  # melange
        cloth += _grain(x, float(rng.uniform(2, 7)), 0.7, 0.7, rng)[..., None]
    if rng.random() < 0.25:  # a small label is no pattern
        drawn = _bytes(cloth)
        _write(drawn, rng, size * float(rng.uniform(0.03, 0.07)), lines=1, colour=_colour(rng))
        cloth = drawn.astype(np.float64)
    if rng.random() < 0.25:  # a yoke, a waistband, contrast sleeves
        edge = float(np.percentile(y, rng.choice([12, 85])))
        cloth[(y < edge) if edge < np.median(y) else (y > edge)] *= float(rng.uniform(0.6, 0.9))
    return cloth


def stripes(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    way = rng.random()
    at = x if way < 0.4 else y if way < 0.9 else (x + y) / np.sqrt(2)
    return _bars(at, size, rng, _apart(rng, int(rng.choice([2, 2, 2, 3, 4]))))


def _bars(at: Floats, size: float, rng: Rng, colours: list[Floats]) -> Floats:
    """Bars side by side; the first colour is the ground."""
    period = size * float(np.exp(rng.uniform(np.log(0.025), np.log(0.28))))
    rest = [float(rng.uniform(0.08, 0.5)) for _ in colours[1:]]
    shares = [1.0, *rest] if rng.random() < 0.6 else [1.0] * len(colours)
    order = [i for bar in range(1, len(colours)) for i in (0, bar)]  # ground between the bars
    ends = np.cumsum([shares[i] for i in order])
    phase = (at / period) % 1 * ends[-1]
    index = np.minimum(np.searchsorted(ends, phase), len(order) - 1)
    return np.asarray(np.stack(colours)[np.array(order)[index]], np.float64)


def check(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    kind = rng.random()
    ground, other = _apart(rng, 2)
    period = size * float(np.exp(rng.uniform(np.log(0.03), np.log(0.25))))
    if kind < 0.15:  # diagonal
        x, y = (x + y) / np.sqrt(2), (x - y) / np.sqrt(2)
    if kind < 0.45:  # gingham
        share = float(rng.uniform(0.4, 0.6))
        both = ((x / period) % 1 < share).astype(float) + ((y / period) % 1 < share)
        return ground + (other - ground) * (both / 2)[..., None]
    if kind < 0.65:  # window panes
        line = float(rng.uniform(0.06, 0.2))
        on = ((x / period) % 1 < line) | ((y / period) % 1 < line)
        return np.where(on[..., None], other, ground)
    colours = _apart(rng, int(rng.integers(2, 5)), 35)  # tartan: the same bars across and along
    seed = int(rng.integers(1 << 31))
    across = _bars(x, size, np.random.default_rng(seed), colours)
    along = _bars(y, size, np.random.default_rng(seed), colours)
    return (across + along) / 2


def dots(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    ground, *others = _apart(rng, int(rng.choice([2, 2, 2, 3])), 60)
    period = size * float(np.exp(rng.uniform(np.log(0.035), np.log(0.16))))
    radius = float(rng.uniform(0.16, 0.34))
    row = np.floor(y / period)
    shifted = x / period + (0.5 * (row % 2) if rng.random() < 0.75 else 0)
    column = np.floor(shifted)
    loose = float(rng.choice([0, 0, 0.12, 0.25]))
    dx = shifted - column - 0.5 + loose * _hashed(column, row, 1)
    dy = y / period - row - 0.5 + loose * _hashed(column, row, 2)
    on = np.hypot(dx, dy) < radius * (1 + 0.5 * loose * _hashed(column, row, 3))
    pick = ((_hashed(column, row, 4) + 1) / 2 * len(others)).astype(int).clip(0, len(others) - 1)
    return np.where(on[..., None], np.stack(others)[pick], ground)


def _hashed(column: Floats, row: Floats, salt: int) -> Floats:
    """-1..1, the same for the same cell."""
    value = np.sin(column * 127.1 + row * 311.7 + salt * 74.7) * 43758.5453
    return 2 * (value - np.floor(value)) - 1


def floral(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    """Everything printed all over: flowers and leaves, blotches, spots, small motifs."""
    kind = rng.random()
    if kind < 0.25:
        return _blotches(x, size, rng)
    ground = _colour(rng)
    cloth = _bytes(_flat(x, ground))
    inks = [c for c in _apart(rng, 5, 40) if np.linalg.norm(c - ground) > 40] or [255 - ground]
    motif = size * float(np.exp(rng.uniform(np.log(0.02), np.log(0.11))))
    space = motif * float(rng.uniform(1.7, 4.0))
    height, width = x.shape
    straight = rng.random() < 0.3
    for cy in np.arange(-space, height + space, space):
        for cx in np.arange(-space, width + space, space):
            shift = rng.normal(0, 0.05 if straight else 0.3, 2) * space
            centre = (cx + shift[0], cy + shift[1])
            ink = inks[int(rng.integers(len(inks)))]
            if kind < 0.75:
                _flower(cloth, centre, motif * float(rng.uniform(0.5, 1.2)), ink, inks, rng)
            else:
                _scrap(cloth, centre, motif, ink, rng)
    return cloth.astype(np.float64)


def _blotches(x: Floats, size: float, rng: Rng) -> Floats:
    """Camouflage, animal prints, marbling: noise cut at levels."""
    colours = _apart(rng, int(rng.integers(2, 5)), 35)
    length = size * float(np.exp(rng.uniform(np.log(0.012), np.log(0.07))))
    stretch = float(rng.choice([1, 1, 3]))
    noise = _grain(x, 1.0, length * stretch, length, rng)
    if rng.random() < 0.4:
        noise = np.abs(noise)
    levels = np.quantile(noise, np.sort(rng.uniform(0.15, 0.85, len(colours) - 1)))
    return np.stack(colours)[np.searchsorted(levels, noise)].astype(np.float64)


def _flower(
    cloth: Bytes, centre: tuple[float, float], radius: float, ink: Floats, inks: list[Floats],
    rng: Rng,
) -> None:  # fmt: skip
    turn = float(rng.uniform(0, 360))
    petals = int(rng.integers(4, 8))
    if rng.random() < 0.6:  # leaves
        leaf = inks[int(rng.integers(len(inks)))]
        for angle in rng.uniform(0, 360, int(rng.integers(1, 4))):
            at = _beside(centre, radius, float(angle))
            _oval(cloth, at, radius * 0.8, radius * 0.25, float(angle), leaf)
    for petal in range(petals):
        angle = turn + 360 * petal / petals
        at = _beside(centre, 0.5 * radius, angle)
        _oval(cloth, at, radius * 0.5, radius * 0.32, angle, ink * float(rng.uniform(0.85, 1.1)))
    _oval(cloth, centre, radius * 0.25, radius * 0.25, 0, inks[int(rng.integers(len(inks)))])


def _scrap(cloth: Bytes, centre: tuple[float, float], radius: float, ink: Floats, rng: Rng) -> None:
    """A small motif: a crooked shape, a letter, a stroke."""
    if rng.random() < 0.5:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
        far = radius * rng.uniform(0.3, 1.0, len(angles))
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * far[:, None] + centre
        cv2.fillPoly(cloth, [np.round(points * 16).astype(np.int32)], ink.tolist(), cv2.LINE_8, 4)
    else:
        letter = chr(int(rng.integers(ord("A"), ord("Z") + 1)))
        at = (int(centre[0] - radius / 2), int(centre[1] + radius / 2))
        thick = max(1, round(radius / 6))
        cv2.putText(cloth, letter, at, cv2.FONT_HERSHEY_DUPLEX, radius / 18, ink.tolist(), thick)


def _beside(centre: tuple[float, float], far: float, angle: float) -> tuple[float, float]:
    turn = np.radians(angle)
    return centre[0] + far * float(np.cos(turn)), centre[1] + far * float(np.sin(turn))


def _oval(
    cloth: Bytes, centre: tuple[float, float], long: float, short: float, angle: float, ink: Floats
) -> None:
    at = (round(centre[0] * 16), round(centre[1] * 16))
    axes = (max(1, round(long * 16)), max(1, round(short * 16)))
    cv2.ellipse(cloth, at, axes, angle, 0, 360, ink.tolist(), -1, cv2.LINE_8, 4)


def graphic(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    """Lettering or a picture on the chest."""
    cloth = _bytes(plain(x, y, size, rng) if rng.random() < 0.3 else _flat(x, _colour(rng)))
    ground = cloth[0, 0].astype(np.float64)
    inks = [c for c in _apart(rng, 6, 40) if np.linalg.norm(c - ground) > 60]
    ink = inks[0] if inks else 255 - ground
    kind = rng.random()
    centre = (x.shape[1] * float(rng.normal(0.5, 0.04)), x.shape[0] * float(rng.uniform(0.34, 0.6)))
    reach = size * float(rng.uniform(0.12, 0.3))
    if kind < 0.35:  # a picture
        height, width = round(reach * float(rng.uniform(0.8, 1.5))), round(reach)
        left, top = int(centre[0]) - width, int(centre[1]) - height
        patch = _blotches(np.zeros((2 * height, 2 * width)), size, rng)
        target = cloth[max(top, 0) : top + 2 * height, max(left, 0) : left + 2 * width]
        target[:] = _bytes(patch[: target.shape[0], : target.shape[1]])
    elif kind < 0.75:  # shapes
        for _ in range(int(rng.integers(1, 7))):
            at = (centre[0] + float(rng.normal(0, 0.4)) * reach,
                  centre[1] + float(rng.normal(0, 0.4)) * reach)  # fmt: skip
            _scrap(cloth, at, reach * float(rng.uniform(0.3, 1.0)), _apart(rng, 2)[1], rng)
        _flower(cloth, centre, reach * float(rng.uniform(0.3, 0.9)), ink, [ink, 255 - ink], rng)
    if kind > 0.5:
        _write(
            cloth, rng, reach * float(rng.uniform(0.15, 0.5)), int(rng.integers(1, 4)), ink, centre
        )
    return cloth.astype(np.float64)


def _write(
    cloth: Bytes, rng: Rng, letter: float, lines: int, colour: Floats,
    centre: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    fonts = (cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)
    font = fonts[int(rng.integers(len(fonts)))]
    height, width = cloth.shape[:2]
    if centre is None:
        centre = (width * float(rng.uniform(0.35, 0.65)), height * float(rng.uniform(0.2, 0.4)))
    scale = max(letter, 3) / 22
    for line in range(lines):
        length = int(rng.integers(3, 10))
        text = "".join(chr(int(c)) for c in rng.integers(ord("A"), ord("Z") + 1, length))
        wide = cv2.getTextSize(text, font, scale, 1)[0][0]
        at = (int(centre[0] - wide / 2), int(centre[1] + line * letter * 1.5))
        thick = max(1, round(letter / float(rng.uniform(4, 9))))
        cv2.putText(cloth, text, at, font, scale, colour.tolist(), thick)


def denim(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    """Indigo, black or bleached twill: diagonal grain, slubs along, worn places."""
    base = np.array(list(bytes.fromhex(DENIM[int(rng.integers(len(DENIM)))][1:])), float)
    base = np.clip(base + rng.normal(0, 8, 3), 5, 250)
    slubs = _grain(x, float(rng.uniform(3, 9)), 0.6, float(rng.uniform(1.5, 6)), rng)
    twill = float(rng.uniform(1, 5)) * np.sin((x + y) * (2 * np.pi / float(rng.uniform(2.2, 4))))
    worn = _grain(x, 1.0, size * 0.09, size * 0.22, rng)
    fade = np.clip(worn, 0, 2) * float(rng.uniform(0, 28))
    cloth = base + (slubs + twill + _grain(x, 3, 0.7, 0.7, rng))[..., None]
    return np.asarray(cloth + fade[..., None] * np.array([1.0, 0.97, 0.9]), np.float64)


def knit(x: Floats, y: Floats, size: float, rng: Rng) -> Floats:
    base = _colour(rng)
    period = size * float(np.exp(rng.uniform(np.log(0.016), np.log(0.06))))
    depth = float(rng.uniform(0.06, 0.22))
    kind = rng.random()
    if kind < 0.35:  # ribs
        relief = np.sin(2 * np.pi * x / period)
    elif kind < 0.65:  # stockinette: columns of small V
        slant = np.abs((x / period) % 1 - 0.5) * 2
        relief = np.sin(2 * np.pi * (y / period + 0.5 * slant)) * 0.7 + 0.3 * np.cos(
            2 * np.pi * x / period
        )
    elif kind < 0.8:  # cables
        swing = 0.25 * np.sin(2 * np.pi * y / (4 * period))
        relief = np.sin(2 * np.pi * (x / (2.5 * period) + swing))
        relief = relief + 0.4 * np.sin(2 * np.pi * (y + x) / period)
    else:  # melange yarn
        relief = _grain(x, 0.8, period * 0.6, period * 0.3, rng)
    cloth = base * (1 + depth * relief)[..., None]
    mixed = float(rng.uniform(0, 9)) if rng.random() < 0.6 else 0.0
    return np.asarray(cloth + _grain(x, mixed + 0.5, 1.0, 0.6, rng)[..., None], np.float64)


PAINTERS: Mapping[str, Painter] = {
    "plain": plain,
    "stripes": stripes,
    "check": check,
    "dots": dots,
    "floral": floral,
    "graphic": graphic,
    "denim": denim,
    "knit": knit,
}
