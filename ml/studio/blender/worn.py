"""Dresses a figure in a garment: simulation, mesh, material, and tucking away what lies under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ml.studio.blender import mesher, rig, scene, sew, shape, simulate, skin
from ml.studio.blender.body import attach, spec_of
from ml.studio.blender.sdf import Array
from ml.studio.blender.sew import Form, Sewn
from ml.studio.blender.simulate import Cloth, Fabric, Mover
from ml.studio.blender.skeleton import skeleton

#: Edge of the body's mesh that cloth collides with, cm; and how many poses of a movement are kept.
CELL, POSES = 1.6, 12
#: m that a garment keeps from skin, and from clothes that stay on under it.
SKIN, CLOTHES = 0.0045, 0.011
#: Cloth of the trunk leaves room for sleeves, and sleeves for it.
BESIDE = 0.011
#: How far what a garment hides is drawn back at least, and how deep under the cloth, m.
TUCK, UNDER = 0.006, 0.004
#: Smoothing steps in and out; and m that a flap lies off the front where held and at its edge.
EVEN, FLAP = 4, (0.003, 0.007)
_LIMB = {"upper_arm": sew.LEFT_ARM, "forearm": sew.LEFT_ARM, "hand": sew.LEFT_ARM,
         "fingers": sew.LEFT_ARM, "thigh": sew.LEFT_LEG, "shin": sew.LEFT_LEG,
         "foot": sew.LEFT_LEG}  # fmt: skip


class Failed(Exception):
    """A simulation whose result must not be shown, and why."""


@dataclass(frozen=True)
class Look:
    """How cloth behaves and shines. ease: cm of room at bust or hip."""

    ease: float = 13.0
    bend: float = 6e-7
    thickness: float = 0.002
    roughness: float = 0.85
    sheen: float = 0.25
    bump: float = 0.12


@dataclass(frozen=True)
class Worn:
    """A garment as it lies on the body. x: (n, 3) m."""

    sewn: Sewn
    x: Array
    report: Mapping[str, float]


def limbs(weights: Array) -> Array:
    """(n,) ``sew``'s limbs of vertices, from the bones that move them."""
    kinds = []
    for bone in skin.BONES:
        side, _, rest = bone.partition("_")
        if rest:
            kinds.append(_LIMB[rest] + (1 if side == "right" else 0))
        else:
            kinds.append(sew.HEAD if bone in ("neck", "head") else sew.TRUNK)
    return np.asarray(np.array(kinds)[weights.argmax(axis=1)])


@dataclass(frozen=True)
class Stand:
    """A body as cloth meets it: in its A pose, and moving from there into the wanted pose."""

    form: Form
    mover: Mover


def stand(body: Any, pose: rig.Pose) -> Stand:
    """The body is left in ``pose``."""
    spec = spec_of(body)
    mesh = mesher.surface(shape.field(spec), CELL)
    limb = limbs(skin.weights(spec, mesh.vertices, mesh.faces))
    form = Form(mesh.vertices, limb, skeleton(spec), spec.sex, spec.height, spec.bust,
                spec.waist, spec.hip)  # fmt: skip
    return Stand(form, _mover(body, mesh, limb, pose))


def simulated(
    stand: Stand, header: Mapping[str, Any], pattern: Mapping[str, Array], look: Look,
    over: Iterable[tuple[float, float]] = (),
) -> Worn:  # fmt: skip
    """The garment as it comes to lie on a body.

    over: heights (from, to, as shares of the stature) between which clothes stay on under the
    garment. Raises Failed, and ValueError where the garment cannot be cut for this body.
    """
    sewn = sew.sew(stand.form, header, pattern, look.ease)
    mover = stand.mover
    arms = (sew.LEFT_ARM, sew.RIGHT_ARM)
    level = mover.frames[0][mover.triangles[:, 0], 2] / stand.form.height * 100
    covered = np.zeros(len(level), bool)
    for low, high in over:
        covered |= (level > low) & (level < high) & ~np.isin(mover.parts, arms)
    base = np.where(covered, CLOTHES, SKIN).astype(np.float32)
    sleeves = bool(np.isin(sewn.body, arms).any())
    trunk = ~np.isin(sewn.body, arms)

    def keep(near: Array) -> Array:
        other = mover.parts[near]
        out = base[near]
        if sleeves and len(near) == len(trunk):
            beside = (trunk & np.isin(other, arms)) | (~trunk & ~np.isin(other, arms))
            out = np.where(beside, np.float32(BESIDE), out)
        return np.asarray(out, np.float32)

    cloth = Cloth(sewn.x / 100, sewn.triangles, sewn.edges, sewn.rest / 100, sewn.bends,
                  sewn.bend_rest / 100, Fabric(bend=look.bend, thickness=SKIN))  # fmt: skip
    simulate.settle(cloth, mover, keep, sewn.runs.get("waist"))
    return Worn(sewn, cloth.x.copy(), _judged(cloth, sewn, mover))


