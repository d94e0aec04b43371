"""``python -m ml tryon``: dress a person in garments; one picture, or a table of them."""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.commands import common
from ml.commands.common import WrongOption

if TYPE_CHECKING:
    from ml.garment.annotation import Region
    from ml.tryon.session import Session

REGIONS = ("auto", "upper", "lower", "dress", "outer")
_COLUMNS = ("person", "garment", "region", "out")


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to make. annotation None: the person's photo is annotated."""

    person: Path
    annotation: Path | None
    garments: tuple[Path, ...]
    region: Region | None
    out: Path


def add(parser: argparse.ArgumentParser) -> None:
    one = parser.add_argument_group("one picture")
    one.add_argument("--person", type=Path, metavar="P", help="photo of the person")
    one.add_argument(
        "--garment", type=Path, nargs="+", metavar="G", help="photos of what to put on"
    )
    one.add_argument("--out", type=Path, help="where to write (.png, .jpg, .webp)")
    many = parser.add_argument_group("many pictures")
    many.add_argument(
        "--pairs", type=Path, help="CSV with the columns person, garment, region, out[, annotation]"
    )
    many.add_argument("--out-dir", type=Path, help="folder for the column out")
    parser.add_argument(
        "--annotation",
        type=Path,
        metavar="A",
        help="folder with parse_atr/ID.png and keypoints.jsonl, ID = name of the person's file, as "
        "`annotate` writes it; taken as it is. Without it every photo is annotated and checked, "
        "whatever lies beside it",
    )
    parser.add_argument("--region", choices=REGIONS, default="auto", help="default: by shape")
    parser.add_argument("--engine", default="drape")
    parser.add_argument("--json", action="store_true", help="one JSON object per picture")


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0, or 2 where any input was bad."""
    from tqdm import tqdm

    from ml.tryon.session import Session

    complaints: list[str] = []
    try:
        many = _is_table(args)
        jobs = _table(args, complaints) if many else [_single(args)]
        session = Session(args.engine) if jobs else None
    except common.BAD as error:
        common.complain([f"error: {common.reason(error)}"])
        return common.BAD_INPUT
    for job in tqdm(jobs, unit="picture", disable=not many):
        assert session is not None  # noqa: S101  (there are jobs)
        report = _do(session, job)
        if "error" in report:
            complaints.append(f"error: {report['message']}")
        if args.json:
            common.say(json.dumps(report, ensure_ascii=False))
        elif not many and "error" not in report:
            common.say(str(job.out))
    common.complain(complaints)
    return common.BAD_INPUT if complaints else common.OK


def _do(session: Session, job: Job) -> dict[str, Any]:
    """Make one picture. What is wrong with an input is told in the report."""
    from ml.errors import InputError

    seconds: dict[str, float] = {}

    def on_stage(stage: str, took: float) -> None:
        seconds[stage] = seconds.get(stage, 0.0) + took

    at: object = job.person
    try:
        wearer = session.person(job.person, job.annotation, on_stage=on_stage)
        garments = []
        for path in job.garments:
            at = path
            garments.append(session.garment(path, job.region, on_stage=on_stage))
        at = f"{job.person} in {job.garments[-1]}"
        dressed = session.dress(wearer, garments, on_stage=on_stage)
        at = job.out
        common.write_picture(job.out, dressed.image)
    except common.BAD as error:
        code = error.code if isinstance(error, InputError) else "cannot_read_or_write"
        return {
            "error": code,
            "message": f"{at}: {common.reason(error)}",
            "person": str(job.person),
            "garments": [{"path": str(path)} for path in job.garments],
            "out": str(job.out),
        }
    return {
        "out": str(job.out),
        "width": dressed.image.shape[1],
        "height": dressed.image.shape[0],
        "confidence": round(dressed.confidence, 3),
        "warnings": list(dressed.warnings),
        "advice": [problem.code for problem in wearer.findings.advice],
        "person": str(job.person),
        "garments": [
            {
                "path": str(path),
                "region": str(garment.annotation.region),
                "cut": str(garment.annotation.cut),
                "confidence": round(garment.annotation.confidence, 3),
            }
            for path, garment in zip(job.garments, garments, strict=True)
        ],
        "engine": f"{session.spec.name} {session.spec.version}",
        "seconds": {stage: round(took, 4) for stage, took in seconds.items()},
    }


def _is_table(args: argparse.Namespace) -> bool:
    """Either --pairs with --out-dir, or --person, --garment and --out. Raises WrongOption."""
    single = {"--person": args.person, "--garment": args.garment, "--out": args.out}
    if args.pairs is None and args.out_dir is None:
        missing = [name for name, value in single.items() if not value]
        if missing:
            raise WrongOption(f"{', '.join(missing)} missing (or use --pairs with --out-dir)")
        return False
    given = [name for name, value in single.items() if value]
    if given:
        raise WrongOption(f"{', '.join(given)} cannot be used with --pairs and --out-dir")
    if args.pairs is None or args.out_dir is None:
        raise WrongOption("--pairs and --out-dir belong together")
    return True


def _single(args: argparse.Namespace) -> Job:
    common.format_of(args.out)
    return Job(
        person=args.person,
        annotation=args.annotation,
        garments=tuple(args.garment),
        region=_region(args.region),
        out=args.out,
    )


def _table(args: argparse.Namespace, complaints: list[str]) -> list[Job]:
    """The table's good rows; its bad ones are added to the complaints."""
    jobs = []
    try:
        with args.pairs.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            lacking = [c for c in _COLUMNS if c not in (reader.fieldnames or ())]
            if lacking:
                raise WrongOption(f"{args.pairs}: no column {', '.join(lacking)}")
            for number, row in enumerate(reader, 2):
                try:
                    jobs.append(_row(args, row))
                except WrongOption as error:
                    complaints.append(f"error: {args.pairs} line {number}: {error}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongOption(f"{args.pairs}: not a CSV file in UTF-8") from error
    except OSError as error:
        raise WrongOption(f"{args.pairs}: {common.reason(error)}") from error
    if not jobs and not complaints:
        raise WrongOption(f"{args.pairs}: no rows")
    return jobs


def _row(args: argparse.Namespace, row: dict[str, Any]) -> Job:
    cells = {name: (row.get(name) or "").strip() for name in (*_COLUMNS, "annotation")}
    empty = [name for name in ("person", "garment", "out") if not cells[name]]
    if empty:
        raise WrongOption(f"no {', '.join(empty)}")
    near = args.pairs.parent
    region = cells["region"] or args.region
    if region not in REGIONS:
        raise WrongOption(f"region {region!r} is none of {', '.join(REGIONS)}")
    out = args.out_dir / cells["out"]
    out = out if out.suffix else out.with_suffix(".png")
    common.format_of(out)
    return Job(
        person=_near(near, cells["person"]),
        annotation=_near(near, cells["annotation"]) if cells["annotation"] else args.annotation,
        garments=(_near(near, cells["garment"]),),
        region=_region(region),
        out=out,
    )


def _near(folder: Path, cell: str) -> Path:
    """A path of the table: relative ones against its folder first, then where we are."""
    beside = folder / cell
    return beside if beside.exists() else Path(cell)


def _region(name: str) -> Region | None:
    from ml.garment.annotation import Region

    return None if name == "auto" else Region(name)
