"""How a worker holds a try-on: a lease that it renews, and a number that fences it off.

The database's clock decides, never a worker's. Every write of a worker carries its attempt
number; a worker that was taken for dead and comes back matches no row any more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from fittingroom import leases
from fittingroom.models import ReasonCode, TryOn

log = structlog.get_logger(__name__)
Status = TryOn.Status


class Lost(Exception):
    """The row is no longer ours: cancelled, deleted, or given to another worker."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's hold on one try-on."""

    pk: UUID
    attempt: int
    lost: threading.Event = field(default_factory=threading.Event, compare=False)

    def check(self) -> None:
        """Raise Lost if the heartbeat has found out; costs nothing."""
        if self.lost.is_set():
            raise Lost(str(self.pk))

    def write(self, **fields: Any) -> None:
        """Write to the row if it is still ours, or raise Lost."""
        rows = _held(self.pk, self.attempt).update(**fields)
        if not rows:
            self.lost.set()
            raise Lost(str(self.pk))

    def renew(self) -> None:
        self.write(lease_until=leases.until(settings.TRYON_LEASE_SECONDS))

    def succeed(self, **fields: Any) -> None:
        self.write(status=Status.DONE, lease_until=None, finished_at=Now(), **fields)

    def fail(self, code: ReasonCode, detail: str) -> None:
        """An answer, though not a picture: nobody tries again."""
        self.write(
            status=Status.FAILED,
            reason_code=code,
            reason_detail=detail[:300],
            lease_until=None,
            finished_at=Now(),
        )

    def kept_alive(self) -> AbstractContextManager[None]:
        return kept_alive([self])


@contextmanager
def kept_alive(held: Sequence[Claim]) -> Iterator[None]:
    """Renew the leases in one thread while the body works."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_beat, args=[held, stop], name=f"lease-{held[0].pk}", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(held: Sequence[Claim], stop: threading.Event) -> None:
    # A worker that hangs must lose its leases even if nobody kills it.
    until = monotonic() + settings.TRYON_TIME_LIMIT
    try:
        while not stop.wait(settings.TRYON_LEASE_SECONDS / 3) and monotonic() < until:
            for claim in [claim for claim in held if not claim.lost.is_set()]:
                try:
                    claim.renew()
                except Lost:
                    continue  # the others may still be ours
                except DatabaseError as error:
                    # Comes back or not: without a renewal the lease runs out by itself.
                    log.warning("lease_not_renewed", tryon=str(claim.pk), error=str(error))
                    connection.close()
    finally:
        connection.close()  # this thread's own


def take(pk: UUID) -> Claim | None:
    """Claim a waiting try-on; None if it is not waiting or a rival was faster."""
    waiting = TryOn.objects.filter(pk=pk, status=Status.QUEUED)
    attempt = leases.take(
        waiting,
        seconds=settings.TRYON_LEASE_SECONDS,
        status=Status.PREPARING,
        started_at=Now(),
        stage_ms={},
    )
    return Claim(pk, attempt) if attempt else None


def take_waiting(engine: str, *, most: int) -> list[Claim]:
    """Claim up to ``most`` waiting try-ons of an engine, those first that wait longest.

    Not those that have cost a worker: they go alone.
    """
    waiting = TryOn.objects.filter(status=Status.QUEUED, engine=engine, deaths=0)
    pks = list(waiting.order_by("created_at").values_list("pk", flat=True)[:most])
    return [claim for claim in map(take, pks) if claim is not None]


def bury(pk: UUID, attempt: int, *, detail: str, expired: bool = False) -> str | None:
    """An attempt that ended without an answer: back to the queue, or failed if it was the last.

    expired: only if its lease has run out. Returns the new status, None if it was not so.
    """
    rows = _held(pk, attempt)
    if expired:
        rows = rows.dead()
    written = leases.bury(
        rows,
        again={"status": Status.QUEUED, "sent_at": None, "stage_ms": {}},
        last={
            "status": Status.FAILED,
            "reason_code": ReasonCode.FAILED,
            "reason_detail": detail[:300],
            "finished_at": Now(),
        },
    )
    return written["status"] if written else None


def _held(pk: UUID, attempt: int) -> Any:
    return TryOn.objects.filter(pk=pk, attempt=attempt).running()
