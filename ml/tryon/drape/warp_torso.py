"""The torso of tops and dresses: which flat fabric goes where between neck, armpits and hem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, Region
from ml.tryon.drape.body import Body
from ml.tryon.drape.warp_arms import Arm
from ml.tryon.drape.warp_flat import Flat, along, length, smooth
from ml.tryon.drape.warp_mesh import Mesh
from ml.tryon.drape.warp_sheet import EDGE, STEP, bunch, flare, hang, lower_hem, soften, widen
from ml.tryon.drape.warp_tube import COLUMNS as TUBE_COLUMNS

Points = NDArray[np.float64]

SHOWN = 0.66  # visible width of a tube / the width of the same tube laid flat
CHEST = 0.275  # half-width of the body at the chest / unit
ARC = 0.25  # deepest arc of a dress's hem / its side seam
HOLLOW = 0.08  # depth of an armhole's curve / its length
#: Flat widths of dresses: medians over photos of second-hand ones.
WAIST_TO_CHEST, HIPS_TO_CHEST = 0.96, 1.16
DRESS_USUAL = 1.9  # hems beyond this height are believed by half: flat photos look long
DRESS_LONGEST = 2.35  # where the hem of the longest dress hangs, along the torso
STRAPS = 0.82  # neck / shoulder width beyond which a sleeveless top hangs on straps
SNUG = 1.05  # no garment is narrower than this many body widths
EASE = {Region.UPPER: 1.10, Region.DRESS: 1.06, Region.OUTER: 1.24}
LOOSEST = {Region.UPPER: 1.36, Region.DRESS: 1.25, Region.OUTER: 1.50}
COLUMNS = 25

SIDES = ((1, "left"), (-1, "right"))


@dataclass(frozen=True, slots=True)
class Armhole:
    """The seam that a sleeve shares with the torso, from the shoulder to the armpit."""

    source: Points  # (COLUMNS of a tube, 2)
    target: Points


@dataclass(frozen=True, slots=True)
class Torso:
    mesh: Mesh
    armholes: dict[int, Armhole]
    lowest: float  # of the hem, in pixels of the photo


def has_sleeve(flat: Flat, side: str) -> bool:
    """Whether there is a sleeve to speak of: cuffs exist and lie off the armhole."""
    p = flat.points
    if min(flat.seen[f"cuff_{side}_outer"], flat.seen[f"cuff_{side}_inner"]) == 0:
        return False
    hole = float(np.linalg.norm(p[f"shoulder_{side}"] - p[f"armpit_{side}"]))
    reach = float(np.linalg.norm(p[f"cuff_{side}_outer"] - p[f"shoulder_{side}"]))
    return reach > 0.12 * hole


def fabric_scale(body: Body, flat: Flat, region: Region, cut: Cut) -> float:
    """Target pixels per source pixel along the fabric. A flat photo has no scale of its own, so
    the garment is taken to fit: its chest meets the chest with its class's ease, its shoulder
    seams the shoulders; the two estimates are averaged where both mean something. A dress is
    measured at its waist and hips, too: smocking, straps and cap sleeves mislead single rulers."""
    p = flat.points
    chest = float(np.linalg.norm(p["armpit_left"] - p["armpit_right"]))
    body_chest = 2 * CHEST * body.unit
    by_chest = body_chest * EASE[region] / (SHOWN * max(chest, 8.0))
    shoulders = float(np.linalg.norm(p["shoulder_left"] - p["shoulder_right"]))
    ratio = shoulders / max(chest, 8.0)
    sleeves = all(has_sleeve(flat, name) for _, name in SIDES)
    by_shoulders = 0.755 * body.unit * (1.04 if region is Region.OUTER else 1.0)
    by_shoulders /= max(shoulders, 8.0)
    if cut is Cut.DRESS:
        rulers = [by_chest, *(by_chest * chest * usual for usual in _lower_rulers(flat))]
        if sleeves:
            rulers.append(by_shoulders)
        return float(np.clip(np.median(rulers), 0.75 * by_chest, 1.25 * by_chest))
    if not sleeves or not 0.7 < ratio < 1.05:
        return by_chest
    return float(np.clip(np.sqrt(by_chest * by_shoulders), 0.85 * by_chest, 1.15 * by_chest))


def _lower_rulers(flat: Flat) -> tuple[float, float]:
    """(waist, hips): the usual width there against the chest's / the width in pixels."""
    p = flat.points
    waist = float(np.linalg.norm(p["waist_left"] - p["waist_right"]))
    left, right = (along(_side_edge(flat, n, Cut.DRESS)[0], 6)[2] for n in ("left", "right"))
    hips = float(np.linalg.norm(left - right))
    return WAIST_TO_CHEST / max(waist, 8.0), HIPS_TO_CHEST / max(hips, 8.0)


