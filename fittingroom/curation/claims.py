"""How a worker holds a fitting model that it annotates: for a short time, fenced off by a number.

The task is killed before its lease runs out, so nobody renews anything. Whatever the curator does
meanwhile (a new photo, an annotation of their own) raises the number, and the worker's answer
then matches no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from fittingroom import leases
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
    attempt = leases.take(waiting, seconds=settings.MODEL_LEASE_SECONDS)
    return Claim(pk, attempt) if attempt else None


def bury(pk: int, attempt: int) -> str | None:
    """The lease of this attempt ran out. Returns the new state, None if it was not so."""
    dead = FittingModel.objects.dead().filter(pk=pk, attempt=attempt)
    return _bury(dead, "the worker died")


def _bury(rows: Any, detail: str) -> str | None:
    written = leases.bury(
        rows,
        again={"state": State.NEW, "sent_at": None},
        last={"state": State.FAILED, "failure": detail[:300], "sent_at": None},
    )
    return written["state"] if written else None
