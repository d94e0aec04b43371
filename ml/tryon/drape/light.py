"""Light on the new garment: the person's own folds, the shape of the body, contact shadows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.uncover_smooth import FloatImage, blur, box_of, masked_blur

FOLD_GAIN = 0.85
FOLD_EDGE = 0.22  # log brightness beyond which a change is an edge or a pattern, not a fold
BROAD_GAIN = 0.35
FOLD_LIMITS = (0.6, 1.4)
PLAIN_CHROMA = 5.0  # Lab deviation of the fine chroma of plain cloth
PLAIN_LIGHTNESS = 8.0  # Lab deviation of the fold-sized lightness of plain cloth
CAST_SHARE = 0.6  # how much of a flat photo's colour cast is taken out
CAST_LIMIT = 6.0  # at most, in Lab a/b
SCENE_SHARE = 0.25  # how much of the scene's cast is put in
SCENE_LIMIT = 3.0


def smooth_step(value: float, full: float, none: float) -> float:
    """1 where ``value`` <= full, 0 where >= none, smooth between."""
    x = float(np.clip((none - value) / (none - full), 0.0, 1.0))
    return x * x * (3 - 2 * x)


def plainness(lab: FloatImage, mask: NDArray[np.bool_], metre: float) -> float:
    """1 for cloth of one colour, 0 for a pattern; ``mask`` (H, W) says where the cloth is."""
    if int(mask.sum()) < 100:
        return 0.0
    weight = mask.astype(np.float32)
    fine = masked_blur(lab, weight, max(0.006 * metre, 0.7))
    broad = masked_blur(lab, weight, 0.07 * metre)
    spread = (fine - broad)[mask].std(axis=0)
    chroma = float(np.hypot(spread[1], spread[2]))
    return smooth_step(chroma, PLAIN_CHROMA * 0.6, PLAIN_CHROMA * 1.6) * smooth_step(
        float(spread[0]), PLAIN_LIGHTNESS * 0.8, PLAIN_LIGHTNESS * 1.8
    )


def folds(lab: FloatImage, mask: NDArray[np.bool_], metre: float) -> FloatImage:
    """How the light falls on one old garment: a factor (H, W), 1 = no change.

    Plain cloth gives its folds; patterned cloth only its broad light and shade. Sudden changes
    (a lapel, a print, a pocket edge) are left out.
    """
    result = np.ones(mask.shape, np.float32)
    box = box_of(mask, margin=round(0.15 * metre) + 1)
    if box is None:
        return result
    lab, mask = lab[box], mask[box]
    inner = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    if inner.sum() < 200:
        return result
    lightness = np.ascontiguousarray(lab[..., 0])
    fine = masked_blur(lightness, inner, max(0.006 * metre, 0.7))
    broad = masked_blur(lightness, inner, 0.07 * metre)
    mean = float(lightness[inner > 0].mean())
    fold = np.log((fine + 8.0) / (broad + 8.0))
    fold = fold * np.exp(-np.square(fold / FOLD_EDGE)) * plainness(lab, inner > 0, metre)
    slope = np.clip(np.log((broad + 8.0) / (mean + 8.0)), -0.5, 0.5)
    # Broad differences within one label may be two garments rather than light and shade.
    one = smooth_step(float(broad[inner > 0].std()), 5.0, 12.0)
    factor = np.exp(FOLD_GAIN * fold + BROAD_GAIN * one * slope)
    fade = blur(inner, max(0.01 * metre, 1.0))
    result[box] = 1.0 + (np.clip(factor, *FOLD_LIMITS) - 1.0) * fade
    return result


def roundness(alpha: FloatImage, metre: float, light: float) -> FloatImage:
    """Shading of a shape (H, W alpha 0..1) as if it were padded: darker to the edges, brighter
    where it faces the light (-0.6..0.6, > 0 from the image's right) and upwards."""
    step = max(1, int(0.008 * metre))
    size = (max(alpha.shape[1] // step, 2), max(alpha.shape[0] // step, 2))
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    sigma = 0.035 * metre / step
    height = cv2.GaussianBlur(small, (0, 0), sigma) + 0.6 * cv2.GaussianBlur(
        small, (0, 0), 2 * sigma
    )
    nx = -cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8 * sigma * 2
    ny = -cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8 * sigma * 2
    steep = np.minimum(np.hypot(nx, ny), 1.0)
    shade = 1.03 - 0.20 * steep * steep + 0.45 * light * nx - 0.10 * ny
    full = cv2.resize(shade, (alpha.shape[1], alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.clip(full, 0.65, 1.25).astype(np.float32)


def contact_shadow(
    alpha: FloatImage, metre: float, *, down: float = 0.012, soft: float = 0.012
) -> FloatImage:
    """What ``alpha`` (H, W, 0..1) darkens right below itself: 0..1, lengths in metres."""
    moved = np.zeros_like(alpha)
    steps = max(round(down * metre), 1)
    moved[steps:] = alpha[:-steps]
    return blur(moved, max(soft * metre, 0.8))


def colour_cast(lab: FloatImage, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """a, b of a photo's light, read from what should be near neutral around the garment.

    lab: (H, W, 3). mask: where the garment is. Backgrounds that are dark or strongly coloured
    say nothing: then (0, 0).
    """
    around = lab[~mask]
    if len(around) < 500:
        return np.zeros(2, np.float32)
    lightness, chroma = np.median(around[:, 0]), np.median(around[:, 1:], axis=0)
    if lightness < 55 or float(np.hypot(*chroma)) > 14:
        return np.zeros(2, np.float32)
    return chroma.astype(np.float32)


def scene_light(lab: FloatImage, outside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(3,) lightness gain, a and b shifts that make a neutral thing belong to this scene."""
    around = lab[outside] if int(outside.sum()) > 500 else lab.reshape(-1, 3)
    bright = float(np.percentile(lab[..., 0], 98))
    gain = float(np.clip(0.55 + 0.45 * bright / 96.0, 0.8, 1.02))
    cast = np.clip(np.median(around[:, 1:], axis=0) * SCENE_SHARE, -SCENE_LIMIT, SCENE_LIMIT)
    return np.array([gain, cast[0], cast[1]], np.float32)


def match_scene(
    colour: NDArray[np.uint8],
    area: NDArray[np.bool_],
    cast: NDArray[np.float32],
    scene: NDArray[np.float32],
) -> FloatImage:
    """Bring a garment's colour (H, W, 3) from its own photo's light into the scene's.

    Only ``area`` (H, W) is converted. Returns float RGB 0..255.
    """
    result = colour.astype(np.float32)
    if not area.any():
        return result
    flat = np.ascontiguousarray(colour[area][None].astype(np.float32) / 255)
    lab = cv2.cvtColor(flat, cv2.COLOR_RGB2LAB)[0]
    shift = scene[1:] - np.clip(cast * CAST_SHARE, -CAST_LIMIT, CAST_LIMIT)
    lab[:, 0] *= scene[0]
    lab[:, 1:] += shift * np.clip(lab[:, :1] / 60.0, 0.2, 1.0)  # black stays black
    result[area] = np.clip(cv2.cvtColor(lab[None], cv2.COLOR_LAB2RGB)[0] * 255, 0, 255)
    return result
