"""``python -m ml annotate``: what is where on the people in photos, and what is wrong with them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ml.commands import common

if TYPE_CHECKING:
    from ml.person.checks import Findings

OVERLAYS = "overlay"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE")
    parser.add_argument(
        "--out-dir",
        type=Path,
        required=True,
        help="writes parse_atr/NAME.png and NAME's line of keypoints.jsonl here, for "
        "`tryon --annotation`; a photo that cannot be dressed is annotated all the same",
    )
    parser.add_argument(
        "--overlay", action="store_true", help=f"writes {OVERLAYS}/NAME.jpg to be looked at, too"
    )


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0, or 2 where any photo could not be annotated."""
    from tqdm import tqdm

    from ml.images import on_white, read
    from ml.person import overlay, store
    from ml.person.checks import check
    from ml.person.look import look_at

    complaints: list[str] = []
    written: dict[str, Path] = {}
    for path in tqdm(args.images, unit="photo", disable=len(args.images) < 2):
        name = path.stem
        try:
            if name in written:
                raise common.WrongOption(f"{written[name]} has the same name: {name}")
            photo = on_white(read(path))
            look = look_at(photo)
            store.write_folder(args.out_dir, name, look.annotation)
            if args.overlay:
                picture = overlay.draw(photo, look.annotation)
                common.write_picture(args.out_dir / OVERLAYS / f"{name}.jpg", picture)
            written[name] = path
        except common.BAD as error:
            complaints.append(f"error: {path}: {common.reason(error)}")
        else:
            tqdm.write(f"{path}: {told(check(photo, look))}")
    common.complain(complaints)
    return common.BAD_INPUT if complaints else common.OK


def told(findings: Findings) -> str:
    """``ok``, or the problems: ``refused: ...``, ``no lower: ...``, ``advice: ...``."""
    if findings.fatal is not None:
        return f"refused: {findings.fatal}"
    reasons: dict[str, list[str]] = {}
    for region, problem in findings.by_region.items():
        reasons.setdefault(str(problem), []).append(str(region))
    lines = [f"no {', '.join(regions)}: {reason}" for reason, regions in reasons.items()]
    lines += [f"advice: {problem}" for problem in findings.advice]
    return "; ".join(lines) or "ok"
