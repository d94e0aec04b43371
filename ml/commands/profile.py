"""``python -m ml profile``: what each stage of a try-on costs on this machine."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ml.commands import common
from ml.commands.common import WrongOption

if TYPE_CHECKING:
    from ml.tryon.timing import Table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person", type=Path, metavar="P", help="default: a drawn fitting model")
    parser.add_argument("--annotation", type=Path, metavar="A", help="default: made each time")
    parser.add_argument("--garment", type=Path, metavar="G", help="default: a drawn garment")
    parser.add_argument(
        "--region", choices=("auto", "upper", "lower", "dress", "outer"), default="auto"
    )
    parser.add_argument("--engine", default="drape")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--filled-weights",
        action="store_true",
        help="a published engine with made-up weights: the same work, but a picture of nothing",
    )
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="median of N (5)")
    parser.add_argument("--json", action="store_true", help="print JSON, not a table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON there as well")


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0, or 2 where an input was bad."""
    from ml.garment.annotation import Region
    from ml.tryon.timing import measure

    try:
        if args.repeat < 1:
            raise WrongOption("--repeat must be at least 1")
        with _made_up(args.engine) if args.filled_weights else nullcontext():
            table = measure(
                person=args.person or FIXTURES / "demo/fitting_models/photos/dohyun.webp",
                annotation=args.annotation,
                garment=args.garment or first_picture(FIXTURES / "demo/garments"),
                region=None if args.region == "auto" else Region(args.region),
                engine=args.engine,
                device=args.device,
                repeat=args.repeat,
            )
        if args.out:
            args.out.write_text(json.dumps(table.as_dict(), indent=2) + "\n")
    except common.BAD as error:
        path = getattr(error, "filename", None)
        text = f"{path}: {common.reason(error)}" if path else common.reason(error)
        common.complain([f"error: {text}"])
        return common.BAD_INPUT
    common.say(json.dumps(table.as_dict()) if args.json else _printed(table))
    return common.OK


@contextmanager
def _made_up(engine: str) -> Iterator[None]:
    """Made-up weights in a folder of this run alone."""
    from ml import weights
    from ml.tryon import filled

    if not weights.of_engine(engine):
        raise WrongOption(f"--filled-weights is for {', '.join(sorted(weights.LICENCES))}")
    before = os.environ.get("OTBANG_HOME")
    with TemporaryDirectory() as home:
        os.environ["OTBANG_HOME"] = home
        try:
            filled.install(engine)
            yield
        finally:
            if before is None:
                del os.environ["OTBANG_HOME"]
            else:
                os.environ["OTBANG_HOME"] = before


def first_picture(folder: Path) -> Path:
    """The first picture of a folder of fixtures, by name."""
    # "name.mask.png" and "name.detail.webp" go with "name.webp".
    found = sorted(p for p in folder.rglob("*") if p.suffix in common.FORMATS and "." not in p.stem)
    if not found:
        raise WrongOption(f"no pictures in {folder}: name --person, --annotation and --garment")
    return found[0]


def _printed(table: Table) -> str:
    wide = max(len(name) for name in (*table.stages, "total"))
    lines = [
        f"{table.engine} on {table.device}, {table.width} x {table.height}, {table.repeat} runs",
        f"{'':<{wide}}  {'median':>10}  {'p95':>10}  {'share':>6}  {'peak MB':>8}  {'GFLOP':>8}",
    ]
    for name, stage in table.stages.items():
        memory = "–" if stage.megabytes is None else f"{stage.megabytes:.0f}"
        work = "–" if stage.flops is None else f"{stage.flops / 1e9:.1f}"
        lines.append(
            f"{name:<{wide}}  {stage.median * 1000:7.1f} ms  {stage.p95 * 1000:7.1f} ms  "
            f"{stage.share:6.1%}  {memory:>8}  {work:>8}"
        )
    lines.append(
        f"{'total':<{wide}}  {table.total * 1000:7.1f} ms  {table.total_p95 * 1000:7.1f} ms"
    )
    return "\n".join(lines)
