"""From a pattern and a body in its A pose to a sewn garment around that body. Numpy only.

Centimetres throughout, axes as in ``shape``: x to the figure's left, y away from the camera, z up.
Nothing is sewn by pulling: vertices of a seam become one, and the panels are laid around the body
with some room, so that the simulation starts without cloth inside the body or on its wrong side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Index = NDArray[np.int64]

TRUNK, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG, HEAD = range(6)
ROOM = 1.4  # cm between body and cloth at the start
#: Girth of the bust (chest) of size M by sex: lengths follow it, widths the size worn.
MEDIUM = {"woman": 87.0, "man": 95.0}
#: Half of a collar's width where it stands on the shoulders / stature.
COLLAR = 0.047
#: Average statures, for which lengths are drawn.
STATURE = {"woman": 168.0, "man": 178.0}


@dataclass(frozen=True)
class Form:
    """A body in its A pose. vertices: (n, 3) cm; limb: (n,) TRUNK ... HEAD per vertex; joints: by
    name as in ``skeleton``; girths in cm."""

    vertices: Array
    limb: Index
    joints: Mapping[str, Array]
    sex: str
    height: float
    bust: float
    waist: float
    hip: float

    @property
    def crotch(self) -> float:
        """Height where the legs part."""
        legs = (self.limb == LEFT_LEG) | (self.limb == RIGHT_LEG) | (self.limb == TRUNK)
        middle = legs & (np.abs(self.vertices[:, 0]) < 1.2)
        return float(self.vertices[middle, 2].min())


@dataclass(frozen=True)
class Sewn:
    """x: (n, 3) cm at the start. flat: rest length per edge and per bend, cm. panel: the panel a
    triangle belongs to. corners: (m, 3) vertices of the pattern, for texture coordinates. body:
    (n,) limb that a vertex is laid around. runs: edge name -> vertices."""

    x: Array
    triangles: Index
    corners: Index
    panel: Index
    body: Index
    edges: Index
    rest: Array
    bends: Index
    bend_rest: Array
    runs: Mapping[str, Index]


def sew(form: Form, header: Mapping[str, Any], pattern: Mapping[str, Array], ease: float) -> Sewn:
    """header, pattern: what ``ml.studio.panels.Pattern`` wrote. ease: cm of room around the bust
    or hip. Raises ValueError where the garment cannot be as small or large as this body."""
    lines = header["lines"]
    panels = header["panels"]
    limbs = {"trunk": TRUNK, "left_arm": LEFT_ARM, "right_arm": RIGHT_ARM, "left_leg": LEFT_LEG,
             "right_leg": RIGHT_LEG}  # fmt: skip
    owner = pattern["panel"].astype(np.int64)
    body = np.array([limbs[p[1]] for p in panels])[owner]
    front = np.array([p[2] == "front" for p in panels])[owner]
    size = fit(form, header["cut"], lines, ease)
    flat = np.zeros_like(pattern["points"])
    x = np.zeros((len(flat), 3))
    for n in range(len(panels)):
        mine = owner == n
        p, wrap = pattern["points"][mine], pattern["wrap"][mine]
        face = -1.0 if front[mine][0] else 1.0
        limb = int(body[mine][0])
        if limb in (LEFT_ARM, RIGHT_ARM):
            flat[mine] = p * (size.sleeve_long, size.sleeve_wide)
            x[mine] = _on_arm(form, size, wrap, limb, face)
        else:
            flat[mine] = np.stack([(p[:, 0] - 450) * size.wide(p[:, 1]), -size.height(p[:, 1])], 1)
            if limb == TRUNK:
                x[mine] = _on_trunk(form, size, lines, p, wrap, face)
            else:
                x[mine] = _on_leg(form, size, lines, p, wrap, limb, face)
    return _join(x, flat, body, owner, pattern)


# -- how large -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """Centimetres of a pattern's pixels. knots: (k, 3) y px, height cm, width cm per px."""

    knots: Array
    sleeve_long: float = 0.1
    sleeve_wide: float = 0.1

    def height(self, y: Array) -> Array:
        """Where y lies above the floor, straight on beyond the ends."""
        k = self.knots
        out = np.interp(y, k[:, 0], k[:, 1])
        first = (k[1, 1] - k[0, 1]) / (k[1, 0] - k[0, 0])
        return np.asarray(np.where(y < k[0, 0], k[0, 1] + (y - k[0, 0]) * first, out))

    def wide(self, y: Array) -> Array:
        return np.asarray(np.interp(y, self.knots[:, 0], self.knots[:, 2]))


