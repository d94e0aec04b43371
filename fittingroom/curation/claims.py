"""How a worker holds a fitting model that it annotates: for a short time, fenced off by a number.

The task is killed before its lease runs out, so nobody renews anything. Whatever the curator does
meanwhile (a new photo, an annotation of their own) raises the number, and the worker's answer
then matches no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from fittingroom.models import FittingModel

State = FittingModel.State


@dataclass(frozen=True, slots=True)
class Claim:
    pk: int
    attempt: int

    def write(self, state: FittingModel.State, **fields: Any) -> bool:
        """The answer; False, and nothing is written, if the row is no longer ours."""
        fields |= {"state": state, "lease_until": None, "sent_at": None}
        return bool(self._held().update(**fields))

    def give_up(self, detail: str) -> str | None:
        """No answer: back in line, or failed if this was the last attempt."""
        return _bury(self._held(), detail)

    def _held(self) -> Any:
        return FittingModel.objects.held(self.pk, self.attempt)


def take(pk: int) -> Claim | None:
    """Claim a waiting fitting model; None if it does not wait or a rival was faster."""
    waiting = FittingModel.objects.waiting().filter(pk=pk)
    attempt = waiting.values_list("attempt", flat=True).first()
    if attempt is None:
        return None
    lease = Now() + timedelta(seconds=settings.MODEL_LEASE_SECONDS)
    claimed = waiting.filter(attempt=attempt).update(attempt=attempt + 1, lease_until=lease)
    return Claim(pk, attempt + 1) if claimed else None


def bury(pk: int, attempt: int) -> str | None:
    """The lease of this attempt ran out. Returns the new state, None if it was not so."""
    dead = FittingModel.objects.dead().filter(pk=pk, attempt=attempt)
    return _bury(dead, "the worker died")


def _bury(rows: Any, detail: str) -> str | None:
    fields = {"deaths": F("deaths") + 1, "lease_until": None, "sent_at": None}
    last = rows.filter(deaths__gte=settings.TRYON_MAX_DEATHS - 1)
    if last.update(state=State.FAILED, failure=detail[:300], **fields):
        return State.FAILED
    return State.NEW if rows.update(**fields) else None
