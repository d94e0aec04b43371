"""Pictures with exact masks for the mask network: real ones varied, and garments laid elsewhere.

A garment cut out of one photo lies on the emptied ground of another, or on a drawn ground, often
of nearly its own colour; with cast shadows, behind it hangers and clip bars (not garment).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]
Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Source:
    """rgb: (h, w, 3), longer side about 256. mask: (h, w) bool. label: class index."""

    rgb: RGB
    mask: Bool
    label: int
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """rgb: (S, S, 3) float32 0..1. mask: (S, S) float32 0..1. label: class index."""

    rgb: Float
    mask: Float
    label: int


def varied_photo(source: Source, size: int, rng: np.random.Generator) -> Scene:
    """The whole photo, cropped, tilted, stretched, mirrored and recoloured."""
    height, width = source.mask.shape
    corners = _window(height, width, rng)
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, _square(size)), np.float64)
    rgb = _warp(source.rgb, matrix, size, cv2.BORDER_REFLECT_101) / np.float32(255)
    mask = _warp(source.mask.astype(np.float32), matrix, size, cv2.BORDER_REFLECT_101)
    return _finish(rgb, mask, source.label, rng)


def composed(source: Source, ground: Float, size: int, rng: np.random.Generator) -> Scene:
    """A garment laid on another ground. ground: (S, S, 3) float32 0..1."""
    matrix = _placing(source.mask, size, rng)
    grey = source.mask.astype(np.uint8)
    if rng.random() < 0.7:  # without the rim, which holds colour of the old ground
        grey = np.asarray(cv2.erode(grey, np.ones((3, 3), np.uint8)), np.uint8)
    mask = _warp(grey.astype(np.float32), matrix, size, cv2.BORDER_CONSTANT)
    garment = _warp(source.rgb, matrix, size, cv2.BORDER_CONSTANT) / np.float32(255)
    out = ground.copy()
    fabric = _refabric(garment, mask > 0.5, ground, rng)
    if rng.random() < 0.35:
        _hang(out, mask > 0.5, rng)
    if rng.random() < 0.8:
        out *= 1 - _shadow(mask, rng)[:, :, None]
    edge = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.4, 0.9)))
    out = out * (1 - edge[:, :, None]) + fabric * edge[:, :, None]
    if rng.random() < 0.12:
        _clip(out, mask > 0.5, rng)
    return _finish(np.asarray(out, np.float32), np.asarray(mask, np.float32), source.label, rng)


def emptied(source: Source) -> RGB:
    """The photo without its garment: the hole filled from its surroundings, grained like them."""
    small = cv2.resize(source.rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(source.mask.astype(np.uint8), (small.shape[1], small.shape[0]))
    hole = cv2.dilate(hole, np.ones((9, 9), np.uint8))
    filled = small.copy()
    # Lines of the ground go on through the hole where its mirror image shows ground.
    for turned, gone in (
        (small[:, ::-1], hole[:, ::-1]),
        (small[::-1], hole[::-1]),
        (small[::-1, ::-1], hole[::-1, ::-1]),
    ):
        take = (hole > 0) & (gone == 0)
        filled[take] = turned[take]
        hole = np.where(take, 0, hole).astype(np.uint8)
    filled = cv2.inpaint(filled, hole, 3, cv2.INPAINT_TELEA)
    grain = small.astype(np.int16) - cv2.GaussianBlur(small, (0, 0), 2)
    rolled = np.roll(grain, (grain.shape[0] // 2, grain.shape[1] // 2), axis=(0, 1))
    filled = np.where(hole[:, :, None] > 0, np.clip(filled + rolled, 0, 255), filled)
    return np.asarray(filled, np.uint8)


def photo_ground(empty: RGB, size: int, rng: np.random.Generator) -> Float:
    """An emptied photo, a part of it, mirrored or turned."""
    height, width = empty.shape[:2]
    corners = _window(height, width, rng, 0.5)
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, _square(size)), np.float64)
    return _warp(empty, matrix, size, cv2.BORDER_REFLECT_101) / np.float32(255)


def drawn_ground(size: int, rng: np.random.Generator) -> Float:
    """Cloth, boards, tiles, checks, stripes, a rug, clutter; lit unevenly."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    angle = rng.uniform(0, np.pi)
    u, v = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
    one, two = _colour(rng), _colour(rng)
    if rng.random() < 0.6:
        two = np.clip(one + rng.normal(0, 0.08, 3), 0, 1)
    kind = rng.integers(0, 7)
    share = np.zeros_like(x)
    period = rng.uniform(0.03, 0.35)
    if kind == 1:  # boards
        row = np.floor(u / period)
        share = rng.random(400)[(row.astype(int) % 400)] * 0.7
        share += 0.3 * np.sin(v * rng.uniform(20, 90) + 6 * _cloud(size, rng, 8))
        share[np.abs(u / period - row) < 0.06] = 1.6
    elif kind == 2:  # tiles
        joints = (np.abs((u / period) % 1) < 0.05) | (np.abs((v / period) % 1) < 0.05)
        share = joints.astype(np.float32)
    elif kind == 3:  # checks
        share = ((np.floor(u / period) + np.floor(v / period)) % 2).astype(np.float32)
    elif kind == 4:  # stripes
        share = (np.sin(2 * np.pi * u / period) > rng.uniform(-0.7, 0.7)).astype(np.float32)
    elif kind == 5:  # a rug
        share = (_cloud(size, rng, int(rng.integers(8, 40))) > 0).astype(np.float32)
    elif kind == 6:  # clutter
        canvas = np.zeros((size, size, 3), np.float32) + one
        for _ in range(int(rng.integers(4, 16))):
            shape = rng.normal(0, rng.uniform(0.05, 0.3) * size, (int(rng.integers(3, 7)), 2))
            points = np.round(shape + rng.uniform(0, size, 2)).astype(np.int32)
            cv2.fillPoly(canvas, [points], [float(c) for c in _colour(rng)])
        soft = cv2.GaussianBlur(canvas, (0, 0), float(rng.uniform(0.4, 1.2)))
        return _lit(np.asarray(soft, np.float32), rng)
    if rng.random() < 0.5:
        share = cv2.GaussianBlur(share.astype(np.float32), (0, 0), float(rng.uniform(0.3, 1.5)))
    ground = one + (two - one) * share[:, :, None]
    folds = _cloud(size, rng, int(rng.integers(2, 8))) * rng.uniform(0, 0.06)
    grain = rng.normal(0, rng.uniform(0.002, 0.05), (size, size))
    return _lit(np.asarray(ground + (folds + grain)[:, :, None], np.float32), rng)


