"""Where arms lie on the trunk: cloth reaches under a hanging arm, so that no gap opens there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr
from ml.tryon.drape.body import ARM, ARM_AT, ARM_HALF, Body

AT = np.arange(0.16, 1.30, 0.02)  # heights along the torso
CLOSE = (0.04, 0.09)  # gaps / unit up to which cloth fills them, wholly and at all
SEE_THROUGH = 0.25  # share of background between torso and arm that makes a real gap


@dataclass(frozen=True, slots=True)
class Arm:
    """Per height of ``AT``, in pixels from the torso's middle line: the innermost arm's inner
    edge and middle; both infinite where there is no arm or one sees through beside it."""

    inner: NDArray[np.float64]
    middle: NDArray[np.float64]
    unit: float

    def reach(self, heights: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.float64]:
        """Half-widths that go on under the arm where that is close to a torso of ``half``."""
        near = np.argmin(np.abs(AT[None] - heights[:, None]), axis=1)
        known = np.isfinite(self.inner[near]) & (np.abs(AT[near] - heights) < 0.05)
        gap = np.where(known, (self.inner[near] - half) / self.unit, np.inf)
        share = np.clip((CLOSE[1] - gap) / (CLOSE[1] - CLOSE[0]), 0, 1)
        more = np.where(known, np.maximum(self.middle[near] - half, 0.0), 0.0) * share
        # Below the armpit, where the arm has parted from the trunk.
        more = more * np.clip((heights - heights[0]) / 0.06, 0, 1)
        padded = np.pad(more, 2, mode="edge")
        return np.asarray(half + np.convolve(padded, np.full(5, 0.2), "valid"))


def arms_beside(body: Body, parse: NDArray[np.uint8]) -> Mapping[int, Arm]:
    """Both arms by side. parse: (H, W) labels of the photo as it is."""
    return {side: _arm(body, parse, side) for side in (1, -1)}


def _arm(body: Body, parse: NDArray[np.uint8], side: int) -> Arm:
    inner, middle = np.full(len(AT), np.inf), np.full(len(AT), np.inf)
    if body.arm_behind[0 if side > 0 else 1]:
        return Arm(inner, middle, body.unit)
    along = np.linspace(0.1, ARM, 160) * body.unit
    points = body.arm(side).at(along)
    thick = np.interp(along / body.unit, ARM_AT, ARM_HALF) * body.unit
    trunk = max(float(np.linalg.norm(body.hips[0] - body.shoulders[0])), 1e-6)
    at = ((points - body.shoulders[0]) @ body.down) / trunk
    out = side * ((points - body.centre(at)) * body.tilt(at)).sum(axis=1)
    for i, height in enumerate(AT):
        here = np.flatnonzero(np.abs(at - height) < 0.02)
        if not len(here):
            continue
        k = here[int(np.argmin(out[here]))]
        edge = float(body.half_width(height))
        if out[k] - thick[k] <= edge or not _see_through(
            body, parse, height, side, edge, float(out[k] - thick[k])
        ):
            inner[i], middle[i] = out[k] - thick[k], out[k]
    return Arm(inner, middle, body.unit)


def _see_through(
    body: Body, parse: NDArray[np.uint8], height: float, side: int, first: float, last: float
) -> bool:
    """Whether the photo shows the background between two distances from the middle line."""
    steps = np.arange(first, last, 1.0)
    level = side * body.tilt(np.clip(height, 0.0, 1.0))
    spots = np.round(body.centre(height) + steps[:, None] * level).astype(int)
    rows, columns = parse.shape
    spots = np.clip(spots, 0, (columns - 1, rows - 1))
    seen = parse[spots[:, 1], spots[:, 0]]
    return bool(len(seen)) and float((seen == Atr.BACKGROUND).mean()) > SEE_THROUGH
