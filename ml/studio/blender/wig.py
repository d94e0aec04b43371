"""Sculpted hair: a coat over the skull that thins towards the hairline, locks as grooves."""

from __future__ import annotations

import math

import numpy as np

from ml.person.annotation import Atr
from ml.studio.blender import mesher, shape
from ml.studio.blender.clothes import Shell
from ml.studio.blender.mesher import Mesh
from ml.studio.blender.sdf import Array, Field, Part, ball, cone, smoothstep, vec
from ml.studio.blender.skeleton import head_scale, skeleton
from ml.studio.blender.spec import Spec

STYLES = ("crop", "swept", "curls", "buzz", "bun", "bob", "long", "ponytail", "afro", "lob")
_LOOSE = ("bob", "long", "lob")


def wig(spec: Spec, style: str, seed: int) -> Shell:
    """Hair of one of :data:`STYLES` in the rest pose. Its cut covers nothing of the body."""
    chin, k = skeleton(spec)["chin"], head_scale(spec)
    head = shape.field(spec).only(("head",))
    skull = Field(tuple(p for p in head.parts if not p.carve)[:2])
    full = {"crop": 0.9, "swept": 1.1, "curls": 1.3, "buzz": 0.35, "afro": 3.4,
            "bun": 0.55, "ponytail": 0.6}.get(style, 1.1)  # fmt: skip

    def local(p: Array) -> Array:
        return np.asarray((p - chin) / k)

    def coat(p: Array) -> Array:
        q = local(p)
        inside = _hairline(q, style, spec.man)
        crown = {"crop": 0.9, "swept": 1.5, "curls": 1.0}.get(style, 0.15)
        top = smoothstep(q[:, 2], 12, 22) * crown
        front = top * (1 + 0.5 * smoothstep(-q[:, 1], 0, 8))
        thick = (full + front) * smoothstep(inside, 0.0, 2.6 if style != "buzz" else 1.2)
        return np.asarray(skull(p) - (thick - 0.35 * smoothstep(-inside, -0.2, 0.6)) * k)

    low, high = skull.bounds()
    parts = [Part("hair", 0.0, coat, low - 4 * k, high + 4 * k)]
    parts += _extras(style, chin, k)
    field = Field(tuple(parts))
    mesh = mesher.surface(field, 0.36)
    # what lies under the skin needs no faces
    mesh = mesher.clip(mesh, lambda p: np.asarray(-(head.near(low - 9, high + 9)(p) + 0.05)))

    def face(p: Array) -> Array:
        q = local(p)
        return np.asarray(
            np.min(
                [-0.5 - _hairline(q, style, spec.man), -4.0 - q[:, 1], 6.0 - np.abs(q[:, 0])],
                axis=0,
            )
        )

    mesh = mesher.clip(mesh, face)
    v = mesh.vertices
    flow, along = _flow(local(v), style)
    rng = np.random.default_rng(seed)
    groove, streak = _locks(flow, along, style, rng)
    inside = smoothstep(_hairline(local(v), style, spec.man), 0.2, 2.5)
    inside = np.where(local(v)[:, 2] < 3, 1.0, inside) if style in _LOOSE else inside
    if style in _LOOSE:
        groove = groove - 0.35 * np.exp(-((local(v)[:, 0] / 0.35) ** 2)) * (local(v)[:, 2] > 16)
    moved = v + mesher.normals(field, v) * (groove * np.maximum(inside, 0.25) * k)[:, None]
    return Shell("hair", Mesh(moved, mesh.faces), lambda p: np.full(len(p), 1.0),
                 1 + streak, np.full(len(mesh.faces), int(Atr.HAIR)), 0.0, "head")  # fmt: skip


def _hairline(q: Array, style: str, man: bool) -> Array:
    """About the distance inside the hairline, in head centimetres (above the chin, 22.6 high)."""
    x, y, z = np.abs(q[:, 0]), q[:, 1], q[:, 2]
    brow = 16.2 if not man else 15.9
    if style in ("bob", "long", "lob"):
        brow = 16.7
    if style == "afro":
        brow = 15.9
    # how low the hair reaches, from the forehead (y = -9) over temple and ear to the nape
    ys = np.array([-12.0, -8.5, -7.2, -5.2, -3.4, -2.2, -0.8, 1.2, 3.0, 5.0, 12.0])
    side = 9.0 if man and style not in ("swept",) else 10.0
    low = [14.2, side, side + 0.4, 12.8, 9.0, 6.2, 5.8]
    edge = [0.6, 0.0, -0.4, -1.6]
    if style in ("bun", "ponytail"):
        low, edge = [14.8, 12.6, 12.4, 12.2, 9.5, 7.5, 7.0], [0.5, 0.0, -0.2, -1.2]
    if style in _LOOSE:
        low, edge = [13.4, 9.0, 6.0, 4.0, 3.0, 2.0, 1.0], [0.8, 0.0, -0.6, -2.4]
    zs = np.array([brow + e for e in edge] + low)
    line = np.interp(y, ys, zs)
    # rounded over the forehead, and never one clean line: strands end a little unevenly
    if style in _LOOSE:  # drawn aside from a parting
        arch = 1.9 - 0.42 * x
    else:
        arch = 1.0 - 0.062 * x**2
        arch += 0.6 * np.exp(-((x - 4.0) ** 2) / 2.0) if man else -0.4 * np.exp(-(x**2) / 2.0)
    uneven = 0.11 * np.sin(2.9 * q[:, 0] + 1.0) + 0.05 * np.sin(7.3 * q[:, 0] + 0.5)
    front = smoothstep(-y, 3.5, 6.0)
    return np.asarray((z - line - front * (arch + uneven)) * 0.75)


