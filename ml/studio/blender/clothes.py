"""The base outfit of a fitting model: clean shells around the body, hemmed, with soft folds.

A garment is the body's own distance field, grown and softened as cloth spans hollows, with straight
tubes where cloth hangs free, cut along its edges. It moves with the body's bones.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ml.person.annotation import Atr
from ml.studio.blender import mesher, shape
from ml.studio.blender.mesher import Mesh
from ml.studio.blender.sdf import (
    Array,
    Field,
    Part,
    ball,
    cone,
    smooth_min,
    smoothstep,
    tube,
    unit,
    vec,
)
from ml.studio.blender.skeleton import skeleton
from ml.studio.blender.spec import SIDES, Spec

Cut = Callable[[Array], Array]  # points -> about the distance outside the cut line in cm


@dataclass(frozen=True)
class Shell:
    """A garment in the rest pose. cut: negative where there is cloth. shade: (N,) of the colour.

    atr: class of each face. thick: of the cloth, in cm. bone: the one it moves with, where it is
    stiff ("foot": the side's own).
    """

    name: str
    mesh: Mesh
    cut: Cut
    shade: Array
    atr: Array
    thick: float = 0.16
    bone: str = ""


def top(spec: Spec, style: str, seed: int, over: bool = False) -> Shell:
    """style: "tee" or "tank". over: worn over what stands off the body, not over leggings."""
    at, h, s = skeleton(spec), spec.height, spec.scale
    tee = style == "tee"
    half = float(at["left_shoulder"][0])
    body = shape.field(spec).only(("trunk", "left_arm", "right_arm", "left_leg", "right_leg"))
    body = Field(tuple(p for p in body.parts if p.low[2] > 0.19 * h and p.high[2] > 0.50 * h
                       and not (p.group.endswith("_arm") and p.low[2] < 0.60 * h)))  # fmt: skip
    parts = [*body.grown(0, 2.2 if tee else 2.3 if over else 2.0).parts]
    fit = 0.85 if tee else 0.75 if over else 0.55
    low = (0.497 if tee else 0.505) * h
    if tee:
        parts += _hanging(spec, low) + _sleeves(spec)
    length = (0.106 if spec.man else 0.092) * h

    thick_neck = 0.006 * spec.man + 0.014 * max(spec.fullness, 0.0)
    collar = (0.848 + thick_neck if tee else 1.0) * h

    def hem(p: Array) -> Array:
        return np.asarray(low - p[:, 2])

    def neck(p: Array) -> Array:
        back = smoothstep(p[:, 1], -1.0 * s, 5.0 * s)
        wide, deep = (7.9, 5.8) if tee else (8.0, 11.5 if not spec.man else 9.0)
        centre = 0.8405 * h
        rz = (deep * (1 - back) + (2.6 if tee else 5.0) * back) * s
        dz = np.minimum(p[:, 2] - centre, 0) / rz
        r = np.sqrt((p[:, 0] / (wide * s)) ** 2 + dz**2)
        # level at the sides, where the trapezius would lift the collar into points
        ring = (1 - r) * wide * s
        return np.asarray(-smooth_min(-ring, collar - p[:, 2], 2.0))

    def arms(p: Array) -> Array:
        x = np.abs(p[:, 0])
        drop = at["left_shoulder"][2] - p[:, 2]
        if tee:
            along = unit(at["left_elbow"] - at["left_shoulder"])
            out = (x - half) * along[0] - drop * along[2] * 1.0
            return np.asarray(np.minimum(out - length, x - 0.92 * half - 0.2 * drop))
        cx, rx, cz, rz = half * 1.10, half * 0.46, 0.802 * h, 0.070 * h
        d = np.sqrt((np.maximum(cx - x, 0) / rx) ** 2 + ((p[:, 2] - cz) / rz) ** 2)
        return np.asarray(np.maximum((1 - d) * rx, x - cx))

    def cut(p: Array) -> Array:
        return np.asarray(np.max([hem(p), neck(p), arms(p)], axis=0))

    field = Field(tuple(parts), fit)
    mesh = mesher.clip(mesher.surface(field, 0.62), cut)
    v = mesh.vertices
    rng = np.random.default_rng(seed)
    normal = mesher.normals(field, v)
    fold = np.zeros(len(v))
    if tee:
        fall = smoothstep(v[:, 2], 0.70 * h, low)
        fold = 0.80 * fall * _ridges(np.arctan2(v[:, 0], -v[:, 1]), v[:, 2], 5.0, 0.055, rng)
        fold += 0.34 * _pull(v, at, h, rng)
        waist = np.exp(-(((v[:, 2] - 0.60 * h) / (0.05 * h)) ** 2))
        fold += 0.26 * waist * _ridges(v[:, 2] / 3.6 + 0.05 * v[:, 0], v[:, 0], 1.0, 0.11, rng)
    else:
        fold = 0.05 * _ridges(v[:, 2] / 4 + 0.03 * v[:, 0], v[:, 0], 1.0, 0.1, rng)
    edge = _bands(-neck(v), 1.9 * s if tee else 1.1 * s)
    edge = [a + b for a, b in zip(edge, _bands(-hem(v), 2.0 * s, False), strict=True)]
    edge = [a + b for a, b in zip(edge, _bands(-arms(v), 1.8 * s if tee else 1.1 * s, not tee),
                                  strict=True)]  # fmt: skip
    moved = v + normal * (fold * smoothstep(-neck(v), 1.0, 5.0) + edge[0])[:, None]
    return Shell("top", Mesh(moved, mesh.faces), cut, 1 - edge[1],
                 np.full(len(mesh.faces), int(Atr.UPPER)))  # fmt: skip


def bottom(spec: Spec, style: str, seed: int) -> Shell:
    """style: "leggings", "slim" trousers or "shorts"."""
    at, h, s = skeleton(spec), spec.height, spec.scale
    body = shape.field(spec).only(("trunk", "left_leg", "right_leg"))
    body = Field(tuple(p for p in body.parts if p.low[2] < 0.66 * h))
    fit, softer = {"leggings": (0.22, 0.6), "slim": (0.60, 2.6), "shorts": (0.5, 1.0)}[style]
    low = {"leggings": 0.060, "slim": 0.030, "shorts": 0.372}[style] * h
    wide = 1 + 0.55 * spec.fullness
    parts = [*body.grown(0, softer).parts]
    for side, sign in SIDES:
        hip, knee, ankle = (at[f"{side}_{j}"] for j in ("hip", "knee", "ankle"))
        group = f"{side}_leg"
        if style == "slim":
            parts.append(
                cone(
                    group,
                    hip * 0.35 + knee * 0.65 + vec((0, 0.6, 0)) * s,
                    ankle + vec((0, 0.4, -1)) * s,
                    7.0 * s * wide,
                    6.0 * s,
                    2.0,
                )
            )
        if style == "shorts":
            r = 8.6 * s * (1 + 0.75 * spec.fullness)
            parts.append(cone(group, hip + vec((sign * 0.8, 0, -6)) * s,
                              knee + vec((sign * 1.2, 0, 4)) * s, r, r * 1.02, 1.0))  # fmt: skip

    def hem(p: Array) -> Array:
        # trouser legs are longer at the heel, shorts shorter behind, where they would show
        tilt = -0.10 * p[:, 1] if style == "slim" else 0.08 * np.maximum(p[:, 1], 0)
        return np.asarray(low - p[:, 2] + tilt)

    def cut(p: Array) -> Array:
        return np.asarray(np.max([hem(p), p[:, 2] - 0.600 * h, np.abs(p[:, 0]) - 0.21 * h], axis=0))

    field = Field(tuple(parts), fit)
    mesh = mesher.clip(mesher.surface(field, 0.66), cut)
    v = mesh.vertices
    rng = np.random.default_rng(seed + 5)
    normal = mesher.normals(field, v)
    fold = np.zeros(len(v))
    x = np.abs(v[:, 0])
    if style == "slim":
        for level, reach, much in ((0.075, 0.055, 0.60), (0.27, 0.05, 0.36), (0.47, 0.04, 0.30)):
            near = np.exp(-(((v[:, 2] / h - level) / reach) ** 2))
            fold += much * near * _ridges(v[:, 2] / 3.4 + 0.09 * (x - 10), v[:, 1], 1.0, 0.16, rng)
    elif style == "shorts":
        fall = smoothstep(v[:, 2], 0.47 * h, low)
        around = np.arctan2(x - 9.5 * s, -v[:, 1])
        fold = 0.60 * fall * _ridges(around, v[:, 2], 3.0, 0.05, rng)
        near = np.exp(-(((v[:, 2] / h - 0.475) / 0.03) ** 2)) * (v[:, 1] < 0)
        fold += 0.25 * near * _ridges(v[:, 2] / 3.2 - 0.16 * x, v[:, 0], 1.0, 0.1, rng)
    else:
        for level, reach, much in ((0.07, 0.02, 0.07), (0.28, 0.03, 0.05), (0.465, 0.02, 0.06)):
            near = np.exp(-(((v[:, 2] / h - level) / reach) ** 2))
            fold += much * near * _ridges(v[:, 2] / 1.8, v[:, 0], 1.0, 0.2, rng)
    lift, dark = _bands(-hem(v), 2.4 * s, False)
    seam = np.exp(-((v[:, 1] - 0.8 * s) ** 2) / 0.10) * (x > 9 * s) * (style != "leggings")
    if style != "leggings":  # the crotch seam and the pockets' mouths
        front = (v[:, 1] < 0) & (v[:, 2] > 0.468 * h)
        seam = seam + np.exp(-(v[:, 0] ** 2) / 0.08) * front
        mouth = (x - 0.075 * h) - (0.575 * h - v[:, 2]) * 0.30
        seam = seam + np.exp(-(mouth**2) / 0.12) * front * (v[:, 2] > 0.525 * h)
    moved = v + normal * (fold + lift - 0.05 * seam)[:, None]
    return Shell("bottom", Mesh(moved, mesh.faces), cut, 1 - dark - 0.22 * np.clip(seam, 0, 1),
                 np.full(len(mesh.faces), int(Atr.PANTS)))  # fmt: skip


def shoes(spec: Spec) -> Shell:
    """Low plain trainers with a light sole."""
    at = skeleton(spec)
    k = spec.scale * (1.06 if spec.man else 0.98)
    feet = [p for p in shape.field(spec).parts if p.group.endswith("_leg") and p.high[2] < 13]
    parts = [*Field(tuple(feet)).grown(0, 2.0).parts]
    soles = []
    for side, sign in SIDES:
        ankle, toe = at[f"{side}_ankle"], at[f"{side}_toe"]
        ahead = unit((toe - ankle) * vec((1, 1, 0)))
        out = vec((-ahead[1], ahead[0], 0)) * sign
        top_ = ankle + vec((0, 0.3, 1.0)) * k
        parts.append(cone(f"{side}_leg", ankle - vec((0, 0, 2)), top_, 3.9 * k, 3.8 * k, 2.0))
        tip = ankle + ahead * (15.2 * k)
        tip[2] = 2.3 * k
        parts.append(ball(f"{side}_leg", tip, vec((3.6, 3.6, 2.2)) * k, 2.2))
        joint = ankle + ahead * (11.0 * k) + out * 0.4
        prints = [(ankle - ahead * 2.6 * k, 3.7 * k), (joint, 4.8 * k), (tip + out * 0.2, 3.9 * k)]
        soles.append(_sole(f"{side}_leg", prints, 2.6 * k))

    def cut(p: Array) -> Array:
        # the collar is highest behind the heel and dips below the ankle bones
        rel = p[:, 1] - at["left_ankle"][1]
        line = (6.9 + 0.07 * np.abs(rel) + 0.06 * rel) * k
        return np.asarray(p[:, 2] - line)

    field = Field((*parts, *soles), 0.30)
    mesh = mesher.clip(mesher.surface(field, 0.45), cut)
    v = mesh.vertices
    v[:, 2] = np.maximum(v[:, 2], 0.0)
    x = v[mesh.faces].mean(1)[:, 0]
    shade = np.ones(len(v))
    line = np.abs(v[:, 2] - 2.75 * k)
    shade -= 0.25 * np.exp(-((line / 0.22) ** 2))
    for side, _ in SIDES:
        ankle = at[f"{side}_ankle"]
        ahead = unit((at[f"{side}_toe"] - ankle) * vec((1, 1, 0)))
        q = v - ankle
        along, aside = q @ ahead / k, q @ np.cross(vec((0, 0, 1)), ahead) / k
        mine = (np.abs(aside) < 5.5) & (v[:, 2] > 2.9 * k)
        cap = np.exp(-(((along - 12.6 + 0.18 * aside**2 * 0.3) / 0.22) ** 2))
        shade -= mine * 0.20 * cap
        laced = mine & (np.abs(aside) < 1.9) & (along > 3.2) & (along < 11.2)
        rung = np.cos(along * 2 * math.pi / 1.55)
        shade = np.where(laced, 0.84 + 0.16 * np.sign(rung), shade)
        edge = np.exp(-(((np.abs(aside) - 2.1) / 0.18) ** 2)) * (along > 2.8) * (along < 11.6)
        shade -= mine * 0.2 * edge
    return Shell(
        "shoes",
        mesh,
        cut,
        shade,
        np.where(x > 0, int(Atr.LEFT_SHOE), int(Atr.RIGHT_SHOE)),
        0.25,
        "foot",
    )


def _sole(group: str, prints: list[tuple[Array, float]], high: float) -> Part:
    """A slab of the height ``high`` under circles (centre, radius) joined to a footprint."""

    def distance(p: Array) -> Array:
        flat = np.full(len(p), 1e3)
        for (a, ra), (b, rb) in itertools.pairwise(prints):
            axis = (b - a)[:2]
            t = np.clip((p[:, :2] - a[:2]) @ axis / (axis @ axis), 0, 1)
            gap = np.linalg.norm(p[:, :2] - a[:2] - t[:, None] * axis, axis=1)
            flat = np.minimum(flat, gap - ra - (rb - ra) * t)
        slab = np.abs(p[:, 2] - high / 2) - high / 2
        return np.asarray(np.maximum(flat, slab) - 0.1)

    centres = np.array([c for c, _ in prints])
    reach = max(r for _, r in prints) + 0.5
    low, high_ = centres.min(0) - reach, centres.max(0) + reach
    low[2], high_[2] = -0.5, high + 0.5
    return Part(group, 0.35, distance, low, high_)


def _hanging(spec: Spec, low: float) -> list[Part]:
    """What a tee does below the bust: fall straight instead of following the waist."""
    h = spec.height
    bust, waist, hip = (g / (2 * math.pi) for g in (spec.bust, spec.waist, spec.hip))
    drop = 0.94 if spec.man else 0.86
    upper, lower = bust * drop, max(hip * 0.99, waist * 1.05)
    rows = [[t, (upper + (lower - upper) * t) * 1.20, (upper + (lower - upper) * t) * 0.80,
             (upper + (lower - upper) * t) * 0.72] for t in (0.0, 0.5, 1.0)]  # fmt: skip
    return [tube("trunk", (0, -0.6, 0.70 * h), (0, -0.2, low - 4), rows, 5.0, power=2.3, cap=3)]


def _sleeves(spec: Spec) -> list[Part]:
    at, s = skeleton(spec), spec.scale * (1 + 0.7 * spec.fullness)
    r = (7.0 if spec.man else 5.9) * s
    out = []
    for side, _ in SIDES:
        a, b = at[f"{side}_shoulder"], at[f"{side}_elbow"]
        down = vec((0, 0, -0.8)) * s
        out.append(cone(f"{side}_arm", a * 0.85 + b * 0.15, a * 0.2 + b * 0.8 + down,
                        r * 0.90, r * 1.06, 3.0))  # fmt: skip
    return out


def _bands(inset: Array, width: float, raised: bool = True) -> list[Array]:
    """Height and darkness of a hem: a band ``width`` cm wide along an edge, and its stitches."""
    line = np.exp(-(((inset - width) / 0.20) ** 2))
    band = smoothstep(width - inset, -0.15, 0.15) * (inset < width + 1)
    return [0.10 * band * raised - 0.07 * line, 0.16 * line + 0.03 * band]


def _ridges(
    across: Array, along: Array, count: float, warp: float, rng: np.random.Generator
) -> Array:
    """Soft folds, -1..1, that wander and fade along the cloth."""
    out = np.zeros(len(across))
    for n in range(1, 4):
        f = count * n * rng.uniform(0.8, 1.2)
        a, b = rng.uniform(0, 2 * math.pi, 2)
        wander = warp * n * (np.sin(along * 0.09 + a) * 6 + along * rng.uniform(-0.4, 0.4))
        fade = 0.6 + 0.4 * np.sin(along * 0.07 * n + b + across)
        out += fade / n * np.sin(f * across + wander + b)
    return np.asarray(out / 1.6)


def _pull(v: Array, at: dict[str, Array], h: float, rng: np.random.Generator) -> Array:
    """Folds that run from the armpits towards the chest and the waist."""
    out = np.zeros(len(v))
    for side, sign in SIDES:
        root = vec((sign * (abs(at[f"{side}_shoulder"][0]) - 1.0), 0, 0.745 * h))
        x, z = (v[:, 0] - root[0]) * -sign, root[2] - v[:, 2]
        distance = np.hypot(x, z)
        angle = np.arctan2(z, x)
        near = smoothstep(distance, 1.0, 5.0) * np.exp(-distance / 9.0)
        phase = rng.uniform(0, 6)
        out += near * np.sin(angle * 9 + phase + 0.15 * distance) * 1.6
    return out
