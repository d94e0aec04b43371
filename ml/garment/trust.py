"""How good a cut is, judged without knowing the truth.

Each cut of a small picture is described by nine numbers; two small linear models, fitted where
the truth is known (``python -m ml.training garment``, ``ml/models/garment_trust.json``), turn
them into an order among the cuts and into the chance that the best one is right.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.garment import saliency
from ml.garment.light import Look, contour_mean, is_part
from ml.garment.pieces import overlap

Bool = NDArray[np.bool_]
Rows = NDArray[np.float64]

FITTED = Path(__file__).parent.parent / "models" / "garment_trust.json"
#: A mask counts as right where it overlaps the truth by this much (intersection over union).
RIGHT = 0.9
#: What a cut by colour may be behind the network's and still be preferred.
_SHARPER = 0.05
FEATURES = (
    "clear outline",
    "share of the frame",
    "left outside",
    "part of another cut",
    "agreement with the network",
    "agreement with the other cuts",
    "agreement across the paths",
    "network undecided",
    "colours like the ground",
)


def describe(
    look: Look, by_colour: Sequence[Bool], by_network: Sequence[Bool], share: NDArray[np.float32]
) -> Rows:
    """(cuts, features): the cuts by colour first, then those by the network."""
    cuts = [*by_colour, *by_network]
    frame = saliency.border(look.edges.shape, 0.01)
    out = look.standing_out
    undecided = float(np.minimum(share, 1 - share).sum() / max(float(share.sum()), 1.0))
    pairs = np.array([[overlap(one, other) for other in cuts] for one in cuts])
    rows = []
    for i, cut in enumerate(cuts):
        others = [j for j in range(len(cuts)) if j != i]
        across = range(len(by_colour), len(cuts)) if i < len(by_colour) else range(len(by_colour))
        area = max(float(cut.mean()), 1e-3)
        inside, ground = saliency.histograms(look.smooth, cut, ~cut) if cut.any() else (1.0, 1.0)
        rows.append(
            [
                contour_mean(cut, look.edges),
                float(cut[frame].mean()),
                min(1.0, float((out & ~cut).mean()) / area) if out is not None else 0.0,
                max(is_part(cut, cuts[j], look) for j in others),
                agreement(cut, share),
                float(np.mean(pairs[i, others])),
                float(max((pairs[i, j] for j in across), default=0.0)),
                min(1.0, undecided),
                float(np.minimum(inside, ground).sum()),
            ]
        )
    return np.array(rows)


def judge(rows: Rows, by_colour: int) -> tuple[int, float]:
    """The best cut's index, and the chance that it is right.

    by_colour: how many of the rows, the first, are cuts by colour; of equals they have the
    sharper edge.
    """
    order, right = _models()
    scores = expand(rows) @ order
    scores[:by_colour] += _SHARPER
    best = int(np.argmax(scores))
    return best, float(1 / (1 + np.exp(-(expand(rows[best : best + 1]) @ right)[0])))


def expand(rows: Rows) -> Rows:
    """A one, the features, and the squares of the agreements."""
    return np.concatenate([np.ones((len(rows), 1)), rows, rows[:, 4:7] ** 2], axis=1)


def agreement(cut: Bool, share: NDArray[np.float32]) -> float:
    """Soft intersection over union of a cut and the network's shares."""
    both = float(share[cut].sum())
    return both / (float(share.sum()) + float(cut.sum()) - both + 1e-6)


@cache
def _models() -> tuple[Rows, Rows]:
    stored = json.loads(FITTED.read_text())
    return np.array(stored["order"]), np.array(stored["right"])
