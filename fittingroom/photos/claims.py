"""How a worker holds a photo that it checks: for a short time, fenced off by the attempt's number.

Simpler than a try-on's claim (:mod:`fittingroom.claims`): a check takes about a second and its
task is killed before the lease runs out, so nobody renews anything. Every start counts. A third
start that ends without an answer is the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from fittingroom import leases
from fittingroom.models import PersonPhoto, ReasonCode
from fittingroom.photos import files

Status = PersonPhoto.Status

#: What a row loses with its picture.
NOTHING: dict[str, Any] = {
    "file": "",
    "parse": "",
    "content_hash": "",
    "keypoints": None,
    "region_problems": {},
    "advice_found": [],
    "lease_until": None,
}


@dataclass(frozen=True, slots=True)
class Claim:
    pk: UUID
    attempt: int

    def accept(self, **fields: Any) -> bool:
        """Ready to be dressed. False if the row is no longer ours; nothing is written then."""
        return bool(self._held().update(status=Status.READY, lease_until=None, **fields))

    def refuse(self, code: str, parts: tuple[str, ...] = ()) -> bool:
        """Not to be dressed: row and files lose the picture. False if no longer ours."""
        return refuse(self._held(), self.pk, code, parts)

    def give_up(self) -> str | None:
        """No answer: wait for another worker, or be refused if this was the last attempt."""
        return _bury(self._held(), self.pk, self.attempt)

    def _held(self) -> Any:
        return PersonPhoto.objects.filter(
            pk=self.pk, attempt=self.attempt, status=Status.CHECKING, lease_until__isnull=False
        )


def take(pk: UUID) -> Claim | None:
    """Claim a waiting photo; None if it does not wait or a rival was faster."""
    waiting = PersonPhoto.objects.live().waiting().filter(pk=pk)
    attempt = leases.take(waiting, seconds=settings.PHOTO_LEASE_SECONDS)
    return Claim(pk, attempt) if attempt else None


def bury(pk: UUID, attempt: int) -> str | None:
    """The lease of this attempt ran out. Returns the new status, None if it was not so."""
    return _bury(PersonPhoto.objects.dead().filter(pk=pk, attempt=attempt), pk, attempt)


def refuse(rows: Any, pk: UUID, code: str, parts: tuple[str, ...] = ()) -> bool:
    refused = rows.update(
        status=Status.REFUSED,
        reason_code=code,
        reason_parts=list(parts),
        erased_at=Now(),
        **NOTHING,
    )
    if refused:
        files.FOLDERS.erase(pk)
    return bool(refused)


def _bury(rows: Any, pk: UUID, attempt: int) -> str | None:
    if attempt >= settings.TRYON_MAX_DEATHS:
        return Status.REFUSED if refuse(rows, pk, ReasonCode.FAILED) else None
    return Status.CHECKING if rows.update(lease_until=None, sent_at=None) else None
