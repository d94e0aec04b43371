"""The baseline: paste the garment's box onto the torso. Fast, and everything a try-on is not.

It reads and writes the same pictures, so that a ratio to it says what dressing itself costs.
"""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from ml import images
from ml.garment.annotation import Region
from ml.person.annotation import Atr, Joint
from ml.tryon.session import read_labels, read_photo

#: Which old clothes a region's box covers.
_OLD = {
    Region.UPPER: (Atr.UPPER, Atr.DRESS),
    Region.LOWER: (Atr.PANTS, Atr.SKIRT, Atr.LEFT_LEG, Atr.RIGHT_LEG),
    Region.DRESS: (Atr.UPPER, Atr.PANTS, Atr.SKIRT, Atr.DRESS),
}


def paste(person: Path, annotation: Path, garment: Path, region: Region) -> float:
    """Seconds from files to an encoded picture."""
    start = time.perf_counter()
    rgb = read_photo(person)
    labels = read_labels(person, annotation, rgb.shape[:2])
    photo = images.read(garment).rgb
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    left, top, width, height = cv2.boundingRect(mask)
    ys, xs = np.nonzero(np.isin(labels.parse, _OLD[region]))
    if len(ys) == 0:  # nothing of it is worn: below the neck, then
        x, y = labels.keypoints[Joint.NECK, :2]
        ys, xs = np.array([y, y + 200]).astype(int), np.array([x - 100, x + 100]).astype(int)
    size = (int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1)
    window = (slice(top, top + height), slice(left, left + width))
    piece = cv2.resize(photo[window], size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(mask[window], size, interpolation=cv2.INTER_AREA)[:, :, None] / 255.0
    place = rgb[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    place[:] = (piece * alpha + place * (1 - alpha)).astype(np.uint8)
    images.encode(rgb, "png")
    return time.perf_counter() - start
