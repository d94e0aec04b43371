"""The nudge to the workers. The row is the truth: a lost nudge costs a sweep, never a try-on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from fittingroom import engines
from fittingroom.models import FittingModel, PersonPhoto, TryOn

log = structlog.get_logger(__name__)


def send(tryons: Sequence[TryOn]) -> int:
    """Tell the workers that these rows wait. Returns how many the broker took.

    A broker that is away is logged; the rows stay ``queued`` and the sweep sends them again.
    """
    if not tryons:
        return 0
    sent = []
    with _broker("tryon_not_sent") as publish:
        for tryon in tryons:
            spec = engines.spec_of(tryon.engine)
            queue = engines.queue_of(spec) if spec else "cpu"
            publish("fittingroom.tasks.dress_tryon", tryon.pk, queue)
            sent.append(tryon.pk)
    TryOn.objects.filter(pk__in=sent).update(sent_at=timezone.now())
    return len(sent)


def send_photos(photos: Sequence[PersonPhoto]) -> int:
    """The same for photos that wait to be checked: any worker can do that."""
    if not photos:
        return 0
    sent = []
    with _broker("photo_not_sent") as publish:
        for photo in photos:
            publish("fittingroom.tasks.check_photo", photo.pk, "cpu")
            sent.append(photo.pk)
    PersonPhoto.objects.filter(pk__in=sent).update(sent_at=timezone.now())
    return len(sent)


def send_fitting_models(pks: Sequence[int]) -> int:
    """The same for fitting models that wait to be annotated."""
    sent = []
    if pks:
        with _broker("fitting_model_not_sent") as publish:
            for pk in pks:
                publish("fittingroom.tasks.annotate_fitting_model", pk, "cpu")
                sent.append(pk)
    FittingModel.objects.filter(pk__in=sent).update(sent_at=timezone.now())
    return len(sent)


def send_labels(pk: int) -> None:
    """A member of staff waits for these garment labels; beat's rounds find them otherwise."""
    with _broker("labels_not_sent") as publish:
        publish("fittingroom.tasks.label_garment", pk, "cpu")


@contextmanager
def _broker(event: str) -> Iterator[Any]:
    """``publish(task, pk, queue)``; ends early, with ``event`` in the log, without a broker."""
    try:
        with current_app.connection_for_write(
            connect_timeout=settings.TRYON_BROKER_TIMEOUT,
            transport_options={
                "socket_connect_timeout": settings.TRYON_BROKER_TIMEOUT,
                "socket_timeout": settings.TRYON_BROKER_TIMEOUT,
                "max_retries": 0,
            },
        ) as connection:

            def publish(task: str, pk: UUID | int, queue: str) -> None:
                # How long a task may take is the worker's to say (a GPU's differs from a laptop's);
                # without the two Nones a sender that knows the task would overrule it.
                current_app.send_task(
                    task,
                    args=[str(pk)],
                    queue=queue,
                    connection=connection,
                    retry=False,
                    time_limit=None,
                    soft_time_limit=None,
                )

            yield publish
    except (OperationalError, RedisError, OSError) as error:
        log.warning(event, error=str(error))
