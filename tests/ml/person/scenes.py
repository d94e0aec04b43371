"""Pictures of people, good and bad, made from the demo's drawn fitting models."""

from __future__ import annotations

import json
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ml import images
from ml.commands.profile import FIXTURES
from ml.images import RGB
from ml.person import store
from ml.person.annotation import Atr, Joint, PersonAnnotation

MODELS = FIXTURES / "demo" / "fitting_models"
GARMENTS = FIXTURES / "demo" / "garments"
#: Figures seen from head to feet.
NAMES = tuple(
    name
    for name, facts in json.loads((MODELS / "figures.json").read_text()).items()
    if facts["framing"] == "full"
)
PAPER = (243, 241, 238)


@cache
def figure(name: str = "yuna") -> tuple[RGB, PersonAnnotation]:
    """A whole figure in front of paper, 1200 x 900, and its exact labels. Do not change it."""
    rgb = images.read(MODELS / "photos" / f"{name}.webp").rgb
    rgb.setflags(write=False)
    return rgb, store.read_folder(MODELS, name)


def cropped(top: float, bottom: float, name: str = "yuna") -> tuple[RGB, PersonAnnotation]:
    """The rows between two heights of the figure: 0 = crown, 1 = soles."""
    rgb, labels = figure(name)
    rows = np.nonzero((labels.parse != Atr.BACKGROUND).any(axis=1))[0]
    start, end = (round(rows[0] + share * (rows[-1] - rows[0])) for share in (top, bottom))
    start, end = max(start, 0), min(end, len(rgb))
    keypoints = labels.keypoints.copy()
    keypoints[:, 1] -= start
    keypoints[(keypoints[:, 1] < 0) | (keypoints[:, 1] >= end - start), 2] = 0
    return rgb[start:end].copy(), PersonAnnotation(labels.parse[start:end].copy(), keypoints)


def from_behind(name: str = "yuna") -> RGB:
    """Hair in the face's place: what shows is the back of a head."""
    rgb, labels = figure(name)
    rgb = rgb.copy()
    rows = np.arange(len(rgb))[:, None]
    nose, neck = labels.keypoints[[Joint.NOSE, Joint.NECK], 1]
    head = (labels.parse == Atr.FACE) & (rows < nose + 0.62 * (neck - nose))
    hair = rgb[labels.parse == Atr.HAIR]
    strands = np.random.default_rng(0).normal(0, 6, (1, rgb.shape[1], 1))
    painted = np.clip(np.median(hair, axis=0) + strands, 0, 255)
    rgb[head] = np.broadcast_to(painted, rgb.shape)[head]
    return rgb


def side_by_side(first: str = "yuna", second: str = "minjae") -> RGB:
    """Two figures that could both be meant."""
    return np.hstack([figure(name)[0][:, 150:750] for name in (first, second)])


def far_away(height: int, size: tuple[int, int] = (1200, 1600), name: str = "minjae") -> RGB:
    """A figure ``height`` pixels tall on a large sheet of paper."""
    rgb, _ = figure(name)
    factor = height / 1046  # the figures' height in their photos
    small = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    sheet = np.full((*size, 3), small[:4].mean(axis=(0, 1)), np.uint8)
    top, left = (size[0] - small.shape[0]) // 2, (size[1] - small.shape[1]) // 3
    sheet[top : top + small.shape[0], left : left + small.shape[1]] = small
    return sheet


def landscape(size: tuple[int, int] = (600, 800)) -> RGB:
    """Sky, hills and a road, drawn."""
    height, width = size
    rng = np.random.default_rng(1)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    sky = np.stack([150 + 60 * ys / height, 190 + 40 * ys / height, 235 - 10 * ys / height], -1)
    picture = sky
    for level, colour in ((0.45, (90, 120, 110)), (0.6, (70, 105, 60)), (0.75, (95, 130, 55))):
        phase = rng.uniform(0, 6)
        ridge = height * (level + 0.05 * np.sin(xs / width * 7 + phase))
        picture = np.where((ys > ridge)[..., None], np.array(colour, np.float32), picture)
    road = np.abs(xs - width / 2) < (ys - 0.7 * height) * 0.8
    picture = np.where(road[..., None], np.float32(120), picture)
    grain = rng.normal(0, 5, (height, width, 1))
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def garment(name: str = "oxford-shirt") -> RGB:
    """A garment nobody wears."""
    return images.read(GARMENTS / f"{name}.webp").rgb


def darkened(rgb: RGB, share: float = 0.12) -> RGB:
    return np.clip(rgb * share, 0, 255).astype(np.uint8)


def blurred(rgb: RGB, sigma: float) -> RGB:
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


def grey(rgb: RGB) -> RGB:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))


def iou(found: NDArray[np.uint8], truth: NDArray[np.uint8], *labels: Atr) -> float:
    """Of the pixels with these labels, taken together."""
    ours, theirs = np.isin(found, labels), np.isin(truth, labels)
    return float((ours & theirs).sum() / max((ours | theirs).sum(), 1))
