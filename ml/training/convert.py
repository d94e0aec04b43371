"""Masks from one format to another: COCO, VIA and our own; DeepFashion2 and K-Fashion are read.

python -m ml.training convert --from via --to coco project.json instances.json
python -m ml.training convert --from coco --to masks instances.json folder/
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from ml.errors import BadAnnotation
from ml.training.data import coco, deepfashion2, kfashion, masks, via
from ml.training.data.labelled import LabelledPicture

Pictures = Iterator[LabelledPicture]
READERS: dict[str, Callable[[argparse.Namespace], Pictures]] = {
    "coco": lambda args: coco.read(args.input),
    "via": lambda args: via.read(args.input, args.images),
    "masks": lambda args: masks.read(args.input),
    "deepfashion2": lambda args: deepfashion2.pictures(args.input),
    "kfashion": lambda args: kfashion.pictures(args.input),
}
WRITERS: dict[str, Callable[[Iterable[LabelledPicture], argparse.Namespace], None]] = {
    "coco": lambda found, args: coco.write(found, args.output, tolerance=args.tolerance),
    "via": lambda found, args: via.write(found, args.output, tolerance=args.tolerance),
    "masks": lambda found, args: masks.write(found, args.output),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--from", dest="source", choices=READERS, required=True)
    parser.add_argument("--to", dest="target", choices=WRITERS, required=True)
    parser.add_argument("input", type=Path, metavar="IN", help="a JSON file, or a folder")
    parser.add_argument("output", type=Path, metavar="OUT", help="a JSON file, or a folder")
    parser.add_argument("--images", type=Path, help="folder with the pictures (VIA has no sizes)")
    parser.add_argument(
        "--tolerance", type=float, default=0.0, metavar="PIXELS",
        help="polygons with fewer corners that stay this close to the mask's border (0: exact)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> None:
    """Raises BadAnnotation; what was written before then stays."""
    if args.input.resolve() == args.output.resolve():
        raise BadAnnotation("IN and OUT are the same")
    found = READERS[args.source](args)
    WRITERS[args.target](tqdm(found, unit="picture", mininterval=2), args)
