"""The photo studio: an empty scene, paper backdrop, soft lights, a camera that frames a figure."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from ml.studio.blender.sdf import Array, vec

#: A full-length figure takes this share of the picture's height, and its feet stand at this row.
FULL = 1046 / 1200
FLOOR = 1122 / 1200
DISTANCE = 6.0


def linear(colour: str) -> tuple[float, float, float, float]:
    """Linear RGBA of an sRGB hex colour."""
    c = vec([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return (float(c[0]), float(c[1]), float(c[2]), 1.0)


def empty(size: tuple[int, int], samples: int, seed: int = 0) -> Any:
    """A fresh scene that renders ``size`` (height, width) with Cycles and denoises."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_y, scene.render.resolution_x = size
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.seed = seed
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.04
    cycles.adaptive_min_samples = 4
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"
    cycles.max_bounces = 3
    cycles.diffuse_bounces = 2
    cycles.glossy_bounces = 2
    cycles.caustics_reflective = cycles.caustics_refractive = False
    return scene


def material(name: str, colour: str, roughness: float = 0.5, **inputs: float) -> Any:
    """A plain surface. inputs: more of the Principled BSDF's, spaces as underscores."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    surface = made.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = linear(colour)
    surface.inputs["Roughness"].default_value = roughness
    for key, value in inputs.items():
        surface.inputs[key.replace("_", " ")].default_value = value
    return made


def backdrop(colour: str = "#e9e6e2") -> Any:
    """A roll of paper: floor, a wide bend, wall. Its faces carry no label."""
    profile = [(-4.0, 0.0), (0.9, 0.0)]
    for n in range(1, 25):
        a = math.pi / 2 * n / 24
        profile.append((0.9 + 1.4 * math.sin(a), 1.4 - 1.4 * math.cos(a)))
    profile.append((2.3, 6.0))
    points = [(x, y, z) for y, z in profile for x in (-7.0, 7.0)]
    faces = [(2 * n, 2 * n + 1, 2 * n + 3, 2 * n + 2) for n in range(len(profile) - 1)]
    data = bpy.data.meshes.new("paper")
    data.from_pydata(points, [], faces)
    data.polygons.foreach_set("use_smooth", [True] * len(faces))
    data.materials.append(material("paper", colour, 0.85))
    paper = bpy.data.objects.new("paper", data)
    bpy.context.scene.collection.objects.link(paper)
    return paper


def area(
    name: str, at: tuple[float, float, float], towards: tuple[float, float, float],
    size: tuple[float, float], watts: float, colour: tuple[float, float, float] = (1, 1, 1),
) -> Any:  # fmt: skip
    """A rectangular softbox."""
    data = bpy.data.lights.new(name, "AREA")
    data.shape = "RECTANGLE"
    data.size, data.size_y = size
    data.energy = watts
    data.color = colour
    lamp = bpy.data.objects.new(name, data)
    lamp.location = at
    lamp.rotation_euler = (Vector(towards) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)
    return lamp


def lights(strength: float = 1.0) -> None:
    """A large key from the upper left, a weak fill, two rims, and a dim room."""
    area("key", (-2.3, -2.6, 2.9), (0, 0, 1.0), (1.6, 2.2), 98 * strength, (1.0, 0.97, 0.93))
    area("fill", (2.8, -2.0, 1.6), (0, 0, 1.0), (1.6, 2.4), 20 * strength, (0.94, 0.97, 1.0))
    area("rim", (1.9, 1.5, 2.5), (0, 0, 1.2), (0.5, 1.8), 24 * strength)
    area("edge", (-1.9, 1.5, 2.2), (0, 0, 1.2), (0.4, 1.8), 14 * strength)
    world = bpy.data.worlds.new("room")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (0.95, 0.97, 1.0, 1)
    background.inputs[1].default_value = 0.34 * strength
    bpy.context.scene.world = world


def camera(height: float, framing: str = "full", x: float = 0.0) -> Any:
    """A long lens at chest height that frames a figure of ``height`` metres.

    framing: "full" (head to feet) or "three-quarter" (head to knees). x: where the figure stands.
    """
    scene = bpy.context.scene
    data = bpy.data.cameras.new("camera")
    view = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(view)
    scene.camera = view
    wide, high = scene.render.resolution_x, scene.render.resolution_y
    bottom = 0.0 if framing == "full" else 0.265 * height
    top = height * 1.004
    share = FULL if framing == "full" else 0.94
    foot = FLOOR if framing == "full" else 1.0
    per_height = (top - bottom) / share  # metres that the picture is high
    data.sensor_fit = "VERTICAL"
    data.sensor_height = 24.0
    data.lens = 24.0 * DISTANCE / per_height
    eye = 0.56 * height
    view.location = (x, -DISTANCE, eye)
    view.rotation_euler = (math.pi / 2, 0, 0)
    centre = bottom + (foot - 0.5) * per_height
    data.shift_y = (centre - eye) / per_height * (high / max(wide, high))
    bpy.context.view_layer.update()
    return view


def project(points: Array) -> Array:
    """(N, 3) metres -> (N, 3): x, y in pixels (centre of the first pixel: 0, 0) and depth."""
    from bpy_extras.object_utils import world_to_camera_view

    scene = bpy.context.scene
    bpy.context.view_layer.update()
    wide, high = scene.render.resolution_x, scene.render.resolution_y
    out = []
    for p in points:
        u, v, depth = world_to_camera_view(scene, scene.camera, Vector([float(c) for c in p]))
        out.append((u * wide - 0.5, (1 - v) * high - 0.5, depth))
    return vec(out)
