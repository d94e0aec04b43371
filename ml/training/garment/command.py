"""Train the garment annotator: masks first, then the category on garments cut out with them.

    python -m ml.training garment --out RUN [--minutes 120] [--resume]
    python -m ml.training garment --out RUN --evaluate

Data: OTBANG_DATASETS (or --data) with ``clothing/`` and ``garment_gold/``. RUN keeps checkpoints,
logs, cut masks, the weights (to be copied to ``ml/models``) and ``metrics.json``.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import cv2
import torch
from torch import nn

from ml.errors import InputError
from ml.garment import prior
from ml.training.data import clothing
from ml.training.garment import category, mask, trust
from ml.training.garment.order import export
from ml.training.loop import Plan, train

#: How a given time is divided.
_MASK_SHARE = 0.33
MASK_WEIGHTS = "garment_mask.safetensors"
CATEGORY_WEIGHTS = "garment_category.safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=os.environ.get("OTBANG_DATASETS"))
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--resume", action="store_true", help="go on where the run stopped")
    parser.add_argument("--minutes", type=float, help="be done by then (default: all steps)")
    parser.add_argument("--only", choices=("mask", "trust", "category"), help="do one part")
    parser.add_argument("--init", type=Path, help="weights that the category begins with")
    parser.add_argument("--evaluate", action="store_true", help="measure, train nothing")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")


def run(args: argparse.Namespace) -> None:
    if args.data is None:
        raise InputError("say where the data is: --data or OTBANG_DATASETS")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)  # the loop's workers are the threads
    data, out = Path(args.data), Path(args.out)
    if args.evaluate:
        from ml.training.garment.evaluate import evaluate

        out.mkdir(parents=True, exist_ok=True)
        (out / "metrics.json").write_text(json.dumps(evaluate(data), indent=1) + "\n")
        return
    if args.only in (None, "mask"):
        minutes = args.minutes and (args.minutes if args.only else args.minutes * _MASK_SHARE)
        train_mask(data, out, minutes, args)
    if args.only in (None, "trust"):
        fit_trust(data, out)
    if args.only in (None, "category"):
        minutes = args.minutes and (args.minutes if args.only else args.minutes * (1 - _MASK_SHARE))
        train_category(data, out, minutes, args)


def train_mask(data: Path, out: Path, minutes: float | None, args: argparse.Namespace) -> None:
    recipe = mask.Recipe()
    kept = mask.material(recipe, data, out / "masks")
    plan = Plan(recipe.steps, recipe.learning_rate, minutes, workers=1, seed=recipe.seed)

    def check(network: nn.Module, step: int, progress: float) -> dict[str, float]:
        export(network, out / MASK_WEIGHTS)
        found = sorted(mask.overlaps(network, mask.held(data), recipe.size).values())
        mean = sum(found) / len(found)
        return {"iou": mean, "worst": found[0], "median": found[len(found) // 2]}

    train(
        mask.network(recipe),
        plan,
        mask.part(recipe, kept),
        out / "mask",
        resume=args.resume,
        check=check,
        device=args.device,
    )


def fit_trust(data: Path, out: Path) -> None:
    """With the mask network of this run, not the one in ``ml/models``."""
    prior.WEIGHTS = out / MASK_WEIGHTS
    figures = trust.fit_trust(trust.Recipe(), data, out)
    with (out / "trust.json").open("w") as file:
        json.dump(figures, file, indent=1)


def train_category(data: Path, out: Path, minutes: float | None, args: argparse.Namespace) -> None:
    recipe = category.Recipe()
    kept = category.material(recipe, clothing.photos(data, "train"), out / "outlines")
    held = category.material(recipe, clothing.photos(data, "validation"), out / "outlines")
    plan = Plan(
        recipe.steps,
        recipe.learning_rate,
        minutes,
        workers=1,
        check_every=0.25,
        average=0.999,
        seed=recipe.seed,
    )

    def check(network: nn.Module, step: int, progress: float) -> dict[str, float]:
        export(network, out / CATEGORY_WEIGHTS)
        return dict(category.figures(category.answers(network, held, recipe), held.labels))

    begin = args.init or out / MASK_WEIGHTS
    train(
        category.network(recipe, begin if begin.exists() else None),
        plan,
        category.part(recipe, kept),
        out / "category",
        resume=args.resume,
        check=check,
        device=args.device,
    )
