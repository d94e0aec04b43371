"""The colours of a garment: a small palette with names and shares, the same every time.

Pixels of the garment are clustered in CIELAB (D65), clusters that differ only by shading or less
than CIEDE2000 can tell are merged, and each is named after the nearest known colour of cloth in
:mod:`ml.garment.colour_names`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.colour_names import NAMES
from ml.images import fit

Floats = NDArray[np.float64]
Bool = NDArray[np.bool_]
#: For two clusters that meet: how much colour changes there, and how many pixels meet.
Steps = dict[tuple[int, int], tuple[float, int]]

#: Longer side at which colours are counted.
SIDE = 420
MOST = 5
#: A colour of less than this share is a label, a button or a shadow.
LEAST_SHARE = 0.04
#: CIEDE2000 under which two clusters are one colour.
SAME = 9.0
_CLUSTERS = 10
_ROUNDS = 12
_BIN = 4.0  # Lab units; pixels of one bin move together
#: Below this chroma cloth has no hue: noise, the lamp and the camera make up the rest.
_HUELESS = 5.5
#: Lightness up to which a hueless colour is black, charcoal, grey, light grey; white above.
_GREYS = ((21.0, "black"), (38.0, "charcoal"), (68.0, "grey"), (86.0, "light_grey"))
#: Lab range within 3 x 3 pixels up to which they show a colour and no border, and the share of
#: the way between two colours that is made within seven pixels where one is printed on the other
#: (a fold takes longer), which changes Lab by this much at least.
_FLAT = 6.0
_SHARP = 0.75
_PRINTED = 20.0
#: How much less lightness counts between colours without a border: folds and shadows.
_SHADED = 2.6


@dataclass(frozen=True, slots=True)
class Colour:
    """name: a key of ``colour_names.NAMES``. basic: the basic term that it is a kind of.
    lab: CIELAB, D65, L 0..100. share: of the garment, 0..1; those of a palette sum to 1."""

    name: str
    basic: str
    lab: tuple[float, float, float]
    share: float


def colours(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[Colour, ...]:
    """The one to five colours of a garment, largest share first.

    rgb: (H, W, 3) uint8 sRGB. mask: (H, W) uint8, 255 = garment. Raises ValueError where the
    mask is empty or of another size.
    """
    if mask.shape != rgb.shape[:2]:
        raise ValueError(f"the mask is {mask.shape}, the photo {rgb.shape[:2]}")
    if not (mask > 127).any():
        raise ValueError("the mask is empty")
    small = fit(rgb, max_side=SIDE)
    inside = cv2.resize(mask, small.shape[1::-1], interpolation=cv2.INTER_AREA) > 200
    if not inside.any():  # thinner than a pixel
        small, inside = rgb, mask > 127
    lab = to_lab(_without_cast(small, inside))
    inside = _inner(inside)
    fine = rgb.shape[0] > 1.5 * small.shape[0]  # shrinking has taken the noise away
    palette, labels = _palette(lab if fine else _calm(lab), inside)
    shares = np.bincount(labels, minlength=len(palette)) / len(labels)
    keep = shares >= min(LEAST_SHARE, float(shares.max()))
    order = [i for i in np.argsort(-shares, kind="stable")[:MOST] if keep[i]]
    total = float(shares[order].sum())
    return _by_name([(palette[i], float(shares[i]) / total) for i in order])


def name_of(lab: tuple[float, float, float] | Floats) -> str:
    """The key of ``colour_names.NAMES`` for a colour (CIELAB, D65)."""
    lightness, a, b = (float(value) for value in lab)
    chroma = float(np.hypot(a, b))
    warm = b > 0.8 * abs(a)
    if chroma < _HUELESS and not (lightness > _GREYS[-1][0] and warm and chroma > 3.5):
        return next((name for top, name in _GREYS if lightness <= top), "white")
    names, examples = _examples()
    return names[int(np.argmin(delta_e(np.array([lightness, a, b]), examples)))]


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """CIELAB (D65) of uint8 sRGB, any shape that ends with 3."""
    flat = rgb.reshape(1, -1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB), np.float32).reshape(rgb.shape)


def delta_e(one: Floats, other: Floats, *, k_l: float = 1.0) -> Floats:
    """CIEDE2000 of CIELAB colours (..., 3), broadcast. k_l > 1 cares less for lightness.

    Sharma, Wu and Dalal, Color Research and Application 30 (2005).
    """
    l1, a1, b1 = np.moveaxis(np.asarray(one, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(other, np.float64), -1, 0)
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1 = np.degrees(np.arctan2(b1, a1 * stretch)) % 360
    h2 = np.degrees(np.arctan2(b2, a2 * stretch)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    turn = np.where(~grey & (turn == -180) & (h2 > h1), 180, turn)  # opposite hues: h2 - h1
    d_l, d_c = l2 - l1, c2 - c1
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    around = np.abs(h1 - h2) > 180
    mean_h = (h1 + h2 + np.where(around, np.where(h1 + h2 < 360, 360, -360), 0)) / 2
    mean_h = np.where(grey, h1 + h2, mean_h)
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    turned = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r_t = -np.sin(np.radians(2 * turned)) * 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7))
    l_, c_, h_ = d_l / (k_l * s_l), d_c / s_c, d_h / s_h
    return np.asarray(np.sqrt(np.maximum(l_**2 + c_**2 + h_**2 + r_t * c_ * h_, 0)), np.float64)


@cache
def _examples() -> tuple[tuple[str, ...], Floats]:
    pairs = [(key, colour) for key, name in NAMES.items() for colour in name.examples]
    rgb = np.array([list(bytes.fromhex(colour[1:])) for _, colour in pairs], np.uint8)
    return tuple(key for key, _ in pairs), to_lab(rgb).astype(np.float64)


def _by_name(found: list[tuple[Floats, float]]) -> tuple[Colour, ...]:
    """One entry per name: two greens that a shop would call the same are one."""
    groups: dict[str, list[tuple[Floats, float]]] = {}
    for lab, share in found:
        groups.setdefault(name_of(lab), []).append((lab, share))
    made = []
    for name, parts in groups.items():
        share = sum(part for _, part in parts)
        lab = sum((lab * part for lab, part in parts), np.zeros(3)) / share
        rounded = (round(float(lab[0]), 1), round(float(lab[1]), 1), round(float(lab[2]), 1))
        made.append(Colour(name, NAMES[name].basic, rounded, share))
    return tuple(sorted(made, key=lambda colour: -colour.share))


def _without_cast(rgb: NDArray[np.uint8], inside: Bool) -> NDArray[np.uint8]:
    """Half of the lamp's tint taken away, where a light and nearly grey ground shows it.

    A ground of a clear colour (wood, a blue sheet) says nothing of the lamp.
    """
    around = ~cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    if float(around.mean()) < 0.08:
        return rgb
    ground = np.median(rgb[around], axis=0)
    lightness, a, b = to_lab(ground.astype(np.uint8))
    if lightness < 65 or not 2 < float(np.hypot(a, b)) < 12:
        return rgb
    linear = (ground / 255) ** 2.2
    gain = np.clip((linear.mean() / linear) ** 0.5, 0.9, 1.1) ** (1 / 2.2)
    return np.asarray(np.clip(rgb * gain + 0.5, 0, 255), np.uint8)


def _calm(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.medianBlur(lab, 3), np.float32)


def _inner(inside: Bool) -> Bool:
    """Without the rim, where garment and ground mix."""
    for size in (7, 5, 3):
        kernel = np.ones((size, size), np.uint8)
        inner = cv2.erode(inside.astype(np.uint8), kernel, borderValue=1) > 0
        if inner.sum() > 0.6 * inside.sum():
            return np.asarray(inner)
    return inside


def _palette(lab: NDArray[np.float32], inside: Bool) -> tuple[Floats, NDArray[np.intp]]:
    """Palette colours (n, 3) and, for each pixel inside, which of them it has."""
    near = cv2.dilate(lab, np.ones((3, 3))) - cv2.erode(lab, np.ones((3, 3)))
    flat = inside & (np.abs(near).max(axis=2) < _FLAT)
    if flat.sum() < 0.15 * inside.sum():  # nothing but print: take the borders too
        flat = inside
    centres = _cluster(lab[flat].astype(np.float64))
    pixels = lab[inside].astype(np.float64)
    labels = _nearest(pixels, centres)
    grid = np.full(inside.shape, -1, np.int64)
    grid[inside] = labels
    groups = _merge(centres, np.bincount(labels, minlength=len(centres)), _steps(grid, lab))
    group_of = np.array([next(i for i, g in enumerate(groups) if c in g)
                         for c in range(len(centres))])  # fmt: skip
    labels = group_of[labels]
    weight = flat[inside]
    palette = []
    for group in range(len(groups)):
        own = labels == group
        values = pixels[own & weight] if (own & weight).any() else pixels[own]
        palette.append(_middle(values) if len(values) else centres[groups[group][0]])
    return np.stack(palette), labels


def _middle(pixels: Floats) -> Floats:
    """The colour in ordinary light: deep shadows and glare left out."""
    low, high = np.percentile(pixels[:, 0], (20, 95))
    lit = (pixels[:, 0] >= low) & (pixels[:, 0] <= high)
    return np.asarray(np.median(pixels[lit] if lit.any() else pixels, axis=0), np.float64)


def _cluster(pixels: Floats) -> Floats:
    """Centres by weighted k-means; each starts where the others explain the least."""
    cell = np.round(pixels / _BIN).astype(np.int64) + 64
    _, index, counts = np.unique(
        cell[:, 0] << 16 | cell[:, 1] << 8 | cell[:, 2], return_inverse=True, return_counts=True
    )
    points = np.stack(
        [np.bincount(index, pixels[:, i], len(counts)) / counts for i in range(3)], axis=1
    )
    weight = np.where(counts > 1e-4 * len(pixels), counts, 1e-9).astype(np.float64)
    first = points[np.argmax(weight)]
    centres = first[None]
    miss = ((points - first) ** 2).sum(axis=1)
    while len(centres) < min(_CLUSTERS, len(points)):
        worst = int(np.argmax(miss * np.sqrt(weight)))
        if miss[worst] < _BIN**2:
            break
        centres = np.concatenate([centres, points[worst][None]])
        miss = np.minimum(miss, ((points - points[worst]) ** 2).sum(axis=1))
    for _ in range(_ROUNDS):
        labels = _nearest(points, centres)
        total = np.bincount(labels, weight, len(centres))
        moved = [np.bincount(labels, weight * points[:, i], len(centres)) for i in range(3)]
        means = np.stack(moved, axis=1) / np.maximum(total, 1e-12)[:, None]
        centres = np.where(total[:, None] > 0, means, centres)
    return np.asarray(centres, np.float64)


def _nearest(points: Floats, centres: Floats) -> NDArray[np.intp]:
    distance = -2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(distance.argmin(axis=1))


def _steps(grid: NDArray[np.int64], lab: NDArray[np.float32]) -> Steps:
    """For clusters that meet: the median change of colour (Lab) across seven pixels there, and
    the length of their border in pixels."""
    sums: dict[tuple[int, int], list[float]] = {}
    reach = 3
    for axis in (0, 1):
        one = np.moveaxis(grid, axis, 0)
        values = np.moveaxis(lab, axis, 0)
        meet = (one[reach:-reach - 1] != one[reach + 1 : -reach]) \
            & (one[reach:-reach - 1] >= 0) & (one[reach + 1 : -reach] >= 0)  # fmt: skip
        before, after = values[: -2 * reach - 1], values[2 * reach + 1 :]
        step = np.sqrt(((before - after) ** 2).sum(axis=-1))[meet]
        left, right = one[reach : -reach - 1][meet], one[reach + 1 : -reach][meet]
        low, high = np.minimum(left, right), np.maximum(left, right)
        for code in np.unique(low * _CLUSTERS + high):
            pair = int(code) // _CLUSTERS, int(code) % _CLUSTERS
            chosen = step[(low == pair[0]) & (high == pair[1])]
            sums.setdefault(pair, []).extend(chosen.tolist())
    return {pair: (float(np.median(found)), len(found)) for pair, found in sums.items()}


def _merge(centres: Floats, counts: NDArray[np.int_], steps: Steps) -> list[list[int]]:
    """Clusters that are one colour, in groups: alike, or lit differently without a border."""
    groups = [[i] for i in range(len(centres))]
    mean, weight = centres.copy(), counts.astype(np.float64) + 1e-6

    def apart(one: int, other: int) -> float:
        whole = float(np.linalg.norm(mean[one] - mean[other]))
        met = [
            steps[pair]
            for i in groups[one]
            for j in groups[other]
            if (pair := (min(i, j), max(i, j))) in steps
        ]
        step = sum(change * long for change, long in met) / max(1, sum(long for _, long in met))
        printed = step > max(_SHARP * whole, _PRINTED)
        return float(delta_e(mean[one], mean[other], k_l=1.0 if printed else _SHADED))

    while len(groups) > 1:
        pairs = [(apart(i, j), i, j) for i in range(len(groups)) for j in range(i)]
        least, i, j = min(pairs)
        if least > SAME:
            break
        mean[j] = (mean[i] * weight[i] + mean[j] * weight[j]) / (weight[i] + weight[j])
        weight[j] += weight[i]
        groups[j] += groups[i]
        del groups[i]
        mean, weight = np.delete(mean, i, axis=0), np.delete(weight, i)
    return groups
