"""Try-ons that wait for the same engine are dressed in one pass, and none pays for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from fittingroom import claims, dressing, services
from fittingroom.models import EngineConfig, FittingModel, TryOn
from fittingroom.shopper import Shopper
from ml.tryon.engine import Dressed, DressRequest, OnStage, Refused, ignore_stage
from shop.catalogue.models import ProductImage
from tests.fittingroom import engines

pytestmark = pytest.mark.django_db(transaction=True)

Meanwhile = Callable[[int, OnStage], None]


class Watched(engines.Recolour):
    """Remembers the size of every batch; ``meanwhile(size, on_stage)`` may raise in the middle."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.meanwhile: Meanwhile = lambda size, on_stage: None

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]:
        self.sizes.append(len(batch))
        self.meanwhile(len(batch), on_stage)
        return super().dress(batch, seed=seed, on_stage=on_stage)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Watched:
    watched = Watched()
    spec = replace(
        engines.RECOLOUR, batch=8, megabytes=1000, megabytes_each=100, load=lambda device: watched
    )
    monkeypatch.setattr("fittingroom.engines.specs", lambda: (spec,))
    monkeypatch.setattr(dressing, "_engines", {})
    monkeypatch.setattr(dressing, "_fits", {})
    settings.TRYON_BATCH, settings.TRYON_BATCH_WAIT_MS = 8, 0
    settings.TRYON_ACTIVE_LIMIT = 100
    return watched


@pytest.fixture
def ask(
    engine: Watched,
    visitor: Shopper,
    mia: FittingModel,
    make_tee: Callable[..., ProductImage],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., list[TryOn]]:
    monkeypatch.setattr(services, "_send", lambda tryon: None)

    def request(*colours: tuple[int, int, int]) -> list[TryOn]:
        return [
            services.request_tryon(shopper=visitor, fitting_model=mia, images=[make_tee(colour)])
            for colour in colours
        ]

    return request


def states(tryons: Sequence[TryOn]) -> list[str]:
    for tryon in tryons:
        tryon.refresh_from_db()
    return [tryon.status for tryon in tryons]


SHADES = [(40, 40, 200 - 10 * i) for i in range(10)]


def test_what_waits_goes_together_the_oldest_first(ask: Any, engine: Watched) -> None:
    tryons = ask(*SHADES)
    assert dressing.dress(tryons[9].pk) == "done"
    assert engine.sizes == [8]
    assert states(tryons) == ["done"] * 7 + ["queued"] * 2 + ["done"]
    assert {tryon.attempt for tryon in tryons[:7]} == {1}
    assert all({"dress", "paint", "store"} <= set(tryon.stage_ms) for tryon in tryons[:7])
    # Their messages come later and find nothing to do.
    assert dressing.dress(tryons[0].pk) == "not_waiting"


def test_each_gets_its_own_picture(ask: Any, engine: Watched) -> None:
    tryons = ask(engines.RED, engines.BLUE)
    dressing.dress(tryons[0].pk)
    assert engine.sizes == [2]
    assert states(tryons) == ["done", "done"]
    for tryon, wanted in zip(tryons, (engines.RED, engines.BLUE), strict=True):
        with tryon.result.open("rb") as file:
            pixel = dressing.images.decode(file.read()).rgb[130, 120]
        assert max(abs(int(a) - b) for a, b in zip(pixel, wanted, strict=True)) < 12


