"""Bones, poses and joints. Poses are written as directions in the room, not as angles of joints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ml.studio.blender.sdf import Array, unit, vec
from ml.studio.blender.skeleton import hand_frame, skeleton
from ml.studio.blender.skin import BONES
from ml.studio.blender.spec import SIDES, Spec

_ENDS = {
    "root": ("root", "waist", None), "spine": ("waist", "chest", "root"),
    "chest": ("chest", "neck", "spine"), "neck": ("neck", "skull", "chest"),
    "head": ("skull", "crown", "neck"),
}  # fmt: skip
for _side, _ in SIDES:
    for _bone, _a, _b, _parent in (
        ("upper_arm", "shoulder", "elbow", "chest"), ("forearm", "elbow", "wrist", "_upper_arm"),
        ("hand", "wrist", "knuckles", "_forearm"), ("fingers", "knuckles", "fingertips", "_hand"),
        ("thigh", "hip", "knee", "root"), ("shin", "knee", "ankle", "_thigh"),
        ("foot", "ankle", "toe", "_shin"),
    ):  # fmt: skip
        _ENDS[f"{_side}_{_bone}"] = (
            f"{_side}_{_a}", f"{_side}_{_b}",
            f"{_side}{_parent}" if _parent.startswith("_") else _parent)  # fmt: skip

#: The 18 OpenPose points: a joint of the skeleton and the bone that carries it.
OPENPOSE = (
    ("nose", "head"), ("neck", "chest"),
    *((f"{side}_{joint}", f"{side}_{bone}") for side, _ in SIDES for joint, bone in
      (("shoulder", "upper_arm"), ("elbow", "forearm"), ("wrist", "hand"))),
    *((f"{side}_{joint}", f"{side}_{bone}") for side, _ in SIDES for joint, bone in
      (("hip", "thigh"), ("knee", "shin"), ("ankle", "foot"))),
    ("right_eye", "head"), ("left_eye", "head"), ("right_ear", "head"), ("left_ear", "head"),
)  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """Where an arm's segments point: degrees away from hanging down, sideways (outwards positive)
    and towards the camera. roll: the hand turned about its length, palm forwards positive.

    reach: instead of the first two, a point for the wrist in cm in the posed body's room.
    """

    upper: tuple[float, float] = (12.0, -2.0)
    forearm: tuple[float, float] = (7.0, 12.0)
    hand: tuple[float, float] = (3.0, 10.0)
    roll: float = 0.0
    curl: float = 0.0
    reach: tuple[float, float, float] | None = None
    pole: tuple[float, float, float] = (1.0, 0.6, -0.3)


@dataclass(frozen=True)
class Pose:
    """right, left: the arms. shift: pelvis towards its left (cm at 170). Angles in degrees.

    tilt: the pelvis' left side up. turn: head to its left. nod: head down. stance: distance of the
    ankles from the middle, in cm at 170. step: how far each foot stands before the other.
    """

    name: str = "relaxed"
    right: Arm = Arm()
    left: Arm = Arm()
    shift: float = 1.8
    tilt: float = 2.0
    turn: float = 0.0
    nod: float = 0.0
    lean: float = 0.0
    twist: float = 0.0
    stance: tuple[float, float] = (8.6, 7.4)
    step: tuple[float, float] = (3.5, 0.0)


A_POSE = Pose("a-pose")

LOWER_ARM = ("forearm", "hand", "fingers")


def build(spec: Spec) -> Any:
    """An armature in the rest pose, in metres."""
    data = bpy.data.armatures.new("bones")
    armature = bpy.data.objects.new("bones", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    at = skeleton(spec)
    for name in BONES:
        start, end, parent = _ENDS[name]
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = at[start] / 100, at[end] / 100
        bone.use_connect = False
        if parent:
            bone.parent = data.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    for bone in armature.pose.bones:
        bone.rotation_mode = "QUATERNION"
    armature.hide_render = True
    return armature


def bind(thing: Any, armature: Any, weights: Array) -> None:
    """Let ``thing`` move with the armature; weights as :func:`skin.weights` gives them. Its mesh
    gets an attribute ``lower_arm``: which vertices belong to forearms and hands."""
    for n, name in enumerate(BONES):
        column = weights[:, n]
        group = thing.vertex_groups.new(name=name)
        steps = np.round(column * 200).astype(int)
        for step in np.unique(steps[steps > 0]):
            value, ids = step / 200, np.flatnonzero(steps == step)
            group.add(ids.tolist(), float(value), "REPLACE")
    lower = weights[:, [name.endswith(LOWER_ARM) for name in BONES]].sum(axis=1) > 0.5
    thing.data.attributes.new("lower_arm", "BOOLEAN", "POINT").data.foreach_set("value", lower)
    modifier = thing.modifiers.new("bones", "ARMATURE")
    modifier.object = armature
    modifier.use_deform_preserve_volume = True


def pose(
    body: Any, wanted: Pose, frames: tuple[int, int] | None = None, spec: Spec | None = None
) -> None:
    """Bend the body into ``wanted``.

    frames: first and last of a move from the rest pose (keyframes, eased), for simulations.
    """
    from ml.studio.blender.body import spec_of

    armature = body.find_armature()
    spec = spec or spec_of(body)
    turns, offset = (
        solve(spec, wanted)
        if wanted.name != "a-pose"
        else ({b: np.eye(3) for b in BONES}, vec((0, 0, 0)))
    )
    if frames:
        _key(armature, {b: np.eye(3) for b in BONES}, vec((0, 0, 0)), frames[0])
        _key(armature, turns, offset, frames[1])
        bpy.context.scene.frame_set(frames[1])
    else:
        _key(armature, turns, offset, None)
    bpy.context.view_layer.update()


def _key(armature: Any, turns: dict[str, Array], offset: Array, frame: int | None) -> None:
    for name in BONES:
        bone = armature.pose.bones[name]
        rest = np.array(bone.bone.matrix_local.to_3x3())
        parent = turns[_ENDS[name][2]] if _ENDS[name][2] else np.eye(3)  # type: ignore[index]
        local = rest.T @ (parent.T @ turns[name]) @ rest
        bone.rotation_quaternion = Matrix(local.tolist()).to_quaternion()
        bone.location = rest.T @ offset / 100 if name == "root" else (0, 0, 0)
        if frame is not None:
            bone.keyframe_insert("rotation_quaternion", frame=frame)
            bone.keyframe_insert("location", frame=frame)


def direction(sign: float, angles: tuple[float, float]) -> Array:
    """A unit vector: degrees outwards and forwards from straight down. sign: -1 right, 1 left."""
    out, ahead = (math.radians(a) for a in angles)
    return unit((sign * math.sin(out) * math.cos(ahead), -math.sin(ahead),
                 -math.cos(out) * math.cos(ahead)))  # fmt: skip


def rotation(axis: Sequence[float] | Array, degrees: float) -> Array:
    return np.array(Matrix.Rotation(math.radians(degrees), 3, [float(v) for v in axis]))


def arc(a: Array, b: Array) -> Array:
    """The smallest rotation that takes direction ``a`` to ``b``."""
    a, b = unit(a), unit(b)
    axis = np.cross(a, b)
    length = float(np.linalg.norm(axis))
    if length < 1e-9:
        return np.eye(3)
    return rotation(axis / length, math.degrees(math.atan2(length, float(a @ b))))


def solve(spec: Spec, wanted: Pose) -> tuple[dict[str, Array], Array]:
    """Every bone's rotation in the room, and how far the pelvis moves (cm)."""
    at = skeleton(spec)
    s = spec.height / 170
    shift, side_tilt = wanted.shift * s, wanted.tilt
    offset = vec((shift, 0, -0.7 * s))
    turns = {"root": rotation((0, 1, 0), -side_tilt)}
    turns["spine"] = rotation((0, 1, 0), side_tilt * 0.8) @ rotation((0, 0, 1), wanted.twist * 0.5)
    turns["chest"] = (rotation((0, 1, 0), side_tilt * 1.3) @ rotation((0, 0, 1), wanted.twist)
                      @ rotation((1, 0, 0), -wanted.lean))  # fmt: skip
    turns["neck"] = rotation((0, 0, 1), wanted.turn * 0.4) @ rotation((1, 0, 0), wanted.nod * 0.4)
    turns["head"] = rotation((0, 0, 1), wanted.turn) @ rotation((1, 0, 0), wanted.nod)
    place = {"root": at["root"] + offset}
    for name in ("spine", "chest", "neck", "head"):
        start, _, parent = _ENDS[name]
        below = parent or "root"
        place[name] = place[below] + turns[below] @ (at[start] - at[_ENDS[below][0]])
    for n, (side, sign) in enumerate(SIDES):
        _arm(spec, side, sign, getattr(wanted, side), turns, place)
        hip = place["root"] + turns["root"] @ (at[f"{side}_hip"] - at["root"])
        ankle = at[f"{side}_ankle"].copy()
        ankle[0] = sign * wanted.stance[n] * s
        ankle[1] -= wanted.step[n] * s
        _leg(side, sign, hip, ankle, at, turns)
    return turns, offset


