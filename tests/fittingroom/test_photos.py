"""A photo's life: taken in, checked, kept, erased. Its row tells the truth at every moment."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.services import delete_user
from fittingroom import dispatch, results, services, upkeep
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import (
    checking,
    claims,
    files,
    forms,
    private_memory,
)
from fittingroom.photos import services as photos
from fittingroom.photos import upkeep as photo_upkeep
from fittingroom.photos.pictures import CleanPhoto
from fittingroom.services import CannotTryOn, request_tryon
from fittingroom.shopper import Shopper
from ml.errors import NoPerson
from ml.garment.annotation import Region
from ml.person.checks import Findings, Problem
from shop.catalogue.models import ProductImage
from tests.factories import FittingModelFactory, PersonPhotoFactory, TryOnFactory, own_file
from tests.fittingroom import engines
from tests.fittingroom.own_photos import (
    everything,
    fatal,
    files_of,
    open_eyes,
    photo_bytes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_files_of_other_tests() -> Iterator[None]:
    for pk in list(files.FOLDERS.names()):
        files.FOLDERS.erase(pk)
    yield
    private_memory.forget_all()


@pytest.fixture(autouse=True)
def english() -> None:
    translation.activate("en")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Messages to the workers: ``sent.call_args_list``."""
    send = Mock(return_value=1)
    monkeypatch.setattr(dispatch, "send_photos", send)
    monkeypatch.setattr(dispatch, "send", Mock(return_value=1))
    return send


@pytest.fixture
def picture() -> CleanPhoto:
    return CleanPhoto(photo_bytes(), 480, 640)


@pytest.fixture
def add(visitor: Shopper, django_capture_on_commit_callbacks: Any) -> Any:
    """Uploads as the page does: ``add(shade=3)`` another photo each time."""

    def upload(*, shopper: Shopper = visitor, shade: int = 0, keep_days: int = 1) -> PersonPhoto:
        data = photo_bytes() + bytes([shade])
        with django_capture_on_commit_callbacks(execute=True):
            return photos.add_photo(
                shopper=shopper, picture=CleanPhoto(data, 480, 640), keep_days=keep_days
            )

    return upload


@pytest.fixture
def erase(django_capture_on_commit_callbacks: Any) -> Any:
    def now(photo: PersonPhoto, *, with_results: bool = False) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            photos.erase_photo(photo=photo, with_results=with_results)

    return now


def shopper_of(photo: PersonPhoto) -> Shopper:
    return Shopper(user_id=photo.user_id, visitor=photo.visitor)


def fresh(photo: PersonPhoto) -> PersonPhoto:
    photo.refresh_from_db()
    return photo


def has_nothing(photo: PersonPhoto) -> bool:
    """No picture and nothing that was read from it, on disk or in the row."""
    fresh(photo)
    left = [photo.file.name, photo.parse.name, photo.content_hash, photo.keypoints]
    left += [photo.region_problems, photo.advice_found]
    return not any(left) and photo.erased_at is not None and files_of(photo.pk) == []


# --- taken in -----------------------------------------------------------------------------------


def test_an_upload_waits_for_its_check_and_proves_the_consent(add: Any, sent: Mock) -> None:
    before = timezone.now()
    photo = add(keep_days=7)
    assert (photo.status, photo.consent_version) == ("checking", photos.CONSENT_VERSION)
    assert before <= photo.consented_at == photo.attested_at <= timezone.now()
    assert photo.expires_at == photo.consented_at + timedelta(days=7)
    assert len(files_of(photo.pk)) == 1
    assert [call.args[0] for call in sent.call_args_list] == [[photo]]


