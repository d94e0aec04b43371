"""Sleeves: from the armhole along upper arm and forearm to the cuff."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import ARM, ARM_AT, ARM_HALF, Body
from ml.tryon.drape.warp_flat import Flat, along, length, smooth
from ml.tryon.drape.warp_mesh import Mesh
from ml.tryon.drape.warp_sheet import EDGE, soften
from ml.tryon.drape.warp_torso import Armhole, hollow
from ml.tryon.drape.warp_tube import Bone, Tube, end_of, lay, lengthen

Points = NDArray[np.float64]

UNDERARM = 0.27  # along the arm / unit: where it meets the armpit when it hangs
SHOWN = 0.64  # visible width of a tube / its width laid flat: 2 / pi
SNUG = 1.07
LOOSEST = 0.07  # most by which a sleeve stands off on each side / unit
#: Share of a sleeve's room that shows along the arm / unit: cloth lies on the shoulder and hangs
#: from it, and the first rows' flat widths are the armhole's, not the sleeve's.
ROOM_AT = (0.0, 0.15, 0.45)
ROOM_OUTER, ROOM_INNER = (0.10, 0.30, 1.0), (0.30, 0.60, 1.0)
ROUND = 0.45
FULL = 0.84  # sleeves longer than this share of the arm end at the wrist
WRIST = 1.03  # where long sleeves end, in arm lengths


def sleeve(
    body: Body, flat: Flat, hole: Armhole, side: int, name: str, scale: float, thick: float
) -> Mesh:
    """The sleeve's mesh: rows from armhole to cuff, columns from the outer to the inner edge.
    thick: how far its surface lies off the skin at least / unit."""
    points = flat.points
    outer, outer_real = flat.path(hole.source[0], points[f"cuff_{name}_outer"], bulge=1.9)
    inner, inner_real = flat.path(hole.source[-1], points[f"cuff_{name}_inner"], bulge=1.9)
    cuff = float(np.linalg.norm(outer[-1] - inner[-1]))
    gaps = np.linalg.norm(along(outer, 9) - along(inner, 9), axis=1)[2:-1]
    if inner_real and float(gaps.min()) < 0.3 * min(cuff, length(hole.source)):
        # The sleeve lies on the body: what looks like its inner edge is its outer one.
        inner, inner_real = np.stack([inner[0], inner[-1]]), False
    outer, inner = smooth(outer, 3.0), smooth(inner, 3.0)

    unit = body.unit
    bone = Bone(body.arm(side), 0.075 * unit)
    seam = _seam(body, bone, hole, side)
    start_outer = float(np.clip(bone.project(seam[0]), 0.0, 0.25 * unit))
    start_inner = float(np.clip(bone.project(seam[-1]), 0.02 * unit, 0.40 * unit))
    end_outer = start_outer + length(outer) * scale
    end_inner = start_inner + length(inner) * scale
    if max(end_outer, end_inner) > FULL * ARM * unit:
        end_outer = end_inner = WRIST * ARM * unit
    else:
        end_outer = max(end_outer, start_outer + 0.05 * unit)
        # A cuff is cut at a slant only so far.
        end_inner = float(np.clip(end_inner, end_outer - 0.30 * unit, end_outer + 0.08 * unit))
        end_inner = max(end_inner, start_inner + 0.02 * unit)

    def half_width(
        at: NDArray[np.float64], flat_width: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        own = np.interp(at / unit, ARM_AT, ARM_HALF) * unit
        own = own * np.interp(at / unit, (0.1, 0.4), (body.deltoid(side), 1.0))
        snug = SNUG * own + thick * unit
        wide = (snug**8 + (0.5 * SHOWN * flat_width) ** 8) ** (1 / 8)
        room = LOOSEST * unit * (1 - np.exp((snug - wide) / (LOOSEST * unit)))
        outer_half, inner_half = (
            soften(snug + room * np.interp(at / unit, ROOM_AT, share))
            for share in (ROOM_OUTER, ROOM_INNER)
        )
        return outer_half, inner_half

    source, target = lay(
        Tube(
            outer,
            inner,
            hole.source,
            seam,
            (start_outer, end_outer),
            (start_inner, end_inner),
            (EDGE if outer_real else 1.0, EDGE if inner_real else 1.0),
            _over_shoulder(body, side),
        ),
        bone,
        side,
        half_width,
        scale=scale,
        rounded=ROUND,
        settle=(0.17 * unit, 0.32 * unit),
    )
    past = flat.bulge(outer[-1], inner[-1], end_of(source), most=1.8) + EDGE
    return Mesh(
        lengthen(source, first=EDGE, last=past, taper=True),
        lengthen(target, first=EDGE * scale, last=past * scale, taper=True),
        scale,
    )


def _seam(body: Body, bone: Bone, hole: Armhole, side: int) -> Points:
    """The sleeve's first row on the body. It is the armhole's, but where the arm hangs or lies in
    front of the torso the fabric between sleeve and torso folds away under the arm."""
    at = np.array([UNDERARM * body.unit])
    own = np.interp(at / body.unit, ARM_AT, ARM_HALF) * body.unit
    under = bone.offset(at, own * SNUG, -side)[0]
    armpit = hole.target[-1]
    inwards = -side * float((under - armpit) @ body.across)
    deep = float((under - armpit) @ body.down) / body.unit
    if inwards <= 0 or deep > 0.15:
        return hole.target
    end = armpit + min(inwards, 0.2 * body.unit) * -side * body.across
    end = end + 0.5 * deep * body.unit * body.down
    return hollow(np.stack([hole.target[0], end]), side)


def _over_shoulder(body: Body, side: int) -> Points:
    """The direction in which the sleeve leaves the shoulder: the shoulder's slope, then the arm."""
    upper = body.arm(side).joints[1] - body.arm(side).joints[0]
    upper = upper / max(float(np.linalg.norm(upper)), 1e-6)
    return np.asarray(side * body.across + 0.3 * body.down + 0.5 * upper)