def _arm(
    spec: Spec, side: str, sign: float, arm: Arm, turns: dict[str, Array], place: dict[str, Array]
) -> None:
    at = skeleton(spec)
    rest = {b: at[f"{side}_{e}"] - at[f"{side}_{a}"] for b, a, e in
            (("upper_arm", "shoulder", "elbow"), ("forearm", "elbow", "wrist"),
             ("hand", "wrist", "knuckles"))}  # fmt: skip
    upper, lower = direction(sign, arm.upper), direction(sign, arm.forearm)
    if arm.reach is not None:
        shoulder = place["chest"] + turns["chest"] @ (at[f"{side}_shoulder"] - at["chest"])
        pole = vec(arm.pole) * vec((sign, 1, 1))
        upper, lower = two_bones(shoulder, vec(arm.reach), pole,
                                 float(np.linalg.norm(rest["upper_arm"])),
                                 float(np.linalg.norm(rest["forearm"])))  # fmt: skip
    turn = arc(turns["chest"] @ rest["upper_arm"], upper) @ turns["chest"]
    turns[f"{side}_upper_arm"] = turn
    turn = arc(turn @ rest["forearm"], lower) @ turn
    hand = arc(turn @ rest["hand"], direction(sign, arm.hand)) @ turn
    along = unit(hand @ rest["hand"])
    hand = rotation(along, -sign * arm.roll) @ hand
    # the forearm takes half of the hand's turning, as ulna and radius do
    turns[f"{side}_forearm"] = rotation(lower, -sign * arm.roll / 2) @ turn
    turns[f"{side}_hand"] = hand
    thumb = hand @ hand_frame(spec, side)[1]
    turns[f"{side}_fingers"] = rotation(thumb, sign * arm.curl) @ hand