def test_names_cannot_be_guessed_and_files_are_for_us_alone(add: Any) -> None:
    photo = add()
    (name,) = files_of(photo.pk)
    assert len(name) >= 20
    with pytest.raises(ValueError, match="private"):
        files.storage().url(photo.file.name)
    path = Path(files.storage().path(photo.file.name))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_same_photo_twice_is_one(add: Any, sent: Mock) -> None:
    first, second = add(), add(keep_days=30)
    assert first == second
    assert second.keep_days == 30
    assert second.expires_at > timezone.now() + timedelta(days=29)
    assert (len(everything()), len(sent.call_args_list)) == (1, 1)


def test_two_shoppers_with_one_photo_share_nothing(add: Any, alice: Any) -> None:
    hers = add(shopper=Shopper(user_id=alice.pk))
    other = add()
    assert hers != other
    assert set(files_of(hers.pk)).isdisjoint(files_of(other.pk))


def test_a_photo_given_again_after_its_erasure_is_a_new_one(add: Any, erase: Any) -> None:
    first = add()
    erase(first)
    assert add() != first


def test_so_many_photos_are_kept_and_no_more(add: Any, erase: Any, settings: Any) -> None:
    settings.PHOTO_KEPT_LIMIT = 2
    first = add(shade=1)
    add(shade=2)
    with pytest.raises(ValidationError, match="2 photos") as refusal:
        add(shade=3)
    assert refusal.value.code == "too_many_photos"
    assert len(everything()) == 2
    erase(first)
    add(shade=3)


def test_erasing_does_not_buy_more_uploads(add: Any, erase: Any, settings: Any, alice: Any) -> None:
    settings.PHOTO_UPLOADS_PER_HOUR = 2
    for shade in (1, 2):
        erase(add(shade=shade))
    with pytest.raises(ValidationError, match="an hour") as refusal:
        add(shade=3)
    assert refusal.value.code == "throttled"
    add(shopper=Shopper(user_id=alice.pk), shade=3)
    PersonPhoto.objects.update(created_at=timezone.now() - timedelta(hours=1, seconds=1))
    add(shade=3)


# --- checked ------------------------------------------------------------------------------------


