"""The mannequin as a Blender object: a closed, even mesh with bones, labels, coordinates."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import bpy
import numpy as np

from ml.studio.blender import charts, mesher, rig, shape, skin
from ml.studio.blender.mesher import Mesh
from ml.studio.blender.sdf import Array
from ml.studio.blender.spec import BUST, HIP, WAIST, Spec
from ml.studio.blender.tape import convex_hull

METRE = 100.0


def build_body(spec: Spec, cell: float = 0.6) -> Any:
    """A mannequin in its rest pose (arms at 38 degrees), in metres, feet on z = 0, facing -y.

    The object's modifier is its armature (``body.find_armature()``); :func:`rig.pose` bends it.
    Attributes: ``atr`` and ``part`` (faces, integers), ``body_uv`` (corners); vertex groups: the
    bones. cell: length of an edge in cm; surfaces of different cells coincide.
    """
    mesh = mesher.surface(shape.field(spec), cell)
    body = attach(spec, "body", mesh, rig.build(spec))
    body["spec"] = json.dumps(asdict(spec))
    return body


def spec_of(body: Any) -> Spec:
    return Spec(**json.loads(body["spec"]))


def attach(
    spec: Spec,
    name: str,
    mesh: Mesh,
    armature: Any,
    atr: Array | int | None = None,
    weights: Array | None = None,
) -> Any:
    """An object of a mesh in the rest pose (cm) that moves with the body and carries its labels.

    atr: the ATR class of all faces or of each (default: of bare skin). weights: of the bones
    (default: :func:`skin.weights`).
    """
    data = bpy.data.meshes.new(name)
    fill(data, mesh)
    body = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(body)
    if weights is None:
        weights = skin.weights(spec, mesh.vertices, mesh.faces)
    rig.bind(body, armature, weights)
    label(spec, body, mesh, weights, atr)
    return body


def fill(data: Any, mesh: Mesh) -> None:
    """Vertices (in metres) and smooth faces of ``mesh``, in its order."""
    corners = np.where(mesh.faces[:, 2] == mesh.faces[:, 3], 3, 4)
    data.vertices.add(len(mesh.vertices))
    data.vertices.foreach_set("co", (mesh.vertices / METRE).astype(np.float32).ravel())
    keep = np.arange(4) < corners[:, None]
    data.loops.add(int(corners.sum()))
    data.loops.foreach_set("vertex_index", mesh.faces[keep].astype(np.int32))
    data.polygons.add(len(corners))
    starts = np.concatenate([[0], np.cumsum(corners)[:-1]]).astype(np.int32)
    data.polygons.foreach_set("loop_start", starts)
    data.update(calc_edges=True)
    data.polygons.foreach_set("use_smooth", np.ones(len(corners), bool))
    data.validate()


def label(
    spec: Spec, thing: Any, mesh: Mesh, weights: Array, atr: Array | int | None = None
) -> None:
    """Write the attributes ``atr``, ``part`` and ``body_uv``."""
    faces = mesh.faces
    middle = mesh.vertices[faces].mean(1)
    mean = weights[faces].mean(1)
    across = mesh.vertices[faces[:, 2]] - mesh.vertices[faces[:, 0]]
    normal = np.cross(across, mesh.vertices[faces[:, 3]] - mesh.vertices[faces[:, 1]])
    part = charts.parts(spec, middle, mean, normal)
    given = charts.atr(mean) if atr is None else np.broadcast_to(np.asarray(atr), len(faces))
    data = thing.data
    for name, values in (("atr", given), ("part", part)):
        data.attributes.new(name, "INT", "FACE").data.foreach_set("value", values.astype(np.int32))
    keep = (np.arange(4) < np.where(faces[:, 2] == faces[:, 3], 3, 4)[:, None]).ravel()
    uv = charts.coordinates(spec, mesh.vertices[faces].reshape(-1, 3), np.repeat(part, 4))
    flat = data.attributes.new("body_uv", "FLOAT2", "CORNER")
    flat.data.foreach_set("vector", uv[keep].astype(np.float32).ravel())


def girths(body: Any) -> tuple[float, float, float]:
    """Bust (or chest), waist and hip in cm, taped around the mesh in its rest pose."""
    spec = spec_of(body)
    data = body.data
    points = np.empty(len(data.vertices) * 3)
    data.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3) * METRE
    ends = np.empty(len(data.edges) * 2, dtype=np.int64)
    data.edges.foreach_get("vertices", ends)
    edges = ends.reshape(-1, 2)
    arm = spec.scale * 17.0 * (1 + 0.6 * spec.fullness)  # arms lie beyond
    out = []
    for level in (BUST, WAIST, HIP):
        z = level * spec.height
        a, b = points[edges[:, 0]], points[edges[:, 1]]
        crossed = (a[:, 2] < z) != (b[:, 2] < z)
        a, b = a[crossed], b[crossed]
        t = ((z - a[:, 2]) / (b[:, 2] - a[:, 2]))[:, None]
        ring = (a + (b - a) * t)[:, :2]
        hull = convex_hull(_around_axis(ring, arm))
        out.append(float(np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum()))
    return (out[0], out[1], out[2])


def _around_axis(ring: Array, reach: float) -> Array:
    """The points of a slice that belong to the trunk: up to the first gap sideways."""
    order = np.argsort(np.abs(ring[:, 0]))
    distance = np.abs(ring[order, 0])
    gap = np.flatnonzero((np.diff(distance) > 1.5) & (distance[1:] > reach * 0.6))
    return np.asarray(ring[order[: gap[0] + 1]] if len(gap) else ring)
