"""Teach the student: a small engine that needs no parse and no pose, from an engine that does.

    python -m ml.training student --lessons DIR --teach 1600 [--teacher drape]
    python -m ml.training student --lessons DIR --out RUN [--minutes 50] [--resume]
    python -m ml.training student --lessons DIR --out RUN --init W --pairs PAIRS [--minutes 20]
    python -m ml.training student --lessons DIR --evaluate W [--sheet FILE] [--card FILE]

--teach dresses people and keeps what the teacher did, also of people and garments that are held
back for measuring; what is there already stays. --pairs adds garments that are known flat and
worn: the teacher puts something else on the person, and the student must put the garment back on
and is compared with the photo. It reads what ``ml.studio pairs`` and ``manage.py export_pairs``
write, and needs no data sets.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import cv2
import torch

from ml.errors import InputError
from ml.training.card import fill
from ml.training.student.evaluate import figures, sheet, table
from ml.training.student.lessons import Lesson, load_all, there
from ml.training.student.recipe import WEIGHTS, Recipe, train, with_plan
from ml.tryon.student.frames import SIZE
from ml.tryon.student.network import Student, channels_last, load_unfused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=os.environ.get("OTBANG_DATASETS"))
    parser.add_argument("--lessons", type=Path, required=True, help="folder of lessons")
    parser.add_argument("--teach", type=int, metavar="N", help="only make N lessons")
    parser.add_argument("--held", type=int, default=96, metavar="N", help="and N to measure with")
    parser.add_argument("--teacher", default="drape", help="engine that teaches (drape)")
    parser.add_argument("--pairs", type=Path, action="append", default=[], metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path("student-training"))
    parser.add_argument("--init", type=Path, metavar="WEIGHTS", help="go on from these")
    parser.add_argument("--resume", action="store_true", help="go on from OUT's checkpoint")
    parser.add_argument("--minutes", type=float, help="end after so long, the schedule squeezed")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--rate", type=float, help="highest learning rate")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--evaluate", type=Path, metavar="WEIGHTS", help="only print figures")
    parser.add_argument("--sheet", type=Path, help="pictures of what is held out, worst first")
    parser.add_argument("--card", type=Path, help="write the figures into this model card")


def run(args: argparse.Namespace) -> None:
    """Raises InputError."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    if args.teach is not None:
        _teach(args)
    elif args.evaluate is not None:
        network = channels_last(load_unfused(args.evaluate)).eval()
        _measure(network, load_all(args.lessons, "held"), args)
    else:
        _train(args)


def _teach(args: argparse.Namespace) -> None:
    from ml.training.student.sources import Half, both_halves
    from ml.training.student.teach import make, teacher

    who = teacher(args.teacher, args.device)
    wanted: tuple[tuple[Half, int], ...] = (("held", args.held), ("train", args.teach))
    for half, count in wanted:
        sources, turns = both_halves(half, who.engine, args.data and Path(args.data))
        make(who, sources, turns, args.lessons, half, count)


def _train(args: argparse.Namespace) -> None:
    lessons: list[Lesson] = []
    if args.pairs:
        from ml.training.student.pairs import make

        for folder in args.pairs:
            make(args.teacher, folder, args.lessons, args.device)
    if there(args.lessons, "pair"):
        lessons += load_all(args.lessons, "pair", SIZE)
    if there(args.lessons, "train"):
        lessons += load_all(args.lessons, "train", SIZE)
    if not lessons:
        raise InputError(
            f"{args.lessons} holds no lessons: --teach makes some, --pairs adds real ones"
        )
    held = load_all(args.lessons, "held", SIZE) if there(args.lessons, "held") else []
    changes = {name: getattr(args, name) for name in ("minutes", "steps", "rate")}
    recipe = with_plan(Recipe(), **{k: v for k, v in changes.items() if v is not None})
    network = train(
        recipe,
        lessons,
        args.out,
        held=held,
        init=args.init,
        resume=args.resume,
        device=args.device,
    )
    if held:
        _measure(network.eval(), held, args)
    sys.stdout.write(f"weights: {args.out / WEIGHTS}\n")


def _measure(network: Student, held: list[Lesson], args: argparse.Namespace) -> None:
    held = [each.at(network.size) for each in held]
    found = figures(network, held)
    args.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1) + "\n"
    (args.out / "metrics.json").write_text(text, encoding="utf-8")
    sys.stdout.write(table(found) + "\n")
    if args.sheet is not None:
        sheet(network, held, args.sheet)
    if args.card is not None:
        fill(args.card, table(found))
