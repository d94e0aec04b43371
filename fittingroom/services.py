"""Everything that shoppers and staff do to try-ons. One transaction each."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import TimestampSigner
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from fittingroom import dispatch, engines, fingerprints, locks, results
from fittingroom.models import FittingModel, PersonPhoto, Rating, ReasonCode, TryOn, TryOnGarment
from fittingroom.shopper import Shopper
from shop.catalogue.models import Product, ProductImage, Region

log = structlog.get_logger(__name__)

#: Innermost first.
LAYERS = (Region.LOWER, Region.DRESS, Region.UPPER, Region.OUTER)
SHARE_SALT = "fittingroom.share"


class CannotTryOn(Exception):
    """A request that makes no try-on; ``reasons.sentence(code, **details)`` says why."""

    def __init__(self, code: ReasonCode, **details: object) -> None:
        super().__init__(code.value)
        self.code = code
        self.details: dict[str, Any] = details


def request_tryon(
    *,
    shopper: Shopper,
    fitting_model: FittingModel | None = None,
    photo: PersonPhoto | None = None,
    images: Sequence[ProductImage],
    engine: str | None = None,
) -> TryOn:
    """Ask for a picture of a fitting model, or of a photo of one's own, in something.

    Raises CannotTryOn. The caller got ``photo`` from ``access.own_photo_of`` or a form that did.

    The same request by the same shopper gives the row that is there already, waiting or done
    (a double click makes one try-on). What another shopper had made gives a new row that is done
    at once, with its own copy of the picture; never of anybody's own photo.
    """
    person = _person(shopper, fitting_model, photo)
    garments = _garments(images)
    regions = [region for _image, region in garments]
    spec = engines.choose(regions, engine, engines.known_of(person))
    if spec is None:
        raise CannotTryOn(ReasonCode.NOT_SUPPORTED)
    if photo is not None:
        _check_regions(photo, [region for _image, region in garments])
    try:
        content_hash = fingerprints.of_tryon(person, garments, spec)
    except OSError as error:
        log.warning("tryon_picture_missing", error=str(error))
        raise CannotTryOn(ReasonCode.BAD_IMAGE) from error

    with transaction.atomic():
        locks.lock_shopper(shopper)
        mine = TryOn.objects.of(shopper)
        same = mine.active().filter(content_hash=content_hash).first()
        same = same or mine.results_of(content_hash).first()
        if same is not None:
            return same
        if mine.active().count() >= settings.TRYON_ACTIVE_LIMIT:
            raise CannotTryOn(ReasonCode.TOO_MANY, limit=settings.TRYON_ACTIVE_LIMIT)
        tryon = TryOn(
            user_id=shopper.user_id,
            visitor=shopper.visitor,
            fitting_model=fitting_model,
            photo=photo,
            engine=spec.name,
            engine_version=spec.version,
            content_hash=content_hash,
        )
        if photo is not None and not locks.lock_photos([photo.pk]):
            raise CannotTryOn(ReasonCode.PHOTO_GONE)
        copied = photo is None and _copy_result(tryon)
        tryon.save(force_insert=True)
        TryOnGarment.objects.bulk_create(
            TryOnGarment(tryon=tryon, image=image, region=region, layer=layer)
            for layer, (image, region) in enumerate(garments)
        )
        if not copied:
            transaction.on_commit(partial(_send, tryon))
    return tryon


def cancel_tryon(*, tryon: TryOn) -> bool:
    """Stop a try-on that is not over; False where it was. Its worker stops at the next border."""
    with transaction.atomic():
        now = timezone.now()
        stopped = bool(
            TryOn.objects.filter(pk=tryon.pk)
            .active()
            .update(status=TryOn.Status.CANCELLED, lease_until=None, finished_at=now)
        )
    tryon.refresh_from_db()
    return stopped


def delete_tryon(*, tryon: TryOn) -> None:
    """Row, rating and files. A worker that is still on it deletes what it writes later."""
    pk, result = tryon.pk, str(tryon.result.name or "")
    with transaction.atomic():
        TryOn.objects.filter(pk=pk).delete()
        transaction.on_commit(lambda: results.erase(pk, also=result))


def retry_tryon(*, tryon: TryOn) -> bool:
    """Queue a failed or cancelled try-on again (staff). False where it is neither."""
    with transaction.atomic():
        again = bool(
            TryOn.objects.filter(
                pk=tryon.pk, status__in=[TryOn.Status.FAILED, TryOn.Status.CANCELLED]
            ).update(
                status=TryOn.Status.QUEUED,
                reason_code="",
                reason_detail="",
                deaths=0,
                stage_ms={},
                sent_at=None,
                started_at=None,
                finished_at=None,
            )
        )
        if again:
            transaction.on_commit(partial(_send, tryon))
    tryon.refresh_from_db()
    return again


def rate_tryon(
    *,
    tryon: TryOn,
    realism: int | None,
    liking: int | None,
    reasons: Sequence[str] = (),
    comment: str = "",
) -> Rating:
    """Rate a finished picture, or change the rating. Raises ValidationError.

    The two scores are separate questions, each may stay open, not both. Reasons belong to a
    score of 3 or less. The caller fetched the row with ``access.own_tryon_of``.
    """
    scores = [score for score in (realism, liking) if score is not None]
    if not scores or any(score not in range(1, 6) for score in scores):
        raise ValidationError(_("Choose 1 to 5."), code="score")
    unique = list(dict.fromkeys(reasons))
    if not set(unique) <= set(Rating.Reason.values):
        raise ValidationError(_("Unknown reason."), code="reason")
    if unique and min(scores) > 3:
        raise ValidationError(_("Reasons go with a score of 3 or less."), code="reason")
    with transaction.atomic():
        try:
            current = locks.lock_tryon(tryon.pk)
        except TryOn.DoesNotExist:
            current = None
        if current is None or current.status != TryOn.Status.DONE or current.erased_at:
            raise ValidationError(_("Only a finished picture can be rated."), code="not_done")
        rating, _created = Rating.objects.update_or_create(
            tryon=current,
            defaults={
                "realism": realism,
                "liking": liking,
                "reasons": unique,
                "comment": comment.strip()[:1000],
            },
        )
    return rating


def share_link(*, tryon: TryOn) -> str:
    """A signed token that opens the picture for a week. Raises ValidationError if not done."""
    with transaction.atomic():
        current = locks.lock_tryon(tryon.pk)
        if current.status != TryOn.Status.DONE or current.erased_at:
            raise ValidationError(_("Only a finished picture can be shared."), code="not_done")
        if not current.share_nonce:
            current.share_nonce = secrets.token_urlsafe(16)
            current.save(update_fields=["share_nonce"])
    tryon.share_nonce = current.share_nonce
    return TimestampSigner(salt=SHARE_SALT).sign_object([tryon.pk.hex, current.share_nonce])


def revoke_share(*, tryon: TryOn) -> None:
    """Close every link given out for this picture."""
    TryOn.objects.filter(pk=tryon.pk).update(share_nonce="")
    tryon.share_nonce = ""


def claim_tryons(*, visitor: UUID, shopper: Shopper) -> int:
    """Hand a visitor's try-ons and photos to the user they signed in as. Returns how many."""
    owner = {"user_id": shopper.user_id, "visitor": None}
    with transaction.atomic():
        PersonPhoto.objects.filter(visitor=visitor).update(**owner)
        return TryOn.objects.filter(visitor=visitor).update(**owner)