def fit(form: Form, cut: str, lines: Mapping[str, float], ease: float) -> Size:
    h = form.height
    waist_z, hip_z = 0.632 * h, 0.505 * h
    if cut in ("top", "dress"):
        wide = (form.bust + ease) / 4 / lines["armpit"]
        tall = (MEDIUM[form.sex] + ease) / 4 / lines["armpit"] * h / STATURE[form.sex]
        tall = min(tall, 1.15 * wide)
        # what is worn loosely is not wider at a neck that is to stand around one's own
        close = min(wide, COLLAR * h / lines["neck"]) if lines.get("collared") else wide
        neck = over_shoulder(form, lines["neck"] * close) + 0.5
        yoke = [(lines["neck_y"], neck, close), (lines["shoulder_y"], np.nan, wide)]
        if cut == "top":
            low = neck - (lines["hem_y"] - lines["neck_y"]) * tall
            knots = [*yoke, (lines["hem_y"] + 60, low - 60 * tall, wide)]
        else:
            hip = max(wide, (form.hip + 4) / 4 / lines["hip"])
            waist = max(wide, (form.waist + 4) / 4 / lines["waist"])
            skirt = (waist_z - hip_z) / (lines["hip_y"] - lines["waist_y"])
            skirt = float(np.clip(skirt, 0.8 * tall, 1.15 * tall))
            low = waist_z - (lines["hem_y"] + 60 - lines["waist_y"]) * skirt
            knots = [*yoke, (lines["armpit_y"] + 30, np.nan, wide),
                     (lines["waist_y"], waist_z, waist), (lines["hip_y"], np.nan, hip),
                     (lines["hem_y"] + 60, low, hip)]  # fmt: skip
        long, across = _sleeve_size(form, lines, wide, tall)
        return Size(_filled(knots), long, across)
    hip_girth = form.hip + ease - 2 * lines.get("seat", 0.0) * 0.09
    hip = hip_girth / 4 / lines["hip"]
    if cut == "skirt":
        top = waist_z - 0.5
        waist = (tape(form, top - 2) + 1.5) / 4 / lines["waist"]
        tall = (top - hip_z) / (lines["hip_y"] - lines["waist_y"])
        low = top - (lines["hem_y"] + 60 - lines["waist_y"]) * tall
        return Size(_filled([(lines["waist_y"], top, waist), (lines["hip_y"], np.nan, hip),
                             (lines["hem_y"] + 60, low, hip)]))  # fmt: skip
    top, crotch = waist_z - 0.018 * h, form.crotch + 0.6
    waist = (tape(form, top - 2) + 1.5) / 4 / lines["waist"]
    rise = (top - crotch) / (lines["crotch_y"] - lines["waist_y"])
    leg = (lines["hem_y"] - lines["crotch_y"]) / (lines["crotch_y"] - lines["waist_y"])
    reach = lines["hem_y"] - lines["crotch_y"]
    down = (crotch - 0.052 * h) / reach if leg > 2 else rise * 0.92
    return Size(_filled([(lines["waist_y"], top, waist), (lines["hip_y"], np.nan, hip),
                         (lines["crotch_y"], crotch, hip),
                         (lines["hem_y"] + 60, crotch - (reach + 60) * down, hip)]))  # fmt: skip