def _extras(style: str, chin: Array, k: float) -> list[Part]:
    """What hangs from or sits on the cap."""

    def at(x: float, y: float, z: float) -> Array:
        return np.asarray(chin + vec((x, y, z)) * k)

    def size(*r: float) -> Array:
        return np.asarray(vec(r) * k)

    if style == "bun":
        return [
            ball("hair", at(0, 4.2, 24.6), size(3.7, 3.5, 3.1), 0.9 * k),
            cone("hair", at(0, 3.4, 21.5), at(0, 4.0, 23.5), 2.4 * k, 2.2 * k, 0.8 * k),
        ]
    if style == "ponytail":
        points = [at(0, 10.2, 18.5), at(0.5, 13.4, 15.5), at(2.5, 13.2, 8.0), at(5.6, 9.0, 0.5),
                  at(7.4, 3.5, -7.0), at(7.6, -1.5, -13.5)]  # fmt: skip
        r = [1.5, 2.3, 2.6, 2.4, 1.9, 0.8]
        return [cone("hair", a, b, ra * k, rb * k, 1.2 * k)
                for a, b, ra, rb in zip(points, points[1:], r, r[1:], strict=False)]  # fmt: skip
    if style in _LOOSE:
        end = {"bob": 2.2, "lob": -4.0, "long": -12.5}[style]
        tip = {"bob": 2.0, "lob": 1.7, "long": 1.1}[style]
        out = []
        for sign in (-1.0, 1.0):
            mid = (4.0 + end) / 2
            wide = 7.6 if style == "bob" else 8.0
            for y, ahead in ((-1.6, -0.6), (1.8, 0.0), (5.0, 0.6)):
                top, middle = at(sign * 6.3, y, 13.0), at(sign * wide, y + ahead, mid + 2)
                out.append(cone("hair", top, middle, 1.5 * k, 1.9 * k, 1.8 * k))
                final = at(sign * (wide - (1.0 if style == "bob" else 0.2)), y + 1.8 * ahead, end)
                out.append(cone("hair", middle, final,
                                1.9 * k, tip * k, 1.8 * k))  # fmt: skip
        out.append(cone("hair", at(-3, 8.5, 12), at(-3, 8.8, end + 1), 3.6 * k, 2.6 * k, 2.5 * k))
        out.append(cone("hair", at(3, 8.5, 12), at(3, 8.8, end + 1), 3.6 * k, 2.6 * k, 2.5 * k))
        return out
    if style == "curls":
        return [ball("hair", at(0, -2.0, 20.8), size(6.4, 7.0, 3.4), 1.5 * k)]
    return []


def _flow(q: Array, style: str) -> tuple[Array, Array]:
    """Across and along the locks."""
    x, y, z = q.T
    if style in _LOOSE:  # from a parting, down the sides
        hang = smoothstep(z, 15, 9)
        back = smoothstep(y, 3, 8)
        return np.asarray(y * 1.0 + back * np.abs(x) * 0.8 + 0.25 * np.sin(z * 0.5) * hang), z
    if style in ("bun", "ponytail"):
        around = np.arctan2(x, z - 9.0) * 9.0
        bun = (z > 22.6) if style == "bun" else (y > 11)
        return np.asarray(np.where(bun, np.hypot(x, y - 4.2) * 2 + z * 2.2, around)), y
    if style == "swept":
        return np.asarray(x * 1.1 + 0.35 * y + 0.4 * np.sin(y * 0.7)), y
    turn = np.arctan2(x - 0.8, y - 4.0)
    return np.asarray(turn * 8.0 + 0.8 * np.sin(z * 1.3 + x)), np.hypot(x, y - 4)


def _locks(flow: Array, along: Array, style: str, rng: np.random.Generator) -> tuple[Array, Array]:
    """Groove height in cm and lightness streaks."""
    groove, streak = np.zeros(len(flow)), np.zeros(len(flow))
    if style in ("afro", "curls", "buzz"):
        much = {"afro": 0.34, "curls": 0.42, "buzz": 0.05}[style]
        f = {"afro": 1.5, "curls": 0.95, "buzz": 3.0}[style]
        for _ in range(6):
            a, b, c = rng.uniform(0, 2 * math.pi, 3)
            d = rng.normal(size=2) * 0.4
            across = np.sin(f * (flow + d[0] * along) + a)
            groove += across * np.sin(f * (along + d[1] * flow) * 1.1 + b)
            f *= 1.32
            streak += 0.02 * np.sin(flow * f + c)
        return np.asarray(much * np.tanh(groove * 0.5)), streak + 0.05 * np.tanh(groove)
    for f, much in ((0.9, 0.16), (1.7, 0.12), (3.1, 0.08), (5.2, 0.04)):
        a, b = rng.uniform(0, 2 * math.pi, 2)
        wave = f * flow + 0.5 * np.sin(along * 0.23 * f + b) + a
        groove += much * (1 - 2 * np.abs(np.sin(wave)) ** 0.7) * -1
        streak += 0.06 * np.sin(wave * 1.7 + b)
    return groove, streak
