"""The student beside its teacher, in the same minutes on the same pictures.

    python -m benchmarks.student [--weights student.safetensors] [--repeat 5] [--json]

Without --weights the student's are made up: that changes its pictures, not its cost. Each engine
runs in processes of its own, in turn; a garment of each region is put on the demo's own figure at
768 x 1024 pixels, with its exact labels. "live" is what a shopper waits for where person and
garment were prepared before. On a busy machine believe the ratios rather than the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ml.garment.annotation import Region

ENGINES = ("drape", "student")
STEPS = ("person", "garment", "live")
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "demo"
FIGURE = "dohyun"
SIZE = (1024, 768)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.student", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--weights", type=Path, help="a trained student")
    parser.add_argument("--repeat", type=int, default=5, help="timed runs per process (5)")
    parser.add_argument("--rounds", type=int, default=2, help="processes per engine (2)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=ENGINES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        return _one(args)
    found = _compared(args)
    if args.json:
        print(json.dumps(found))
    else:
        _show(found)
    return 0


def _compared(args: argparse.Namespace) -> dict[str, dict[str, float]]:
    """engine -> seconds of each step (median, per garment), megabytes (the process's peak)."""
    told: dict[str, list[dict[str, Any]]] = {engine: [] for engine in ENGINES}
    with tempfile.TemporaryDirectory() as home:
        _install(args.weights, Path(home))
        for _ in range(args.rounds):
            for engine in ENGINES:
                options = ["--repeat", str(args.repeat), "--threads", str(args.threads)]
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.student", "--one", engine, *options],
                    stdout=subprocess.PIPE,
                    check=True,
                    env={**os.environ, "OTBANG_HOME": home},
                )
                told[engine].append(json.loads(done.stdout))
    found = {}
    for engine, runs in told.items():
        about = {
            step: statistics.median(seconds for run in runs for seconds in run[step])
            for step in STEPS
        }
        found[engine] = about | {"megabytes": max(float(run["megabytes"]) for run in runs)}
    found["student"] |= _size(args.weights)
    return found


def _install(weights: Path | None, home: Path) -> None:
    if weights is not None:
        place = home / "weights" / "student" / "student.safetensors"
        place.parent.mkdir(parents=True)
        shutil.copyfile(weights, place)
        return
    code = "from ml.tryon import filled; filled.install('student')"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "OTBANG_HOME": str(home)}
    )


def _size(weights: Path | None) -> dict[str, float]:
    from ml.tryon.student.network import Student, load_unfused

    network = load_unfused(weights) if weights is not None else Student()
    count = sum(each.numel() for each in network.parameters())
    return {"parameters": count, "mib_fp16": count * 2 / 2**20, "rows": network.size[0]}


def _one(args: argparse.Namespace) -> int:
    """One engine in this process: seconds of each step, and the peak of its memory."""
    import cv2
    import numpy as np
    import torch

    from ml.person import store
    from ml.tryon import registry
    from ml.tryon.engine import Dressed, DressRequest
    from ml.tryon.session import read_photo, scaled

    torch.set_num_threads(args.threads)
    models = FIXTURES / "fitting_models"
    full = read_photo(models / "photos" / f"{FIGURE}.webp")
    photo = np.asarray(cv2.resize(full, SIZE[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    labels = scaled(store.read_folder(models, FIGURE), SIZE)
    garments = [_garment(region) for region in Region]
    engine = registry.get(args.one).load("cpu")
    took: dict[str, list[float]] = {step: [] for step in STEPS}
    for run in range(args.repeat + 1):
        for garment in garments:
            clock = [time.perf_counter()]
            person = engine.prepare_person(photo, labels)
            clock.append(time.perf_counter())
            worn = engine.prepare_garment(*garment)
            clock.append(time.perf_counter())
            (answer,) = engine.dress([DressRequest(person, (worn,))])
            clock.append(time.perf_counter())
            if not isinstance(answer, Dressed):
                raise SystemExit(f"{args.one} refuses: {answer.message}")
            if run:  # the first is whatever is done once only
                for step, start, end in zip(STEPS, clock, clock[1:], strict=False):
                    took[step].append(end - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({**took, "megabytes": peak}))
    return 0


def _garment(region: Region) -> tuple[Any, Any]:
    """The first drawn garment of a region, with its exact labels."""
    from ml import images
    from ml.training.data.pairs import labels_of

    for notes in sorted((FIXTURES / "garments").glob("*.json")):
        about = json.loads(notes.read_text(encoding="utf-8"))
        if about["region"] == region:
            picture = images.on_white(images.read(notes.with_suffix(".webp")))
            return picture, labels_of(about, notes.with_suffix(".mask.png"))
    raise SystemExit(f"no drawn garment of region {region} in {FIXTURES}")


def _show(found: dict[str, dict[str, float]]) -> None:
    teacher, student = (found[engine] for engine in ENGINES)
    about = found["student"]
    print(
        f"student: {about['parameters'] / 1e6:.2f} M parameters, {about['mib_fp16']:.1f} MiB in "
        f"fp16, sees {about['rows']:.0f} x {about['rows'] * 3 / 4:.0f}"
    )
    print(f"{'':12}" + "".join(f"{engine:>12}" for engine in ENGINES) + f"{'faster':>12}")
    for step in STEPS:
        row = "".join(f"{found[engine][step] * 1000:9.0f} ms" for engine in ENGINES)
        print(f"{step:12}{row}{teacher[step] / student[step]:11.1f}x")
    peak = "".join(f"{found[engine]['megabytes']:9.0f} MB" for engine in ENGINES)
    print(f"{'peak memory':12}{peak}{student['megabytes'] / teacher['megabytes']:11.0%}")


if __name__ == "__main__":
    sys.exit(main())
