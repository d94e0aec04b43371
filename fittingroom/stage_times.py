"""How long an engine's try-ons took of late, stage by stage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

from fittingroom.models import TryOn

#: Try-ons looked at: enough for a 95th percentile, few enough for a page.
RECENT = 200


@dataclass(frozen=True, slots=True)
class StageTime:
    """Milliseconds. ``dress`` is the whole engine, the stages that it names itself included."""

    stage: str
    median: float
    p95: float
    count: int


def recent(engine: str) -> list[StageTime]:
    """Of the last finished try-ons, in the order in which stages happen; empty without any."""
    rows = TryOn.objects.filter(engine=engine, status=TryOn.Status.DONE)
    times: dict[str, list[int]] = {}
    for stage_ms in rows.order_by("-finished_at").values_list("stage_ms", flat=True)[:RECENT]:
        for stage, ms in stage_ms.items():
            times.setdefault(stage, []).append(ms)
    return [
        StageTime(stage, median(each), _p95(each), len(each)) for stage, each in _ordered(times)
    ]


def _ordered(times: dict[str, list[int]]) -> list[tuple[str, list[int]]]:
    """JSON forgets the order: ours first and last, the engine's between them by name."""
    ours = {"load": -3, "person": -2, "garment": -1, "dress": 1, "store": 2}
    return sorted(times.items(), key=lambda item: (ours.get(item[0], 0), item[0]))


def _p95(values: list[int]) -> int:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