def _mover(body: Any, mesh: mesher.Mesh, limb: Array, pose: rig.Pose) -> Mover:
    """The coarse body in poses from the A to the wanted one."""
    scene = bpy.context.scene
    collider = attach(spec_of(body), "collider", mesh, body.find_armature())
    rig.pose(body, pose, (1, POSES))
    frames = []
    for frame in range(1, POSES + 1):
        scene.frame_set(frame)
        frames.append(positions(collider))
    bpy.data.objects.remove(collider)
    f = mesh.faces
    triangles = np.concatenate([f[:, [0, 1, 2]], f[:, [0, 2, 3]]])
    triangles = triangles[triangles[:, 1] != triangles[:, 2]]
    triangles = triangles[(triangles[:, 0] != triangles[:, 2])].astype(np.int64)
    return Mover(np.stack(frames).astype(np.float32), triangles, limb[triangles[:, 0]])


def positions(thing: Any) -> Array:
    """(n, 3) metres, as an object's modifiers leave its vertices in the current frame."""
    made = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    data = made.to_mesh()
    out = np.empty(len(data.vertices) * 3, np.float32)
    data.vertices.foreach_get("co", out)
    made.to_mesh_clear()
    return out.reshape(-1, 3)


def _judged(cloth: Cloth, sewn: Sewn, mover: Mover) -> dict[str, float]:
    """Figures by which a simulation is told to have gone well. Raises Failed."""
    x = cloth.x
    if not np.isfinite(x).all():
        raise Failed("the cloth is nowhere")
    strain = cloth.strain()
    body = mover.at(1)
    low, high = body.min(axis=0) - 0.25, body.max(axis=0) + 0.25
    if ((x < low) | (x > high)).any():
        raise Failed("the cloth left the body")
    contact = simulate.touch(x, body, mover, lambda t: np.zeros(len(t), np.float32))
    gap = np.einsum("ij,ij->i", x - contact.points(body, mover.triangles), contact.out)
    report = {"inside": float((gap < -0.001).mean()), "stretched": float((strain > 0.35).mean()),
              "sunk": float(sewn.x[:, 2].max() / 100 - x[:, 2].max())}  # fmt: skip
    hem = sewn.runs.get("hem")
    rise = x[hem, 2] - sewn.x[hem, 2] / 100 if hem is not None else np.zeros(1)
    report["caught"] = float(rise.max() - np.median(rise))  # by a hand that came past
    for name, most in (("inside", 0.02), ("stretched", 0.05), ("sunk", 0.09), ("caught", 0.13)):
        if report[name] > most:
            raise Failed(f"{name}: {report[name]:.3f}")
    return report


# -- what is rendered ------------------------------------------------------------------------------


def garment(worn: Worn, pattern: Mapping[str, Array], texture: str, look: Look, atr: int) -> Any:
    """A Blender object of a worn garment, a little thick, with its texture and its label.

    pattern: its ``uv`` are 0..1 from the upper left corner of the texture.
    """
    data = bpy.data.meshes.new("garment")
    sewn = worn.sewn
    x, triangles, corners = _evened(worn), sewn.triangles, pattern["uv"][sewn.corners]
    if "flap_points" in pattern:
        loose = _flaps(x, sewn, pattern)
        triangles = np.concatenate([triangles, pattern["flap_triangles"] + len(x)])
        corners = np.concatenate([corners, pattern["flap_uv"][pattern["flap_triangles"]]])
        x = np.concatenate([x, loose])
    data.from_pydata(x.tolist(), [], triangles.tolist())
    corners = corners.reshape(-1, 2).astype(np.float32)
    corners[:, 1] = 1 - corners[:, 1]
    data.uv_layers.new(name="uv").data.foreach_set("uv", corners.ravel())
    data.attributes.new("atr", "INT", "FACE").data.foreach_set(
        "value", np.full(len(triangles), atr, np.int32)
    )
    data.polygons.foreach_set("use_smooth", np.ones(len(triangles), bool))
    data.materials.append(_material(texture, look))
    data.validate()
    made = bpy.data.objects.new("garment", data)
    bpy.context.scene.collection.objects.link(made)
    _outside_out(made)
    smooth = made.modifiers.new("smooth", "SUBSURF")
    smooth.levels = smooth.render_levels = 1
    thick = made.modifiers.new("thick", "SOLIDIFY")
    thick.thickness, thick.offset, thick.use_rim = look.thickness, 1.0, True
    return made


