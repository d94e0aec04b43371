"""What shoppers do with their photos. One transaction each; files go after the commit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import ngettext

from fittingroom import dispatch, locks, results
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import files
from fittingroom.photos.claims import NOTHING
from fittingroom.photos.pictures import CleanPhoto
from fittingroom.querysets import ACTIVE
from fittingroom.shopper import Shopper

log = structlog.get_logger(__name__)

#: Raise it whenever the words of the consent or of the attestation change.
CONSENT_VERSION = "2026-11"


def add_photo(*, shopper: Shopper, picture: CleanPhoto, keep_days: int) -> PersonPhoto:
    """Take in a photo whose owner has just consented and attested. Raises ValidationError.

    It is checked by a worker; until then it is ``checking``. The same photo again gives the row
    that is there, kept for as long as was said last.
    """
    content_hash = hashlib.sha256(picture.jpeg).hexdigest()
    now = timezone.now()
    with transaction.atomic():
        locks.lock_shopper(shopper)
        mine = PersonPhoto.objects.of(shopper)
        same = mine.live().filter(content_hash=content_hash).first()
        if same is not None:
            keep_photo(photo=same, keep_days=keep_days)
            return same
        _check_limits(mine.live().count(), mine.filter(created_at__gt=now - _HOUR).count())
        photo = PersonPhoto(
            user_id=shopper.user_id,
            visitor=shopper.visitor,
            width=picture.width,
            height=picture.height,
            content_hash=content_hash,
            consent_version=CONSENT_VERSION,
            consented_at=now,
            attested_at=now,
            keep_days=keep_days,
            expires_at=now + timedelta(days=keep_days),
        )
        # A file whose row is never committed is a stray one, which the tidying takes away.
        photo.file.name = files.storage().save(
            files.new_name(photo.pk, ".jpg"), ContentFile(picture.jpeg)
        )
        photo.save(force_insert=True)
        transaction.on_commit(partial(dispatch.send_photos, [photo]))
    log.info("photo_added", photo=str(photo.pk))
    return photo


def keep_photo(*, photo: PersonPhoto, keep_days: int) -> None:
    """Keep it for so long from now on. Without effect on one that is gone."""
    PersonPhoto.objects.live().filter(pk=photo.pk).update(
        keep_days=keep_days, expires_at=Now() + timedelta(days=keep_days)
    )
    photo.refresh_from_db()


def erase_photo(*, photo: PersonPhoto, with_results: bool = False) -> None:
    """Delete the photo and all that was made ready of it, at once. The row stays, empty.

    What is being made of it is cancelled. ``with_results`` deletes the finished pictures too.
    """
    with transaction.atomic():
        erase_rows([photo.pk])
        if with_results:
            made = TryOn.objects.filter(photo_id=photo.pk)
            pictures = list(made.values_list("pk", "result"))
            made.delete()
            transaction.on_commit(partial(_erase_results, pictures))
    photo.refresh_from_db()
    log.info("photo_erased", photo=str(photo.pk), with_results=with_results)


def erase_rows(pks: Sequence[UUID]) -> None:
    """Take the picture out of these rows; their files go when the transaction has ended."""
    live = locks.lock_photos(pks)
    PersonPhoto.objects.filter(pk__in=live).update(
        status=PersonPhoto.Status.ERASED, erased_at=Now(), **NOTHING
    )
    TryOn.objects.filter(photo_id__in=live, status__in=ACTIVE).update(
        status=TryOn.Status.CANCELLED, lease_until=None, finished_at=Now()
    )
    for pk in live:
        transaction.on_commit(partial(files.FOLDERS.erase, pk))


def erase_account(user_id: int) -> None:
    """Before a user is deleted: every picture of theirs goes with the rows that cascade."""
    photos = list(PersonPhoto.objects.filter(user_id=user_id).values_list("pk", flat=True))
    pictures = list(TryOn.objects.filter(user_id=user_id).values_list("pk", "result"))
    for pk in photos:
        transaction.on_commit(partial(files.FOLDERS.erase, pk))
    transaction.on_commit(partial(_erase_results, pictures))


def result_days() -> dict[int, int]:
    """Days that a photo is kept → days that pictures made of it are kept: as long, 7 at least."""
    return {days: max(days, settings.PHOTO_RESULT_DAYS) for days in PersonPhoto.Keep.values}


_HOUR = timedelta(hours=1)


def _check_limits(kept: int, lately: int) -> None:
    limit = settings.PHOTO_KEPT_LIMIT
    if kept >= limit:
        text = ngettext(
            "You already keep %d photo. Delete it first.",
            "You already keep %d photos. Delete one first.",
            limit,
        )
        raise ValidationError(text % limit, code="too_many_photos")
    limit = settings.PHOTO_UPLOADS_PER_HOUR
    if lately >= limit:
        text = ngettext(
            "At most %d photo an hour can be uploaded. Try again later.",
            "At most %d photos an hour can be uploaded. Try again later.",
            limit,
        )
        raise ValidationError(text % limit, code="throttled")


def _erase_results(pictures: Iterable[tuple[UUID, str]]) -> None:
    for pk, result in pictures:
        results.erase(pk, also=result)
