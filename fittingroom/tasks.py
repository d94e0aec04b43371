"""The fitting room's Celery tasks: thin, and safe to run twice or never."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task, signals
from django.conf import settings

# Web processes import this module to know the tasks' names; dressing (OpenCV, perhaps torch) is
# imported where it runs, in the worker.


@shared_task(soft_time_limit=settings.TRYON_TIME_LIMIT, time_limit=settings.TRYON_TIME_LIMIT + 10)
def dress_tryon(pk: str) -> str:
    """Dress one try-on, if it still waits."""
    from fittingroom import dressing

    return dressing.dress(UUID(pk))


@shared_task
def sweep() -> dict[str, int]:
    """Bring back what dead workers and dead brokers lost. Beat runs it every few seconds."""
    from fittingroom import upkeep

    return upkeep.sweep()


@shared_task
def tidy() -> dict[str, int]:
    """Erase results whose time is over, and files that no row knows."""
    from fittingroom import upkeep

    return upkeep.tidy()


@shared_task
def prepare_ahead() -> int:
    """Prepare fitting models and catalogue pictures while nobody waits; go on until all are."""
    from fittingroom import ahead

    made = ahead.prepare_ahead()
    if made:
        prepare_ahead.apply_async(expires=settings.TRYON_PREPARE_SECONDS)
    return made


@signals.worker_process_init.connect
def load_engines(**kwargs: Any) -> None:
    """In each worker process before its first task."""
    from fittingroom import dressing

    dressing.warm()


@signals.worker_ready.connect
def prepare_at_start(**kwargs: Any) -> None:
    """Do not leave the first shoppers after a start to beat's first round."""
    if settings.TRYON_PREPARE_SECONDS:
        prepare_ahead.apply_async(expires=settings.TRYON_PREPARE_SECONDS)
