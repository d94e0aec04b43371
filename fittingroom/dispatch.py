"""The nudge to the workers. The row is the truth: a lost nudge costs a sweep, never a try-on."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from celery import current_app
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from fittingroom import engines
from fittingroom.models import TryOn

log = structlog.get_logger(__name__)


def send(tryons: Sequence[TryOn]) -> int:
    """Tell the workers that these rows wait. Returns how many the broker took.

    A broker that is away is logged; the rows stay ``queued`` and the sweep sends them again.
    """
    if not tryons:
        return 0
    sent = []
    try:
        with current_app.connection_for_write(
            connect_timeout=settings.TRYON_BROKER_TIMEOUT,
            transport_options={
                "socket_connect_timeout": settings.TRYON_BROKER_TIMEOUT,
                "socket_timeout": settings.TRYON_BROKER_TIMEOUT,
                "max_retries": 0,
            },
        ) as connection:
            for tryon in tryons:
                spec = engines.spec_of(tryon.engine)
                current_app.send_task(
                    "fittingroom.tasks.dress_tryon",
                    args=[str(tryon.pk)],
                    queue=engines.queue_of(spec) if spec else "cpu",
                    connection=connection,
                    retry=False,
                )
                sent.append(tryon.pk)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("tryon_not_sent", waiting=len(tryons) - len(sent), error=str(error))
    TryOn.objects.filter(pk__in=sent).update(sent_at=timezone.now())
    return len(sent)