def test_it_waits_a_moment_for_those_who_click_together(
    ask: Any, engine: Watched, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TRYON_BATCH_WAIT_MS = 15
    first = ask(engines.RED)
    late: list[TryOn] = []
    waits: list[float] = []

    def click(seconds: float) -> None:
        waits.append(seconds)
        late.extend(ask(engines.BLUE))

    monkeypatch.setattr(dressing, "sleep", click)
    dressing.dress(first[0].pk)
    assert waits == [0.015]
    assert engine.sizes == [2]
    assert states(first + late) == ["done", "done"]


@pytest.mark.parametrize(
    ("batch", "memory", "sizes"),
    [(8, None, [5]), (3, None, [3]), (1, None, [1]), (8, 1250, [2]), (8, 500, [1])],
)
def test_a_batch_is_as_large_as_engine_setting_and_memory_allow(
    ask: Any, engine: Watched, settings: Any, batch: int, memory: int | None, sizes: list[int]
) -> None:
    settings.TRYON_BATCH = batch
    EngineConfig.objects.create(name="recolour", enabled=True, memory_mb=memory)
    dressing.dress(ask(*SHADES[:5])[0].pk)
    assert engine.sizes == sizes


def test_without_enough_memory_the_batch_is_halved_and_stays_so(ask: Any, engine: Watched) -> None:
    def small(size: int, on_stage: OnStage) -> None:
        if size > 2:
            raise MemoryError("out of memory")

    engine.meanwhile = small
    tryons = ask(*SHADES[:5])
    dressing.dress(tryons[0].pk)
    assert engine.sizes == [5, 2, 3, 1, 2]
    assert states(tryons) == ["done"] * 5
    assert {tryon.deaths for tryon in tryons} == {0}
    engine.sizes.clear()
    dressing.dress(ask(*SHADES[5:8])[0].pk)
    assert engine.sizes == [1], "the size that it was cut down to last"


def test_the_guilty_one_is_found_and_the_others_are_done(ask: Any, engine: Watched) -> None:
    tryons = ask(engines.RED, engines.BROKEN, engines.BLUE, engines.REFUSED)
    dressing.dress(tryons[0].pk)
    assert states(tryons) == ["done", "queued", "done", "failed"]
    assert [tryon.deaths for tryon in tryons] == [0, 1, 0, 0]
    assert tryons[3].reason_code == "cut_off"
    # From now on alone, whoever waits.
    engine.sizes.clear()
    fine = ask(*SHADES[:2])
    dressing.dress(tryons[1].pk)
    dressing.dress(fine[0].pk)
    assert engine.sizes == [1, 2]


def test_one_is_cancelled_in_the_middle_and_the_others_go_on(ask: Any, engine: Watched) -> None:
    tryons = ask(*SHADES[:3])

    def cancel(size: int, on_stage: OnStage) -> None:
        TryOn.objects.filter(pk=tryons[1].pk).update(
            status="cancelled", lease_until=None, finished_at=timezone.now()
        )
        on_stage("paint", 0.0)

    engine.meanwhile = cancel
    assert dressing.dress(tryons[0].pk) == "done"
    assert states(tryons) == ["done", "cancelled", "done"]
    assert not tryons[1].result


def test_once_all_are_cancelled_the_engine_is_stopped(
    ask: Any, engine: Watched, settings: Any
) -> None:
    settings.TRYON_LEASE_SECONDS = 0.3
    tryons = ask(*SHADES[:2])
    rounds = 0

    def cancel(size: int, on_stage: OnStage) -> None:
        nonlocal rounds
        TryOn.objects.update(status="cancelled", lease_until=None, finished_at=timezone.now())
        for rounds in range(200):  # noqa: B007
            on_stage("paint", 0.0)
            dressing.sleep(0.02)

    engine.meanwhile = cancel
    assert dressing.dress(tryons[0].pk) == "lost"
    assert rounds < 199
    assert states(tryons) == ["cancelled"] * 2


def test_a_deadline_ends_the_whole_batch(ask: Any, engine: Watched) -> None:
    def over(size: int, on_stage: OnStage) -> None:
        raise SoftTimeLimitExceeded

    engine.meanwhile = over
    tryons = ask(*SHADES[:3])
    assert dressing.dress(tryons[0].pk) == "queued"
    assert engine.sizes == [3], "it is not tried again in halves: there is no time left"
    assert states(tryons) == ["queued"] * 3
    assert {tryon.deaths for tryon in tryons} == {1}


def test_one_thread_keeps_all_leases(ask: Any, engine: Watched, settings: Any) -> None:
    settings.TRYON_LEASE_SECONDS = 0.6
    tryons = ask(*SHADES[:3])
    held = claims.take_waiting("recolour", most=3)
    assert [claim.pk for claim in held] == [tryon.pk for tryon in tryons]
    with claims.kept_alive(held):
        TryOn.objects.filter(pk=tryons[0].pk).update(
            status="cancelled", lease_until=None, finished_at=timezone.now()
        )
        dressing.sleep(1.5)
        assert not TryOn.objects.dead().exists()
        assert [claim.lost.is_set() for claim in held] == [True, False, False]