def _warp(
    picture: NDArray[np.uint8] | Float, matrix: NDArray[np.float64], size: int, border: int
) -> Float:
    warped = cv2.warpPerspective(
        picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=border
    )
    return np.asarray(warped, np.float32)


def _window(
    height: int, width: int, rng: np.random.Generator, least: float = 0.72
) -> NDArray[np.float32]:
    """Four corners of a part of a photo, turned, stretched and mirrored, clockwise."""
    scale = rng.uniform(least, 1.08)
    across, along = width * scale, height * scale
    stretch = np.exp(rng.normal(0, 0.1))
    half = np.array([across * stretch, along / stretch]) / 2
    room = np.maximum(np.array([width, height]) / 2 - half, 0)
    centre = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * (room + 0.03 * width)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64) * half
    angle = rng.normal(0, 0.16)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T + centre + rng.normal(0, 0.025, (4, 2)) * (width, height)
    if rng.random() < 0.5:
        corners = corners[[1, 0, 3, 2]]
    if rng.random() < 0.15:
        corners = np.roll(corners, int(rng.integers(1, 4)), axis=0)
    return corners.astype(np.float32)


def _square(size: int) -> NDArray[np.float32]:
    return np.array([(0, 0), (size, 0), (size, size), (0, size)], np.float32)


