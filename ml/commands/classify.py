"""``python -m ml classify``: kind, colours, pattern and landmarks of garments in photos."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ml.commands import common


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print a JSON array in the order of the images; one that cannot be read has an error",
    )


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0, or 2 where any input was bad."""
    from tqdm import tqdm

    found = [
        _classified(path) for path in tqdm(args.images, unit="photo", disable=len(args.images) < 2)
    ]
    bad = [entry for entry in found if "error" in entry]
    if args.json:
        common.say(json.dumps(found, ensure_ascii=False))
    else:
        for line in _table([entry for entry in found if "error" not in entry]):
            common.say(line)
    common.complain([f"error: {entry['path']}: {entry['error']['message']}" for entry in bad])
    return common.BAD_INPUT if bad else common.OK


def _classified(path: Path) -> dict[str, Any]:
    """One entry of the answer. What is wrong with a photo is told in its place."""
    from ml.errors import InputError
    from ml.garment.classify import classify
    from ml.images import read

    try:
        return {"path": str(path), **classify(read(path)).as_dict()}
    except common.BAD as error:
        code = error.code if isinstance(error, InputError) else "cannot_read"
        return {"path": str(path), "error": {"code": code, "message": common.reason(error)}}


def _table(entries: list[dict[str, Any]]) -> list[str]:
    """Columns as wide as they need to be; the colours come last."""
    if not entries:
        return []
    rows = [("photo", "category", "sure", "region", "pattern", "mask", "colours")]
    for entry in entries:
        colours = ", ".join(
            f"{colour['name'].replace('_', ' ')} {colour['share']:.0%}"
            for colour in entry["colours"]
        )
        sure = entry["probabilities"][entry["category"]]
        rows.append(
            (
                entry["path"],
                entry["category"],
                f"{sure:.2f}",
                entry["region"],
                entry["pattern"],
                f"{entry['mask_confidence']:.2f}",
                colours,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(w) for cell, w in zip(row[:-1], widths, strict=True)), row[-1]])
        for row in rows
    ]
