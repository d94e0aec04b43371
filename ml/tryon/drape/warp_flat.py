"""The flat garment, ready to be cut into parts: cropped, at about the size it will be worn at,
with its landmarks on its outline and its colours grown beyond its edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import NoGarment
from ml.garment.annotation import GarmentAnnotation

Points = NDArray[np.float64]

MARGIN = 12  # pixels kept around the garment
SLIT = 0.05  # how far around armpits background is looked for / the box's diagonal
SNAP = 0.06  # landmarks this close to the outline (of the box's diagonal) are moved onto it


@dataclass(frozen=True, slots=True)
class Flat:
    """colour: RGB, valid everywhere (grown from the fabric). alpha: soft fabric mask.
    outline: (N, 2) closed, one point per pixel of its length, of the largest piece.
    points: landmarks by name, (2,) each; seen: those that are not estimated or missing."""

    colour: NDArray[np.uint8]
    alpha: NDArray[np.uint8]
    outline: Points
    points: Mapping[str, Points]
    seen: Mapping[str, int]

    @property
    def diagonal(self) -> float:
        return float(np.linalg.norm(np.ptp(self.outline, axis=0)))

    def nearest(self, point: Points) -> int:
        return int(np.argmin(((self.outline - point) ** 2).sum(axis=1)))

    def path(self, start: Points, end: Points, *, bulge: float = 1.35) -> tuple[Points, bool]:
        """The outline from start to end the shorter way, and whether it is the outline.

        Where that way is longer than ``bulge`` times the straight one (the part's edge lies on
        other fabric), or an end is off the outline, the straight line stands in.
        """
        chord = np.stack([start, end])
        span = float(np.linalg.norm(end - start))
        first, last = self.nearest(start), self.nearest(end)
        gap = max(
            float(np.linalg.norm(self.outline[first] - start)),
            float(np.linalg.norm(self.outline[last] - end)),
        )
        if gap > 3.0 or span < 4.0:
            return chord, False
        count = len(self.outline)
        forward = np.arange(first, first + (last - first) % count + 1) % count
        backward = np.arange(first, first - (first - last) % count - 1, -1) % count
        way = self.outline[forward if len(forward) <= len(backward) else backward]
        if len(way) < 2 or length(way) > bulge * span + 6.0:
            return chord, False
        return way, True

    def bulge(self, start: Points, end: Points, way: Points, *, most: float) -> float:
        """How far the outline between two points reaches past their middle along ``way`` (unit
        vector), in pixels; 0 where that stretch is longer than ``most`` times the chord."""
        line, real = self.path(start, end, bulge=most)
        return max(0.0, float(((line - (start + end) / 2) @ way).max())) if real else 0.0


def length(line: Points) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def along(line: Points, count: int | NDArray[np.float64]) -> Points:
    """Points on a polyline: ``count`` of them at equal steps, or at given fractions 0..1."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    fractions = np.linspace(0, 1, count) if isinstance(count, int) else count
    want = fractions * at[-1]
    return np.stack([np.interp(want, at, line[:, 0]), np.interp(want, at, line[:, 1])], axis=-1)


def smooth(line: Points, sigma: float) -> Points:
    """A polyline with its wiggles ironed out and its ends kept."""
    if len(line) < 5 or sigma <= 0:
        return line
    ends = np.linspace(0, 1, len(line))[:, None]
    chord = line[0] * (1 - ends) + line[-1] * ends
    rest = line - chord
    # Odd reflection at the ends keeps them where they are.
    padded = np.concatenate([-rest[:0:-1], rest, -rest[-2::-1]])
    soft = _gauss(padded, sigma)
    out: Points = chord + soft[len(line) - 1 : 2 * len(line) - 1]
    return out


def _gauss(values: Points, sigma: float) -> Points:
    radius = max(1, int(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(2)], axis=-1)


