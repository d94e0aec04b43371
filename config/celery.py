"""The job queue: one app, a queue per kind of device, and one to prepare ahead.

The database row is the truth and the broker only a nudge, so nothing here retries or keeps
results; ``fittingroom.tasks.sweep`` re-sends what was lost.
"""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("otbang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # Without its own key each queue would get every message: they share the default exchange.
    task_queues=tuple(Queue(name, routing_key=name) for name in ("cpu", "gpu", "ahead")),
    task_default_queue="cpu",
    # A shopper's try-on must not stand in a line behind it. Tidying stays where a worker always
    # is: expired pictures go also where nobody prepares ahead.
    task_routes={
        "fittingroom.tasks.prepare_ahead": {"queue": "ahead"},
        "fittingroom.tasks.label_garments": {"queue": "ahead"},
    },
    task_ignore_result=True,
    task_acks_late=True,
    # A task that kills its worker would come back for ever; the lease brings it back three times.
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,
    # A child loads its engines before it says that it is up; Celery would kill it after 4 s.
    worker_proc_alive_timeout=120,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    enable_utc=True,
    # A page publishes; it must not hang or loop while the broker is away.
    task_publish_retry=False,
    broker_connection_timeout=2,
    broker_transport_options={
        # Longer than any task may take, or a running task would be delivered twice.
        "visibility_timeout": 3600,
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "retry_on_timeout": False,
        "max_retries": 0,
    },
    # Workers and beat, on the other hand, wait for the broker as long as it takes.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    beat_max_loop_interval=5,
)
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@signals.worker_init.connect
@signals.beat_init.connect
@signals.before_task_publish.connect
def start_embedded_broker(**kwargs: Any) -> None:
    """Hold the embedded Redis before the first connection to it."""
    from django.conf import settings

    from config import embedded

    if settings.EMBEDDED_REDIS is not None:
        embedded.ensure(settings.EMBEDDED_REDIS)


@signals.worker_ready.connect
def say_ready(**kwargs: Any) -> None:
    """The demo and the tests wait for this line."""
    structlog.get_logger(__name__).info("worker_ready")


@signals.setup_logging.connect
def keep_django_logging(**kwargs: Any) -> None:
    """Celery leaves logging alone when somebody listens here; Django's LOGGING holds."""