def test_a_good_photo_becomes_ready(add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    advice = Problem("too_small")
    open_eyes(monkeypatch, Findings(None, {}, (advice,)))
    photo = add()
    assert checking.check(photo.pk) == "ready"
    fresh(photo)
    assert (photo.status, photo.lease_until, photo.attempt) == ("ready", None, 1)
    assert sorted(name[-4:] for name in files_of(photo.pk)) == [".jpg", ".png"]
    assert len(photo.keypoints or []) == 18
    assert photo.annotator == checking.look.VERSION
    assert photo.advice == ["The photo is small: from 600 px wide the pictures are sharper."]
    assert checking.check(photo.pk) == "not_waiting"


@pytest.mark.parametrize(("width", "advised"), [(599, True), (600, False)])
def test_narrow_photos_are_told_so(
    add: Any, monkeypatch: pytest.MonkeyPatch, width: int, advised: bool
) -> None:
    open_eyes(monkeypatch)
    photo = add()
    PersonPhoto.objects.update(width=width)
    checking.check(photo.pk)
    assert bool(fresh(photo).advice) is advised


@pytest.mark.parametrize(
    ("found", "code", "sentence"),
    [
        (NoPerson("a cat"), "no_person", "We couldn't find a person. Try a full-length photo."),
        (fatal("many_people"), "many_people", "Only one person, please. Crop the others out."),
        (fatal("back_view"), "back_view", "Please use a photo taken from the front."),
        (
            fatal("cut_off", "head", "shoulders", "arms"),
            "cut_off",
            "Your head, shoulders and arms are outside the frame. Step back a little.",
        ),
        (
            fatal("too_dark"),
            "too_dark",
            "The photo is too dark. Take it where there is more light.",
        ),
        (
            fatal("not_clothed"),
            "not_clothed",
            "We can't use this photo. Upload one of you dressed, full length.",
        ),
        (fatal("a new code"), "failed", "That didn't work. Please try again."),
    ],
)
def test_a_refused_photo_is_erased_at_once(
    add: Any,
    monkeypatch: pytest.MonkeyPatch,
    found: Findings | Exception,
    code: str,
    sentence: str,
) -> None:
    open_eyes(monkeypatch, found)
    photo = add()
    assert checking.check(photo.pk).startswith("refused: ")
    assert has_nothing(photo)
    assert (photo.status, photo.reason_code, photo.sentence) == ("refused", code, sentence)
    assert everything() == []


def test_a_file_that_went_bad_is_refused(add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    open_eyes(monkeypatch)
    photo = add()
    with files.storage().open(photo.file.name, "wb") as file:
        file.write(b"\xff\xd8\xffrubbish")
    assert checking.check(photo.pk) == "refused: bad_image"
    assert has_nothing(photo)


def test_erased_while_it_is_looked_at(
    add: Any, erase: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_eyes(monkeypatch)
    photo = add()
    look_at = checking.look.look_at

    def slow(rgb: Any) -> Any:
        erase(photo)
        return look_at(rgb)

    monkeypatch.setattr(checking.look, "look_at", slow)
    assert checking.check(photo.pk) == "lost"
    assert has_nothing(photo)
    assert photo.status == "erased"


def test_only_one_worker_checks(add: Any) -> None:
    photo = add()
    assert claims.take(photo.pk) is not None
    assert claims.take(photo.pk) is None


def run_out(photo: PersonPhoto) -> None:
    """The worker that holds it has been dead for a while."""
    PersonPhoto.objects.filter(pk=photo.pk).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


def test_a_dead_worker_gives_way_and_comes_back_too_late(
    add: Any, sent: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_eyes(monkeypatch)
    photo = add()
    late = claims.take(photo.pk)
    assert late is not None
    assert photo_upkeep.sweep()["photos_buried"] == 0, "its lease holds"
    run_out(photo)
    sent.reset_mock()
    assert photo_upkeep.sweep()["photos_buried"] == 1
    assert [call.args[0] for call in sent.call_args_list] == [[photo]]
    assert checking.check(photo.pk) == "ready"
    kept = files_of(photo.pk)
    assert not late.accept(parse="x.png", keypoints=[], annotator="late")
    assert not late.refuse("no_person")
    assert late.give_up() is None
    assert (fresh(photo).status, files_of(photo.pk)) == ("ready", kept)


def test_three_deaths_are_enough(add: Any) -> None:
    photo = add()
    for _death in range(3):
        assert claims.take(photo.pk) is not None
        run_out(photo)
        photo_upkeep.sweep()
    assert has_nothing(photo)
    assert (photo.status, photo.reason_code) == ("refused", "failed")
    assert photo.sentence == "That didn't work. Please try again."


def test_a_bug_is_tried_three_times(add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    open_eyes(monkeypatch, RuntimeError("a bug"))
    monkeypatch.setattr(checking, "close_old_connections", Mock())
    photo = add()
    assert [checking.check(photo.pk) for _ in range(3)] == ["checking", "checking", "refused"]
    assert has_nothing(photo)


def test_what_the_broker_lost_is_sent_again(add: Any, sent: Mock, settings: Any) -> None:
    photo = add()
    sent.reset_mock()
    photo_upkeep.sweep()
    assert sent.call_args.args[0] == [photo], "never sent"
    long_ago = timezone.now() - timedelta(seconds=settings.TRYON_RESEND_SECONDS + 1)
    for sent_at, again in ((timezone.now(), []), (long_ago, [photo])):
        PersonPhoto.objects.update(sent_at=sent_at)
        photo_upkeep.sweep()
        assert sent.call_args.args[0] == again


# --- kept and erased ----------------------------------------------------------------------------


@pytest.mark.parametrize("checked", [True, False])
def test_delete_now(add: Any, erase: Any, monkeypatch: pytest.MonkeyPatch, checked: bool) -> None:
    open_eyes(monkeypatch)
    photo = add()
    consented = photo.consented_at
    if checked:
        checking.check(photo.pk)
    erase(photo)
    assert has_nothing(photo)
    assert everything() == []
    assert (photo.status, photo.consented_at) == ("erased", consented), "the consent is on record"
    erase(photo)  # twice is fine


def test_the_pictures_made_of_it_stay_or_go(erase: Any) -> None:
    for with_results, left in ((False, 1), (True, 0)):
        photo = PersonPhotoFactory()
        tryon = TryOnFactory(photo=photo, user=photo.user, done=True)
        shared = str(tryon.result.name)
        erase(photo, with_results=with_results)
        assert TryOn.objects.filter(pk=tryon.pk).count() == left
        assert results.storage().exists(shared) is bool(left)


def test_what_is_in_the_making_is_cancelled(erase: Any) -> None:
    photo = PersonPhotoFactory()
    waiting = TryOnFactory(photo=photo, user=photo.user)
    dressing_now = TryOnFactory(
        photo=photo,
        user=photo.user,
        status="dressing",
        attempt=1,
        lease_until=timezone.now() + timedelta(minutes=1),
    )
    erase(photo)
    for tryon in (waiting, dressing_now):
        tryon.refresh_from_db()
        assert tryon.status == "cancelled"


def test_its_time_is_over_to_the_minute(
    erase: Any, tee: ProductImage, django_capture_on_commit_callbacks: Any
) -> None:
    """Gone for everybody at once, erased by the next tidying."""
    photo, other = PersonPhotoFactory(keep_days=7), PersonPhotoFactory()
    PersonPhoto.objects.filter(pk=photo.pk).update(expires_at=timezone.now())
    assert list(PersonPhoto.objects.live()) == [other]
    with pytest.raises(CannotTryOn) as refusal:
        request_tryon(shopper=shopper_of(photo), photo=fresh(photo), images=[tee])
    assert refusal.value.code == "photo_gone"
    with django_capture_on_commit_callbacks(execute=True):
        assert photo_upkeep.tidy()["photos_erased"] == 1
    assert has_nothing(photo)
    assert len(files_of(other.pk)) == 2


def test_keeping_it_longer_counts_from_now() -> None:
    photo = PersonPhotoFactory(expires_at=timezone.now() + timedelta(minutes=1))
    photos.keep_photo(photo=photo, keep_days=30)
    assert photo.expires_at > timezone.now() + timedelta(days=29, hours=23)


@pytest.mark.parametrize("user", [True, False])
@pytest.mark.parametrize(("keep_days", "days"), [(1, 7), (7, 7), (30, 30)])
def test_pictures_of_own_photos_go_after_a_week_or_with_the_photo(
    alice: Any, user: bool, keep_days: int, days: int
) -> None:
    """For those who are signed in too, whose other pictures stay."""
    photo = PersonPhotoFactory(user=alice if user else None, keep_days=keep_days)
    tryon = TryOnFactory(photo=photo, user=photo.user, visitor=photo.visitor, done=True)
    model = TryOnFactory(user=alice, done=True)
    for age, erased in ((days - 0.1, 0), (days + 0.1, 1)):
        TryOn.objects.update(finished_at=timezone.now() - timedelta(days=age))
        assert upkeep.erase_old() == erased
    tryon.refresh_from_db()
    model.refresh_from_db()
    assert (tryon.result.name, bool(tryon.erased_at), bool(model.erased_at)) == ("", True, False)


def test_files_that_no_row_names_go(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, erased = PersonPhotoFactory(), PersonPhotoFactory()
    kept = files_of(photo.pk)
    own_file(photo.pk, ".png", b"of a killed check")
    own_file(uuid.uuid4(), ".jpg", b"of a killed upload")
    PersonPhoto.objects.filter(pk=erased.pk).update(
        status="erased", erased_at=timezone.now(), **claims.NOTHING
    )
    assert photo_upkeep.drop_stray_files() == 2, "a row without a picture is final"
    assert len(everything()) == 4, "the others may belong to somebody who is at it"
    monkeypatch.setattr(photo_upkeep, "YOUNG", timedelta(seconds=-1))
    assert photo_upkeep.drop_stray_files() == 2
    assert files_of(photo.pk) == kept
    assert len(everything()) == 2


def test_an_account_takes_its_pictures_along(
    alice: Any, bob: Any, django_capture_on_commit_callbacks: Any
) -> None:
    for user in (alice, bob):
        TryOnFactory(photo=PersonPhotoFactory(user=user), user=user, done=True)
    hers = TryOn.objects.get(user=alice)
    his = TryOn.objects.get(user=bob)
    with django_capture_on_commit_callbacks(execute=True):
        delete_user(user=alice)
    assert files_of(hers.photo_id) == []
    assert not results.storage().exists(hers.result.name)
    assert len(files_of(his.photo_id)) == 2
    assert results.storage().exists(his.result.name)
    assert PersonPhoto.objects.count() == 1


def test_signing_in_hands_the_photos_over(alice: Any) -> None:
    photo = PersonPhotoFactory(user=None)
    anothers = PersonPhotoFactory(user=None)
    services.claim_tryons(visitor=photo.visitor, shopper=Shopper(user_id=alice.pk))
    assert (fresh(photo).user, photo.visitor) == (alice, None)
    assert fresh(anothers).user is None


# --- asked for ----------------------------------------------------------------------------------


def test_somebody_elses_photo_cannot_be_dressed(tee: ProductImage, visitor: Shopper) -> None:
    with pytest.raises(CannotTryOn) as refusal:
        request_tryon(shopper=visitor, photo=PersonPhotoFactory(), images=[tee])
    assert refusal.value.code == "photo_gone"


def test_an_unchecked_photo_cannot_be_dressed(tee: ProductImage) -> None:
    photo = PersonPhotoFactory(checking=True)
    with pytest.raises(CannotTryOn):
        request_tryon(shopper=shopper_of(photo), photo=photo, images=[tee])


def test_erased_between_the_page_and_the_request(tee: ProductImage, erase: Any) -> None:
    photo = PersonPhotoFactory()
    stale = PersonPhoto.objects.get(pk=photo.pk)
    erase(photo)
    with pytest.raises(CannotTryOn) as refusal:
        request_tryon(shopper=shopper_of(stale), photo=stale, images=[tee])
    assert refusal.value.code == "photo_gone"
    assert not TryOn.objects.exists()


def test_one_of_the_two_is_dressed(tee: ProductImage, mia: Any, visitor: Shopper) -> None:
    photo = PersonPhotoFactory()
    for both in ({}, {"fitting_model": mia, "photo": photo}):
        with pytest.raises(ValueError, match="either"):
            request_tryon(shopper=visitor, images=[tee], **both)


LEGS = {"lower": {"code": "cut_off", "parts": ["knees", "feet"]}}


def test_a_region_that_the_photo_does_not_show_is_refused_and_others_work(
    add: Any, monkeypatch: pytest.MonkeyPatch, make_tee: Any, visitor: Shopper
) -> None:
    legs = Problem("cut_off", ("knees", "feet"))
    open_eyes(monkeypatch, Findings(None, {Region.LOWER: legs, Region.DRESS: legs}))
    photo = add()
    checking.check(photo.pk)
    assert set(fresh(photo).problems) == {"lower", "dress"}
    everything_dressable = replace(engines.RECOLOUR, regions=frozenset({*Region}))
    monkeypatch.setattr(engines, "ENGINES", (everything_dressable,))
    trousers = make_tee(product__category__region="lower")
    with pytest.raises(CannotTryOn) as refusal:
        request_tryon(shopper=visitor, photo=photo, images=[trousers])
    assert (refusal.value.code, refusal.value.details) == ("cut_off", {"parts": ["knees", "feet"]})
    assert not TryOn.objects.exists()
    assert request_tryon(shopper=visitor, photo=photo, images=[make_tee()]).status == "queued"


@pytest.mark.parametrize(
    ("parts", "english", "korean"),
    [
        (["feet"], "Your feet are outside the frame. Step back a little.", "발이 사진 밖에"),
        (["head"], "Your head is outside the frame. Step back a little.", "머리가 사진 밖에"),
        (["knees", "feet"], "Your knees and feet are outside", "무릎·발이 사진 밖에"),
        (["waist", "hips", "knees"], "Your waist, hips and knees are", "허리·골반·무릎이 사진"),
    ],
)
def test_parts_are_named_in_the_readers_language(
    parts: list[str], english: str, korean: str
) -> None:
    photo = PersonPhotoFactory.build(
        file="", parse="", region_problems={"lower": {"code": "cut_off", "parts": parts}}
    )
    for language, words in (("en", english), ("ko", korean)):
        with translation.override(language):
            assert photo.problems["lower"].startswith(words)


# --- what the database refuses ------------------------------------------------------------------

NOW = timezone.now()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("personphoto_one_owner", {"visitor": uuid.uuid4()}),
        ("personphoto_one_owner", {"user": None}),
        ("personphoto_gone_has_nothing", {"status": "sold"}),
        ("personphoto_live_has_file", {"status": "sold", "erased_at": NOW, **claims.NOTHING}),
        ("personphoto_live_has_file", {"file": ""}),
        ("personphoto_live_has_file", {"content_hash": ""}),
        ("personphoto_live_has_file", {"erased_at": NOW}),
        ("personphoto_ready_has_annotation", {"parse": ""}),
        ("personphoto_ready_has_annotation", {"keypoints": None}),
        ("personphoto_ready_has_annotation", {"annotator": ""}),
        ("personphoto_gone_has_nothing", {"status": "erased", "erased_at": NOW}),
        ("personphoto_gone_has_nothing", {"status": "erased", **claims.NOTHING}),
        (
            "personphoto_gone_has_nothing",
            {"status": "erased", "erased_at": NOW, **claims.NOTHING, "keypoints": [[1, 2, 3]]},
        ),
        (
            "personphoto_gone_has_nothing",
            {"status": "erased", "erased_at": NOW, **claims.NOTHING, "region_problems": LEGS},
        ),
        (
            "personphoto_reason_iff_refused",
            {"status": "refused", "erased_at": NOW, **claims.NOTHING},
        ),
        ("personphoto_reason_iff_refused", {"reason_code": "blurry"}),
        ("personphoto_lease_only_checking", {"lease_until": NOW}),
        ("personphoto_consented", {"consent_version": ""}),
        ("personphoto_keep_known", {"keep_days": 90}),
    ],
)
def test_the_database_holds_the_promises(name: str, change: dict[str, Any]) -> None:
    photo = PersonPhotoFactory()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PersonPhoto.objects.filter(pk=photo.pk).update(**change)


def test_a_row_without_consent_cannot_be_written() -> None:
    photo = PersonPhotoFactory()
    for field in ("consented_at", "attested_at"):
        with pytest.raises(IntegrityError, match=field), transaction.atomic():
            PersonPhoto.objects.filter(pk=photo.pk).update(**{field: None})


def test_a_try_on_dresses_exactly_one() -> None:
    tryon = TryOnFactory(photo=PersonPhotoFactory())
    for change in ({"photo": None}, {"fitting_model": FittingModelFactory()}):
        with pytest.raises(IntegrityError, match="tryon_one_person"), transaction.atomic():
            TryOn.objects.filter(pk=tryon.pk).update(**change)


def test_every_keep_choice_can_be_made() -> None:
    assert set(forms.KEEP.values()) == set(PersonPhoto.Keep)
