"""Sheets of fabric around the trunk: what torso and skirts have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.body import Body
from ml.tryon.drape.warp_flat import Flat

Points = NDArray[np.float64]

ROUND = 0.6  # how far columns bunch towards the sides, as on a cylinder (0 = flat, 1 = fully)
SAG = 0.07  # rows below the chest hang this much lower in the middle (of the half-width)
FLARE = 0.45  # most by which a skirt stands off the body on each side / unit
EDGE = 3.0  # source pixels of mesh beyond an edge that the mask cuts
STEP = 14.0  # target pixels per quad, about


def bunch(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where columns -1..1 of a flat sheet lie when it is seen around a body."""
    return np.asarray((1 - ROUND) * u + ROUND * np.sin(0.5 * np.pi * u))


def hang(
    body: Body,
    heights: NDArray[np.float64],
    half: NDArray[np.float64],
    bend: NDArray[np.float64],
) -> Points:
    """Rows of target points across the body, sagging in the middle below the chest."""
    level = body.tilt(np.clip(heights, 0.0, 1.0))
    across = half[:, None] * bend
    sag = SAG * half[:, None] * (1 - bend**2) * np.clip(heights - 0.3, 0.0, 0.9)[:, None]
    return np.asarray(
        body.centre(heights)[:, None]
        + across[..., None] * level[:, None]
        + sag[..., None] * body.down
    )


def lower_hem(flat: Flat, scale: float, source: Points, target: Points) -> tuple[Points, Points]:
    """Rows below the side seams' ends, so that shirt tails and rounded hems come along."""
    p = flat.points
    down = source[-1] - source[-2]
    down = down.mean(axis=0) / max(float(np.linalg.norm(down.mean(axis=0))), 1e-6)
    fall = flat.bulge(p["hem_right"], p["hem_left"], down, most=2.5) + EDGE + 2
    steps = np.linspace(0, fall, max(2, int(fall * scale / 12) + 2))[1:]
    way = target[-1] - target[-2]
    way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    low_source = source[-1] + steps[:, None, None] * down
    low_target = target[-1] + steps[:, None, None] * scale * way
    return np.concatenate([source, low_source]), np.concatenate([target, low_target])


def widen(scale: float, source: Points, target: Points) -> tuple[Points, Points]:
    """One more column on either side, so that soft edges are not cut by the mesh."""
    grids = []
    for grid, step in ((source, EDGE), (target, EDGE * scale)):
        sides = []
        for a, b in ((0, 2), (-1, -3)):
            way = grid[:, a] - grid[:, b]
            way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
            sides.append((grid[:, a] + step * way)[:, None])
        grids.append(np.concatenate([sides[0], grid, sides[1]], axis=1))
    return grids[0], grids[1]


def flare(
    own: NDArray[np.float64], garment: NDArray[np.float64], unit: float
) -> NDArray[np.float64]:
    """Half-widths of a skirt: as wide as the body, else as the fabric; wide fabric hangs in
    folds, so that less and less of it adds to the width."""
    wide = (own**8 + garment**8) ** (1 / 8)
    room = FLARE * unit
    return np.asarray(own + room * (1 - np.exp(-(wide - own) / room)))


def soften(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row of widths without sudden steps."""
    if len(values) < 6:
        return values
    padded = np.pad(values, 2, mode="reflect", reflect_type="odd")
    return np.convolve(padded, [0.1, 0.2, 0.4, 0.2, 0.1], "valid")
