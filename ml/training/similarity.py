"""How alike two pictures are: SSIM, PSNR and the colour difference CIEDE2000."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.colour import delta_e, to_lab

RGB = NDArray[np.uint8]
Map = NDArray[np.float64]
Mask = NDArray[np.bool_]


def ssim_map(one: RGB, other: RGB) -> Map:
    """(H, W) structural similarity, the mean of the three channels.

    Wang, Bovik, Sheikh and Simoncelli (2004): Gaussian window of 11 pixels, sigma 1.5.
    """
    a, b = one.astype(np.float64), other.astype(np.float64)

    def mean(x: NDArray[Any]) -> NDArray[Any]:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ma, mb = mean(a), mean(b)
    va, vb, cov = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    found = ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    return np.asarray(found.mean(axis=2))


def psnr(one: RGB, other: RGB) -> float:
    """Decibels over all pixels and channels; 100 for equal pictures."""
    error = float(((one.astype(np.float64) - other) ** 2).mean())
    return min(100.0, 10 * float(np.log10(255**2 / error))) if error else 100.0


def colour_difference(one: RGB, other: RGB, region: Mask) -> float:
    """Mean CIEDE2000 of a region, after a slight blur: threads need not match, colours must."""
    lab = []
    for picture in (one, other):
        soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)[region]
        lab.append(to_lab(soft).astype(np.float64))
    return float(np.mean(delta_e(lab[0], lab[1])))
