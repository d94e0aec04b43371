"""Real workers, a real beat, a real broker, and what happens when each of them is killed.

Every job must end done or failed within one lease and one sweep of the last death, never twice,
never lost. Times are short here; the rules are the same.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from PIL import Image

from fittingroom import disk_cache, dispatch, results, services
from fittingroom.models import FittingModel, TryOn
from fittingroom.shopper import Shopper
from shop.catalogue.models import ProductImage
from tests import drawings
from tests.fittingroom import engines
from tests.processes import Broker, Process, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

LEASE, SWEEP, RESEND = 2.5, 0.5, 2.0
#: Celery's pool notices a killed child only after this long; a worker with one child takes no
#: task meanwhile, not even the sweep. In production it is shorter than a lease.
POOL = 5.0
#: What a machine that is busy with other tests may add.
SLACK = 60.0
#: A worker that does not heed the soft time limit is killed this much later.
HARD = 10.0


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Gets a line for each dressing begun."""
    path = tmp_path / "diary"
    path.touch()
    return path


@pytest.fixture
def env(diary: Path) -> dict[str, str]:
    return {
        "TRYON_ENGINES": engines.PATH,
        "TRYON_LEASE_SECONDS": str(LEASE),
        "TRYON_SWEEP_SECONDS": str(SWEEP),
        "TRYON_RESEND_SECONDS": str(RESEND),
        # Nothing else stands in the way of the one child.
        "TRYON_PREPARE_SECONDS": "0",
        "TRYON_TIDY_SECONDS": "0",
        "GARMENT_LABEL_SECONDS": "0",
        # Nobody's photo is checked here.
        "PHOTO_WARM": "false",
        "TEST_ENGINE_DIARY": str(diary),
    }


@pytest.fixture
def work(worker_factory: Callable[..., Process], env: dict[str, str]) -> Callable[..., Process]:
    """Starts a worker: ``work(seconds=2)`` dresses that slowly."""

    def start(*, seconds: float = 0, **options: Any) -> Process:
        return worker_factory(env={**env, "TEST_ENGINE_SECONDS": str(seconds)}, **options)

    return start


@pytest.fixture
def ask(visitor: Shopper, mia: FittingModel, make_tee: Callable[..., ProductImage]) -> Any:
    """Requests a try-on as the page does."""

    def request(colour: tuple[int, int, int] = engines.RED) -> TryOn:
        return services.request_tryon(shopper=visitor, fitting_model=mia, images=[make_tee(colour)])

    return request


def fresh(tryon: TryOn) -> TryOn:
    tryon.refresh_from_db()
    return tryon


def until(tryon: TryOn, status: str, *, seconds: float = SLACK) -> TryOn:
    def reached() -> bool:
        state = fresh(tryon)
        assert not state.is_finished or state.status == status, (
            f"{state.status}: {state.reason_code} {state.reason_detail}"
        )
        return bool(state.status == status)

    wait_until(reached, seconds=seconds)
    return tryon


def begun(diary: Path) -> int:
    return len(diary.read_text().splitlines())


def files_of(tryon: TryOn) -> list[str]:
    try:
        return sorted(results.storage().listdir(results.folder_of(tryon.pk))[1])
    except FileNotFoundError:
        return []


def middle_colour(tryon: TryOn) -> tuple[int, ...]:
    with tryon.result.open("rb") as file, Image.open(file) as image:
        return tuple(image.convert("RGB").getpixel((120, 130)))


def near(found: tuple[int, ...], wanted: tuple[int, int, int], *, within: int = 12) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < within


def test_from_the_request_to_the_picture(work: Any, ask: Any, diary: Path) -> None:
    work()
    tryon = until(ask(engines.BLUE), "done")
    assert near(middle_colour(tryon), engines.BLUE)
    assert (tryon.attempt, tryon.deaths, begun(diary)) == (1, 0, 1)
    assert files_of(tryon) == ["1.jpg"]
    assert {"person", "garment", "dress", "store"} <= set(tryon.stage_ms)
    with tryon.result.open("rb") as file:
        assert b"compositeWithTrainedAlgorithmicMedia" in file.read()


def test_the_shops_own_engine_from_the_request_to_the_picture(
    worker_factory: Callable[..., Process], ask: Any, settings: Any
) -> None:
    """No engine of the tests: what a new shop has without any setting."""
    settings.TRYON_ENGINES = "ml.tryon.registry.ENGINES"
    worker_factory()
    tryon = until(ask(engines.BLUE), "done", seconds=60)
    assert tryon.engine == "drape"
    assert near(middle_colour(tryon), engines.BLUE, within=60)
    with tryon.result.open("rb") as file, Image.open(file) as image:
        assert image.size == drawings.PERSON_SIZE


