"""Tasks of the project itself."""

from __future__ import annotations

from celery import shared_task
from django.core.cache import cache
from django.core.management import call_command


@shared_task
def answer(token: str) -> None:
    """Show, through the cache, that a worker takes tasks."""
    cache.set(f"worker-answer:{token}", True, timeout=60)


def answered(token: str) -> bool:
    return bool(cache.get(f"worker-answer:{token}"))


@shared_task
def clear_sessions() -> None:
    """Remove the sessions whose time is over; Django itself never does."""
    call_command("clearsessions")
