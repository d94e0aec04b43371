"""Trousers, shorts and skirts: from the waistband down the hips and along the legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import LEG, LEG_AT, LEG_HALF, TORSO_AT, TORSO_HALF, Body
from ml.tryon.drape.warp_flat import Flat, along, length, smooth
from ml.tryon.drape.warp_mesh import Mesh
from ml.tryon.drape.warp_sheet import EDGE, STEP, bunch, hang, lower_hem, soften, widen
from ml.tryon.drape.warp_tube import Bone, Tube, border, lay

Points = NDArray[np.float64]

SHOWN_HIPS = 0.80  # visible width of snug trousers at the hips / their width laid flat
SHOWN_LEG = 0.78
SHOWN_SKIRT = 0.72
SNUG = 1.04
ROUND = 0.5
WAISTS = (0.58, 0.93)  # highest and lowest seat of a waistband, along the torso
SKIRT_WAIST = 0.66
SKIRT_LONGEST = 1.8  # from the waist / unit
CROTCH = 0.21  # below the hip joints / unit
INSEAM = LEG - CROTCH
FULL = 0.78  # trousers whose inseam is longer than this share end at the ankle
ANKLE = 1.02
LOOSEST_LEG = 2.4

SIDES = ((1, "left"), (-1, "right"))


@dataclass(frozen=True, slots=True)
class Legs:
    meshes: dict[int, Mesh]
    lowest: float  # of the hems, in pixels of the photo


def trousers_scale(body: Body, flat: Flat) -> float:
    """Target pixels per source pixel: the hips fit."""
    hips = _hip_width(flat)
    return 2 * 0.328 * body.unit * SNUG / (SHOWN_HIPS * max(hips, 8.0))


def _hip_width(flat: Flat) -> float:
    """Flat width three quarters down from the waist to the crotch."""
    p = flat.points
    middle = (p["waist_left"] + p["waist_right"]) / 2
    axis = p["crotch"] - middle
    rise = max(float(np.linalg.norm(axis)), 1e-6)
    axis = axis / rise
    across = np.array([axis[1], -axis[0]])
    offset = flat.outline - middle
    level = np.abs(offset @ axis - 0.75 * rise) < max(2.0, 0.05 * rise)
    if not level.any():
        return float(np.linalg.norm(p["waist_left"] - p["waist_right"]))
    reach = offset[level] @ across
    return float(reach.max() - reach.min())


def trousers(body: Body, flat: Flat, scale: float) -> Legs:
    """Both legs; they share the line from the middle of the waist to the crotch."""
    p = flat.points
    unit = body.unit
    middle = (p["waist_left"] + p["waist_right"]) / 2
    axis = p["crotch"] - middle
    rise = max(float(np.linalg.norm(axis)), 1e-6)
    axis = axis / rise
    crotch_at = 1.0 + CROTCH
    waist_at = float(np.clip(crotch_at - rise * scale / unit, *WAISTS))
    upper_rows = max(6, int((crotch_at - waist_at) * unit / 14))
    inseams = [
        float(np.linalg.norm((p[f"hem_{n}_inner"] + p[f"hem_{n}_outer"]) / 2 - p["crotch"]))
        for _, n in SIDES
    ]
    # Both legs are as long as the longer one: the other is turned up or folded.
    share = max(inseams) * scale / (INSEAM * unit)
    share = ANKLE if share > FULL else max(share, 0.05)
    crotch = _crotch(body)

    meshes, lowest = {}, -np.inf
    for side, name in SIDES:
        outer, outer_real = flat.path(p[f"waist_{name}"], p[f"hem_{name}_outer"], bulge=1.4)
        outer = smooth(along(outer, 160), 4.0)
        down = (outer - middle) @ axis
        below = np.flatnonzero(down >= rise)
        cut = int(np.clip(below[0] if len(below) else 80, 8, len(outer) - 8))
        inner, _ = flat.path(p["crotch"], p[f"hem_{name}_inner"], bulge=1.6)
        inner = smooth(inner, 3.0)

        # From the waist to the crotch.
        heights = np.linspace(waist_at, crotch_at, upper_rows)
        rim, seam = (
            along(outer[: cut + 1], upper_rows),
            along(np.stack([middle, p["crotch"]]), upper_rows),
        )
        garment = np.linalg.norm(rim - seam, axis=1) * scale * SHOWN_HIPS
        own = body.half_width(heights) * SNUG
        half = (own**8 + garment**8) ** (1 / 8)
        # Waistbands sit on the body, however wide they were laid down.
        half = np.minimum(half, own * np.interp(heights, (waist_at, crotch_at), (1.06, 1.35)))
        u = np.linspace(1, 0, 9)
        bend = (1 - ROUND) * u + ROUND * np.sin(0.5 * np.pi * u)
        centre = body.centre(heights)
        pull = np.linspace(0, 1, upper_rows)[:, None] ** 2
        centre = centre + pull * (crotch - centre[-1])
        level = body.tilt(np.clip(heights, 0, 1))
        upper_target = centre[:, None] + side * (half[:, None] * bend)[..., None] * level[:, None]
        upper_source = seam[:, None] + (rim - seam)[:, None] * u[:, None]

        # From the crotch to the hem, along the leg.
        bone = Bone(body.leg(side), 0.09 * unit)
        start_outer = float(np.clip(bone.project(upper_target[-1, 0]), 0.05 * unit, 0.40 * unit))
        start_inner = float(np.clip(bone.project(crotch), 0.08 * unit, 0.40 * unit))
        end = (CROTCH + share * INSEAM) * unit
        slant = _slant(p[f"hem_{name}_outer"], p[f"hem_{name}_inner"], outer, axis) * scale
        end_outer = max(end + 0.5 * slant, start_outer + 0.04 * unit)
        end_inner = max(end - 0.5 * slant, start_inner + 0.03 * unit)

        def half_width(
            at: NDArray[np.float64], flat_width: NDArray[np.float64]
        ) -> NDArray[np.float64]:
            own = np.interp(at / unit, LEG_AT, LEG_HALF) * unit
            wide = ((SNUG * own) ** 8 + (0.5 * SHOWN_LEG * flat_width) ** 8) ** (1 / 8)
            wide = np.minimum(wide, LOOSEST_LEG * own)
            return np.convolve(np.pad(wide, 2, mode="edge"), [0.1, 0.2, 0.4, 0.2, 0.1], "valid")

        lower_source, lower_target = lay(
            Tube(
                outer[cut:],
                inner,
                upper_target[-1, 0],
                crotch,
                (start_outer, end_outer),
                (start_inner, end_inner),
            ),
            bone,
            side,
            half_width,
            scale=scale,
            rounded=0.35,
            settle=(0.45 * unit, 0.30 * unit),
        )
        # The row that both share: as the hips have it, easing into the leg's spacing.
        fade = np.clip(1 - np.linspace(0, 1, len(lower_target)) / 0.35, 0, 1)[:, None, None]
        lower_target = lower_target + fade * (upper_target[-1] - lower_target[0])
        source = np.concatenate([upper_source, lower_source[1:]])
        target = np.concatenate([upper_target, lower_target[1:]])
        above = _above(flat, middle, axis)
        past = EDGE if outer_real else 1.0
        meshes[side] = Mesh(
            border(source, outer=past, inner=1.5, first=above, last=2 * EDGE),
            border(
                target,
                outer=past * scale,
                inner=1.5 * scale,
                first=above * scale,
                last=2 * EDGE * scale,
            ),
            scale,
        )
        lowest = max(lowest, float(lower_target[-1, :, 1].max()))
    return Legs(meshes, lowest)


def skirt_scale(body: Body, flat: Flat) -> float:
    """Target pixels per source pixel: the waist fits, and the hips go in."""
    p = flat.points
    waist = float(np.linalg.norm(p["waist_left"] - p["waist_right"]))
    by_waist = 2 * float(np.interp(SKIRT_WAIST, TORSO_AT, TORSO_HALF)) * body.unit * 1.03
    by_waist /= SHOWN_SKIRT * max(waist, 8.0)
    hips = float(np.linalg.norm(p["hem_left"] - p["hem_right"]))
    by_hips = 2 * 0.328 * body.unit * 0.92 / (SHOWN_SKIRT * max(hips, waist, 8.0))
    return max(by_waist, by_hips)


def skirt(body: Body, flat: Flat, scale: float) -> tuple[Mesh, float]:
    """The skirt's mesh, and how low its hem hangs in pixels of the photo."""
    p = flat.points
    edges = {}
    for side, name in SIDES:
        line, _ = flat.path(p[f"waist_{name}"], p[f"hem_{name}"], bulge=1.5)
        edges[side] = smooth(line, 4.0)
    fabric = 0.5 * (length(edges[1]) + length(edges[-1])) * scale / body.unit
    fabric = float(np.clip(fabric, 0.5, SKIRT_LONGEST))
    rows = int(np.clip(fabric * body.unit / STEP, 8, 60))
    heights = SKIRT_WAIST + np.linspace(0, 1, rows) * fabric
    left, right = along(edges[1], rows), along(edges[-1], rows)
    flat_half = 0.5 * np.linalg.norm(left - right, axis=1)
    own = body.lower_half_width(heights) * SNUG
    garment = flat_half * scale * SHOWN_SKIRT
    half = (own**8 + garment**8) ** (1 / 8)
    fitted = own * np.interp(heights - SKIRT_WAIST, (0.0, 0.25), (1.04, 1.35))
    half = soften(np.where(heights < SKIRT_WAIST + 0.25, np.minimum(half, fitted), half))
    u = np.linspace(-1, 1, 21)
    share = ((u + 1) / 2)[:, None]
    source = right[:, None] * (1 - share) + left[:, None] * share
    target = hang(body, heights, half, bunch(u))
    lowest = float(target[-1, :, 1].max())

    middle = (p["waist_left"] + p["waist_right"]) / 2
    axis = (p["hem_left"] + p["hem_right"]) / 2 - middle
    above = _above(flat, middle, axis / max(float(np.linalg.norm(axis)), 1e-6))
    steps = np.linspace(0, above, 3)[:0:-1, None, None]
    way = source[0] - source[1]
    way = way.mean(axis=0) / max(float(np.linalg.norm(way.mean(axis=0))), 1e-6)
    source = np.concatenate([source[0] + steps * way, source])
    target = np.concatenate([target[0] - steps * scale * body.down, target])
    source, target = lower_hem(flat, scale, source, target)
    source, target = widen(scale, source, target)
    return Mesh(source, target, scale), lowest