def _placing(mask: Bool, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Where the garment's box comes to lie: most of the picture, rarely cut by its frame."""
    ys, xs = np.nonzero(mask)
    left, top, right, bottom = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    box = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    extent = size * (rng.uniform(0.5, 0.95) if rng.random() < 0.85 else rng.uniform(0.95, 1.25))
    sides = np.array([right - left, bottom - top]) * np.exp(rng.normal(0, 0.12, 2))
    sides = sides / sides.max() * extent
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64) * sides / 2
    angle = rng.normal(0, 0.2) + (rng.integers(1, 4) * np.pi / 2 if rng.random() < 0.12 else 0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    room = np.maximum(size - sides, 0.06 * size) / 2
    corners = corners @ turn.T + size / 2 + rng.uniform(-1, 1, 2) * room * 0.8
    corners += rng.normal(0, 0.03, (4, 2)) * extent
    if rng.random() < 0.5:
        corners = corners[[1, 0, 3, 2]]
    return np.asarray(cv2.getPerspectiveTransform(box, corners.astype(np.float32)), np.float64)


def _refabric(garment: Float, mask: Bool, ground: Float, rng: np.random.Generator) -> Float:
    """Another colour: often near the ground's; sometimes stripes or blocks of two colours."""
    if not mask.any():
        return garment
    mean = garment[mask].mean(axis=0)
    luma = garment.mean(axis=2, keepdims=True)
    choice = rng.random()
    if choice < 0.3:  # hard to tell from the ground
        near = ground[mask].mean(axis=0)
        wanted = near + rng.normal(0, 1, 3) * rng.uniform(0.015, 0.08)
        wanted += rng.choice([-1, 1]) * rng.uniform(0.02, 0.12)
        garment = garment * 0.35 + 0.65 * luma + 0.0 if rng.random() < 0.5 else garment
        garment = garment - garment[mask].mean(axis=0) + wanted
    elif choice < 0.5:
        garment = luma - luma[mask].mean() + _colour(rng)
    elif choice < 0.6:
        garment = garment[:, :, list(rng.permutation(3))] * float(np.exp(rng.normal(0, 0.25)))
    if rng.random() < 0.15:
        size = len(mask)
        y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
        angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
        along = x * np.cos(angle) + y * np.sin(angle)
        bands = np.sin(2 * np.pi * along / rng.uniform(0.04, 0.7) + rng.uniform(0, 6)) > 0
        other = ground[mask].mean(axis=0) if rng.random() < 0.3 else _colour(rng)
        change = (other + rng.normal(0, 0.04, 3) - mean) * rng.uniform(0.3, 1.0)
        garment = garment + bands[:, :, None] * change
    return np.asarray(np.clip(garment, 0, 1), np.float32)


def _hang(out: Float, mask: Bool, rng: np.random.Generator) -> None:
    """A hanger behind the garment: hook and arms, or a bar with clips above a waist."""
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return
    colour = [float(c) for c in _colour(rng)]
    top, middle, wide = int(ys.min()), float(xs.mean()), float(np.ptp(xs))
    near_top = xs[ys < top + 0.06 * np.ptp(ys) + 2]
    middle = float(near_top.mean()) * 0.7 + middle * 0.3
    thick = int(rng.integers(1, 5))
    y = int(top - rng.uniform(0.0, 0.08) * len(mask))
    reach = rng.uniform(0.3, 0.62) * wide
    if rng.random() < 0.5:
        cv2.line(out, (int(middle - reach), y), (int(middle + reach), y), colour, thick + 1)
        for x in (middle - 0.75 * reach, middle + 0.75 * reach):
            half = int(rng.integers(1, 5))
            box = (int(x - half), y), (int(x + half), y + int(rng.integers(3, 14)))
            cv2.rectangle(out, *box, [float(c) for c in _colour(rng)], -1)
    else:
        peak = (int(middle), y)
        drop = y + int(rng.uniform(0.1, 0.3) * wide)
        for x in (middle - reach, middle + reach):
            cv2.line(out, peak, (int(x), drop), colour, thick + 1)
    radius = int(rng.integers(3, 9))
    cv2.line(out, (int(middle), y), (int(middle), y - 2 * radius), colour, thick)
    centre = (int(middle), y - 3 * radius)
    cv2.ellipse(out, centre, (radius, radius), 0, 90, -180, colour, thick)


def _clip(out: Float, mask: Bool, rng: np.random.Generator) -> None:
    """A clip or a tag in front of the fabric: it counts as garment where it covers fabric."""
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return
    at = int(rng.integers(0, len(ys)))
    half = rng.integers(1, 7, 2)
    corner = (int(xs[at] - half[0]), int(ys[at] - half[1]))
    other = (int(xs[at] + half[0]), int(ys[at] + half[1]))
    patch = out.copy()
    cv2.rectangle(patch, corner, other, [float(c) for c in _colour(rng)], -1)
    out[mask] = patch[mask]


def _shadow(mask: Float, rng: np.random.Generator) -> Float:
    size = len(mask)
    move = rng.normal(0, 0.025, 2) * size
    matrix = np.array([[1, 0, move[0]], [0, 1, move[1]]], np.float64)
    moved = cv2.warpAffine(mask, matrix, (size, size))
    soft = cv2.GaussianBlur(moved, (0, 0), float(rng.uniform(0.8, 6)))
    return np.asarray(soft * rng.uniform(0.05, 0.55), np.float32)


def _finish(rgb: Float, mask: Float, label: int, rng: np.random.Generator) -> Scene:
    """Light, exposure, cast, blur and noise of the whole picture."""
    if rng.random() < 0.3:
        rgb = _lit(rgb, rng)
    rgb = np.clip(rgb, 0, 1)
    if rng.random() < 0.8:
        rgb = rgb ** float(np.exp(rng.normal(0, 0.25)))
        rgb = rgb * np.exp(rng.normal(0, 0.07, 3)) * float(np.exp(rng.normal(0, 0.1)))
    if rng.random() < 0.1:
        rgb = rgb.mean(axis=2, keepdims=True).repeat(3, axis=2)
    if rng.random() < 0.3:
        rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.4, 1.3))), np.float32)
    if rng.random() < 0.4:
        noise = rng.normal(0, rng.uniform(0.005, 0.04), rgb.shape)
        rgb = np.asarray(rgb + noise, np.float32)
    return Scene(np.asarray(np.clip(rgb, 0, 1), np.float32), mask, label)


def _lit(rgb: Float, rng: np.random.Generator) -> Float:
    size = len(rgb)
    light = 1 + _cloud(size, rng, int(rng.integers(2, 4))) * rng.uniform(0.02, 0.2)
    return np.asarray(np.clip(rgb * light[:, :, None], 0, 1), np.float32)


def _cloud(size: int, rng: np.random.Generator, cells: int) -> Float:
    """Smooth noise with about unit spread."""
    coarse = rng.normal(0, 1, (cells + 1, cells + 1)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _colour(rng: np.random.Generator) -> NDArray[np.float64]:
    """Floors, walls and cloth: mostly greys, beiges and browns, rarely loud."""
    light = rng.uniform(0.03, 0.97)
    if rng.random() < 0.7:
        tint = np.array([1.0, 0.4, -1.2]) * rng.normal(0.04, 0.06)
        return np.asarray(np.clip(light + tint + rng.normal(0, 0.015, 3), 0, 1))
    return np.asarray(np.clip(light + rng.normal(0, 0.25, 3), 0, 1))