def torso(
    body: Body, arms: Mapping[int, Arm], flat: Flat, region: Region, cut: Cut, scale: float
) -> Torso:
    """Lay the torso on the body, and on under arms that hang beside it."""
    p = flat.points
    unit = body.unit
    edges = {}
    on_outline = {}
    for side, name in SIDES:
        edges[side], on_outline[side] = _side_edge(flat, name, cut)
    rows = int(np.clip(max(length(e) for e in edges.values()) * scale / STEP, 8, 48))
    low_source = {side: along(edges[side], rows) for side in edges}
    fabric = np.mean([_travel(low_source[side]) for side in edges], axis=0) * scale

    drop = np.mean(
        [abs(float((p[f"armpit_{n}"] - p[f"shoulder_{n}"]) @ _source_down(flat))) for _, n in SIDES]
    )
    armpit_at = float(np.clip(drop * scale / unit - 0.085, 0.20, 0.36))
    if cut is Cut.DRESS:
        heights = _dress_heights(flat, armpit_at, fabric / unit)
    else:
        heights = _heights(region, armpit_at, fabric / unit)
    flat_half = 0.5 * np.linalg.norm(low_source[1] - low_source[-1], axis=1)
    half = _half_widths(body, heights, flat_half * scale * SHOWN, region)

    u = _columns(flat)
    low_target = hang(body, heights, half, bunch(u))
    level = body.tilt(np.clip(heights, 0.0, 1.0))
    for side, _ in SIDES:
        more = arms[side].reach(heights, half) - half
        outside = np.clip(side * bunch(u), 0.0, 1.0) ** 4
        low_target += (side * more[:, None] * outside)[..., None] * level[:, None]
    mixed = (u + 1) / 2
    low_grid = (
        low_source[-1][:, None] * (1 - mixed)[:, None] + low_source[1][:, None] * (mixed[:, None])
    )

    if cut is Cut.DRESS:
        # A flared skirt lies in an arc on the bed and hangs level when worn.
        down = _source_down(flat)
        tall = float(max(length(edge) for edge in edges.values()))
        arc = min(flat.bulge(p["hem_right"], p["hem_left"], down, most=2.0), ARC * tall)
        low_grid += (np.linspace(0, 1, rows)[:, None] ** 2 * (1 - u**2) * arc)[..., None] * down

    top_source, top_target = _top_edges(body, flat, scale, u)
    armholes = {}
    sides_source, sides_target = {}, {}
    for side, name in SIDES:
        column = -1 if side > 0 else 0
        ends_source = np.stack([top_source[column], low_grid[0, column]])
        ends_target = np.stack([top_target[column], low_target[0, column]])
        if has_sleeve(flat, name):
            hole = Armhole(hollow(ends_source, side), hollow(ends_target, side))
            armholes[side] = hole
            sides_source[side], sides_target[side] = hole.source, hole.target
        else:
            line, _ = flat.path(ends_source[0], ends_source[1], bulge=1.5)
            line = smooth(line, 3.0)
            sides_source[side], sides_target[side] = line, _carry(line, ends_target)
    count = max(5, int(max(length(sides_target[s]) for s in sides_target) / STEP))
    up_source = _coons(
        top_source, low_grid[0], along(sides_source[-1], count), along(sides_source[1], count)
    )
    up_target = _coons(
        top_target, low_target[0], along(sides_target[-1], count), along(sides_target[1], count)
    )
    source = np.concatenate([up_source, low_grid[1:]])
    target = np.concatenate([up_target, low_target[1:]])
    source, target = _raise_collar(body, flat, scale, source, target)
    source, target = lower_hem(flat, scale, source, target)
    source, target = widen(scale, source, target)
    return Torso(
        Mesh(source, target, scale),
        armholes,
        float(low_target[-1, :, 1].max()),
    )