def _crotch(body: Body) -> Points:
    """Where the legs part: between the thighs, below the hip joints."""
    ways = []
    for side in (1, -1):
        hip, knee = body.leg(side).joints[:2]
        ways.append((knee - hip) / max(float(np.linalg.norm(knee - hip)), 1e-6))
    way = ways[0] + ways[1] + body.down
    way = way / max(float(np.linalg.norm(way)), 1e-6)
    return np.asarray(body.hips[0] + way * CROTCH * body.unit)


def _slant(outer_end: Points, inner_end: Points, outer: Points, axis: Points) -> float:
    """How much further down the leg the outer end of the hem lies than the inner one, at right
    angles to the leg, in source pixels."""
    way = outer[-1] - outer[len(outer) // 2]
    way = way / max(float(np.linalg.norm(way)), 1e-6)
    if float(way @ axis) < 0.3:
        way = axis
    width = float(np.linalg.norm(outer_end - inner_end))
    return float(np.clip((outer_end - inner_end) @ way, -0.45 * width, 0.45 * width))


def _above(flat: Flat, middle: Points, axis: Points) -> float:
    """How far fabric rises above the waist's corners, and a little more."""
    p = flat.points
    line, real = flat.path(p["waist_right"], p["waist_left"], bulge=1.6)
    rise = float(((line - middle) @ -axis).max()) if real else 0.0
    return max(rise, 0.0) + EDGE
