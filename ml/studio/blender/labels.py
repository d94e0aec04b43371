"""Exact labels from the renderer: the scene once more, emitting numbers instead of light."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ml.studio.blender import materials, rig, scene
from ml.studio.blender.sdf import Array

#: Rays per pixel and direction: classes are voted on, alpha is the share that hit the figure.
FINE = 2
#: A joint this far behind the surface that the camera sees lies behind something else, in metres.
BEHIND = 0.17


@dataclass(frozen=True)
class Labels:
    """Of a picture (H, W). parse: ATR classes. alpha: 0..255. iuv: (H, W, 3) part, u, v as bytes
    (0 = background). depth: metres from the camera's plane, 0 = background."""

    parse: Array
    alpha: Array
    iuv: Array
    depth: Array


def render(path: Path) -> Labels:
    """Label what the scene's camera sees. path: an EXR file to write on the way."""
    values = _numbers(path)
    high, wide = values.shape[0] // FINE, values.shape[1] // FINE
    ids = np.round(values[..., 0]).astype(np.int64)
    cells = (ids % 32).reshape(high, FINE, wide, FINE).swapaxes(1, 2).reshape(high, wide, -1)
    votes = np.stack([(cells == n).sum(-1) for n in range(18)], axis=0)
    alpha = np.round((cells > 0).mean(-1) * 255).astype(np.uint8)
    # parts, coordinates and depth cannot be averaged: those of one ray of the winning class
    parse = votes.argmax(0).astype(np.uint8)
    pick = (cells == parse[..., None]).argmax(-1)
    flat = values.reshape(high, FINE, wide, FINE, 3).swapaxes(1, 2).reshape(high, wide, -1, 3)
    chosen = np.take_along_axis(flat, pick[..., None, None], axis=2)[:, :, 0]
    packed = np.round(chosen[..., 1]).astype(np.int64)
    part = np.round(chosen[..., 0]).astype(np.int64) // 32
    iuv = np.stack([part, packed % 256, packed // 256], axis=-1).astype(np.uint8)
    figure = parse > 0
    iuv[~figure] = 0
    depth = np.where(figure, chosen[..., 2], 0).astype(np.float32)
    return Labels(parse, alpha, iuv, depth)


def keypoints(body: Any, seen: Labels) -> tuple[Array, list[int]]:
    """(18, 3) OpenPose points: x, y, confidence (0 outside the picture), and which are hidden."""
    points = scene.project(rig.joints(body))
    high, wide = seen.parse.shape
    out = points.copy()
    hidden = []
    for n, (x, y, depth) in enumerate(points):
        inside = 0 <= x <= wide - 1 and 0 <= y <= high - 1
        out[n, 2] = float(inside)
        surface = seen.depth[round(y), round(x)] if inside else 0.0
        if surface and depth - surface > BEHIND:
            hidden.append(n)
    return out, hidden


def _numbers(path: Path) -> Array:
    """(H * FINE, W * FINE, 3) of what the material ``numbers`` emits, at the rays' own points."""
    now, view = bpy.context.scene, bpy.context.view_layer
    cycles, render_ = now.cycles, now.render
    kept = {name: getattr(cycles, name) for name in
            ("samples", "use_denoising", "use_adaptive_sampling", "max_bounces",
             "pixel_filter_type", "filter_width")}  # fmt: skip
    cycles.samples, cycles.use_denoising, cycles.use_adaptive_sampling = 1, False, False
    cycles.max_bounces, cycles.pixel_filter_type, cycles.filter_width = 0, "BOX", 0.01
    render_.resolution_percentage = 100 * FINE
    settings = render_.image_settings
    settings.file_format, settings.color_depth, settings.color_mode = "OPEN_EXR", "32", "RGB"
    render_.filepath = str(path)
    view.material_override = materials.numbers()
    bpy.ops.render.render(write_still=True)
    view.material_override = None
    render_.resolution_percentage = 100
    for name, value in kept.items():
        setattr(cycles, name, value)
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    wide, high = image.size
    values = np.empty(wide * high * image.channels, np.float32)
    image.pixels.foreach_get(values)
    values = values.reshape(high, wide, image.channels)[::-1, :, :3]
    bpy.data.images.remove(image)
    return np.asarray(values)
