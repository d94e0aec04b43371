"""``python -m ml profile``: how long each stage of a try-on takes on this machine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ml.commands import common
from ml.commands.common import WrongOption

if TYPE_CHECKING:
    from ml.tryon.timing import Table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person", type=Path, metavar="P", help="default: a drawn fitting model")
    parser.add_argument("--annotation", type=Path, metavar="A", help="default: near the person")
    parser.add_argument("--garment", type=Path, metavar="G", help="default: a drawn garment")
    parser.add_argument(
        "--region", choices=("auto", "upper", "lower", "dress", "outer"), default="auto"
    )
    parser.add_argument("--engine", default="drape")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="median of N (5)")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0, or 2 where an input was bad."""
    from ml.garment.annotation import Region
    from ml.tryon.session import find_annotation
    from ml.tryon.timing import measure

    try:
        if args.repeat < 1:
            raise WrongOption("--repeat must be at least 1")
        person = args.person or first_picture(FIXTURES / "demo/fitting_models/photos")
        table = measure(
            person=person,
            annotation=args.annotation or find_annotation(person),
            garment=args.garment or first_picture(FIXTURES / "demo/garments"),
            region=None if args.region == "auto" else Region(args.region),
            engine=args.engine,
            repeat=args.repeat,
        )
    except common.BAD as error:
        path = getattr(error, "filename", None)
        text = f"{path}: {common.reason(error)}" if path else common.reason(error)
        common.complain([f"error: {text}"])
        return common.BAD_INPUT
    common.say(json.dumps(table.as_dict()) if args.json else _printed(table))
    return common.OK


def first_picture(folder: Path) -> Path:
    """The first picture of a folder of fixtures, by name."""
    # "name.mask.png" and "name.detail.webp" go with "name.webp".
    found = sorted(p for p in folder.rglob("*") if p.suffix in common.FORMATS and "." not in p.stem)
    if not found:
        raise WrongOption(f"no pictures in {folder}: name --person, --annotation and --garment")
    return found[0]


def _printed(table: Table) -> str:
    width = max(len(stage) for stage in table.stages)
    lines = [
        f"{table.engine}, {table.width} x {table.height}, median of {table.repeat}",
        *(f"{stage:<{width}}  {took * 1000:8.1f} ms" for stage, took in table.stages.items()),
        f"{'total':<{width}}  {table.total * 1000:8.1f} ms",
    ]
    return "\n".join(lines)
