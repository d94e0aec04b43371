"""What a worker's hold on a row is made of, whatever the row is of.

A lease by the database's clock, so that a dead worker is noticed; a number, ``attempt``, that
grows with each claim, so that a worker which was taken for dead and comes back matches no row;
and ``deaths``, so that a row which kills its workers is given up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now


def until(seconds: float) -> Any:
    """The end of a lease that is given or renewed now."""
    return Now() + timedelta(seconds=seconds)


def take(waiting: Any, *, seconds: float, **fields: Any) -> int | None:
    """Claim the one row of a queryset and write ``fields``; the number of the attempt.

    None if it does not wait any more, or a rival was faster.
    """
    attempt = waiting.values_list("attempt", flat=True).first()
    if attempt is None:
        return None
    claimed = waiting.filter(attempt=attempt).update(
        attempt=attempt + 1, lease_until=until(seconds), **fields
    )
    return attempt + 1 if claimed else None


def bury(held: Any, *, again: dict[str, Any], last: dict[str, Any]) -> dict[str, Any] | None:
    """An attempt on the one row of a queryset that ended without an answer.

    Writes and returns ``last`` after ``TRYON_MAX_DEATHS`` such ends, before that ``again``; None
    if the row is not so held.
    """
    free = {"deaths": F("deaths") + 1, "lease_until": None}
    if held.filter(deaths__gte=settings.TRYON_MAX_DEATHS - 1).update(**free, **last):
        return last
    return again if held.update(**free, **again) else None
