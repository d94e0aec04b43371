"""Studio light: soft shadows and ambient occlusion from a coarse distance grid, materials, ground.

Colours are linear RGB until the end; ``develop`` turns them into sRGB bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from ml.studio.scene import Camera, Hits, Scene
from ml.studio.sdf import Array, unit, vec

KEY = unit((-0.52, 0.62, 0.72))
FILL = unit((0.75, 0.18, 0.62))
RIM = unit((0.55, 0.45, -0.72))
KEY_LIGHT = vec((1.06, 1.0, 0.93)) * np.float32(2.05)
FILL_LIGHT = vec((0.90, 0.96, 1.05)) * np.float32(0.46)
RIM_LIGHT = vec((1.0, 1.0, 1.02)) * np.float32(0.5)
SKY = vec((0.98, 1.0, 1.04)) * np.float32(0.86)
BOUNCE = vec((1.0, 0.94, 0.88)) * np.float32(0.52)
_REACH = 24.0


@dataclass(frozen=True)
class Material:
    """How a surface answers light. wrap: per channel, how far light creeps past the terminator."""

    wrap: tuple[float, float, float] = (0.12, 0.12, 0.12)
    gloss: float = 0.0
    shine: float = 20.0
    sheen: float = 0.0


class DistanceGrid:
    """The scene's distance on a 1 cm grid: blurred enough for soft light, cheap to look up."""

    def __init__(self, scene: Scene, height: float) -> None:
        self.low = vec((-66, -3, -30))
        high = vec((66, height + 6, 34))
        self.shape = tuple(int(v) for v in np.ceil(high - self.low))
        self.values = np.full(self.shape, _REACH, dtype=np.float32)
        block = 12
        for x in range(0, self.shape[0], block):
            for y in range(0, self.shape[1], block):
                for z in range(0, self.shape[2], block):
                    self._fill(scene, (x, y, z), block)

    def _fill(self, scene: Scene, at: tuple[int, int, int], block: int) -> None:
        ends = [min(a + block, n) for a, n in zip(at, self.shape, strict=True)]
        low = self.low + vec(at)
        high = self.low + vec(ends)
        parts = []
        for group in scene.groups:
            near = []
            for part in group.parts:
                a, b = part.bounds()
                gap = np.maximum(np.maximum(a - high, low - b), 0)
                if float(np.linalg.norm(gap)) < _REACH:
                    near.append(part)
            parts.append(near)
        if not any(parts):
            return
        axes = [np.arange(a, e, dtype=np.float32) for a, e in zip(at, ends, strict=True)]
        p = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3) + self.low
        d = scene.distance(p, parts)[0]
        size = [len(a) for a in axes]
        box = tuple(slice(a, e) for a, e in zip(at, ends, strict=True))
        self.values[box] = np.minimum(d.reshape(size), _REACH)

    def at(self, p: Array) -> Array:
        q = p - self.low
        limit = vec(self.shape) - 1
        inside = np.clip(q, 0, limit)
        away = np.linalg.norm(q - inside, axis=1)
        return np.asarray(map_coordinates(self.values, inside.T, order=1) + away, dtype=np.float32)

    def shadow(self, p: Array, n: Array, towards: Array, softness: float) -> Array:
        """1 = lit, 0 = in shadow. softness: larger is harder."""
        lit = np.ones(len(p), dtype=np.float32)
        start = p + n * np.float32(1.3)
        t = np.full(len(p), 0.6, dtype=np.float32)
        for _ in range(26):
            d = self.at(start + towards * t[:, None])
            lit = np.minimum(lit, np.clip(0.5 + 0.5 * d * softness / (t + 2), 0, 1))
            t += np.clip(d, 0.9, 9)
        return np.asarray(lit * lit * (3 - 2 * lit), dtype=np.float32)

    def occlusion(self, p: Array, n: Array) -> Array:
        """1 = open to the sky, towards 0 in creases: along the normal and around it."""
        side = unit_rows(np.cross(n, vec((0.3, 1, 0.2))))
        other = np.cross(n, side).astype(np.float32)
        open_ = np.zeros(len(p), dtype=np.float32)
        weight = 0.0
        for direction in (n, *(unit_rows(n + 1.1 * s) for s in (side, -side, other, -other))):
            for reach in (1.8, 4.5, 10.0):
                d = self.at(p + direction * np.float32(reach))
                w = 1.0 / (1 + 0.12 * reach)
                open_ += np.clip(d / (reach * 0.72), 0, 1) * np.float32(w)
                weight += w
        return np.asarray(open_ / np.float32(weight), dtype=np.float32)


