"""Who holds a try-on: leases, rivals and late writers, on the database's clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from fittingroom import claims
from fittingroom.claims import Lost
from fittingroom.models import ReasonCode, TryOn
from tests.factories import TryOnFactory

pytestmark = pytest.mark.django_db


def expire(tryon: TryOn) -> None:
    TryOn.objects.filter(pk=tryon.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def fresh(tryon: TryOn) -> TryOn:
    tryon.refresh_from_db()
    return tryon


def rivals(count: int, act: Callable[[], Any]) -> list[Any]:
    start, answers = threading.Barrier(count), []

    def run() -> None:
        start.wait()
        answers.append(act())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_claim_takes_a_lease_and_the_next_number() -> None:
    tryon = TryOnFactory(attempt=4)
    claim = claims.take(tryon.pk)
    assert claim is not None
    assert claim.attempt == 5
    assert (fresh(tryon).status, tryon.attempt) == ("preparing", 5)
    assert tryon.lease_until > timezone.now()
    assert claims.take(tryon.pk) is None


@pytest.mark.parametrize("state", [{"done": True}, {"failed": True}])
def test_what_is_over_is_not_claimed(state: dict[str, bool]) -> None:
    assert claims.take(TryOnFactory(**state).pk) is None


def test_a_deleted_one_is_not_claimed() -> None:
    tryon = TryOnFactory()
    TryOn.objects.all().delete()
    assert claims.take(tryon.pk) is None


@pytest.mark.parametrize("round_", range(5))
def test_of_many_rivals_exactly_one_gets_it(transactional_db: None, round_: int) -> None:
    tryon = TryOnFactory()
    won = [claim for claim in rivals(8, lambda: claims.take(tryon.pk)) if claim]
    assert len(won) == 1
    assert fresh(tryon).attempt == 1


def test_control_a_claim_that_looks_first_and_writes_later_is_won_by_several(
    transactional_db: None,
) -> None:
    """Shows that the test above can see the race that the conditional update closes."""
    tryon = TryOnFactory()

    def careless() -> bool:
        row = TryOn.objects.get(pk=tryon.pk)
        if row.status != "queued":
            return False
        time.sleep(0.05)
        row.status, row.attempt, row.lease_until = "preparing", row.attempt + 1, timezone.now()
        row.save()
        return True

    assert sum(rivals(8, careless)) > 1


def test_the_heartbeat_renews_the_lease(transactional_db: None, settings: Any) -> None:
    settings.TRYON_LEASE_SECONDS = 0.6
    claim = claims.take(TryOnFactory().pk)
    assert claim is not None
    with claim.kept_alive():
        time.sleep(1.5)
        assert not TryOn.objects.dead().exists()
    time.sleep(0.8)
    assert TryOn.objects.dead().exists(), "nobody renews it any more"


def test_a_worker_that_hangs_loses_its_lease(transactional_db: None, settings: Any) -> None:
    settings.TRYON_LEASE_SECONDS, settings.TRYON_TIME_LIMIT = 0.3, 0.5
    claim = claims.take(TryOnFactory().pk)
    assert claim is not None
    with claim.kept_alive():
        time.sleep(1.3)
        assert TryOn.objects.dead().exists()


def test_the_heartbeat_notices_a_cancellation(transactional_db: None, settings: Any) -> None:
    settings.TRYON_LEASE_SECONDS = 0.3
    claim = claims.take(TryOnFactory().pk)
    assert claim is not None
    with claim.kept_alive():
        TryOn.objects.update(status="cancelled", lease_until=None, finished_at=timezone.now())
        assert claim.lost.wait(2)
        with pytest.raises(Lost):
            claim.check()


@pytest.mark.parametrize(
    "write",
    [
        lambda claim: claim.write(stage_ms={"dress": 1}),
        lambda claim: claim.renew(),
        lambda claim: claim.succeed(result="late.jpg"),
        lambda claim: claim.fail(ReasonCode.FAILED, "late"),
    ],
)
def test_a_late_writer_writes_nothing(write: Callable[[claims.Claim], None]) -> None:
    tryon = TryOnFactory()
    late = claims.take(tryon.pk)
    assert late is not None
    expire(tryon)
    assert claims.bury(tryon.pk, late.attempt, detail="dead", expired=True) == "queued"
    with pytest.raises(Lost):
        write(late)
    second = claims.take(tryon.pk)
    assert second is not None
    with pytest.raises(Lost):
        write(late)
    second.succeed(result="mine.jpg")
    with pytest.raises(Lost):
        write(late)
    assert (fresh(tryon).status, tryon.result.name, tryon.attempt) == ("done", "mine.jpg", 2)


def test_a_lease_that_holds_is_not_buried_as_expired() -> None:
    tryon = TryOnFactory()
    claim = claims.take(tryon.pk)
    assert claim is not None
    assert claims.bury(tryon.pk, claim.attempt, detail="?", expired=True) is None
    assert fresh(tryon).status == "preparing"


def test_the_third_death_is_the_last(settings: Any) -> None:
    tryon = TryOnFactory()
    fates = []
    for _ in range(3):
        claim = claims.take(tryon.pk)
        assert claim is not None
        fates.append(claims.bury(tryon.pk, claim.attempt, detail="killed"))
    assert fates == ["queued", "queued", "failed"]
    assert (fresh(tryon).reason_code, tryon.reason_detail) == ("failed", "killed")
    assert (tryon.attempt, tryon.deaths) == (3, 3)
    assert claims.take(tryon.pk) is None


def test_two_sweeps_bury_once(transactional_db: None) -> None:
    tryon = TryOnFactory()
    claim = claims.take(tryon.pk)
    assert claim is not None
    expire(tryon)
    fates = rivals(6, lambda: claims.bury(tryon.pk, claim.attempt, detail="", expired=True))
    assert fates.count("queued") == 1
    assert fates.count(None) == 5
    assert fresh(tryon).deaths == 1
