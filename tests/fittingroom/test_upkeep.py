from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from fittingroom import claims, disk_cache, dispatch, results, services, upkeep
from fittingroom.models import Rating, TryOn
from tests.factories import TryOnFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_files_of_other_tests(settings: Any) -> None:
    shutil.rmtree(settings.OTBANG_HOME / "private", ignore_errors=True)
    shutil.rmtree(disk_cache.folder(), ignore_errors=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was handed to the broker, instead of a broker."""
    taken: list[Any] = []

    def take(tryons: list[TryOn]) -> int:
        taken.extend(tryon.pk for tryon in tryons)
        return len(tryons)

    monkeypatch.setattr(dispatch, "send", take)
    return taken


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


def stored(pk: Any, attempt: int = 1) -> str:
    return results.storage().save(results.name_of(pk, attempt), ContentFile(b"picture"))


def test_the_sweep_sends_what_the_broker_never_got_or_lost(sent: list[Any], settings: Any) -> None:
    never, lost = TryOnFactory(), TryOnFactory(sent_at=ago(seconds=60))
    TryOnFactory(sent_at=ago(seconds=1))
    TryOnFactory(done=True)
    assert upkeep.sweep() == {"requeued": 0, "failed": 0, "sent": 2}
    assert sent == [never.pk, lost.pk]


def test_what_stands_in_a_long_queue_is_not_sent_again(sent: list[Any]) -> None:
    """The queue moves in order: who was overtaken is lost, who was not still stands in it."""
    overtaken, standing = (
        TryOnFactory(sent_at=ago(seconds=90)),
        TryOnFactory(sent_at=ago(seconds=50)),
    )
    moving = TryOnFactory(sent_at=ago(seconds=70), done=True)
    TryOn.objects.filter(pk=moving.pk).update(started_at=ago(seconds=3))
    upkeep.sweep()
    assert sent == [overtaken.pk]
    sent.clear()
    TryOn.objects.filter(pk=moving.pk).update(started_at=ago(seconds=60))
    upkeep.sweep()
    assert sent == [overtaken.pk, standing.pk], "the queue stands still"


def test_what_was_never_sent_goes_first(sent: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(3):
        TryOnFactory(sent_at=ago(hours=1))
    new = TryOnFactory()
    upkeep.sweep()
    assert (sent[0], len(sent)) == (new.pk, 2)


def test_the_sweep_brings_back_what_died_and_leaves_what_lives(sent: list[Any]) -> None:
    dead, alive, last = TryOnFactory(), TryOnFactory(), TryOnFactory(deaths=2)
    for tryon in (dead, alive, last):
        claims.take(tryon.pk)
    TryOn.objects.filter(pk__in=[dead.pk, last.pk]).update(lease_until=ago(seconds=1))
    assert upkeep.sweep() == {"requeued": 1, "failed": 1, "sent": 1}
    states = dict(TryOn.objects.values_list("pk", "status"))
    assert states == {dead.pk: "queued", alive.pk: "preparing", last.pk: "failed"}
    assert sent == [dead.pk]


def test_old_results_are_erased_and_ratings_stay(settings: Any) -> None:
    settings.TRYON_VISITOR_DAYS, settings.TRYON_USER_DAYS = 7, 0
    old, young, users = (
        TryOnFactory(done=True, user=None),
        TryOnFactory(done=True, user=None),
        TryOnFactory(done=True),
    )
    services.rate_tryon(tryon=old, realism=2, liking=5)
    services.share_link(tryon=old)
    TryOn.objects.filter(pk__in=[old.pk, users.pk]).update(finished_at=ago(days=8))
    name = old.result.name
    assert upkeep.erase_old() == 1
    assert not results.storage().exists(name)
    for kept in (young, users):
        assert results.storage().exists(kept.result.name)
    old.refresh_from_db()
    assert (old.result.name, old.share_nonce, old.status) == ("", "", "done")
    assert list(TryOn.objects.kept().order_by("created_at")) == [young, users]
    assert Rating.objects.get().tryon == old
    assert upkeep.erase_old() == 0, "once"


def test_users_results_are_kept_as_long_as_the_shop_says(settings: Any) -> None:
    settings.TRYON_USER_DAYS = 30
    TryOnFactory(done=True)
    old = TryOnFactory(done=True)
    TryOn.objects.filter(pk=old.pk).update(finished_at=ago(days=31))
    assert upkeep.erase_old() == 1
    assert TryOn.objects.kept().count() == 1


def test_files_that_no_row_names_go(monkeypatch: pytest.MonkeyPatch) -> None:
    tryon = TryOnFactory()
    named = stored(tryon.pk, 2)
    TryOn.objects.update(result=named, status="done", finished_at=timezone.now(), attempt=2)
    stray = stored(tryon.pk, 1)
    orphan = stored(TryOnFactory.build(user=None, fitting_model=None, garment=None).pk)
    assert upkeep.drop_stray_files() == 0, "so young that a worker may still be writing its row"
    monkeypatch.setattr(upkeep, "YOUNG", timedelta(0))
    assert upkeep.drop_stray_files() == 2
    exists = results.storage().exists
    assert [exists(name) for name in (named, stray, orphan)] == [True, False, False]
    assert upkeep.drop_stray_files() == 0


def test_pictures_of_a_removed_person_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cascade deletes rows without asking anybody; the tidying finds their files."""
    tryon = TryOnFactory()
    name = stored(tryon.pk)
    tryon.user.delete()
    monkeypatch.setattr(upkeep, "YOUNG", timedelta(0))
    upkeep.drop_stray_files()
    assert not results.storage().exists(name)


def test_the_cache_keeps_what_was_used_last() -> None:
    folder = disk_cache.folder() / "engine-1"
    folder.mkdir(parents=True, exist_ok=True)
    for age, name in enumerate(["newest", "middle", "oldest"]):
        path = folder / f"{name}.npz"
        path.write_bytes(bytes(600_000))
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert disk_cache.trim(1) == 2
    assert [path.stem for path in folder.glob("*.npz")] == ["newest"]
    assert disk_cache.trim(0) == 1