def test_a_killed_child_costs_one_lease_and_one_sweep(
    work: Any, beat: Process, ask: Any, diary: Path
) -> None:
    work(seconds=1, concurrency=2)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    os.kill(int(diary.read_text()), signal.SIGKILL)
    killed = time.monotonic()
    wait_until(lambda: begun(diary) == 2, seconds=LEASE + SWEEP + SLACK)
    assert time.monotonic() - killed > LEASE / 3, "nobody may take a row whose lease holds"
    until(tryon, "done")
    assert (tryon.attempt, tryon.deaths, begun(diary)) == (2, 1, 2)
    assert files_of(tryon) == ["2.jpg"]


def test_a_killed_machine_costs_one_lease_and_one_sweep_of_the_next(
    work: Any, beat: Process, ask: Any, diary: Path
) -> None:
    worker = work(seconds=1)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    worker.kill_group()
    assert fresh(tryon).is_active
    work()
    until(tryon, "done", seconds=LEASE + SWEEP + SLACK)
    assert (tryon.attempt, tryon.deaths, begun(diary)) == (2, 1, 2)


def test_a_picture_that_kills_its_worker_fails_after_three_and_harms_nobody(
    work: Any, beat: Process, ask: Any, diary: Path
) -> None:
    work()
    poison = ask(engines.POISON)
    until(poison, "failed", seconds=3 * (POOL + SWEEP + SLACK))
    assert (poison.reason_code, poison.deaths, poison.attempt) == ("failed", 3, 3)
    assert begun(diary) == 3
    good = until(ask(engines.BLUE), "done")
    assert near(middle_colour(good), engines.BLUE)
    time.sleep(2 * SWEEP + LEASE)
    assert begun(diary) == 4, "the poison does not come back"


def test_a_picture_that_kills_takes_its_batch_along_once(
    work: Any, env: dict[str, str], beat: Process, ask: Any, diary: Path
) -> None:
    """Three wait when the worker starts: it takes them together, and dies of one."""
    one, other, poison = ask(engines.RED), ask(engines.BLUE), ask(engines.POISON)
    env.update(TRYON_ENGINES=engines.PATH_TOGETHER, TRYON_BATCH="8")
    work()
    for tryon, colour in ((one, engines.RED), (other, engines.BLUE)):
        until(tryon, "done", seconds=3 * (POOL + LEASE + SWEEP + SLACK))
        assert near(middle_colour(tryon), colour)
        assert (tryon.deaths, tryon.attempt) == (1, 2)
    until(poison, "failed", seconds=3 * (POOL + LEASE + SWEEP + SLACK))
    assert (poison.reason_code, poison.deaths) == ("failed", 3)


def test_a_bug_in_the_engine_is_tried_three_times(
    work: Any, beat: Process, ask: Any, diary: Path
) -> None:
    work()
    tryon = until(ask(engines.BROKEN), "failed", seconds=4 * (SWEEP + SLACK))
    assert (tryon.reason_code, tryon.deaths, begun(diary)) == ("failed", 3, 3)
    assert "the engine has a bug" in tryon.reason_detail


def test_an_engine_that_hangs_is_stopped(
    worker_factory: Callable[..., Process],
    env: dict[str, str],
    beat: Process,
    ask: Any,
    diary: Path,
) -> None:
    limit = 4  # enough to begin on a busy machine
    worker_factory(env={**env, "TRYON_TIME_LIMIT": str(limit), "TEST_ENGINE_SECONDS": "600"})
    tryon = until(ask(), "failed", seconds=3 * (limit + HARD + POOL + SWEEP + SLACK))
    assert (tryon.reason_code, tryon.deaths, begun(diary)) == ("failed", 3, 3)


def test_a_refusal_is_an_answer(work: Any, ask: Any, diary: Path) -> None:
    work()
    tryon = until(ask(engines.REFUSED), "failed")
    assert (tryon.reason_code, tryon.attempt, begun(diary)) == ("cut_off", 1, 1)
    assert files_of(tryon) == []


def test_a_dead_broker_costs_a_wait_not_a_request(
    work: Any, beat: Process, broker: Broker, ask: Any
) -> None:
    broker.stop()
    started = time.monotonic()
    tryon = ask()
    assert time.monotonic() - started < 2, "the page does not hang"
    assert (fresh(tryon).stage, tryon.sent_at) == ("waiting", None)
    broker.start()
    work()
    until(tryon, "done")