def _person(
    shopper: Shopper, fitting_model: FittingModel | None, photo: PersonPhoto | None
) -> FittingModel | PersonPhoto:
    if (fitting_model is None) == (photo is None):
        raise ValueError("a try-on dresses either a fitting model or a photo")
    if fitting_model is not None:
        if not fitting_model.active:
            raise CannotTryOn(ReasonCode.NOT_SUPPORTED)
        return fitting_model
    assert photo is not None  # noqa: S101  the other of the two
    if (photo.user_id, photo.visitor) != (shopper.user_id, shopper.visitor):
        raise CannotTryOn(ReasonCode.PHOTO_GONE)
    if photo.status != PersonPhoto.Status.READY or photo.expires_at <= timezone.now():
        raise CannotTryOn(ReasonCode.PHOTO_GONE)
    return photo


def _check_regions(photo: PersonPhoto, regions: Sequence[str]) -> None:
    """Refuse what this photo does not show, before anybody waits for it. Raises CannotTryOn."""
    for region in regions:
        problem = photo.region_problems.get(str(region))
        if problem:
            raise CannotTryOn(ReasonCode(problem["code"]), parts=problem["parts"])


def _garments(images: Sequence[ProductImage]) -> list[tuple[ProductImage, Region]]:
    """Picture and region, innermost first. One garment per region, none over a dress but a coat."""
    worn: list[tuple[ProductImage, Region]] = []
    for image in images:
        region = Region(image.product.category.region)
        dressable = (
            region in LAYERS
            and image.role == ProductImage.Role.FLAT
            and image.product.status == Product.Status.PUBLISHED
        )
        if not dressable:
            raise CannotTryOn(ReasonCode.NOT_SUPPORTED)
        worn.append((image, region))
    regions = [region for _image, region in worn]
    clash = Region.DRESS in regions and not set(regions) <= {Region.DRESS, Region.OUTER}
    if not worn or len(set(regions)) < len(regions) or clash:
        raise CannotTryOn(ReasonCode.NOT_SUPPORTED)
    return sorted(worn, key=lambda item: LAYERS.index(item[1]))


def _copy_result(tryon: TryOn) -> bool:
    """Give the row the picture that somebody else had made of the same; False if there is none."""
    found = TryOn.objects.of_models().results_of(tryon.content_hash)
    twin = found.order_by("-finished_at").first()
    if twin is None:
        return False
    try:
        with twin.result.open("rb") as picture:
            tryon.result.name = results.storage().save(results.name_of(tryon.pk, 0), picture)
    except OSError as error:
        log.warning("tryon_copy_failed", twin=str(twin.pk), error=str(error))
        return False
    tryon.status = TryOn.Status.DONE
    tryon.finished_at = timezone.now()
    return True


def _send(tryon: TryOn) -> None:
    dispatch.send([tryon])