def _evened(worn: Worn) -> Array:
    """(n, 3) the cloth without the jitter from vertex to vertex that a simulation of few steps
    leaves: Taubin, "A signal processing approach to fair surface design" (SIGGRAPH 1995)."""
    inner = ~_rim(worn)
    a, b = worn.sewn.edges.T
    count = np.maximum(np.bincount(a, minlength=len(inner)) + np.bincount(b, minlength=len(inner)),
                       1)[:, None]  # fmt: skip
    x = worn.x.astype(np.float64)
    for step in (0.5, -0.53) * EVEN:
        around = np.zeros_like(x)
        np.add.at(around, a, x[b])
        np.add.at(around, b, x[a])
        x = np.where(inner[:, None], x + step * (around / count - x), x)
    return np.asarray(x, np.float32)


def _flaps(x: Array, sewn: Sewn, pattern: Mapping[str, Array]) -> Array:
    """(k, 3) collars and lapels: where they lie on the front, off it a little, more so at their
    free edges."""
    points, corners = pattern["points"], sewn.corners
    front = np.flatnonzero(sewn.panel == 0)  # panels begin with the front
    a, b, c = (points[corners[front, n]] for n in range(3))
    u, v = b - a, c - a
    det = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    w = pattern["flap_points"][:, None] - a
    s = (w[..., 0] * v[:, 1] - w[..., 1] * v[:, 0]) / det
    t = (u[:, 0] * w[..., 1] - u[:, 1] * w[..., 0]) / det
    within = np.stack([1 - s - t, s, t], axis=2)
    best = within.min(axis=2).argmax(axis=1)  # beyond the edge: the triangle that is nearest
    weight = np.clip(within[np.arange(len(best)), best], -0.6, 1.6)
    weight /= weight.sum(axis=1, keepdims=True)
    mine = sewn.triangles[front[best]]
    way = _normals(x, sewn.triangles[front])
    out = (way[mine] * weight[..., None]).sum(axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    lift = FLAP[0] + (FLAP[1] - FLAP[0]) * np.clip(pattern["flap_away"] / 60, 0, 1)
    lift = lift + pattern["flap_level"] * FLAP[0]
    return np.asarray((x[mine] * weight[..., None]).sum(axis=1) + out * lift[:, None], np.float32)


def _normals(x: Array, triangles: Array) -> Array:
    """(n, 3) per vertex, of a panel that looks at the camera."""
    a, b, c = (x[triangles[:, n]] for n in range(3))
    flat = np.cross(b - a, c - a)
    out = np.zeros_like(x)
    for n in range(3):
        np.add.at(out, triangles[:, n], flat)
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-12
    return np.asarray(out if flat[:, 1].sum() < 0 else -out)


def _outside_out(made: Any) -> None:
    """Panels turn both ways; faces that look at their neighbours' backs are turned."""
    bpy.ops.object.select_all(action="DESELECT")
    made.select_set(True)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.normals_make_consistent(inside=False)
    bpy.ops.object.mode_set(mode="OBJECT")


def _material(texture: str, look: Look) -> Any:
    made = bpy.data.materials.new("cloth")
    made.use_nodes = True
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = look.roughness
    surface.inputs["Sheen Weight"].default_value = look.sheen
    surface.inputs["Specular IOR Level"].default_value = 0.25
    image = tree.nodes.new("ShaderNodeTexImage")
    image.image = bpy.data.images.load(texture)
    image.extension = "EXTEND"
    tree.links.new(image.outputs["Color"], surface.inputs["Base Color"])
    grain = tree.nodes.new("ShaderNodeTexNoise")
    grain.inputs["Scale"].default_value = 260.0
    grain.inputs["Detail"].default_value = 3.0
    where = tree.nodes.new("ShaderNodeUVMap")
    tree.links.new(where.outputs["UV"], grain.inputs["Vector"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = look.bump
    bump.inputs["Distance"].default_value = 0.001
    tree.links.new(grain.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])
    return made


def tuck(things: Iterable[Any], worn: Worn, reach: float = 0.035) -> list[tuple[Any, Any]]:
    """Freeze objects as they stand and draw back what the garment covers, so that nothing pokes
    through its triangles. reach: m up to which cloth counts as lying on something.

    Returns what :func:`untuck` needs to undo it.
    """
    rim = _rim(worn)
    sleeves = np.isin(worn.sewn.body, (sew.LEFT_ARM, sew.RIGHT_ARM))
    things = list(things)
    for thing in things:
        for modifier in thing.modifiers:  # the inside of a thick shell would be drawn outwards
            modifier.show_viewport = modifier.type == "ARMATURE"
    graph = bpy.context.evaluated_depsgraph_get()
    kept = []
    for thing in things:
        data = bpy.data.meshes.new_from_object(thing.evaluated_get(graph), depsgraph=graph)
        frozen = bpy.data.objects.new(f"{thing.name} frozen", data)
        bpy.context.scene.collection.objects.link(frozen)
        thing.hide_render = True
        kept.append((thing, frozen))
        points = np.empty((len(data.vertices), 3), np.float32)
        data.vertices.foreach_get("co", points.reshape(-1))
        normals = np.empty_like(points)
        data.vertex_normals.foreach_get("vector", normals.reshape(-1))
        nearest, far = _nearest(points, worn.x)
        low = np.empty(len(points), bool)  # forearms may lie on cloth: only sleeves cover them
        data.attributes["lower_arm"].data.foreach_get("value", low)
        far[low] = np.inf
        if low.any() and sleeves.any():
            own, far[low] = _nearest(points[low], worn.x[sleeves])
            nearest[low] = np.flatnonzero(sleeves)[own]
        way = np.einsum("ij,ij->i", worn.x[nearest] - points, normals)
        covered = (far < reach) & ~rim[nearest] & (way > -reach)
        depth = np.maximum(np.float32(TUCK), np.float32(UNDER) - way[covered])
        points[covered] -= normals[covered] * depth[:, None]
        data.vertices.foreach_set("co", points.ravel())
        data.update()
    return kept


def untuck(kept: Iterable[tuple[Any, Any]]) -> None:
    """Objects move with their bones again."""
    for thing, frozen in kept:
        bpy.data.objects.remove(frozen)
        thing.hide_render = False


def _nearest(points: Array, cloth: Array) -> tuple[Array, Array]:
    """Number and distance of the nearest vertex of the cloth."""
    number = np.zeros(len(points), np.int64)
    far = np.empty(len(points), np.float32)
    square = (cloth**2).sum(axis=1)
    for start in range(0, len(points), 2000):
        p = points[start : start + 2000]
        d = square - 2 * (p @ cloth.T)
        k = d.argmin(axis=1)
        number[start : start + 2000] = k
        far[start : start + 2000] = np.linalg.norm(p - cloth[k], axis=1)
    return number, far


def _rim(worn: Worn) -> Array:
    """(n,) vertices on an open edge of the cloth; beyond it things stay as they are."""
    t = worn.sewn.triangles
    sides = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1)
    pairs, count = np.unique(sides, axis=0, return_counts=True)
    on = np.zeros(len(worn.x), bool)
    on[pairs[count == 1]] = True
    return on


def poking(worn: Worn, parse: Array, under: Iterable[int]) -> float:
    """Share of the cloth on the camera's side, its edges apart, in whose place a parse has one of
    the classes that should lie under it."""
    sewn = worn.sewn
    a, b, c = (worn.x[sewn.triangles[:, n]] for n in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    middle = (a + b + c) / 3
    axis = middle[:, 1] - np.interp(middle[:, 2], *_depths(worn.x))
    seen = (axis < 0) & (np.abs(normal[:, 1]) > 0.35) & ~_rim(worn)[sewn.triangles].any(axis=1)
    at = scene.project(middle[seen])[:, :2].round().astype(int)
    inside = ((at >= 0) & (at < parse.shape[::-1])).all(axis=1)
    found = parse[at[inside, 1], at[inside, 0]]
    return float(np.isin(found, list(under)).mean()) if len(found) else 1.0


def _depths(x: Array) -> tuple[Array, Array]:
    """The middle y of the cloth at heights, rising."""
    levels = np.linspace(x[:, 2].min(), x[:, 2].max(), 40)
    near = [x[np.abs(x[:, 2] - z) < 0.03, 1] for z in levels]
    known = np.array([len(y) > 0 for y in near])
    return levels[known], np.array([(y.min() + y.max()) / 2 for y in near if len(y)])
