"""The worker's side, called as a task calls it. Kills are in test_processes.py."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from fittingroom import disk_cache, dressing, fingerprints, preparations, results, services
from fittingroom.models import EngineConfig, FittingModel, TryOn
from fittingroom.shopper import Shopper
from ml import errors
from ml.images import decode
from ml.person.annotation import Atr
from ml.person.store import parse_from_png
from ml.tryon.engine import EngineSpec
from shop.catalogue.models import ProductImage
from tests import drawings
from tests.fittingroom import engines

# The heartbeat's thread has a connection of its own: it must see what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ask(
    visitor: Shopper,
    mia: FittingModel,
    make_tee: Callable[..., ProductImage],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., TryOn]:
    monkeypatch.setattr(services, "_send", lambda tryon: None)

    def request(colour: tuple[int, int, int] = engines.RED) -> TryOn:
        images = [make_tee(colour)]
        return services.request_tryon(shopper=visitor, fitting_model=mia, images=images)

    return request


def fresh(tryon: TryOn) -> TryOn:
    tryon.refresh_from_db()
    return tryon


def use(monkeypatch: pytest.MonkeyPatch, *specs: EngineSpec) -> None:
    monkeypatch.setattr("fittingroom.engines.specs", lambda: specs)


def test_the_picture_and_its_times_are_stored(ask: Any) -> None:
    tryon = ask(engines.BLUE)
    assert dressing.dress(tryon.pk) == "done"
    assert fresh(tryon).result.name == f"tryons/{tryon.pk}/1.jpg"
    assert set(tryon.stage_ms) == {"load", "person", "garment", "paint", "dress", "store"}
    with tryon.result.open("rb") as file:
        image = decode(file.read()).rgb.astype(int)
    photo = decode(drawings.person_photo()).rgb.astype(int)
    upper = parse_from_png(drawings.person_parse()) == Atr.UPPER
    assert np.abs(image[upper].mean(axis=0) - engines.BLUE).max() < 6
    assert np.abs(image - photo)[~upper].mean() < 3, "the rest is only stored anew"
    assert dressing.dress(tryon.pk) == "not_waiting"


def test_older_attempts_leave_no_files(ask: Any) -> None:
    tryon = ask()
    stray = results.storage().save(results.name_of(tryon.pk, 0), ContentFile(b"of a dead worker"))
    dressing.dress(tryon.pk)
    assert not results.storage().exists(stray)


def test_a_refusal_keeps_the_code_for_shoppers_and_the_line_for_staff(ask: Any) -> None:
    tryon = ask(engines.REFUSED)
    assert dressing.dress(tryon.pk) == "refused"
    assert (fresh(tryon).status, tryon.reason_code, tryon.deaths) == ("failed", "cut_off", 0)
    assert tryon.reason_detail == "cut_off: the arms are outside the picture"


def test_every_code_of_ml_has_a_reason() -> None:
    def subclasses(kind: type[errors.InputError]) -> list[type[errors.InputError]]:
        return [kind, *(deep for sub in kind.__subclasses__() for deep in subclasses(sub))]

    # The command line has codes of its own; a worker never meets them.
    codes = {
        kind.code for kind in subclasses(errors.InputError) if kind.__module__ == errors.__name__
    }
    # These two are our own failures: a shopper can do nothing about them.
    assert codes - set(dressing.REASONS) <= {"bad_input", "bad_annotation"}


def test_a_bug_counts_as_a_death(ask: Any) -> None:
    tryon = ask(engines.BROKEN)
    assert [dressing.dress(tryon.pk) for _ in range(4)] == [
        "queued",
        "queued",
        "failed",
        "not_waiting",
    ]
    assert (fresh(tryon).reason_code, tryon.deaths) == ("failed", 3)


def test_staff_can_have_it_tried_again(ask: Any) -> None:
    tryon = ask(engines.BROKEN)
    for _ in range(3):
        dressing.dress(tryon.pk)
    services.retry_tryon(tryon=fresh(tryon))
    assert dressing.dress(tryon.pk) == "queued", "a new count"
    assert fresh(tryon).attempt == 4


@pytest.mark.parametrize("which", ["garment", "photo", "parse"])
def test_a_file_that_is_gone(ask: Any, mia: FittingModel, which: str) -> None:
    tryon = ask()
    file = tryon.garments.get().image.file if which == "garment" else getattr(mia, which)
    file.storage.delete(file.name)
    fingerprints._of_stored.cache_clear()
    preparations._memory.clear()
    shutil.rmtree(disk_cache.folder(), ignore_errors=True)
    dressing.dress(tryon.pk)
    assert (fresh(tryon).status, tryon.reason_code) == ("failed", "bad_image")


def test_an_engine_that_is_gone_or_cannot_run(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tryon, other = ask(), ask(engines.BLUE)
    use(monkeypatch)
    dressing.dress(tryon.pk)
    assert fresh(tryon).reason_code == "not_supported"
    use(monkeypatch, replace(engines.RECOLOUR, version="9", weight_files=("missing.safetensors",)))
    dressing.dress(other.pk)
    assert (fresh(other).reason_code, "missing.safetensors" in other.reason_detail) == (
        "not_supported",
        True,
    )


def test_an_upgrade_while_the_row_waits_is_written_down(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tryon = ask()
    before = tryon.content_hash
    use(monkeypatch, replace(engines.RECOLOUR, version="2"))
    dressing.dress(tryon.pk)
    assert (fresh(tryon).status, tryon.engine_version) == ("done", "2")
    assert tryon.content_hash != before
    # Whoever asks the new engine for the same gets this one, not one more.
    assert ask().pk == tryon.pk


def test_cancelled_between_two_stages(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tryon = ask()
    prepare = dressing.preparations.garment

    def cancel_meanwhile(*given: Any) -> Any:
        TryOn.objects.update(status="cancelled", lease_until=None, finished_at=timezone.now())
        return prepare(*given)

    monkeypatch.setattr(dressing.preparations, "garment", cancel_meanwhile)
    assert dressing.dress(tryon.pk) == "lost"
    assert (fresh(tryon).status, tryon.result.name) == ("cancelled", "")


def test_a_file_written_too_late_goes_again(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is lost between storing the picture and swapping it in."""
    tryon = ask()
    encode = dressing._encoded

    def lose_meanwhile(pixels: Any) -> bytes:
        TryOn.objects.update(attempt=7)
        return encode(pixels)

    monkeypatch.setattr(dressing, "_encoded", lose_meanwhile)
    assert dressing.dress(tryon.pk) == "lost"
    assert not results.storage().exists(results.name_of(tryon.pk, 1))
    assert fresh(tryon).status == "dressing"


def test_only_this_workers_engines_are_loaded(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    loaded: list[str] = []

    def spec(name: str, *devices: str) -> EngineSpec:
        return replace(
            engines.RECOLOUR,
            name=name,
            devices=devices,
            load=lambda device: loaded.append(f"{name} on {device}"),
        )

    monkeypatch.setattr(dressing, "_engines", {})
    use(monkeypatch, spec("light", "cpu"), spec("heavy", "cuda", "cpu"), spec("off", "cpu"))
    for name, enabled in (("light", True), ("heavy", True), ("off", False)):
        EngineConfig.objects.create(name=name, enabled=enabled)
    settings.TRYON_DEVICES = ["cuda", "cpu"]
    dressing.warm()
    dressing.warm()
    assert loaded == ["light on cpu"]
    settings.TRYON_WORKER_DEVICE = "cuda"
    dressing.warm()
    assert loaded == ["light on cpu", "heavy on cuda"]
    loaded.clear()
    dressing._engines.clear()
    settings.TRYON_DEVICES, settings.TRYON_WORKER_DEVICE = ["cpu"], "cpu"
    dressing.warm()
    assert loaded == ["heavy on cpu", "light on cpu"], "without a GPU everything runs here"
