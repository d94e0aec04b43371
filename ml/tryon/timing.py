"""Seconds per stage of a try-on, from files to an encoded picture."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.garment.annotation import Region
from ml.images import encode
from ml.tryon.session import Session, timed


@dataclass(frozen=True, slots=True)
class Table:
    """stages: name -> median seconds, in the order they happen. total: median of whole runs."""

    engine: str
    width: int
    height: int
    repeat: int
    stages: dict[str, float]
    total: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "engine": self.engine,
            "width": self.width,
            "height": self.height,
            "repeat": self.repeat,
            "seconds": {stage: round(took, 5) for stage, took in self.stages.items()},
            "total": round(self.total, 5),
        }


def measure(
    *,
    person: Path,
    annotation: Path,
    garment: Path,
    region: Region | None = None,
    engine: str = "drape",
    repeat: int = 5,
) -> Table:
    """Time ``repeat`` complete try-ons after one warm-up. Raises InputError and OSError."""
    runs: list[dict[str, float]] = []
    totals: list[float] = []
    for _ in range(repeat + 1):
        session = Session(engine)  # a fresh one each time: nothing is remembered
        run: dict[str, float] = {}

        def on_stage(stage: str, took: float, run: dict[str, float] = run) -> None:
            run[stage] = run.get(stage, 0.0) + took

        start = time.perf_counter()
        somebody = session.person(person, annotation, on_stage=on_stage)
        something = session.garment(garment, region, on_stage=on_stage)
        dressed = session.dress(somebody, [something], on_stage=on_stage)
        with timed("encode", on_stage):
            encode(dressed.image, "png")
        totals.append(time.perf_counter() - start)
        runs.append(run)
    runs, totals = runs[1:], totals[1:]
    height, width = dressed.image.shape[:2]
    return Table(
        engine=f"{session.spec.name} {session.spec.version}",
        width=width,
        height=height,
        repeat=repeat,
        stages={stage: statistics.median(run[stage] for run in runs) for stage in runs[0]},
        total=statistics.median(totals),
    )
