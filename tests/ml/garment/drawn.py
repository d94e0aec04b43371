"""Garments drawn from polygons: photo, exact mask and exact landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ml.garment.annotation import Cut

#: The wearer's left half (the image's right), from the top of the axis downwards, in a unit
#: square whose axis is x = 0; unnamed vertices only shape the outline.
Half = tuple[tuple[str, float, float], ...]

TEE: Half = (
    ("", 0.0, 0.06),
    ("neck_left", 0.11, 0.0),
    ("shoulder_left", 0.26, 0.05),
    ("cuff_left_outer", 0.48, 0.22),
    ("cuff_left_inner", 0.40, 0.34),
    ("armpit_left", 0.29, 0.28),
    ("hem_left", 0.30, 0.98),
    ("", 0.0, 1.0),
)
LONG_SLEEVES: Half = (
    ("", 0.0, 0.06),
    ("neck_left", 0.10, 0.0),
    ("shoulder_left", 0.24, 0.05),
    ("cuff_left_outer", 0.62, 0.72),
    ("cuff_left_inner", 0.53, 0.77),
    ("armpit_left", 0.27, 0.32),
    ("hem_left", 0.27, 0.98),
    ("", 0.0, 1.0),
)
VEST: Half = (
    ("", 0.0, 0.12),
    ("neck_left", 0.17, 0.0),
    ("shoulder_left", 0.26, 0.02),
    ("armpit_left", 0.36, 0.32),
    ("hem_left", 0.39, 0.98),
    ("", 0.0, 1.0),
)
DRESS: Half = (
    ("", 0.0, 0.05),
    ("neck_left", 0.08, 0.0),
    ("shoulder_left", 0.16, 0.03),
    ("cuff_left_outer", 0.27, 0.12),
    ("cuff_left_inner", 0.22, 0.20),
    ("armpit_left", 0.155, 0.18),
    ("waist_left", 0.125, 0.38),
    ("hem_left", 0.32, 0.98),
    ("", 0.0, 1.0),
)
TROUSERS: Half = (
    ("", 0.0, 0.0),
    ("waist_left", 0.17, 0.0),
    ("hem_left_outer", 0.27, 0.98),
    ("hem_left_inner", 0.12, 1.0),
    ("crotch", 0.0, 0.32),
)
SHORTS: Half = (
    ("", 0.0, 0.0),
    ("waist_left", 0.36, 0.0),
    ("hem_left_outer", 0.48, 0.92),
    ("hem_left_inner", 0.06, 0.98),
    ("crotch", 0.0, 0.62),
)
SKIRT: Half = (
    ("", 0.0, 0.0),
    ("waist_left", 0.28, 0.0),
    ("hem_left", 0.44, 0.96),
    ("", 0.0, 1.0),
)
HALVES: dict[str, tuple[Half, Cut]] = {
    "tee": (TEE, Cut.TOP),
    "long sleeves": (LONG_SLEEVES, Cut.TOP),
    "vest": (VEST, Cut.TOP),
    "dress": (DRESS, Cut.DRESS),
    "trousers": (TROUSERS, Cut.TROUSERS),
    "shorts": (SHORTS, Cut.TROUSERS),
    "skirt": (SKIRT, Cut.SKIRT),
}


@dataclass(frozen=True)
class Drawn:
    rgb: np.ndarray
    mask: np.ndarray
    landmarks: dict[str, tuple[float, float]]
    cut: Cut

    @property
    def size(self) -> float:
        ys, xs = np.nonzero(self.mask)
        return float(max(np.ptp(xs), np.ptp(ys)))


def draw(
    kind: str,
    *,
    ground: str = "plain",
    colour: tuple[int, int, int] = (170, 40, 50),
    tilt: float = 0.0,
    height: int = 640,
    width: int = 480,
) -> Drawn:
    """A garment of ``kind`` in the middle. ground: plain, wood, checks; tilt in degrees."""
    half, cut = HALVES[kind]
    reach = max(x for _, x, _ in half)
    scale = min(0.72 * height, 0.42 * width / reach)
    centre = np.array([width / 2, height / 2])
    angle = np.deg2rad(tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def place(x: float, y: float) -> tuple[float, float]:
        p = turn @ (np.array([x, y - 0.5]) * scale) + centre
        return float(p[0]), float(p[1])

    names = {name: place(x, y) for name, x, y in half if name}
    mirrored = {
        name.replace("left", "right"): place(-x, y) for name, x, y in half if "left" in name
    }
    outline = [place(x, y) for _, x, y in half] + [place(-x, y) for _, x, y in reversed(half)]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
    rng = np.random.default_rng(0)
    fabric = np.full((height, width, 3), colour, np.float32)
    fabric += cv2.GaussianBlur(rng.normal(0, 60, (height, width, 1)).astype(np.float32), (0, 0), 9)[
        :, :, None
    ]
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.8)[:, :, None]
    rgb = fabric * soft + _ground(ground, height, width, rng) * (1 - soft)
    rgb += rng.normal(0, 2, rgb.shape)
    return Drawn(
        rgb=np.clip(rgb, 0, 255).astype(np.uint8),
        mask=mask,
        landmarks=names | mirrored,
        cut=cut,
    )


def _ground(kind: str, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == "plain":  # a wall, light falling off to one side
        return np.dstack([235 - 30 * x / width, 233 - 30 * x / width, 228 - 30 * x / width])
    if kind == "wood":
        grain = 18 * np.sin(x / 7 + 3 * np.sin(y / 90)) + 10 * (np.floor(x / 80) % 2)
        return np.dstack([176 + grain, 130 + grain, 84 + grain])
    if kind == "checks":
        square = ((x // 40 + y // 40) % 2)[:, :, None]
        return square * np.array([225, 220, 205]) + (1 - square) * np.array([120, 140, 165])
    raise ValueError(kind)
