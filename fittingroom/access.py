"""The only way for a view to hold a try-on: through a check of who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Q
from django.http import Http404, HttpRequest

from fittingroom.models import PersonPhoto, TryOn
from fittingroom.services import SHARE_SALT
from fittingroom.shopper import shopper_of


def tryon_of(request: HttpRequest, pk: UUID) -> TryOn:
    """A try-on that this request may see: one's own, or any for staff with the permission.

    Raises Http404 for everybody else: a stranger does not learn that it exists. One query; the
    person comes with it. A picture of somebody's own photo takes a permission of its own.
    """
    tryon = TryOn.objects.of(shopper_of(request)).with_person().filter(pk=pk).first()
    if tryon is None and may_see_pictures(request.user):
        tryon = TryOn.objects.kept().with_person().filter(pk=pk).first()
        if tryon is not None and tryon.photo_id and not may_see_own_photos(request.user):
            tryon = None
    if tryon is None:
        raise Http404
    return tryon


def may_see_pictures(user: Any) -> bool:
    """Staff who may see pictures of fitting models that shoppers had made."""
    return bool(user.is_staff and user.has_perm("fittingroom.view_tryon_picture"))


def may_see_own_photos(user: Any) -> bool:
    """Staff who may see shoppers' own photos and what was made of them.

    No group may, and superusers only where somebody gave them the permission in writing: nobody
    comes across a shopper's body by browsing the admin.
    """
    if not (user.is_staff and user.is_active):
        return False
    given = Permission.objects.filter(
        content_type__app_label="fittingroom", codename="view_personphoto_picture"
    )
    return given.filter(Q(user=user.pk) | Q(group__user=user.pk)).exists()


def own_photo_of(request: HttpRequest, pk: UUID) -> PersonPhoto:
    """One's own photo, being checked, ready or refused. Raises Http404; staff have no
    way in."""
    photo = PersonPhoto.objects.of(shopper_of(request)).shown().filter(pk=pk).first()
    if photo is None:
        raise Http404
    return photo


def own_tryon_of(request: HttpRequest, pk: UUID) -> TryOn:
    """For what only the shopper may do: rate, cancel, share, delete. Raises Http404."""
    tryon = TryOn.objects.of(shopper_of(request)).with_person().filter(pk=pk).first()
    if tryon is None:
        raise Http404
    return tryon


def shared_tryon(token: str) -> TryOn:
    """The picture behind a share link. Raises Http404 when it is forged, too old or revoked."""
    signer = TimestampSigner(salt=SHARE_SALT)
    try:
        pk, nonce = signer.unsign_object(token, max_age=timedelta(days=settings.TRYON_SHARE_DAYS))
        return (
            TryOn.objects.kept()
            .with_person()
            .exclude(share_nonce="")
            .get(pk=UUID(pk), share_nonce=nonce, status=TryOn.Status.DONE)
        )
    except (BadSignature, TryOn.DoesNotExist) as error:
        raise Http404 from error
