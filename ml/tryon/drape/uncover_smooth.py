"""Smooth pictures, computed at the size that they need and no larger."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
Box = tuple[slice, slice]


def real(values: object) -> FloatImage:
    """Anything numeric as float32."""
    return np.asarray(values, np.float32)


def box_of(*masks: NDArray[np.generic], margin: int = 0) -> Box | None:
    """Rows and columns in which any of the masks (H, W) is not 0, or None."""
    rows = np.logical_or.reduce([mask.any(axis=1) for mask in masks])
    columns = np.logical_or.reduce([mask.any(axis=0) for mask in masks])
    if not rows.any():
        return None
    ys, xs = np.nonzero(rows)[0], np.nonzero(columns)[0]
    return (
        slice(max(int(ys[0]) - margin, 0), int(ys[-1]) + 1 + margin),
        slice(max(int(xs[0]) - margin, 0), int(xs[-1]) + 1 + margin),
    )


def shrink(image: FloatImage, step: int) -> FloatImage:
    """(H, W[, C]) averaged over squares of ``step`` pixels."""
    size = (max(image.shape[1] // step, 1), max(image.shape[0] // step, 1))
    return real(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def widen(image: FloatImage, shape: tuple[int, ...]) -> FloatImage:
    """Back to a size (H, W), linearly."""
    return real(cv2.resize(image, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def blur(image: FloatImage, sigma: float) -> FloatImage:
    """Gaussian blur of (H, W[, C]); wide ones are computed on a smaller copy."""
    step = max(1, int(sigma / 2.5))
    if step == 1:
        return real(cv2.GaussianBlur(image, (0, 0), max(sigma, 0.3)))
    small = cv2.GaussianBlur(shrink(image, step), (0, 0), sigma / step)
    return widen(real(small), image.shape)


def masked_blur(image: FloatImage, mask: FloatImage, sigma: float) -> FloatImage:
    """Gaussian mean of ``image`` (H, W[, C]) over the pixels of ``mask`` (H, W, 0..1) only."""
    step = max(1, int(sigma / 2.5))
    wide = mask[..., None] if image.ndim == 3 else mask
    total, weight = shrink(real(image * wide), step), shrink(mask, step)
    total = blur(total, sigma / step)
    weight = np.maximum(blur(weight, sigma / step), 1e-4)
    mean = total / (weight[..., None] if image.ndim == 3 else weight)
    return widen(real(mean), mask.shape)


def push_pull(image: FloatImage, weight: FloatImage) -> FloatImage:
    """Fill where ``weight`` (H, W, 0..1) is 0, smoothly, by averages of ever larger areas.

    image: (H, W, C) float32; returns the same size.
    """
    height, width = weight.shape
    known = image * weight[..., None]
    if min(height, width) <= 2:
        total = max(float(weight.sum()), 1e-6)
        mean = known.reshape(-1, image.shape[2]).sum(0) / total
        return real(np.where(weight[..., None] > 0.5, image, mean))
    small_size = ((width + 1) // 2, (height + 1) // 2)
    small_known = cv2.resize(known, small_size, interpolation=cv2.INTER_AREA)
    small_weight = cv2.resize(weight, small_size, interpolation=cv2.INTER_AREA)
    small_known = small_known.reshape(*small_weight.shape, image.shape[2])
    colour = real(small_known / np.maximum(small_weight, 1e-6)[..., None])
    coarse = push_pull(colour, real(np.minimum(small_weight * 4.0, 1.0)))
    fine = widen(coarse, (height, width)).reshape(image.shape)
    return real(known + fine * (1.0 - weight[..., None]))


def spread(image: NDArray[np.uint8], known: NDArray[np.bool_], sigma: float) -> FloatImage:
    """The colours of the ``known`` pixels (H, W), carried everywhere and blurred by ``sigma``.

    image: (H, W, 3). Where nothing is known the result is black.
    """
    step = max(1, int(sigma / 1.5))
    weight = known.astype(np.float32)
    total = shrink(real(image * weight[..., None]), step)
    small = shrink(weight, step)
    colour = real(total / np.maximum(small, 1e-6)[..., None])
    filled = push_pull(colour, real(np.minimum(small * 4.0, 1.0)))
    return widen(blur(filled, sigma / step), known.shape)
