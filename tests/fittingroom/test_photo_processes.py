"""Photos in the hands of real workers, with the network that shoppers get.

The people are the demo's rendered figures. Killing a worker at the worst moment loses nothing.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone
from PIL import Image

from fittingroom import disk_cache, results, services
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import files, pictures
from fittingroom.photos import services as photos
from fittingroom.shopper import Shopper
from ml.person.version import WEIGHTS
from shop.catalogue.models import ProductImage
from tests import drawings
from tests.fittingroom.own_photos import everything, files_of
from tests.processes import Broker, Process, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not WEIGHTS.exists(), reason=f"no trained annotator at {WEIGHTS}"),
]

FIGURES = Path(__file__).parents[2] / "fixtures" / "demo" / "fitting_models" / "photos"
#: A machine that is busy with other tests looks at a photo for this long at most.
SLACK = 60.0


@pytest.fixture(autouse=True)
def no_files_of_other_tests() -> None:
    for pk in list(files.FOLDERS.names()):
        files.FOLDERS.erase(pk)


@pytest.fixture
def env() -> dict[str, str]:
    """Nobody but the first shopper finds the annotator loaded: loading it is most of the time."""
    return {
        "TRYON_SWEEP_SECONDS": "0.5",
        "TRYON_RESEND_SECONDS": "2",
        "TRYON_PREPARE_SECONDS": "0",
        "TRYON_TIDY_SECONDS": "0",
        "PHOTO_TIDY_SECONDS": "0.5",
        "PHOTO_CHECK_SECONDS": "60",
        "GARMENT_LABEL_SECONDS": "0",
        "OMP_NUM_THREADS": "1",
        "PHOTO_WARM": "false",
    }


@pytest.fixture
def work(worker_factory: Callable[..., Process], env: dict[str, str]) -> Callable[..., Process]:
    return lambda **options: worker_factory(env=env, **options)


@pytest.fixture
def add(visitor: Shopper) -> Callable[..., PersonPhoto]:
    """Uploads as the page does: a figure's name, or a whole file."""

    def upload(wanted: str | bytes = "yuna", *, keep_days: int = 1) -> PersonPhoto:
        data = (FIGURES / f"{wanted}.webp").read_bytes() if isinstance(wanted, str) else wanted
        return photos.add_photo(shopper=visitor, picture=pictures.clean(data), keep_days=keep_days)

    return upload


def until(photo: PersonPhoto, status: str) -> PersonPhoto:
    def reached() -> bool:
        photo.refresh_from_db()
        assert photo.status in ("checking", status), (photo.status, photo.reason_code)
        return photo.status == status

    wait_until(reached, seconds=SLACK, every=0.05)
    return photo


def pixels(file: Any) -> np.ndarray[Any, Any]:
    with file.open("rb") as stored, Image.open(stored) as image:
        return np.asarray(image.convert("RGB"), dtype=int)


def test_from_the_upload_to_the_picture_to_nothing(
    work: Any,
    env: dict[str, str],
    beat: Process,
    add: Any,
    visitor: Shopper,
    tee: ProductImage,
    settings: Any,
) -> None:
    settings.TRYON_ENGINES = "ml.tryon.registry.ENGINES"
    env["PHOTO_WARM"] = "true"
    kept = set(disk_cache.folder().rglob("person-*"))
    worker = work()
    photo = until(add(), "ready")
    assert photo.problems == {}
    tryon = services.request_tryon(shopper=visitor, photo=photo, images=[tee])
    wait_until(lambda: TryOn.objects.get().is_finished, seconds=SLACK)
    tryon.refresh_from_db()
    assert (tryon.status, tryon.engine) == ("done", "drape"), tryon.reason_detail
    before, after = pixels(photo.file), pixels(tryon.result)
    assert before.shape == after.shape
    changed = np.abs(before - after).max(axis=2) > 40
    assert 0.02 < changed.mean() < 0.5, "the clothes change, the rest does not"
    assert set(disk_cache.folder().rglob("person-*")) == kept, "nothing in the shared cache"
    photos.erase_photo(photo=photo, with_results=True)
    assert everything() == []
    assert not results.storage().exists(tryon.result.name)
    said = worker.log.read_text(errors="replace")
    assert str(photo.pk) in said
    for private in (photo.file.name or "?", "keypoints", str(visitor.visitor)):
        assert private not in said


def test_nobody_in_it(work: Any, add: Any) -> None:
    work()
    wall = Image.effect_noise((600, 800), 20).convert("RGB")
    photo = until(add(drawings.encode(wall, "JPEG")), "refused")
    assert photo.reason_code == "no_person"
    wait_until(lambda: everything() == [])


def test_a_killed_worker_costs_a_lease_not_a_photo(work: Any, beat: Process, add: Any) -> None:
    worker = work()
    photo = add()
    wait_until(lambda: PersonPhoto.objects.get().attempt == 1, seconds=SLACK, every=0.002)
    with transaction.atomic():
        # Nobody can write the answer while we hold the row.
        held = PersonPhoto.objects.select_for_update().get()
        assert held.status == "checking"
        worker.kill_group()
    time.sleep(1.5)
    photo.refresh_from_db()
    assert (photo.status, photo.attempt) == ("checking", 1), "the dead worker's lease holds"
    PersonPhoto.objects.update(lease_until=timezone.now() - timedelta(seconds=1))  # time passes
    work()
    until(photo, "ready")
    assert photo.attempt == 2
    assert len(files_of(photo.pk)) == 2


def test_a_photo_that_kills_workers_is_erased_after_three(
    work: Any, beat: Process, add: Any
) -> None:
    worker = work()
    photo = add()
    for attempt in (1, 2, 3):
        wait_until(
            lambda attempt=attempt: PersonPhoto.objects.get().attempt == attempt,
            seconds=SLACK,
            every=0.002,
        )
        with transaction.atomic():
            held = PersonPhoto.objects.select_for_update().get()
            assert held.status == "checking"
            for child in worker.children():
                os.kill(child, signal.SIGKILL)
        PersonPhoto.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    until(photo, "refused")
    assert (photo.reason_code, photo.attempt) == ("failed", 3)
    wait_until(lambda: everything() == [])


def test_a_dead_broker_costs_a_wait_not_a_photo(
    work: Any, beat: Process, broker: Broker, add: Any
) -> None:
    broker.stop()
    photo = add()
    assert (photo.status, PersonPhoto.objects.get().sent_at) == ("checking", None)
    broker.start()
    work()
    until(photo, "ready")


def test_its_time_is_over(work: Any, beat: Process, add: Any) -> None:
    work()
    photo = until(add(), "ready")
    PersonPhoto.objects.update(expires_at=timezone.now())
    until_gone = PersonPhoto.objects.filter(status="erased")
    wait_until(until_gone.exists, seconds=SLACK)
    wait_until(lambda: everything() == [], seconds=SLACK)
    photo.refresh_from_db()
    assert photo.keypoints is None
