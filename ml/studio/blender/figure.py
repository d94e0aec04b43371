"""A fitting model: body, wig and base outfit in a pose, ready for the camera."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ml.studio.blender import body as bodies
from ml.studio.blender import clothes, materials, mesher, rig, scene, shape, wig
from ml.studio.blender.clothes import Shell
from ml.studio.blender.sdf import Array, smoothstep, vec
from ml.studio.blender.skeleton import head_scale, skeleton
from ml.studio.blender.skin import BONES
from ml.studio.blender.spec import SIDES, Spec

#: Skin ends this far under a garment, in cm.
UNDER = 2.5
CELL = 0.62


def build(look: Mapping[str, Any]) -> Any:
    """Put a figure into the current scene and return its body.

    look: spec, pose, hair (style, colour), skin, top, bottom, shoes (style, colour), seed; what
    :class:`ml.studio.figures.Look` says.
    """
    spec = Spec(**look["spec"])
    seed = int(look["seed"])
    over = look["bottom"][0] != "leggings"
    worn = [
        (clothes.top(spec, look["top"][0], seed, over), look["top"][1], materials.cloth("top")),
        (clothes.bottom(spec, look["bottom"][0], seed), look["bottom"][1],
         materials.cloth("bottom")),
        (clothes.shoes(spec), look["shoes"], materials.shoes()),
        (wig.wig(spec, look["hair"][0], seed), look["hair"][1], materials.hair()),
    ]  # fmt: skip
    armature = rig.build(spec)
    body = skin(spec, armature, look, [shell for shell, _, _ in worn])
    for shell, colour, surface in worn:
        dress(spec, armature, shell, colour, surface)
    ease = 2.4 if look["top"][0] == "tee" else 0.5
    rig.pose(body, poses(spec, look["pose"], seed, ease))
    return body


def skin(spec: Spec, armature: Any, look: Mapping[str, Any], worn: list[Shell]) -> Any:
    """The painted body on its bones, cut away where one of ``worn`` hides it."""
    field = shape.field(spec)
    at = skeleton(spec)
    mesh = mesher.surface(field, CELL)

    def fine(p: Array) -> Array:
        face = p[:, 2] > at["chin"][2] - 2
        wrist = at["left_wrist"]
        hand = (np.abs(p[:, 0]) > wrist[0] - 3) & (p[:, 2] < wrist[2] + 3)
        return np.asarray(face | hand)

    def bare(p: Array) -> Array:
        return np.asarray(np.max([-shell.cut(p) - UNDER for shell in worn], axis=0))

    mesh = mesher.clip(mesh, bare)
    mesh = mesher.refine(field, mesh, fine)
    body = bodies.attach(spec, "body", mesh, armature)
    body["spec"] = json.dumps(asdict(spec))
    materials.paint(body, "paint", complexion(spec, mesh.vertices, look["skin"], look["hair"][1]))
    body.data.materials.append(materials.skin())
    return body


def dress(spec: Spec, armature: Any, shell: Shell, colour: str, surface: Any) -> None:
    """Put a shell of the base outfit, hair or shoes on the bones. colour: sRGB hex."""
    weights = _stiff(shell) if shell.bone else None
    thing = bodies.attach(spec, shell.name, shell.mesh, armature, shell.atr, weights)
    colours = materials.shaded(shell.shade, colour)
    if shell.name == "shoes":
        sole = smoothstep(shell.mesh.vertices[:, 2], 2.75 * spec.scale, 2.55 * spec.scale)
        white = np.array(scene.linear("#efece6")[:3])
        colours = colours * (1 - sole[:, None]) + white * sole[:, None]
    materials.paint(thing, "paint", colours)
    thing.data.materials.append(surface)
    if shell.thick:
        thick = thing.modifiers.new("thick", "SOLIDIFY")
        thick.thickness, thick.offset = shell.thick / 100, -1.0
        thick.use_even_offset = False


def _stiff(shell: Shell) -> Array:
    """Weights of what moves with one bone, or with the bone of its side."""
    weights = np.zeros((len(shell.mesh.vertices), len(BONES)))
    left = shell.mesh.vertices[:, 0] > 0
    names = [f"{side}_{shell.bone}" for side, _ in SIDES]
    if shell.bone in BONES:
        names = [shell.bone] * 2
    weights[~left, BONES.index(names[0])] = 1
    weights[left, BONES.index(names[1])] = 1
    return weights


def complexion(spec: Spec, v: Array, skin: str, hair: str) -> Array:
    """(N, 3) linear colours: the skin, a little warmer at cheeks and lips, brows, closed lids."""
    base, brown = (np.array(scene.linear(c)[:3]) for c in (skin, hair))
    q = (v - skeleton(spec)["chin"]) / head_scale(spec)
    x, y, z = np.abs(q[:, 0]), q[:, 1], q[:, 2]
    front = smoothstep(-y, 3.5, 5.5)
    colour = np.repeat(base[None], len(v), axis=0)

    def mix(target: Array, share: Array) -> None:
        colour[:] = colour * (1 - share[:, None]) + target * share[:, None]

    warm = base * vec((1.0, 0.70, 0.66))
    mix(warm, 0.30 * front * np.exp(-(((x - 4.3) / 1.7) ** 2) - ((z - 7.8) / 1.5) ** 2))
    mix(warm, 0.22 * front * np.exp(-((x / 1.2) ** 2) - ((z - 7.4) / 0.9) ** 2))
    lips = front * np.exp(-((x / 2.1) ** 4) - (((z - 4.2) / (0.90 - 0.18 * x)) ** 2) ** 1.5)
    mix(base * vec((0.84, 0.52, 0.50)), 0.50 * lips * (x < 2.6))
    arch = 12.95 + 0.42 * np.sin(np.clip((x - 1.2) / 3.8, 0, 1) * 2.6) - 0.25 * (x > 4)
    ends = smoothstep(x, 1.0, 1.7) * smoothstep(x, 5.1, 4.0)
    weight = 0.62 if spec.man else 0.5
    thick = 0.42 if spec.man else 0.34
    mix(np.minimum(brown * 1.2, base * 0.55), weight * front * ends
        * np.exp(-(((z - arch) / thick) ** 2)))  # fmt: skip
    lid = 10.50 + 0.11 * (x - 3.1) ** 2
    ends = smoothstep(x, 1.5, 2.1) * smoothstep(x, 4.8, 4.2)
    mix(base * 0.32, 0.55 * front * ends * np.exp(-(((z - lid) / 0.20) ** 2)))
    return colour


def poses(spec: Spec, name: str, seed: int, ease: float = 0.0) -> rig.Pose:
    """One of "relaxed", "hand on hip", "one hand in front"; seed varies sides and small angles.

    ease: how far the top stands off the body, in cm.
    """
    rng = np.random.default_rng(seed + 100)
    s, h = spec.height / 170, spec.height
    full = max(spec.fullness, 0)
    way = 1.0 if seed % 2 else -1.0  # which leg carries the weight
    out = 12.0 + 9.0 * full + (1.5 if spec.man else 0.0)

    def hanging() -> rig.Arm:
        a, b = rng.uniform(-1.5, 1.5, 2)
        return rig.Arm(upper=(out + a, -3.0 + b), forearm=(out - 5 + a, 11 + 2 * b),
                       hand=(out - 9 + a, 9.0), curl=6.0)  # fmt: skip

    arms = {"right": hanging(), "left": hanging()}
    side, sign = ("left", 1.0) if way > 0 else ("right", -1.0)
    shift = 1.8 * way
    field = shape.field(spec)
    if name == "hand on hip":
        level = 0.600 * h
        wide = _reach(field, vec((0, 0, level)), vec((1, 0, 0)))
        point = (sign * (wide + ease + 3.2 * s) + shift, -1.5 * s, level + 1.0 * s)
        arms[side] = rig.Arm(reach=point,
                             hand=(-42.0, 42.0), curl=10.0, pole=(1.0, 0.55, -0.2))  # fmt: skip
    elif name == "one hand in front":
        level = 0.598 * h
        deep = _reach(field, vec((5 * s, 0, level)), vec((0, -1, 0)))
        wide = _reach(field, vec((0, 0, level)), vec((1, 0, 0)))
        arms[side] = rig.Arm(reach=(sign * wide * 0.62 + shift, -deep - ease - 4.2 * s, level),
                             hand=(-78.0, 22.0), roll=-80.0, curl=8.0,
                             pole=(1.0, 0.45, -0.35))  # fmt: skip
    elif name != "relaxed":
        raise ValueError(name)
    stance = (8.8 + 3 * full, 7.8 + 3 * full)
    step = (4.0, 0.0)
    if way < 0:
        stance, step = stance[::-1], step[::-1]
    return rig.Pose(name, right=arms["right"], left=arms["left"], shift=1.8 * way, tilt=2.0 * way,
                    turn=-4.0 * way, nod=1.0, stance=stance, step=step)  # fmt: skip


def _reach(field: Any, start: Array, way: Array) -> float:
    """How far the body's surface lies from a point inside, in cm; seen from outside."""
    distances = np.linspace(45, 0, 181)
    inside = field(start + way * distances[:, None]) < 0
    # arms hang farther out: the trunk is what holds together with the start
    outside = np.flatnonzero(~inside)
    return float(distances[outside[-1]]) if len(outside) else 45.0
