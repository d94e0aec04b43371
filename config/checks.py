"""What `manage.py check --deploy` says about this project beyond Django's own checks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def real_servers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An embedded database dies with its container; nobody should learn that from the loss."""
    found: list[CheckMessage] = []
    if settings.EMBEDDED_POSTGRES is not None:
        found.append(
            Warning(
                "DATABASE_URL is not set: the embedded PostgreSQL would hold the shop's data.",
                hint="Set DATABASE_URL to a real server that is backed up.",
                id="otbang.W001",
            )
        )
    if settings.EMBEDDED_REDIS is not None:
        found.append(
            Warning(
                "CELERY_BROKER_URL is not set: workers on other machines cannot join.",
                hint="Set CELERY_BROKER_URL to a real Redis.",
                id="otbang.W002",
            )
        )
    return found