def test_an_emptied_broker_is_made_good_by_the_sweep(
    work: Any, beat: Process, broker: Broker, ask: Any, diary: Path
) -> None:
    tryons = [ask(colour) for colour in (engines.RED, engines.BLUE)]
    assert all(fresh(tryon).sent_at for tryon in tryons)
    broker.empty()
    work()
    for tryon in tryons:
        until(tryon, "done", seconds=RESEND + SWEEP + SLACK)
    assert begun(diary) == 2


def test_a_broker_that_dies_while_a_worker_dresses(
    work: Any, beat: Process, broker: Broker, ask: Any, diary: Path
) -> None:
    work(seconds=1.5)
    tryon, waiting = ask(engines.RED), ask(engines.BLUE)
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    broker.empty()
    until(tryon, "done")
    until(waiting, "done")
    assert begun(diary) == 2


def test_a_database_that_drops_every_connection(
    work: Any, beat: Process, ask: Any, diary: Path
) -> None:
    """A restart of PostgreSQL, as its clients see it."""
    work(seconds=1)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    until(tryon, "done", seconds=LEASE + SWEEP + SLACK)
    assert (tryon.attempt, begun(diary)) == (2, 2)
    until(ask(engines.BLUE), "done")


def test_every_row_is_dressed_once_by_two_workers_with_messages_in_plenty(
    work: Any, ask: Any, diary: Path, settings: Any
) -> None:
    settings.TRYON_ACTIVE_LIMIT = 100
    tryons = [ask((40 + n * 15, 60, 120)) for n in range(8)]
    for _ in range(4):
        dispatch.send(tryons)
    work(concurrency=2)
    work()
    for tryon in tryons:
        until(tryon, "done")
    time.sleep(1)
    assert begun(diary) == 8
    assert {fresh(tryon).attempt for tryon in tryons} == {1}


def test_a_worker_that_slept_through_its_lease_changes_nothing(
    work: Any, beat: Process, ask: Any, diary: Path
) -> None:
    """SIGSTOP: the process lives, believes it holds the row, and comes back late."""
    sleeper = work(seconds=1)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    (child,) = sleeper.children()
    os.kill(child, signal.SIGSTOP)
    os.kill(sleeper.pid, signal.SIGSTOP)
    work()
    until(tryon, "done", seconds=LEASE + SWEEP + SLACK)
    assert tryon.attempt == 2
    before = (tryon.finished_at, tryon.result.name)
    os.kill(sleeper.pid, signal.SIGCONT)
    os.kill(child, signal.SIGCONT)
    sleeper.wait_for("tryon_lost")
    assert (fresh(tryon).finished_at, tryon.result.name) == before
    assert files_of(tryon) == ["2.jpg"]


def test_cancelled_in_the_middle_stays_cancelled(work: Any, ask: Any, diary: Path) -> None:
    worker = work(seconds=2)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    services.cancel_tryon(tryon=tryon)
    worker.wait_for("tryon_lost")
    assert (fresh(tryon).status, files_of(tryon)) == ("cancelled", [])
    until(ask(engines.BLUE), "done")


def test_deleted_in_the_middle_leaves_no_file(work: Any, ask: Any, diary: Path) -> None:
    worker = work(seconds=0.7)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    services.delete_tryon(tryon=tryon)
    worker.wait_for("tryon_lost")
    assert files_of(tryon) == []
    assert not TryOn.objects.exists()


def test_a_worker_told_to_stop_finishes_first(work: Any, ask: Any, diary: Path) -> None:
    """A deployment: SIGTERM lets the try-on in hand end."""
    worker = work(seconds=1.5)
    tryon = ask()
    wait_until(lambda: begun(diary) == 1, seconds=SLACK)
    worker.stop()
    assert fresh(tryon).status == "done"
    assert tryon.attempt == 1


def test_a_started_worker_prepares_everything_before_anybody_asks(
    worker_factory: Callable[..., Process],
    env: dict[str, str],
    mia: FittingModel,
    make_tee: Callable[..., ProductImage],
    settings: Any,
) -> None:
    shutil.rmtree(disk_cache.folder(), ignore_errors=True)
    for shade in (50, 90, 130, 170):
        make_tee((shade, 40, 90))
    worker_factory(env={**env, "TRYON_PREPARE_SECONDS": "30"})

    def prepared() -> bool:
        names = [path.name.split("-")[0] for path in disk_cache.folder().rglob("*.npz")]
        return names.count("person") == 1 and names.count("garment") == 4

    wait_until(prepared, seconds=60)
    assert not list(disk_cache.folder().rglob("*.tries"))
