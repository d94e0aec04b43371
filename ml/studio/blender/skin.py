"""How the bones move points of the rest pose: weights from the parts' distance fields. Numpy only.

A point belongs to limbs by how near their surfaces are (a soft minimum), and along a limb to bones
by planes through the joints. So clothes drawn around the body move as the body does.
"""

from __future__ import annotations

import numpy as np

from ml.studio.blender import shape
from ml.studio.blender.mesher import neighbours
from ml.studio.blender.sdf import Array, Field, smoothstep, unit
from ml.studio.blender.skeleton import skeleton
from ml.studio.blender.spec import SIDES, Spec

SIDE_BONES = ("upper_arm", "forearm", "hand", "fingers", "thigh", "shin", "foot")
BONES = (
    "root", "spine", "chest", "neck", "head",
    *(f"{side}_{bone}" for side, _ in SIDES for bone in SIDE_BONES),
)  # fmt: skip
#: Limbs that share a point do so within about this many centimetres.
SOFT = 1.1


def weights(spec: Spec, points: Array, faces: Array | None = None, smooth: int = 7) -> Array:
    """(N, bones) rows that sum to 1, columns as :data:`BONES`. points: rest pose, cm.

    faces: of a mesh whose vertices the points are, along which weights are smoothed.
    """
    field = shape.field(spec)
    groups = sorted({part.group for part in field.parts})
    near = np.stack([_distance(field.only([g]), points) for g in groups], 1)
    share = np.exp(-(near - near.min(1, keepdims=True)) / SOFT)
    share /= share.sum(1, keepdims=True)
    out = np.zeros((len(points), len(BONES)))
    for n, group in enumerate(groups):
        for bone, w in _along(spec, group, points).items():
            out[:, BONES.index(bone)] += share[:, n] * w
    if faces is not None:
        average = neighbours(faces, len(points))
        for _ in range(smooth):
            out = 0.5 * out + 0.5 * average(out)
    out[out < 0.004] = 0
    return np.asarray(out / out.sum(1, keepdims=True))


def _distance(field: Field, points: Array) -> Array:
    low, high = field.bounds()
    far = np.linalg.norm(np.maximum(np.maximum(low - points, points - high), 0), axis=1)
    out = far + 2.0
    close = far < 12
    out[close] = field(points[close])
    return np.asarray(out)


def _along(spec: Spec, group: str, p: Array) -> dict[str, Array]:
    """Weights of the bones of one limb."""
    at = skeleton(spec)
    s = spec.scale
    if group == "trunk":
        upper = smoothstep(p[:, 2], 0.545 * spec.height, 0.640 * spec.height)
        top = smoothstep(p[:, 2], 0.640 * spec.height, 0.740 * spec.height)
        return {"root": 1 - upper, "spine": upper * (1 - top), "chest": upper * top}
    if group in ("neck", "head"):
        return {group: np.ones(len(p))}
    side, limb = group.split("_")
    if limb == "thumb":
        return {f"{side}_hand": np.ones(len(p))}
    names: tuple[str, ...]
    joints: tuple[str, ...]
    soft: tuple[float, ...]
    if limb == "arm":
        names = ("upper_arm", "forearm", "hand", "fingers")
        joints = ("shoulder", "elbow", "wrist", "knuckles", "fingertips")
        soft = (4.0, 2.6, 1.2)
    else:
        names = ("thigh", "shin", "foot")
        joints = ("hip", "knee", "ankle", "toe")
        soft = (4.5, 2.4)
    points = [at[f"{side}_{j}"] for j in joints]
    left = np.ones(len(p))
    out = {}
    for n, width in enumerate(soft):
        plane = unit(unit(points[n + 1] - points[n]) + unit(points[n + 2] - points[n + 1]))
        beyond = smoothstep((p - points[n + 1]) @ plane, -width * s, width * s)
        out[f"{side}_{names[n]}"] = left * (1 - beyond)
        left = left * beyond
    out[f"{side}_{names[-1]}"] = left
    return out