def _source_down(flat: Flat) -> Points:
    """Unit vector from the neck to the hem of the flat garment."""
    p = flat.points
    down = p["hem_left"] + p["hem_right"] - p["neck_left"] - p["neck_right"]
    return np.asarray(down / max(float(np.linalg.norm(down)), 1e-6))


def _travel(line: Points) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])


def _side_edge(flat: Flat, name: str, cut: Cut) -> tuple[Points, bool]:
    """From armpit to hem: the outline, or a straight line where a sleeve hides it."""
    p = flat.points
    start, end = p[f"armpit_{name}"], p[f"hem_{name}"]
    line, real = flat.path(start, end, bulge=1.3)
    if real:
        chord = end - start
        normal = np.array([-chord[1], chord[0]]) / max(float(np.linalg.norm(chord)), 1e-6)
        width = float(np.linalg.norm(p["hem_left"] - p["hem_right"]))
        if float(np.abs((line - start) @ normal).max()) > (0.25 if cut is Cut.TOP else 0.4) * width:
            line, real = np.stack([start, end]), False
    return smooth(line, 4.0), real


def _heights(region: Region, armpit_at: float, fabric: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where along the torso each row of a top below the armpits lies: the fabric's own length
    decides, but photos taken at a slant and unlucky scales make nobody's T-shirt a tunic or end
    under the breast."""
    end = armpit_at + fabric[-1]
    usual, longest = (1.4, 2.0) if region is Region.OUTER else (1.12, 1.5)
    wanted = end if end <= usual else usual + 0.5 * (end - usual)
    wanted = float(np.clip(wanted, 0.72, longest))
    return np.asarray(armpit_at + fabric * (wanted - armpit_at) / fabric[-1])


def _dress_heights(
    flat: Flat, armpit_at: float, fabric: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same for a dress: its waist comes near the wearer's waist."""
    p = flat.points
    armpits, waist, hem = (p[f"{n}_left"] + p[f"{n}_right"] for n in ("armpit", "waist", "hem"))
    way = hem - armpits
    share = float((waist - armpits) @ way / max(float(way @ way), 1e-6))
    end = armpit_at + fabric[-1]
    lowest = end if end <= DRESS_USUAL else DRESS_USUAL + 0.5 * (end - DRESS_USUAL)
    lowest = min(lowest, DRESS_LONGEST)
    if not 0.08 < share < 0.6:
        return np.asarray(armpit_at + fabric * (lowest - armpit_at) / fabric[-1])
    now = armpit_at + share * fabric[-1]
    wanted = float(np.clip(now, 0.52, 0.74))
    at = armpit_at + fabric
    above = armpit_at + (at - armpit_at) * (wanted - armpit_at) / (now - armpit_at)
    below = wanted + (at - now) * (max(lowest, wanted + 0.2) - wanted) / (end - now)
    return np.asarray(np.where(at <= now, above, below))


def _half_widths(
    body: Body, heights: NDArray[np.float64], garment: NDArray[np.float64], region: Region
) -> NDArray[np.float64]:
    """Half of the worn width per row: never narrower than the body, else the garment's own."""
    own = body.lower_half_width(heights) if region is Region.DRESS else body.half_width(heights)
    snug = own * SNUG
    garment = garment * float(body.half_width(0.3)) / (CHEST * body.unit)
    # A smooth maximum: cloth does not kink where it leaves the body.
    half = (snug**8 + garment**8) ** (1 / 8)
    loosest = LOOSEST[region] * own[0] * np.interp(heights, (0.3, 0.9), (1.0, 1.15))
    half = np.minimum(half, loosest)
    if region is Region.DRESS:
        skirt = np.clip((heights - 0.6) / 0.3, 0, 1)
        half = half + skirt * (flare(snug, garment, body.unit) - half)
    return soften(half)


def _columns(flat: Flat) -> NDArray[np.float64]:
    """Column positions in -1..1 (right to left), with one on each side of the neck."""
    p = flat.points
    neck = float(np.linalg.norm(p["neck_left"] - p["neck_right"]))
    shoulders = float(np.linalg.norm(p["shoulder_left"] - p["shoulder_right"]))
    inner = float(np.clip(neck / max(shoulders, 1.0), 0.25, 0.9))
    middle = max(3, 2 * round(COLUMNS * inner / 2) + 1)
    outer = max(2, (COLUMNS - middle) // 2 + 1)
    return np.concatenate(
        [
            np.linspace(-1, -inner, outer)[:-1],
            np.linspace(-inner, inner, middle),
            np.linspace(inner, 1, outer)[1:],
        ]
    )


def _top_edges(
    body: Body, flat: Flat, scale: float, u: NDArray[np.float64]
) -> tuple[Points, Points]:
    """Shoulder to neck to neck to shoulder, right to left, one point per column."""
    p = flat.points
    edge = _neck_u(u)
    middle = np.abs(u) <= edge + 1e-9
    source = np.zeros((len(u), 2))
    target = np.zeros((len(u), 2))
    neck_source, neck_target = {}, {}
    shoulder_half = 0.5 * float(np.linalg.norm(p["shoulder_left"] - p["shoulder_right"]))
    neck_half = 0.5 * float(np.linalg.norm(p["neck_left"] - p["neck_right"]))
    for side, name in SIDES:
        sleeve = has_sleeve(flat, name)
        tip, neck = _shoulder(body, side, shoulder_half * scale, neck_half * scale, sleeve)
        neck_source[side], neck_target[side] = p[f"neck_{name}"], neck
        line, _ = flat.path(p[f"neck_{name}"], p[f"shoulder_{name}"], bulge=1.5)
        mine = u * side >= edge - 1e-9
        share = np.clip((np.abs(u[mine]) - edge) / (1 - edge), 0, 1)
        source[mine] = along(smooth(line, 2.0), share)
        target[mine] = along(_shoulder_line(body, side, neck, tip), share)
    share = ((u[middle] / edge) + 1)[:, None] / 2
    source[middle] = neck_source[-1] * (1 - share) + neck_source[1] * share
    target[middle] = neck_target[-1] * (1 - share) + neck_target[1] * share
    return source, target


def _neck_u(u: NDArray[np.float64]) -> float:
    """The column of the neck's side: the last of the evenly spaced middle ones."""
    positive = u[u > 1e-9]
    steps = np.diff(np.concatenate([[0.0], positive]))
    same = np.isclose(steps, steps[0], rtol=1e-6)
    count = len(positive) if same.all() else int(np.argmin(same))
    return float(positive[max(count, 1) - 1])


def _shoulder(
    body: Body, side: int, shoulder_half: float, neck_half: float, sleeve: bool
) -> tuple[Points, Points]:
    """Target points of shoulder seam and side of the neck. Wide necks lie lower on the shoulder
    line, dropped shoulders down the arm, straps on the shoulder."""
    line = body.shoulder_line(side)
    centre = body.shoulders[0]
    reach = side * (line - centre) @ body.across
    natural = float(reach[-1])
    wanted = shoulder_half * min(body.facing, 1.0)
    if sleeve:
        tip_out = float(np.clip(wanted, 0.86 * natural, 1.22 * natural))
    else:
        # Straps lie on the shoulder, however far apart a hanger held them.
        straps = neck_half > STRAPS * shoulder_half
        tip_out = float(np.clip(wanted, 1.12 * float(reach[0]), (0.72 if straps else 1) * natural))
    neck_out = float(np.clip(neck_half * min(body.facing, 1.0), reach[0], 0.93 * tip_out))
    neck = _on_line(line, reach, neck_out)
    tip = _on_line(line, reach, min(tip_out, natural))
    excess = max(0.0, tip_out - natural)
    arm = body.arm(side)
    bone = arm.joints[1] - arm.joints[0]
    bone = bone / max(float(np.linalg.norm(bone)), 1e-6)
    tip = tip + excess * (0.45 * side * body.across + 0.8 * bone)
    return tip, neck


def _on_line(line: Points, reach: NDArray[np.float64], out: float) -> Points:
    """The point of the shoulder line that lies ``out`` pixels from the middle."""
    at = np.maximum.accumulate(reach)
    return np.array([np.interp(out, at, line[:, i]) for i in range(2)])


def _shoulder_line(body: Body, side: int, neck: Points, tip: Points) -> Points:
    """From the neck to the shoulder seam, along the body's own line."""
    line = body.shoulder_line(side)
    reach = side * (line - neck) @ body.across
    end = float(side * (tip - neck) @ body.across)
    between = line[(reach > 0.1 * end) & (reach < 0.85 * end)]
    return smooth(along(np.concatenate([neck[None], between, tip[None]]), 16), 1.5)


def hollow(ends: Points, side: int) -> Points:
    """An armhole's seam between two ends: hollow towards the body."""
    chord = ends[1] - ends[0]
    inward = side * np.array([-chord[1], chord[0]])
    t = np.linspace(0, 1, TUBE_COLUMNS)[:, None]
    return np.asarray(ends[0] + t * chord + HOLLOW * np.sin(np.pi * t) ** 2 * inward)


def _carry(line: Points, ends: Points) -> Points:
    """The line moved, turned and scaled so that it runs between other ends."""
    z = line[:, 0] + 1j * line[:, 1]
    a, b = complex(*ends[0]), complex(*ends[1])
    span = z[-1] - z[0]
    if abs(span) < 1e-6:
        return ends
    out = a + (z - z[0]) * (b - a) / span
    return np.stack([out.real, out.imag], axis=-1)


def _coons(top: Points, bottom: Points, left: Points, right: Points) -> Points:
    """The patch between four edges: top and bottom (C, 2), left and right (R, 2)."""
    # Columns need not be evenly spaced: their position is their share of the bottom edge.
    steps = _travel(bottom)
    s = steps / steps[-1]
    t = np.linspace(0, 1, len(left))[:, None, None]
    s = s[None, :, None]
    ruled = (1 - t) * top[None] + t * bottom[None]
    across = (1 - s) * left[:, None] + s * right[:, None]
    corners = (1 - t) * ((1 - s) * top[0] + s * top[-1]) + t * (
        (1 - s) * bottom[0] + s * bottom[-1]
    )
    return np.asarray(ruled + across - corners)


def _raise_collar(
    body: Body, flat: Flat, scale: float, source: Points, target: Points
) -> tuple[Points, Points]:
    """Rows above the neck line, so that collars and hoods come along; what rises higher than a
    collar is a hood and lies down behind the neck."""
    p = flat.points
    up = -_source_down(flat)
    rise = flat.bulge(p["neck_right"], p["neck_left"], up, most=8.0) + EDGE + 2
    collar = 0.13 * body.unit / scale
    steps = np.linspace(0, rise, max(2, int(rise * scale / 12) + 2))[1:]
    lift = np.minimum(steps, collar) + 0.3 * np.maximum(steps - collar, 0.0)
    top_source = source[0] + steps[::-1, None, None] * up
    top_target = target[0] - lift[::-1, None, None] * scale * body.down
    return np.concatenate([top_source, source]), np.concatenate([top_target, target])