def two_bones(
    start: Array, end: Array, pole: Array, first: float, second: float
) -> tuple[Array, Array]:
    """Directions of two bones from ``start`` to ``end`` that bend towards ``pole``."""
    way = end - start
    reach = min(float(np.linalg.norm(way)), (first + second) * 0.9995)
    along = unit(way)
    aside = unit(pole - along * (pole @ along))
    cosine = (first**2 + reach**2 - second**2) / (2 * first * reach)
    cosine = min(max(cosine, -1.0), 1.0)
    middle = along * (first * cosine) + aside * (first * math.sqrt(1 - cosine**2))
    return unit(middle), unit(along * reach - middle)


def _leg(
    side: str, sign: float, hip: Array, ankle: Array, at: dict[str, Array], turns: dict[str, Array]
) -> None:
    thigh = at[f"{side}_knee"] - at[f"{side}_hip"]
    shin = at[f"{side}_ankle"] - at[f"{side}_knee"]
    upper, lower = two_bones(hip, ankle, vec((sign * 0.12, -1, 0)),
                             float(np.linalg.norm(thigh)), float(np.linalg.norm(shin)))  # fmt: skip
    turns[f"{side}_thigh"] = arc(thigh, upper)
    turns[f"{side}_shin"] = arc(turns[f"{side}_thigh"] @ shin, lower) @ turns[f"{side}_thigh"]
    turns[f"{side}_foot"] = np.eye(3)


def joints(body: Any, spec: Spec | None = None) -> Array:
    """(18, 3) OpenPose points in metres, as the body stands in the current frame."""
    from ml.studio.blender.body import spec_of

    armature = body.find_armature()
    at = skeleton(spec or spec_of(body))
    at["neck"] = (at["left_shoulder"] + at["right_shoulder"]) / 2
    out = []
    for joint, name in OPENPOSE:
        bone = armature.pose.bones[name]
        moved = bone.matrix @ bone.bone.matrix_local.inverted()
        out.append(np.array(moved @ Matrix.Translation(at[joint] / 100).to_translation()))
    return vec(out)