def grow(colour: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Give every pixel outside the colour of the nearest pixel inside."""
    _, nearest = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    palette = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    palette[nearest[inside]] = colour[inside]
    out: NDArray[np.uint8] = palette[nearest]
    out[inside] = colour[inside]
    return out


def flatten(photo: NDArray[np.uint8], annotation: GarmentAnnotation, *, height: float) -> Flat:
    """Prepare a garment that will be about ``height`` pixels high when worn.

    Larger photos are shrunk first (area averaging), so that the one resampling of the warp
    neither aliases nor works on pixels that nobody will see. Raises NoGarment on an empty mask.
    """
    mask = annotation.mask > 127
    if int(mask.sum()) < 64:
        raise NoGarment("the garment's mask is empty")
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom = max(rows[0] - MARGIN, 0), rows[-1] + 1 + MARGIN
    left, right = max(columns[0] - MARGIN, 0), columns[-1] + 1 + MARGIN
    colour: Any = np.ascontiguousarray(photo[top:bottom, left:right])
    alpha: Any = np.where(mask[top:bottom, left:right], 255, 0).astype(np.uint8)
    scale = min(1.0, 1.25 * height / (rows[-1] + 1 - rows[0]))
    if scale < 0.9:
        size = (max(8, round(alpha.shape[1] * scale)), max(8, round(alpha.shape[0] * scale)))
        scale_x, scale_y = size[0] / alpha.shape[1], size[1] / alpha.shape[0]
        colour = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    else:
        scale_x = scale_y = 1.0
    # A frame of nothing, so that garments cut by the photo's edge keep an outline there.
    colour = cv2.copyMakeBorder(colour, 3, 3, 3, 3, cv2.BORDER_REPLICATE)
    alpha = cv2.copyMakeBorder(alpha, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=0)

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    core: Any = cv2.erode(alpha, kernel)
    solid = cv2.erode(core, kernel) > 200
    if int(solid.sum()) < 32:
        solid = alpha > 127
    # A wide blur made steep again: the outline loses its pixel steps, the edge stays two pixels.
    soft: Any = cv2.GaussianBlur(core, (0, 0), 1.5)
    soft = cv2.convertScaleAbs(np.clip((soft.astype(np.float32) - 127) * 2.0 + 127, 0, 255))
    outline = _outline(core)

    diagonal = float(np.linalg.norm(np.ptp(outline, axis=0)))
    points: dict[str, Points] = {}
    for name, mark in annotation.landmarks.items():
        point = np.array(
            [
                (mark.x - left + 0.5) * scale_x - 0.5 + 3,
                (mark.y - top + 0.5) * scale_y - 0.5 + 3,
            ]
        )
        gaps = np.linalg.norm(outline - point, axis=1)
        # An armpit may lie in a gap that the outline does not reach.
        reach = SNAP if mark.visibility == 2 and not name.startswith("armpit") else SNAP / 2.4
        if gaps.min() <= reach * diagonal and name != "crotch":
            point = outline[int(np.argmin(gaps))]
        points[name] = point
    for name in ("armpit_left", "armpit_right"):
        if name in points:
            _drop_background(colour, alpha, solid, points[name], round(SLIT * diagonal))
    return Flat(
        colour=grow(colour, solid),
        alpha=soft,
        outline=outline,
        points=points,
        seen={name: mark.visibility for name, mark in annotation.landmarks.items()},
    )


def _drop_background(
    colour: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    solid: NDArray[np.bool_],
    point: Points,
    reach: int,
) -> None:
    """Take background out of ``solid`` around the end of a slit between sleeve and torso, where
    masks close too early. Changes ``solid``."""
    x, y = round(float(point[0])), round(float(point[1]))
    box = (slice(max(y - reach, 0), y + reach + 1), slice(max(x - reach, 0), x + reach + 1))
    outside, inside = alpha[box] < 20, solid[box]
    if outside.sum() < 6 or inside.sum() < 30:
        return
    lab = cv2.cvtColor(np.ascontiguousarray(colour[box]), cv2.COLOR_RGB2LAB).astype(np.float32)
    around = np.linalg.norm(lab - np.median(lab[outside], axis=0), axis=2)
    fabric = np.linalg.norm(lab - np.median(lab[inside], axis=0), axis=2)
    wrong = (around < 0.9 * fabric).astype(np.uint8)
    # Only what hangs together with the outside; its rim is mixed, too.
    rim = np.ones((5, 5), np.uint8)
    near = cv2.dilate(outside.astype(np.uint8), rim)
    _, labels = cv2.connectedComponents(np.maximum(wrong, near))
    joined = np.isin(labels, np.unique(labels[near > 0])) & (wrong > 0)
    solid[box] &= cv2.dilate(joined.astype(np.uint8), rim) == 0


def _outline(mask: NDArray[np.uint8]) -> Points:
    """The closed outline of the largest piece, smoothed by a pixel, one point per pixel."""
    contours, _ = cv2.findContours(
        (mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    if not contours:
        raise NoGarment("the garment's mask is empty")
    line = max(contours, key=cv2.contourArea)[:, 0, :].astype(float)
    if len(line) < 16:
        raise NoGarment("the garment's mask is too small")
    wrapped = np.concatenate([line[-4:], line, line[:4]])
    line = np.stack(
        [np.convolve(wrapped[:, i], np.full(5, 0.2), "same")[4:-4] for i in range(2)], axis=-1
    )
    closed = np.concatenate([line, line[:1]])
    return along(closed, max(16, int(length(closed))))[:-1]