def _filled(knots: list[tuple[float, float, float]]) -> Array:
    """Heights that are not given lie between their neighbours."""
    k = np.array(knots, float)
    known = np.isfinite(k[:, 1])
    k[:, 1] = np.interp(k[:, 0], k[known, 0], k[known, 1])
    return k


def _sleeve_size(
    form: Form, lines: Mapping[str, float], wide: float, tall: float
) -> tuple[float, float]:
    if not lines["sleeve"]:
        return tall, wide
    a, b, c = (form.joints[f"left_{j}"] for j in ("shoulder", "elbow", "wrist"))
    along = (b - a) / np.linalg.norm(b - a)
    start = np.array([lines["shoulder"] * wide, a[1], a[2] + 3])
    arm = float(np.linalg.norm(b - a) + np.linalg.norm(c - b) - (start - a) @ along)
    long = (arm + 2.5) / lines["sleeve"] if lines.get("long_sleeve") else tall
    return float(np.clip(long, 0.75 * tall, 1.3 * tall)), wide


def tape(form: Form, z: float) -> float:
    """About the girth of trunk or hips at a height."""
    a, front, back = _slice(form, np.array([z]))
    depth = (back - front) / 2
    h = ((a - depth) / (a + depth)) ** 2
    return float((math.pi * (a + depth) * (1 + 3 * h / (10 + np.sqrt(4 - 3 * h))))[0])


# -- where it is laid ------------------------------------------------------------------------------


def _slice(form: Form, z: Array) -> tuple[Array, Array, Array]:
    """(half width, front y, back y) of trunk and legs at heights; arms and head do not count."""
    mine = (form.limb == TRUNK) | (form.limb == LEFT_LEG) | (form.limb == RIGHT_LEG)
    v = form.vertices[mine]
    grid = np.arange(2.0, form.height, 1.0)
    level = np.clip(np.round(v[:, 2] - 2.0).astype(int), 0, len(grid) - 1)
    table = np.full((3, len(grid)), np.nan)
    for n in range(len(grid)):
        here = v[np.abs(level - n) <= 1]
        if len(here) > 3:
            table[:, n] = np.abs(here[:, 0]).max(), here[:, 1].min(), here[:, 1].max()
    ok = np.isfinite(table[0])
    return tuple(np.interp(z, grid[ok], row[ok]) for row in table)  # type: ignore[return-value]


def over_shoulder(form: Form, x: float) -> float:
    """Height of the shoulder's top at a distance from the centre."""
    mine = (form.limb != HEAD) & (np.abs(form.vertices[:, 0] - x) < 1.3)
    return float(form.vertices[mine, 2].max())


def _smooth(t: Array) -> Array:
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _on_trunk(form: Form, size: Size, lines: Mapping[str, float], p: Array, wrap: Array,
              face: float) -> Array:  # fmt: skip
    y = wrap[:, 1]
    z = size.height(y)
    half, front, back = _slice(form, z)
    wide = wrap[:, 2] * size.wide(y)
    around = 2 * wide / math.pi  # the radius that the cloth's girth makes
    a = np.maximum(half + ROOM, 0.98 * around)
    depth = np.maximum((back - front) / 2 + ROOM, np.minimum(0.9 * around, 1.6 * half))
    middle = (front + back) / 2
    angle = wrap[:, 0] * math.pi / 2
    ring = np.stack([a * np.sin(angle), middle + face * depth * np.cos(angle), z], axis=1)
    if "armpit_y" not in lines:
        return ring
    # above the armpits the panels hang from the shoulders like a tabard
    x = (p[:, 0] - 450) * size.wide(y)
    neck = np.array([lines["neck"], lines["neck_y"]])
    end = np.array([lines["shoulder"], lines["shoulder_y"]])
    away = _from_line(np.stack([np.abs(p[:, 0] - 450), p[:, 1]], 1), neck, end) * 0.1
    hang = _smooth(away / 7)
    spine = np.interp(z, form.joints["chest"][2] + np.array([0.0, 20.0]), [middle.mean(), 1.5])
    rim = np.where(face < 0, front - ROOM, back + ROOM)
    sheet = np.stack([x, spine * (1 - hang) + rim * hang, z + 0.6], axis=1)
    down = _smooth((y - lines["armpit_y"] + 50) / 70)[:, None]
    return np.asarray(sheet * (1 - down) + ring * down)


