"""What each stage of a try-on costs, from files to an encoded picture: time, memory, arithmetic."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.garment.annotation import Region
from ml.images import encode
from ml.tryon.engine import OnStage, ignore_stage
from ml.tryon.session import Session
from ml.tryon.stages import timed

_PEAK, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Stage:
    """median, p95: seconds. megabytes: the process's (on a GPU the device's) peak while it ran;
    None where the system does not tell. flops: of the networks, one multiply and add being two;
    None where the stage has none. share: of the medians' sum."""

    median: float
    p95: float
    share: float
    megabytes: float | None
    flops: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """stages: name -> costs, in the order they happen. total, total_p95: of whole runs."""

    engine: str
    device: str
    width: int
    height: int
    repeat: int
    stages: Mapping[str, Stage]
    total: float
    total_p95: float

    @property
    def medians(self) -> dict[str, float]:
        return {name: stage.median for name, stage in self.stages.items()}

    def as_dict(self) -> dict[str, Any]:
        return {
            "engine": self.engine,
            "device": self.device,
            "width": self.width,
            "height": self.height,
            "repeat": self.repeat,
            "seconds": {name: round(took, 5) for name, took in self.medians.items()},
            "total": round(self.total, 5),
            "total_p95": round(self.total_p95, 5),
            "stages": {
                name: {
                    "median": round(stage.median, 5),
                    "p95": round(stage.p95, 5),
                    "share": round(stage.share, 4),
                    "megabytes": stage.megabytes and round(stage.megabytes, 1),
                    "flops": stage.flops,
                }
                for name, stage in self.stages.items()
            },
        }


def measure(
    *,
    person: Path,
    annotation: Path | None = None,
    garment: Path,
    region: Region | None = None,
    engine: str = "drape",
    device: str = "cpu",
    repeat: int = 5,
) -> Table:
    """Time ``repeat`` complete try-ons after a warm-up, in which memory and arithmetic are counted.

    The engine is loaded once, but each try-on prepares anew. annotation None: the person's photo
    is annotated each time. Raises InputError and OSError.
    """
    session = Session(engine, device=device)

    def run(on_stage: OnStage) -> tuple[int, int]:
        session.forget()
        somebody = session.person(person, annotation, on_stage=on_stage)
        something = session.garment(garment, region, on_stage=on_stage)
        dressed = session.dress(somebody, [something], on_stage=on_stage)
        with timed("encode", on_stage):
            encode(dressed.image, "png")
        return dressed.image.shape[0], dressed.image.shape[1]

    run(ignore_stage)  # whatever is done once only
    costs = _Costs(device)
    with costs.counting():
        height, width = run(costs.on_stage)
    runs: list[dict[str, float]] = []
    totals: list[float] = []
    for _ in range(repeat):
        took: dict[str, float] = {}

        def on_stage(stage: str, seconds: float, took: dict[str, float] = took) -> None:
            took[stage] = took.get(stage, 0.0) + seconds

        start = time.perf_counter()
        run(on_stage)
        totals.append(time.perf_counter() - start)
        runs.append(took)
    seconds = {name: [run.get(name, 0.0) for run in runs] for name in runs[0]}
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    whole = sum(medians.values()) or 1.0
    return Table(
        engine=f"{session.spec.name} {session.spec.version}",
        device=device,
        width=width,
        height=height,
        repeat=repeat,
        stages={
            name: Stage(
                median=medians[name],
                p95=p95(each),
                share=medians[name] / whole,
                megabytes=costs.megabytes.get(name),
                flops=costs.flops.get(name) or None,
            )
            for name, each in seconds.items()
        },
        total=statistics.median(totals),
        total_p95=p95(totals),
    )


def p95(values: Sequence[float]) -> float:
    """The smallest value that 95 % of all do not exceed."""
    return sorted(values)[max(math.ceil(0.95 * len(values)) - 1, 0)]


class _Costs:
    """Peak memory and operations per stage, of one run that is not timed."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.megabytes: dict[str, float] = {}
        self.flops: dict[str, int] = {}
        self._counter: Any = None
        self._before = 0

    def counting(self) -> AbstractContextManager[Any]:
        """Networks' operations are seen where torch has been loaded at all."""
        if "torch" not in sys.modules:
            return nullcontext()
        from torch.utils.flop_counter import FlopCounterMode

        self._counter = FlopCounterMode(display=False)
        return self._counter  # type: ignore[no-any-return]

    def on_stage(self, stage: str, seconds: float) -> None:
        now = self._counter.get_total_flops() if self._counter else 0
        if not seconds:
            self._before = now
            self._reset()
            return
        self.flops[stage] = self.flops.get(stage, 0) + now - self._before
        peak = self._peak()
        if peak is not None:
            self.megabytes[stage] = max(self.megabytes.get(stage, 0.0), peak)

    def _reset(self) -> None:
        if self.device == "cuda":
            import torch

            torch.cuda.reset_peak_memory_stats()
        else:
            with suppress(OSError):  # not Linux: peaks are then those of the process so far
                _RESET.write_text("5")

    def _peak(self) -> float | None:
        if self.device == "cuda":
            import torch

            return torch.cuda.max_memory_allocated() / 1e6
        try:
            lines = _PEAK.read_text().splitlines()
        except OSError:
            return None
        kib = next((line.split()[1] for line in lines if line.startswith("VmHWM")), None)
        return int(kib) * 1024 / 1e6 if kib else None
