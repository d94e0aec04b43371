"""``python -m ml mask``: cut garments out of their photos."""

from __future__ import annotations

import argparse
from pathlib import Path

from ml.commands import common


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", type=Path, nargs="+", metavar="IMAGE")
    parser.add_argument(
        "--out-dir",
        type=Path,
        required=True,
        help="writes NAME.png here: 8-bit, 255 = garment, the photo's size",
    )


def run(args: argparse.Namespace) -> int:
    """Returns the exit code: 0, or 2 where any input was bad."""
    from tqdm import tqdm

    from ml.garment.mask import cut_out
    from ml.images import read

    complaints: list[str] = []
    written: dict[Path, Path] = {}
    for path in tqdm(args.images, unit="photo", disable=len(args.images) < 2):
        out = args.out_dir / f"{path.stem}.png"
        try:
            if out in written:
                raise common.WrongOption(f"{written[out]} has the same name: {out.name}")
            mask = cut_out(read(path)).mask
            common.write_picture(out, mask)
            written[out] = path
        except common.BAD as error:
            complaints.append(f"error: {path}: {common.reason(error)}")
    common.complain(complaints)
    return common.BAD_INPUT if complaints else common.OK