def _from_line(p: Array, a: Array, b: Array) -> Array:
    d = b - a
    t = np.clip(((p - a) @ d) / (d @ d), 0, 1)
    return np.asarray(np.linalg.norm(p - a - t[:, None] * d, axis=1))


def _on_arm(form: Form, size: Size, wrap: Array, limb: int, face: float) -> Array:
    side = "left" if limb == LEFT_ARM else "right"
    sign = 1.0 if limb == LEFT_ARM else -1.0
    s, e, w = (form.joints[f"{side}_{j}"] for j in ("shoulder", "elbow", "wrist"))
    upper, lower = np.linalg.norm(e - s), np.linalg.norm(w - e)
    d1, d2 = (e - s) / upper, (w - e) / lower
    # the sleeve begins where the arm does; the cloth's shoulder point is pulled there
    a = 1.0 + wrap[:, 1] * size.sleeve_long
    on = s + d1 * np.minimum(a, upper)[:, None] + d2 * np.maximum(a - upper, 0)[:, None]
    turn = _smooth((a - upper + 6) / 12)[:, None]
    along = d1 * (1 - turn) + d2 * turn
    mine = form.vertices[form.limb == limb]
    reach = (mine - s) @ d1
    bare = mine - s - np.outer(np.minimum(reach, upper), d1)
    bare -= np.outer(np.maximum((mine - e) @ d2, 0) * (reach > upper), d2)
    radius = np.linalg.norm(bare, axis=1)
    grid = np.arange(0, upper + lower + 1, 2.0)
    thick = np.array([max(radius[np.abs(reach - g) < 2].max(initial=0), 2.5) for g in grid])
    r = np.maximum(np.interp(a, grid, np.minimum(thick, 8.0)) + 0.8,
                   0.9 * wrap[:, 2] * size.sleeve_wide / math.pi)  # fmt: skip
    top = np.stack([-along[:, 2] * sign, np.zeros(len(a)), along[:, 0] * sign], axis=1)
    phi = wrap[:, 0] * math.pi
    out = top * np.cos(phi)[:, None] + np.array([0, face, 0]) * np.sin(phi)[:, None]
    return np.asarray(on + out * r[:, None])


def _on_leg(form: Form, size: Size, lines: Mapping[str, float], p: Array, wrap: Array, limb: int,
            face: float) -> Array:  # fmt: skip
    sign = 1.0 if limb == LEFT_LEG else -1.0
    y = wrap[:, 1]
    z = size.height(y)
    half, front, back = _slice(form, z)
    around = 2 * wrap[:, 2] * size.wide(y) / math.pi
    angle = wrap[:, 0] * math.pi / 2
    a = np.maximum(half + ROOM, 0.95 * around)
    depth = np.maximum((back - front) / 2 + ROOM, 0.8 * around)
    hips = np.stack([sign * a * np.sin(angle),
                     (front + back) / 2 + face * depth * np.cos(angle), z], axis=1)  # fmt: skip
    mine = form.vertices[form.limb == limb]
    grid = np.arange(3.0, form.crotch, 2.0)
    table = np.array([[*here.min(axis=0)[:2], *here.max(axis=0)[:2]]
                      for g in grid for here in [mine[np.abs(mine[:, 2] - g) < 2]]])  # fmt: skip
    low_x, low_y, high_x, high_y = (np.interp(z, grid, row) for row in table.T)
    tube = around / 2
    rx = np.maximum((high_x - low_x) / 2 + ROOM, tube)
    ry = np.maximum((high_y - low_y) / 2 + ROOM, tube)
    inner = np.where(sign > 0, low_x, high_x)
    x = sign * rx + (inner - sign * np.minimum(ROOM, np.abs(inner) * 0.8))
    turn = (wrap[:, 0] * 2 - 1) * math.pi / 2
    leg = np.stack([x + sign * rx * np.sin(turn),
                    (low_y + high_y) / 2 + face * ry * np.cos(turn), z], axis=1)  # fmt: skip
    rise = lines["crotch_y"] - lines["waist_y"]
    down = _smooth((y - lines["crotch_y"] + 0.40 * rise) / (0.42 * rise))[:, None]
    return np.asarray(hips * (1 - down) + leg * down)


