"""Where tops are under tension: which way their cloth wrinkles when laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ml.studio.drape import Pull
from ml.studio.paths import CENTRE, between, bowed, mirror

if TYPE_CHECKING:
    from ml.studio.tops import TopCut

Pulls = tuple[Pull, ...]


def body_pulls(cut: TopCut, rng: np.random.Generator) -> Pulls:
    """Drag lines from the armpits, hollows beside the armholes, uprights at sides and hem."""
    pulls = [Pull(bowed(cut.point(0, cut.armpit_y - 40), cut.point(0, cut.hem_y), 0), 0.22, 190)]
    high, low = cut.armpit_y, cut.hem_y
    for sign in (-1.0, 1.0):
        pit = cut.point(sign * (cut.armpit - 6), high - 8)
        for _ in range(3):
            end = cut.point(sign * cut.armpit * rng.uniform(0.15, 0.6),
                            high + (low - high) * rng.uniform(0.05, 0.6))  # fmt: skip
            pulls.append(Pull(bowed(pit, end, sign * rng.uniform(4, 26)),
                              rng.uniform(0.55, 1.05), rng.uniform(32, 54)))  # fmt: skip
        shoulder = cut.point(sign * cut.shoulder * 0.82, cut.shoulder_y + 16)
        pulls.append(Pull(bowed(shoulder, pit + np.array([-sign * 40, 26]), sign * 6),
                          rng.uniform(0.3, 0.6), 46))  # fmt: skip
        neck = cut.point(sign * cut.neck * 0.9, cut.neck_y + 0.8 * cut.neck_drop)
        pulls.append(Pull(bowed(neck, cut.point(sign * cut.armpit * 0.6, high + 10), sign * 9),
                          rng.uniform(0.15, 0.45), 60))  # fmt: skip
        side = bowed(
            cut.point(sign * (cut.armpit - 34), high + 80),
            cut.point(sign * (cut.hem - 38), low - 20),
            sign * rng.uniform(-12, 12),
        )
        pulls.append(Pull(side, rng.uniform(0.35, 0.7), 48))
        for _ in range(2):
            x = sign * rng.uniform(0.15, 0.85) * cut.hem
            top = cut.point(x * rng.uniform(0.8, 1.0), low - (low - high) * rng.uniform(0.25, 0.6))
            pulls.append(Pull(bowed(top, cut.point(x, low + 10), rng.uniform(-16, 16)),
                              rng.uniform(0.3, 0.75), rng.uniform(36, 64)))  # fmt: skip
        for _ in range(2):
            y = high + (low - high) * rng.uniform(0.3, 0.85)
            a = cut.point(sign * cut.waist, y)
            b = cut.point(sign * cut.waist * rng.uniform(0.3, 0.6), y + rng.uniform(60, 130))
            pulls.append(Pull(bowed(a, b, rng.uniform(-12, 12)), rng.uniform(0.15, 0.4), 38))
    return tuple(pulls)


def sleeve_pulls(cut: TopCut, rng: np.random.Generator) -> Pulls:
    """The wearer's left sleeve: from the armpit outwards, creases at the elbow, gathers."""

    def inner(t: float) -> np.ndarray:
        return between(cut.armpit_left, cut.cuff_inner, t)

    def outer(t: float) -> np.ndarray:
        return between(cut.shoulder_left, cut.cuff_outer, t)

    long = cut.sleeve > 300
    pulls = [
        Pull(bowed(inner(0.02), outer(0.30 if long else 0.55), -8), rng.uniform(0.8, 1.2), 40),
        Pull(bowed(inner(0.08), outer(0.42 if long else 0.8), -6), rng.uniform(0.4, 0.9), 30),
    ]
    middle = between(outer(0.15), inner(0.15), 0.5), between(outer(1), inner(1), 0.5)
    pulls.append(Pull(bowed(*middle, rng.uniform(-8, 8)), 0.4, 50))
    if not long:
        for t in (0.3, 0.7):
            end = between(cut.cuff_outer, cut.cuff_inner, t + rng.uniform(-0.1, 0.1))
            pulls.append(Pull(bowed(end - cut.along * rng.uniform(60, 110), end, 4), 0.5, 34))
        return tuple(pulls)
    for t in np.linspace(0.36, 0.62, 4) + rng.normal(0, 0.03, 4):
        a, b = inner(t), outer(t - rng.uniform(0.05, 0.13))
        if rng.random() < 0.35:
            a, b = outer(t), inner(t + rng.uniform(-0.02, 0.08))
        end = between(a, b, rng.uniform(0.45, 0.95))
        pulls.append(Pull(bowed(a, end, rng.uniform(-9, 9)), rng.uniform(0.4, 0.85), 23))
    for _ in range(2):
        t = rng.uniform(0.68, 0.92)
        a, b = inner(t), outer(t + rng.uniform(-0.06, 0.06))
        pulls.append(Pull(bowed(a, between(a, b, 0.7), rng.uniform(-7, 7)), 0.45, 22))
    if cut.wristband:
        for t in (0.2, 0.5, 0.8):
            end = between(*cut.sleeve_end, t)
            start = end - cut.along * rng.uniform(50, 100)
            pulls.append(Pull(bowed(start, end, 0), 0.9, 20))
    return tuple(pulls)


def mirrored(pulls: Pulls, rng: np.random.Generator) -> Pulls:
    """The other side's: alike, never the same."""
    return tuple(
        Pull(mirror(p.line) + rng.normal(0, 7, 2), p.strength * rng.uniform(0.5, 1.3), p.reach)
        for p in pulls
    )


def gathers(left: float, right: float, y: float, length: float, strength: float = 1.0) -> Pulls:
    """Cloth drawn together along a level line: short folds hanging from it (or, with negative
    length, standing on it). left, right: half widths from the centre."""
    count = max(int((right - left) / 36), 2)
    return tuple(
        Pull(bowed((CENTRE + x, y), (CENTRE + x * 1.05, y + length), 0), strength, 30)
        for x in np.linspace(left, right, count)
    )
