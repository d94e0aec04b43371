"""``python -m ml.training person``: train the person annotator or print its figures."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import torch

from ml.person.network import load
from ml.training.card import fill
from ml.training.data import ccp
from ml.training.person import dressed
from ml.training.person.evaluate import (
    annotated,
    as_used,
    evaluate,
    sheet,
    summary,
    tables,
    validation,
)
from ml.training.person.recipe import Recipe, train, with_plan
from ml.training.person.sources import load_pool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help=f"folder of the data sets, or ${ccp.DATASETS}")
    parser.add_argument("--out", type=Path, default=Path("person-training"))
    parser.add_argument("--resume", action="store_true", help="go on from OUT's checkpoint")
    parser.add_argument("--minutes", type=float, help="end after so long, the schedule squeezed")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--rate", type=float, help="highest learning rate")
    parser.add_argument("--init", type=Path, help="start from these weights")
    parser.add_argument(
        "--last-phase", action="store_true", help="only the largest canvases, to go on from --init"
    )
    parser.add_argument("--dress", type=int, metavar="N", help="only put N people into DRESSED")
    parser.add_argument("--dressed", type=Path, help="folder of people in other clothes")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--limit", type=int, help="use only so many photos (to try things out)")
    parser.add_argument("--evaluate", type=Path, metavar="WEIGHTS", help="only print figures")
    parser.add_argument("--annotated", type=Path, help="evaluate on this annotated folder instead")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet, worst photos first")
    parser.add_argument(
        "--card",
        type=Path,
        help="write the figures, also as the shop uses it, into this model card",
    )
    parser.add_argument("--worst", type=int, default=48, help="photos on the sheet")
    parser.add_argument(
        "--mended", action="store_true", help="evaluate with skirts called skirts, as trained on"
    )
    parser.add_argument("--flip", action="store_true", help="evaluate with the mirror image, too")


def run(args: argparse.Namespace) -> None:
    if args.evaluate:
        _evaluate(args)
        return
    root = ccp.folder(args.data)
    if args.dress:
        dressed.make(root, args.dressed or Path("dressed"), args.dress)
        return
    changes = {"steps": args.steps, "minutes": args.minutes, "rate": args.rate}
    recipe = with_plan(Recipe(), **{k: v for k, v in changes.items() if v is not None})
    if args.last_phase:
        recipe = replace(recipe, phases=recipe.phases[-1:])
    pool = load_pool(root, recipe.height, args.limit)
    if args.dressed:
        pool.dressed = dressed.load(args.dressed)
    train(
        recipe,
        pool,
        args.out,
        cases=validation(root, mended=True)[: args.limit : 2],
        init=args.init,
        resume=args.resume,
        device=args.device,
    )
    report = evaluate(load(args.out / "average.safetensors"), validation(root)[: args.limit])
    (args.out / "metrics.json").write_text(json.dumps(report.figures, indent=1) + "\n")
    sys.stdout.write(summary(report.figures) + "\n")


def _evaluate(args: argparse.Namespace) -> None:
    network = load(args.evaluate)
    if args.annotated:
        cases = annotated(args.annotated, args.annotated / "photos")
    else:
        cases = validation(ccp.folder(args.data), mended=args.mended)
    report = evaluate(network, cases[: args.limit], flip=args.flip)
    sys.stdout.write(summary(report.figures) + "\n")
    sys.stdout.write(json.dumps(report.figures) + "\n")
    if args.card:
        root = ccp.folder(args.data)
        used, mended = (as_used(validation(root, mended=m)[: args.limit]) for m in (False, True))
        sys.stdout.write(f"as used:\n{summary(used)}\nmended:\n{summary(mended)}\n")
        fill(args.card, tables(report.figures, used, mended))
    if args.sheet:
        worst = sorted(report.scores, key=lambda name: report.scores[name])[: args.worst]
        named = {case.id: case for case in cases}
        sheet(network, [named[name] for name in worst], args.sheet)