# -- sewing ----------------------------------------------------------------------------------------


def _join(x: Array, flat: Array, body: Index, owner: Index, pattern: Mapping[str, Array]) -> Sewn:
    name = np.arange(len(x))
    seams = pattern["seams"].astype(np.int64)
    for _ in range(12):  # several seams may meet in one vertex
        low = np.minimum(name[seams[:, 0]], name[seams[:, 1]])
        np.minimum.at(name, seams[:, 0], low)
        np.minimum.at(name, seams[:, 1], low)
        name = name[name]
    kept, number = np.unique(name, return_inverse=True)
    number = number.ravel()
    count = np.bincount(number)[:, None]
    joined = np.stack([np.bincount(number, x[:, i]) for i in range(3)], axis=1) / count
    corners = pattern["triangles"].astype(np.int64)
    triangles = number[corners]
    edges, rest = _edges(corners, number, flat)
    bends, bend_rest = _bends(triangles, edges, rest)
    runs = {key[5:]: np.unique(number[value]) for key, value in pattern.items()
            if key.startswith("edge_")}  # fmt: skip
    return Sewn(joined, triangles, corners, owner[corners[:, 0]], body[kept], edges, rest, bends,
                bend_rest, runs)  # fmt: skip


def _edges(corners: Index, number: Index, flat: Array) -> tuple[Index, Array]:
    """Each pair once; where two panels share it, the mean of their lengths."""
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    length = np.linalg.norm(flat[sides[:, 0]] - flat[sides[:, 1]], axis=1)
    pairs, which = np.unique(np.sort(number[sides], axis=1), axis=0, return_inverse=True)
    which = which.ravel()
    rest = np.bincount(which, length) / np.bincount(which)
    fine = pairs[:, 0] != pairs[:, 1]
    return pairs[fine], np.maximum(rest[fine], 0.2)


def _bends(triangles: Index, edges: Index, rest: Array) -> tuple[Index, Array]:
    """Opposite corners of neighbouring triangles, and their distance in flat cloth."""
    count = int(triangles.max()) + 1
    keys = (edges[:, 0] * count + edges[:, 1]).tolist()
    length: dict[int, float] = dict(zip(keys, rest.tolist(), strict=True))

    def of(a: int, b: int) -> float:
        return length.get(min(a, b) * count + max(a, b), 0.2)

    across: dict[tuple[int, int], int] = {}
    pairs: list[tuple[int, int]] = []
    far: list[float] = []
    for triangle in triangles.tolist():
        for n in range(3):
            a, b, c = triangle[n], triangle[(n + 1) % 3], triangle[(n + 2) % 3]
            key = (min(a, b), max(a, b))
            d = across.pop(key, -1)
            if d < 0:
                across[key] = c
                continue
            if d == c:
                continue
            side = of(a, b)
            cx = (of(key[0], c) ** 2 - of(key[1], c) ** 2 + side**2) / (2 * side)
            dx = (of(key[0], d) ** 2 - of(key[1], d) ** 2 + side**2) / (2 * side)
            cy = math.sqrt(max(of(key[0], c) ** 2 - cx**2, 0))
            dy = math.sqrt(max(of(key[0], d) ** 2 - dx**2, 0))
            pairs.append((c, d))
            far.append(math.hypot(cx - dx, cy + dy))
    return np.array(pairs, np.int64), np.array(far)
