"""Seconds per stage of a try-on at 768 x 1024, for a top, trousers and a dress.

Drawn pictures of ``fixtures/`` are used, so it runs on any machine. Every figure is the median of
``--repeat`` runs after a warm-up; the ratio is to a naive paste of the same pictures, measured in
the same run, so that it can be compared between machines.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from benchmarks.naive import paste
from ml import images
from ml.garment.annotation import Region
from ml.person import store
from ml.tryon.session import scaled
from ml.tryon.timing import Table, measure

HEIGHT, WIDTH = 1024, 768
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "demo"
REGIONS = (Region.UPPER, Region.LOWER, Region.DRESS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        person = _person(Path(scratch))
        garments = {region: _garment(Path(scratch), region) for region in REGIONS}
        tables = {
            region: measure(
                person=person,
                garment=garment,
                region=region,
                repeat=args.repeat,
            )
            for region, garment in garments.items()
        }
        naive = {
            region: statistics.median(
                paste(person, person.parent, garment, region) for _ in range(args.repeat)
            )
            for region, garment in garments.items()
        }
    if args.json:
        print(json.dumps({r: t.as_dict() | {"naive": naive[r]} for r, t in tables.items()}))
    else:
        _show(tables, naive, args.repeat)
    return 0


def _person(scratch: Path) -> Path:
    """A fitting model from head to feet at 768 x 1024, with the annotation beside it."""
    models = FIXTURES / "fitting_models"
    photo = models / "photos" / "dohyun.webp"
    annotation = store.read_folder(models, photo.stem)
    store.write_folder(scratch, photo.stem, scaled(annotation, (HEIGHT, WIDTH)))
    return _resized(photo, scratch)


def _garment(scratch: Path, region: Region) -> Path:
    """The first drawn garment of a region, its longer side 1024."""
    for notes in sorted((FIXTURES / "garments").glob("*.json")):
        if json.loads(notes.read_text())["region"] == region:
            return _resized(notes.with_suffix(".webp"), scratch)
    raise SystemExit(f"no drawn garment of region {region} in {FIXTURES}")


def _resized(photo: Path, scratch: Path) -> Path:
    rgb = cv2.resize(images.read(photo).rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    out = scratch / f"{photo.stem}.png"
    out.write_bytes(images.encode(np.asarray(rgb, np.uint8), "png"))
    return out


def _show(tables: dict[Region, Table], naive: dict[Region, float], repeat: int) -> None:
    first = tables[REGIONS[0]]
    stages = list(dict.fromkeys(stage for table in tables.values() for stage in table.stages))
    print(f"{first.engine}, {WIDTH} x {HEIGHT}, seconds, median of {repeat}")
    print(f"{'':18}" + "".join(f"{region:>10}" for region in tables))
    for stage in stages:
        print(f"{stage:18}" + "".join(f"{t.medians.get(stage, 0):10.3f}" for t in tables.values()))
    print(f"{'total':18}" + "".join(f"{table.total:10.3f}" for table in tables.values()))
    print(f"{'naive paste':18}" + "".join(f"{naive[region]:10.3f}" for region in tables))
    ratios = (table.total / naive[region] for region, table in tables.items())
    print(f"{'ratio':18}" + "".join(f"{ratio:9.1f}x" for ratio in ratios))
    cached = {
        "read person",
        "annotate person",
        "prepare person",
        "read garment",
        "annotate garment",
    }
    cached |= {"prepare garment"}  # done ahead of time for the shop's own models and garments
    live = (sum(s for n, s in t.medians.items() if n not in cached) for t in tables.values())
    print(f"{'of it, per request':18}" + "".join(f"{seconds:10.3f}" for seconds in live))


if __name__ == "__main__":
    sys.exit(main())
