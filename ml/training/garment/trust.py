"""Fit what judges cuts (:mod:`ml.garment.trust`) where the truth is known.

Labelled photos that the mask network has not learned from, and their garments laid on other
grounds, often of their own colour, so that there is something to get wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from ml.garment.light import Look, cuts_by_colour
from ml.garment.mask import SMALL, cuts_by_network
from ml.garment.pieces import overlap, resize
from ml.garment.prior import garment_share
from ml.garment.trust import FEATURES, RIGHT, describe, expand
from ml.images import fit, read
from ml.training.data import clothing
from ml.training.garment import mask, scenes

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    scenes: int = 100
    order_ridge: float = 0.02
    right_ridge: float = 0.0005
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Case:
    """One picture: a row of features and the true overlap for each cut. weight: of its kind."""

    rows: Rows
    overlaps: NDArray[np.float64]
    weight: float


def fit_trust(recipe: Recipe, root: Path, out: Path) -> dict[str, float]:
    """Writes ``garment_trust.json``; returns how well the choice does on what it was fitted to."""
    cases = _kept(recipe, root, out / "trust.npz")
    rows = np.concatenate([expand(case.rows) for case in cases])
    truth = np.concatenate([case.overlaps for case in cases])
    weight = np.concatenate([np.full(len(case.overlaps), case.weight) for case in cases])
    # A step from 0.90 to 0.98 counts as much as one from 0.3 to 0.8.
    order = _ridge(rows, -np.log(1.03 - truth), weight, recipe.order_ridge)
    best = [int(np.argmax(expand(case.rows) @ order)) for case in cases]
    found = np.array([case.overlaps[i] for case, i in zip(cases, best, strict=True)])
    taken = np.concatenate(
        [expand(case.rows[i : i + 1]) for case, i in zip(cases, best, strict=True)]
    )
    each = np.array([case.weight for case in cases])
    right = _logistic(taken, found >= RIGHT, each, recipe.right_ridge)
    figures = {
        "overlap": float(found.mean()),
        "best_possible": float(np.mean([case.overlaps.max() for case in cases])),
        "right": float((found >= RIGHT).mean()),
    }
    model = {"features": FEATURES, "order": order.tolist(), "right": right.tolist()}
    (out / "garment_trust.json").write_text(json.dumps(model, indent=1) + "\n")
    return figures


def _kept(recipe: Recipe, root: Path, path: Path) -> list[Case]:
    """Cut once, for cutting takes much longer than fitting."""
    if not path.exists():
        made = _cases(recipe, root)
        np.savez(
            path,
            rows=np.concatenate([case.rows for case in made]),
            overlaps=np.concatenate([case.overlaps for case in made]),
            weights=[case.weight for case in made],
            counts=[len(case.overlaps) for case in made],
        )
    with np.load(path) as stored:
        ends = np.cumsum(stored["counts"])[:-1]
        rows, overlaps = np.split(stored["rows"], ends), np.split(stored["overlaps"], ends)
        return [
            Case(row, found, float(weight))
            for row, found, weight in zip(rows, overlaps, stored["weights"], strict=True)
        ]


def _cases(recipe: Recipe, root: Path) -> list[Case]:
    items = clothing.labelled(root, "train")
    # Twice the weight for photos that no network has learned from; scenes are many and harsh.
    held = {item.name for item in mask.held(root)}
    cases = []
    for item in tqdm(items, desc="labelled photos", mininterval=10):
        weight = 3.0 if item.name in held else 1.5
        cases.append(_case(read(item.photo).rgb, item.mask(), weight))
    sources = [mask.labelled_source(item, mask.Recipe()) for item in mask.held(root)]
    empty = [
        scenes.emptied(mask.labelled_source(item, mask.Recipe())) for item in mask.learned(root)
    ]
    rng = np.random.default_rng(recipe.seed)
    for index in tqdm(range(recipe.scenes), desc="scenes", mininterval=10):
        if rng.random() < 0.5:
            ground = scenes.drawn_ground(SMALL, rng)
        else:
            ground = scenes.photo_ground(empty[int(rng.integers(len(empty)))], SMALL, rng)
        scene = scenes.composed(sources[index % len(sources)], ground, SMALL, rng)
        cases.append(_case((scene.rgb * 255).astype(np.uint8), scene.mask > 0.5, 0.6))
    return cases


def _case(rgb: NDArray[np.uint8], truth: NDArray[np.bool_], weight: float) -> Case:
    small = fit(rgb, max_side=SMALL)
    look, share = Look.at(small), garment_share(small)
    by_colour = [] if look.even else cuts_by_colour(look)
    by_network = cuts_by_network(look, share)
    known = resize(truth, small.shape[:2])
    overlaps = [overlap(cut, known) for cut in (*by_colour, *by_network)]
    return Case(describe(look, by_colour, by_network, share), np.array(overlaps), weight)


def _ridge(rows: Rows, wanted: Rows, weight: Rows, ridge: float) -> Rows:
    weighted = rows * weight[:, None]
    penalty = ridge * weight.sum() * np.eye(rows.shape[1])
    penalty[0, 0] = 0
    return np.asarray(np.linalg.solve(rows.T @ weighted + penalty, weighted.T @ wanted))


def _logistic(rows: Rows, right: NDArray[np.bool_], weight: Rows, ridge: float) -> Rows:
    sign = np.where(right, 1.0, -1.0)

    def cost(w: Rows) -> float:
        missed = np.logaddexp(0, -sign * (rows @ w))
        return float((weight * missed).sum() / weight.sum() + ridge * (w[1:] ** 2).sum())

    return np.asarray(minimize(cost, np.zeros(rows.shape[1])).x)