def unit_rows(v: Array) -> Array:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-9), np.float32)


def shade(hits: Hits, albedo: Array, materials: list[Material], grid: DistanceGrid) -> Array:
    """Linear colour (N, 3) of the surface points."""
    n, view = hits.normals, hits.view
    wrap = vec([m.wrap for m in materials])[hits.group]
    gloss = vec([m.gloss for m in materials])[hits.group]
    shine = vec([m.shine for m in materials])[hits.group]
    sheen = vec([m.sheen for m in materials])[hits.group]
    open_ = grid.occlusion(hits.points, n)
    lit = grid.shadow(hits.points, n, KEY, 5.0)
    key = np.clip((n @ KEY)[:, None] + wrap, 0, None) / (1 + wrap)
    fill = np.clip((n @ FILL)[:, None] + 0.25, 0, None) / 1.25
    rim = np.clip(n @ RIM, 0, 1)[:, None] * np.clip(1 + (n * view).sum(1), 0, 1)[:, None]
    up = (0.5 + 0.5 * n[:, 1])[:, None]
    ambient = (SKY * up + BOUNCE * (1 - up)) * open_[:, None]
    # light that has bounced inside a crease keeps the surface's own colour: less grey folds
    ambient = ambient * (1 - 0.35 * (1 - open_[:, None]) * (1 - albedo))
    light = KEY_LIGHT * key * lit[:, None] + FILL_LIGHT * fill * (0.35 + 0.65 * open_[:, None])
    colour = albedo * (0.42 * (light + ambient) + 0.3 * RIM_LIGHT * rim)
    half = unit_rows(KEY - view)
    spec = np.clip((n * half).sum(1), 0, 1) ** shine * gloss * lit
    edge = np.clip(1 + (n * view).sum(1), 0, 1) ** 3
    colour += (spec * 0.55 + sheen * edge * open_ * 0.25)[:, None]
    return np.asarray(colour, dtype=np.float32)


def backdrop(camera: Camera, grid: DistanceGrid, tint: Array, step: int = 4) -> Array:
    """A seamless paper roll, floor into wall, with the figure's soft shadow. Linear (H, W, 3)."""
    h, w = camera.height // step, camera.width // step
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32) * step
    view = camera.rays(xs.ravel(), ys.ravel())
    eye = vec(camera.eye)
    down = np.minimum(view[:, 1], -1e-4)
    t = np.float32(camera.eye[1]) / -down
    p = eye + view * t[:, None]
    # behind z = -70 the paper bends up: keep the shade of the bend, no horizon line
    floor = np.clip((p[:, 2] + 190) / 150, 0, 1)
    floor = np.where(view[:, 1] < 0, floor * floor * (3 - 2 * floor), 0)
    near = p.copy()
    near[:, 2] = np.clip(near[:, 2], -190, 80)
    n = np.tile(vec((0, 1, 0)), (len(p), 1))
    lit = grid.shadow(near, n * 0.2, KEY, 2.2)
    open_ = grid.occlusion(near, n)
    shadow = (0.60 + 0.40 * lit) * (0.42 + 0.58 * open_**1.2)
    u = xs.ravel() / camera.width - 0.46
    v = ys.ravel() / camera.height - 0.36
    glow = np.exp(-((u / 0.75) ** 2) - (v / 0.78) ** 2)
    wall = 0.60 + 0.24 * glow
    ground = (0.79 + 0.03 * glow) * shadow
    value = wall * (1 - floor) + ground * floor
    small = (value[:, None] * tint).reshape(h, w, 3).astype(np.float32)
    return np.asarray(
        cv2.resize(small, (camera.width, camera.height), interpolation=cv2.INTER_CUBIC), np.float32
    )


def develop(linear: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Linear light to sRGB bytes, with a soft shoulder and the faintest grain."""
    x = np.clip(linear, 0, None)
    shoulder = 0.72
    x = np.where(x > shoulder, shoulder + (1 - shoulder) * np.tanh((x - shoulder) / 0.34), x)
    srgb = np.where(
        x < 0.0031308, 12.92 * x, 1.055 * np.power(np.maximum(x, 1e-6), 1 / 2.4) - 0.055
    )
    grain = rng.normal(0, 0.0045, srgb.shape[:2]).astype(np.float32)[..., None]
    return np.asarray(np.clip((srgb + grain) * 255 + 0.5, 0, 255), dtype=np.uint8)
