"""Two of the same at once, and an erasure that meets a request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from fittingroom import dispatch, locks
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import files
from fittingroom.photos import services as photos
from fittingroom.photos.pictures import CleanPhoto
from fittingroom.services import CannotTryOn, request_tryon
from fittingroom.shopper import Shopper
from shop.catalogue.models import ProductImage
from tests.factories import PersonPhotoFactory, TryOnFactory
from tests.fittingroom.own_photos import everything, photo_bytes
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "send_photos", lambda photos: 0)
    monkeypatch.setattr(dispatch, "send", lambda tryons: 0)
    for pk in list(files.FOLDERS.names()):
        files.FOLDERS.erase(pk)


def beside(act: Callable[[], Any]) -> threading.Thread:
    """Do it in another thread, with a connection of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_an_erasure_waits_for_a_request_and_cancels_it() -> None:
    photo = PersonPhotoFactory()
    with transaction.atomic():
        assert locks.lock_photos([photo.pk]) == [photo.pk]
        tryon = TryOnFactory(photo=photo, user=photo.user)
        eraser = beside(lambda: photos.erase_photo(photo=photo))
        wait_until(somebody_waits)
    eraser.join(10)
    tryon.refresh_from_db()
    photo.refresh_from_db()
    assert (tryon.status, photo.status) == ("cancelled", "erased")
    assert everything() == []


def test_a_request_waits_for_an_erasure_and_is_refused(tee: ProductImage) -> None:
    photo = PersonPhotoFactory()
    stale = PersonPhoto.objects.get(pk=photo.pk)
    refused: list[str] = []

    def ask() -> None:
        try:
            shopper = Shopper(user_id=stale.user_id)
            request_tryon(shopper=shopper, photo=stale, images=[tee])
        except CannotTryOn as refusal:
            refused.append(refusal.code)

    with transaction.atomic():
        photos.erase_rows([photo.pk])
        asker = beside(ask)
        wait_until(somebody_waits)
    asker.join(10)
    assert refused == ["photo_gone"]
    assert not TryOn.objects.exists()


def test_a_double_click_makes_one_photo(visitor: Shopper) -> None:
    picture = CleanPhoto(photo_bytes(), 480, 640)
    start = threading.Barrier(4)

    def upload() -> None:
        start.wait()
        photos.add_photo(shopper=visitor, picture=picture, keep_days=1)

    threads = [beside(upload) for _ in range(4)]
    for thread in threads:
        thread.join(20)
    assert PersonPhoto.objects.count() == len(everything()) == 1


def test_the_limit_holds_for_uploads_at_once(visitor: Shopper, settings: Any) -> None:
    settings.PHOTO_KEPT_LIMIT = 2
    start = threading.Barrier(5)
    errors: list[str] = []

    def upload(shade: int) -> None:
        picture = CleanPhoto(photo_bytes() + bytes([shade]), 480, 640)
        start.wait()
        try:
            photos.add_photo(shopper=visitor, picture=picture, keep_days=1)
        except Exception as error:  # noqa: BLE001
            errors.append(type(error).__name__)

    threads = [beside(lambda shade=shade: upload(shade)) for shade in range(5)]
    for thread in threads:
        thread.join(20)
    assert errors == ["ValidationError"] * 3
    assert PersonPhoto.objects.filter(expires_at__gt=timezone.now()).count() == 2
