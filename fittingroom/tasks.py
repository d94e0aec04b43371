"""The fitting room's Celery tasks: thin, and safe to run twice or never."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import Task, shared_task, signals
from django.conf import settings

# Web processes import this module to know the tasks' names; dressing (OpenCV, perhaps torch) is
# imported where it runs, in the worker.


@shared_task(soft_time_limit=settings.TRYON_TIME_LIMIT, time_limit=settings.TRYON_TIME_LIMIT + 10)
def dress_tryon(pk: str) -> str:
    """Dress one try-on, if it still waits."""
    from fittingroom import dressing

    return dressing.dress(UUID(pk))


@shared_task(
    soft_time_limit=settings.PHOTO_CHECK_SECONDS, time_limit=settings.PHOTO_CHECK_SECONDS + 2
)
def check_photo(pk: str) -> str:
    """Check one shopper's photo, if it still waits."""
    from fittingroom.photos import checking

    return checking.check(UUID(pk))


@shared_task(
    soft_time_limit=settings.MODEL_ANNOTATE_SECONDS, time_limit=settings.MODEL_ANNOTATE_SECONDS + 5
)
def annotate_fitting_model(pk: str) -> str:
    """Annotate one fitting model's photo, if it still waits."""
    from fittingroom.curation import annotating

    return annotating.annotate(int(pk))


@shared_task
def sweep() -> dict[str, int]:
    """Bring back what dead workers and dead brokers lost. Beat runs it every few seconds."""
    from fittingroom import upkeep
    from fittingroom.curation import upkeep as curation
    from fittingroom.photos import upkeep as photos

    return upkeep.sweep() | photos.sweep() | curation.sweep()


@shared_task
def tidy() -> dict[str, int]:
    """Erase results whose time is over, and files that no row knows."""
    from fittingroom import upkeep

    return upkeep.tidy()


@shared_task
def tidy_photos() -> dict[str, int]:
    """Erase shoppers' photos whose time is over, soon after it is."""
    from fittingroom.photos import upkeep

    return upkeep.tidy()


@shared_task
def prepare_ahead() -> int:
    """Prepare fitting models and catalogue pictures while nobody waits; go on until all are."""
    from fittingroom import ahead

    made = ahead.prepare_ahead()
    if made:
        _send_ahead(prepare_ahead)
    return made


@shared_task
def label_garments() -> int:
    """Read catalogue pictures that lack labels, go on until none does, then prepare them."""
    from fittingroom.garments import labelling

    done = labelling.run()
    if done:
        following = label_garments if labelling.is_due() else prepare_ahead
        _send_ahead(following)
    return done


@shared_task
def label_garment(pk: str) -> str:
    """One picture whose labels a member of staff waits for."""
    from fittingroom.garments import labelling

    return labelling.label(int(pk))


def _send_ahead(task: Task[..., Any]) -> None:
    """Beat sends it again soon: a message that waits longer than that is one too many."""
    if settings.TRYON_PREPARE_SECONDS:
        task.apply_async(expires=settings.TRYON_PREPARE_SECONDS)
    else:
        task.apply_async()


@signals.worker_process_init.connect
def load_engines(**kwargs: Any) -> None:
    """In each worker process before its first task."""
    from fittingroom import dressing
    from fittingroom.photos import checking

    dressing.warm()
    if settings.TRYON_WORKER_DEVICE == "cpu" and settings.PHOTO_WARM:
        checking.warm()


@signals.worker_ready.connect
def prepare_at_start(**kwargs: Any) -> None:
    """Do not leave the first shoppers after a start to beat's first round."""
    if settings.GARMENT_LABEL_SECONDS:
        _send_ahead(label_garments)
    if settings.TRYON_PREPARE_SECONDS:
        _send_ahead(prepare_ahead)
