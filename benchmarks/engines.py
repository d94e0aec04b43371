"""The published engines' plain path (every operation in the official order) beside the fast one.

    python -m benchmarks.engines                    # all three
    python -m benchmarks.engines flow_style --repeat 5 --json

Weights are made up, inputs are the drawn person of the tests at the official size, so it runs on
any machine. Each path runs in processes of its own, in turn, so that neither gains from the
other's warm caches and peaks of memory are its own. Ratios compare runs of the same minutes; on a
busy machine believe them rather than the seconds.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ENGINES = ("viton_hd", "hr_viton", "flow_style")
#: "cached": a person and a garment that were prepared before, as the shop's are.
PATHS = {"viton_hd": ("plain", "fast"), "hr_viton": ("plain", "fast")}
PATHS["flow_style"] = ("plain", "fast", "cached")
_DATA = Path(__file__).resolve().parents[1] / "tests" / "ml" / "tryon" / "data"
#: A person and a garment as each pipeline reads them.
INPUTS = {
    "viton_hd": _DATA / "published" / "inputs",
    "hr_viton": _DATA / "published" / "inputs",
    "flow_style": _DATA / "flow_style" / "pipeline" / "inputs",
}
Run = Callable[[], Any]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=", ".join(ENGINES))
    parser.add_argument("--repeat", type=int, default=3, help="timed runs per process (3)")
    parser.add_argument("--rounds", type=int, default=2, help="processes per path (2)")
    parser.add_argument("--inputs", type=Path, help="a folder like a pipeline's inputs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("PATH", "OUT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    unknown = set(args.engines) - set(ENGINES)
    if unknown:
        parser.error(f"no engine {', '.join(sorted(unknown))}; there are: {', '.join(ENGINES)}")
    if args.one:
        return _one(args)
    found = {engine: _compared(engine, args) for engine in args.engines or ENGINES}
    if args.json:
        print(json.dumps(found))
    else:
        _show(found)
    return 0


def _compared(engine: str, args: argparse.Namespace) -> dict[str, dict[str, float]]:
    """path -> seconds (median), megabytes (peak), speedup, memory share, largest difference."""
    seconds: dict[str, list[float]] = {path: [] for path in PATHS[engine]}
    peaks: dict[str, float] = {}
    pictures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(args.rounds):
            for path in PATHS[engine]:
                out = Path(scratch) / f"{path}.npy"
                options = ["--repeat", str(args.repeat), "--threads", str(args.threads)]
                options += ["--inputs", str(args.inputs)] if args.inputs else []
                command = [sys.executable, "-m", "benchmarks.engines", engine]
                done = subprocess.run(
                    [*command, *options, "--one", path, str(out)],
                    stdout=subprocess.PIPE,
                    check=True,
                )
                told = json.loads(done.stdout)
                seconds[path] += told["seconds"]
                peaks[path] = max(peaks.get(path, 0.0), told["megabytes"])
                pictures[path] = np.load(out)
    medians = {path: statistics.median(each) for path, each in seconds.items()}
    return {
        path: {
            "seconds": medians[path],
            "megabytes": peaks[path],
            "speedup": medians["plain"] / medians[path],
            "memory": peaks[path] / peaks["plain"],
            "difference": float(np.abs(pictures[path] - pictures["plain"]).max()),
            "mean_difference": float(np.abs(pictures[path] - pictures["plain"]).mean()),
        }
        for path in PATHS[engine]
    }


def _one(args: argparse.Namespace) -> int:
    """One path in this process."""
    import torch

    torch.set_num_threads(args.threads)
    (engine,), (path, out) = args.engines, args.one
    run = _runner(engine, path, args.inputs or INPUTS[engine])
    seconds = []
    with torch.inference_mode():
        made = run()
        for _ in range(args.repeat):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
    np.save(out, made.numpy())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"seconds": seconds, "megabytes": peak}))
    return 0


def _runner(engine: str, path: str, folder: Path) -> Run:
    """What is timed: from tensors of the official size to the picture in -1..1."""
    if not folder.is_dir():
        raise SystemExit(f"no inputs in {folder}: name a folder with --inputs")
    return _flow_style(path, folder) if engine == "flow_style" else _viton(engine, path, folder)


def _states(engine: str) -> dict[str, Any]:
    import torch

    from ml.tryon import filled, reference

    made = {}
    for name in reference.ENGINES[engine]:
        with torch.device("meta"):
            module = reference.build(f"{engine}/{name}")
        made[name] = filled.weights_like(module.state_dict())
    return made


def _flow_style(path: str, folder: Path) -> Run:
    import torch

    from ml.tryon.flow_style import pipeline
    from ml.tryon.flow_style.fast import Fast
    from ml.tryon.flow_style.gen import GenNet
    from ml.tryon.flow_style.warp import WarpNet

    given, states = pipeline.read(folder), _states("flow_style")
    with torch.device("meta"):
        warp, gen = WarpNet().eval(), GenNet().eval()
    warp.load_state_dict(states["warp"], assign=True)
    gen.load_state_dict(states["gen"], assign=True)
    if path == "plain":
        return lambda: pipeline.dress(warp, gen, given).p_tryon
    fast = Fast(warp, gen)
    if path == "fast":
        return lambda: fast.dress(given).p_tryon
    person, cloth = fast.person(given.person), fast.cloth(given.cloth)
    return lambda: fast.paint(given, fast.flow(person, cloth)).p_tryon


def _viton(engine: str, path: str, folder: Path) -> Run:
    from importlib import import_module

    import torch

    from ml.tryon import filled
    from ml.tryon.published.inputs import COARSE, garment_of, read_garment, read_person

    pipeline = import_module(f"ml.tryon.{engine}.pipeline")
    person = pipeline.person_of(pipeline.person_arrays(read_person(folder)))
    garment = garment_of(read_garment(folder))
    networks = (pipeline.plain if path == "plain" else pipeline.fast)(_states(engine))
    if engine == "hr_viton":
        return lambda: networks(person, garment).output
    noise = torch.from_numpy(filled.picture("noise", (1, 1, *COARSE), "bernoulli"))
    return lambda: networks(person, garment, noise).output


def _show(found: dict[str, dict[str, dict[str, float]]]) -> None:
    print(
        f"{'':12}{'path':8}{'seconds':>9}{'faster':>9}{'peak MB':>9}{'of plain':>9}{'differs':>10}"
    )
    for engine, paths in found.items():
        for path, about in paths.items():
            print(
                f"{engine:12}{path:8}{about['seconds']:9.2f}{about['speedup']:8.2f}x"
                f"{about['megabytes']:9.0f}{about['memory']:9.0%}{about['difference']:10.1e}"
            )


if __name__ == "__main__":
    sys.exit(main())
