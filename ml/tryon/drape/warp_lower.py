"""Trousers, shorts and skirts: from the waistband down the hips and along the legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import LEG, LEG_AT, LEG_HALF, TORSO_AT, TORSO_HALF, Body
from ml.tryon.drape.warp_flat import Flat, along, length, smooth
from ml.tryon.drape.warp_mesh import Mesh
from ml.tryon.drape.warp_sheet import EDGE, STEP, bunch, flare, hang, lower_hem, soften, widen
from ml.tryon.drape.warp_tube import COLUMNS, Bone, Tube, end_of, lay, lengthen

Points = NDArray[np.float64]

SHOWN_HIPS = 0.735  # visible width of snug trousers at the hips / their width laid flat
SHOWN_LEG = 0.72
SHOWN_SKIRT = 0.72
SNUG = 1.04
ROUND = 0.5
WAISTS = (0.60, 0.90)  # highest and lowest seat of a waistband, along the torso
SKIRT_WAIST = 0.66
SKIRT_LONGEST = 1.8  # from the waist / unit
SKIRT_USUAL = 1.1  # what is longer is believed by two thirds: photos from the hem make long
ARC = 0.4  # deepest arc of a flared skirt's hem / its height
CROTCH = 0.15  # below the hip joints / unit
RISE = 0.46  # usual height of a waistband above the crotch / unit
LOW_RISE, LOWEST = 0.58, 0.18  # rise from which a crotch hangs low, and by how much / unit
INSEAM = LEG - CROTCH
FULL = 0.68  # trousers whose inseam is longer than this share end at the ankle
SEAM = 1.5  # source pixels by which the two halves of the seat overlap
ANKLE = 1.02
LOOSEST_LEG = 0.17  # most by which a trouser leg stands off on each side / unit

SIDES = ((1, "left"), (-1, "right"))


@dataclass(frozen=True, slots=True)
class Legs:
    meshes: dict[int, Mesh]
    lowest: float  # of the hems, in pixels of the photo
    crotch: Points  # in the photo


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


@dataclass(frozen=True, slots=True)
class _Seat:
    """The seat of the trousers: its middle line in the source and on the body."""

    middle: Points  # source: middle of the waist
    axis: Points  # source: unit vector from there to the crotch
    rise: float  # source: how far that is
    waist_at: float  # heights along the torso
    crotch_at: float
    crotch: Points  # target


def trousers(body: Body, flat: Flat, scale: float) -> Legs:
    """Both legs; they share the line from the middle of the waist to the crotch."""
    p = flat.points
    middle = (p["waist_left"] + p["waist_right"]) / 2
    axis = p["crotch"] - middle
    rise = max(float(np.linalg.norm(axis)), 1e-6)
    crotch_at = 1.0 + CROTCH
    # Photos from above and open waistbands make rises look long: keep only part of what is said.
    flat_rise = rise * scale / body.unit
    tall = 0.35 * flat_rise + 0.65 * RISE
    waist_at = float(np.clip(crotch_at - tall, *WAISTS))
    # Both legs are as long as the longer one: the other is turned up or folded.
    inseam = max(
        float(np.linalg.norm((p[f"hem_{n}_inner"] + p[f"hem_{n}_outer"]) / 2 - p["crotch"]))
        for _, n in SIDES
    )
    full = inseam * scale > FULL * INSEAM * body.unit
    # Shorts with a very long rise hang low.
    drop = 0.0
    if not full:
        waist_at = float(np.clip(crotch_at - RISE, *WAISTS))
        drop = float(np.clip(flat_rise - LOW_RISE, 0.0, LOWEST))
    crotch = _crotch(body, CROTCH + drop)
    seat = _Seat(middle, axis / rise, rise, waist_at, crotch_at + drop, crotch)
    meshes = {side: _leg(body, flat, seat, side, name, scale, full) for side, name in SIDES}
    lowest = max(float(mesh.target[-2, :, 1].max()) for mesh in meshes.values())
    return Legs(meshes, lowest, seat.crotch)


def _leg(
    body: Body, flat: Flat, seat: _Seat, side: int, name: str, scale: float, full: bool
) -> Mesh:
    """One half of the seat and its leg. full: the leg reaches the ankle."""
    p, unit = flat.points, body.unit
    outer, outer_real = flat.path(p[f"waist_{name}"], p[f"hem_{name}_outer"], bulge=1.4)
    inner, inner_real = flat.path(p["crotch"], p[f"hem_{name}_inner"], bulge=1.6)
    outer, inner = smooth(along(outer, 160), 4.0), smooth(inner, 3.0)
    # The outer edge as far down as the crotch; of hot pants it ends before.
    down = (outer - seat.middle) @ seat.axis
    under = np.flatnonzero(down >= seat.rise)
    cut = int(under[0]) if len(under) else len(outer)
    cut = int(np.clip(cut, 8, 0.8 * len(outer)))
    reach = float(np.clip(down[cut] / seat.rise, 0.3, 1.0))
    upper_source, upper_target = _half_seat(body, seat, outer[: cut + 1], reach, side, scale)

    bone = Bone(body.leg(side), 0.09 * unit)
    start_outer = float(np.clip(bone.project(upper_target[-1, 0]), 0.0, 0.40 * unit))
    start_inner = float(np.clip(bone.project(seat.crotch), 0.04 * unit, 0.40 * unit))
    if full:
        end_outer = end_inner = (CROTCH + ANKLE * INSEAM) * unit
    else:
        # Hems may be cut at a slant: each edge has its own length.
        end_inner = start_inner + max(length(inner) * scale, 0.02 * unit)
        end_outer = start_outer + length(outer[cut:]) * scale
        end_outer = float(np.clip(end_outer, end_inner - 0.35 * unit, end_inner + 0.12 * unit))
        end_outer = max(end_outer, start_outer + 0.02 * unit)

    def half_width(
        at: NDArray[np.float64], flat_width: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        own = np.interp(at / unit, LEG_AT, LEG_HALF) * unit
        wide = ((SNUG * own) ** 8 + (0.5 * SHOWN_LEG * flat_width) ** 8) ** (1 / 8)
        wide = soften(np.minimum(wide, own + LOOSEST_LEG * unit))
        # The bone lies nearer to the outside of a thigh than to its inside.
        return wide, wide * np.interp(at / unit, (0.1, 0.35, 0.8), (1.24, 1.20, 1.0))

    past = (EDGE if outer_real else 1.0, EDGE if inner_real else 1.0)
    lower_source, lower_target = lay(
        Tube(
            outer[cut:],
            inner,
            upper_source[-1],
            upper_target[-1],
            (start_outer, end_outer),
            (start_inner, end_inner),
            past,
        ),
        bone,
        side,
        half_width,
        scale=scale,
        rounded=0.35,
        settle=(0.45 * unit, 0.30 * unit),
    )
    above = flat.bulge(p["waist_right"], p["waist_left"], -seat.axis, most=1.6) + EDGE
    below = flat.bulge(outer[-1], inner[-1], end_of(lower_source), most=1.8) + EDGE
    grids = []
    for upper, lower, k in ((upper_source, lower_source, 1.0), (upper_target, lower_target, scale)):
        grid = np.concatenate([_flank(upper, past[0] * k, SEAM * k)[:-1], lower])
        grids.append(lengthen(grid, first=above * k, last=below * k))
    return Mesh(grids[0], grids[1], scale)


def _half_seat(
    body: Body, seat: _Seat, outer: Points, reach: float, side: int, scale: float
) -> tuple[Points, Points]:
    """From the waist to the crotch: rows between the outer edge and the middle seam.

    reach: how far down the rise the outer edge ends.
    """
    tall = seat.crotch_at - seat.waist_at
    rows = max(6, int(tall * body.unit / STEP))
    share = np.linspace(0, 1, rows)
    rim = along(outer, rows)
    seam = seat.middle + share[:, None] * seat.rise * seat.axis
    heights = seat.waist_at + tall * share
    rim_heights = seat.waist_at + tall * share * reach
    own = body.half_width(rim_heights) * SNUG
    garment = np.linalg.norm(rim - seam, axis=1) * scale * SHOWN_HIPS
    # Waistbands sit on the body, however wide they were laid down.
    half = np.minimum((own**24 + garment**24) ** (1 / 24), own * (1.02 + 0.22 * share))
    centre = body.centre(heights)
    centre = centre + share[:, None] ** 2 * (seat.crotch - centre[-1])
    level = body.tilt(np.clip(rim_heights, 0, 1))
    edge = body.centre(rim_heights) + (side * half)[:, None] * level
    edge = edge + (share[:, None] * reach) ** 2 * (seat.crotch - body.centre(seat.crotch_at))
    u = np.linspace(1, 0, COLUMNS)
    bend = ((1 - ROUND) * u + ROUND * np.sin(0.5 * np.pi * u))[:, None]
    target = centre[:, None] + (edge - centre)[:, None] * bend
    return seam[:, None] + (rim - seam)[:, None] * u[:, None], target


def skirt_scale(body: Body, flat: Flat) -> float:
    """Target pixels per source pixel: the waist fits, and the hips go in."""
    p = flat.points
    waist = float(np.linalg.norm(p["waist_left"] - p["waist_right"]))
    by_waist = 2 * float(np.interp(SKIRT_WAIST, TORSO_AT, TORSO_HALF)) * body.unit
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
    fabric = SKIRT_USUAL + 0.7 * (fabric - SKIRT_USUAL) if fabric > SKIRT_USUAL else fabric
    fabric = float(np.clip(fabric, 0.5, SKIRT_LONGEST))
    rows = int(np.clip(fabric * body.unit / STEP, 8, 60))
    heights = SKIRT_WAIST + np.linspace(0, 1, rows) * fabric
    left, right = along(edges[1], rows), along(edges[-1], rows)
    flat_half = 0.5 * np.linalg.norm(left - right, axis=1)
    own = body.lower_half_width(heights) * SNUG
    garment = flat_half * scale * SHOWN_SKIRT
    half = flare(own, garment, body.unit)
    fitted = own * np.interp(heights - SKIRT_WAIST, (0.0, 0.25), (1.04, 1.35))
    half = soften(np.where(heights < SKIRT_WAIST + 0.25, np.minimum(half, fitted), half))
    u = np.linspace(-1, 1, 21)
    share = ((u + 1) / 2)[:, None]
    source = right[:, None] * (1 - share) + left[:, None] * share
    # A flared skirt lies in an arc on the bed and hangs level when worn.
    middle = (p["waist_left"] + p["waist_right"]) / 2
    axis = (p["hem_left"] + p["hem_right"]) / 2 - middle
    tall = max(float(np.linalg.norm(axis)), 1e-6)
    axis = axis / tall
    arc = min(flat.bulge(p["hem_right"], p["hem_left"], axis, most=2.0), ARC * tall)
    source += (np.linspace(0, 1, rows)[:, None] * (1 - u**2) * arc)[..., None] * axis
    target = hang(body, heights, half, bunch(u))
    lowest = float(target[-1, :, 1].max())

    above = flat.bulge(p["waist_right"], p["waist_left"], -axis, most=1.6) + EDGE
    steps = np.linspace(0, above, 3)[:0:-1, None, None]
    way = source[0] - source[1]
    way = way.mean(axis=0) / max(float(np.linalg.norm(way.mean(axis=0))), 1e-6)
    source = np.concatenate([source[0] + steps * way, source])
    target = np.concatenate([target[0] - steps * scale * body.down, target])
    source, target = lower_hem(flat, scale, source, target)
    source, target = widen(scale, source, target)
    return Mesh(source, target, scale), lowest


def _flank(grid: Points, outer: float, inner: float) -> Points:
    """One more column past either side of a grid."""
    way = grid[:, -1] - grid[:, 0]
    way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    return np.concatenate(
        [(grid[:, 0] - outer * way)[:, None], grid, (grid[:, -1] + inner * way)[:, None]], axis=1
    )


def _crotch(body: Body, below: float) -> Points:
    """Where the legs part: between the thighs, that far below the hip joints / unit."""
    ways = []
    for side in (1, -1):
        hip, knee = body.leg(side).joints[:2]
        ways.append((knee - hip) / max(float(np.linalg.norm(knee - hip)), 1e-6))
    way = ways[0] + ways[1] + body.down
    way = way / max(float(np.linalg.norm(way)), 1e-6)
    return np.asarray(body.hips[0] + way * below * body.unit)
