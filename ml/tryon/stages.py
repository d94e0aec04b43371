"""Telling a listener what an engine is doing, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ml.tryon.engine import OnStage


@contextmanager
def timed(stage: str, on_stage: OnStage) -> Iterator[None]:
    """Calls with 0 seconds when the stage begins, with its seconds when it ends."""
    on_stage(stage, 0.0)
    start = time.perf_counter()
    yield
    on_stage(stage, time.perf_counter() - start)
