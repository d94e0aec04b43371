"""Own photos in the worker's hands: dressed, remembered for minutes, shared with nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from django.utils import timezone, translation

from fittingroom import disk_cache, dispatch, dressing, preparations
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import claims, private_memory
from fittingroom.services import request_tryon
from fittingroom.shopper import Shopper
from shop.catalogue.models import ProductImage
from tests.factories import PersonPhotoFactory, TryOnFactory
from tests.processes import wait_until

# The lease's own thread must see the rows.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(dispatch, "send", Mock(return_value=1))
    translation.activate("en")
    private_memory.forget_all()
    yield
    private_memory.forget_all()


def shopper_of(photo: PersonPhoto) -> Shopper:
    return Shopper(user_id=photo.user_id, visitor=photo.visitor)


def test_a_photo_is_dressed_and_never_lies_in_the_shared_cache(
    tee: ProductImage, make_tee: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = PersonPhotoFactory()
    kept = set(disk_cache.folder().rglob("person-*"))
    read = Mock(wraps=preparations.read_person)
    monkeypatch.setattr(preparations, "read_person", read)
    for image in (tee, make_tee((30, 60, 180))):
        tryon = request_tryon(shopper=shopper_of(photo), photo=photo, images=[image])
        assert dressing.dress(tryon.pk) == "done"
    tryon.refresh_from_db()
    assert (tryon.person, tryon.person_name) == (photo, "My photo")
    assert read.call_count == 1, "in memory for the next garment"
    assert set(disk_cache.folder().rglob("person-*")) == kept
    assert not any(str(photo.pk) in str(path) for path in disk_cache.folder().rglob("*"))


def test_memory_forgets_by_itself(settings: Any) -> None:
    settings.PHOTO_MEMORY_SECONDS = 0.05
    private_memory.kept("one", Mock(return_value=np.zeros(1)))
    wait_until(lambda: private_memory.size() == 0, seconds=5)


def test_memory_holds_few(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(private_memory.LIMIT + 3):
        private_memory.kept(str(number), Mock())
    assert private_memory.size() == private_memory.LIMIT


def test_an_erased_photo_is_not_dressed_even_from_memory(tee: ProductImage) -> None:
    photo = PersonPhotoFactory()
    first = request_tryon(shopper=shopper_of(photo), photo=photo, images=[tee])
    dressing.dress(first.pk)
    again = TryOnFactory(photo=photo, user=photo.user, engine="recolour", garment__image=tee)
    PersonPhoto.objects.filter(pk=photo.pk).update(
        status="erased", erased_at=timezone.now(), **claims.NOTHING
    )
    assert dressing.dress(again.pk) == "refused"


def test_the_same_again_gives_the_earlier_picture_to_the_same_shopper_alone(
    tee: ProductImage, bob: Any
) -> None:
    photo = PersonPhotoFactory()
    mine = request_tryon(shopper=shopper_of(photo), photo=photo, images=[tee])
    dressing.dress(mine.pk)
    assert request_tryon(shopper=shopper_of(photo), photo=photo, images=[tee]) == mine
    # The same picture, byte for byte, uploaded by somebody else.
    his = PersonPhotoFactory(user=bob)
    PersonPhoto.objects.update(content_hash="same")
    his.refresh_from_db()
    tryon = request_tryon(shopper=shopper_of(his), photo=his, images=[tee])
    assert (tryon.status, tryon.result.name) == ("queued", "")


def test_no_result_of_an_own_photo_is_ever_copied(tee: ProductImage, mia: Any, bob: Any) -> None:
    """Also where a content hash were to match."""
    photo = PersonPhotoFactory()
    mine = request_tryon(shopper=shopper_of(photo), photo=photo, images=[tee])
    dressing.dress(mine.pk)
    theirs = request_tryon(shopper=Shopper(user_id=bob.pk), fitting_model=mia, images=[tee])
    TryOn.objects.filter(pk=mine.pk).update(content_hash=theirs.content_hash)
    theirs.delete()
    again = request_tryon(shopper=Shopper(user_id=bob.pk), fitting_model=mia, images=[tee])
    assert again.status == "queued"
