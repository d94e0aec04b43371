"""The only way for a view to hold a try-on: through a check of who asks."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest

from fittingroom.models import TryOn
from fittingroom.services import SHARE_SALT
from fittingroom.shopper import shopper_of


def tryon_of(request: HttpRequest, pk: UUID) -> TryOn:
    """A try-on that this request may see: one's own, or any for staff with the permission.

    Raises Http404 for everybody else: a stranger does not learn that it exists. One query; the
    fitting model comes with it.
    """
    tryon = (
        TryOn.objects.of(shopper_of(request)).select_related("fitting_model").filter(pk=pk).first()
    )
    if tryon is not None:
        return tryon
    user = request.user
    if user.is_authenticated and user.is_staff and user.has_perm("fittingroom.view_tryon_picture"):
        tryon = TryOn.objects.kept().select_related("fitting_model").filter(pk=pk).first()
    if tryon is None:
        raise Http404
    return tryon


def own_tryon_of(request: HttpRequest, pk: UUID) -> TryOn:
    """For what only the shopper may do: rate, cancel, share, delete. Raises Http404."""
    tryon = (
        TryOn.objects.of(shopper_of(request)).select_related("fitting_model").filter(pk=pk).first()
    )
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
            .select_related("fitting_model")
            .exclude(share_nonce="")
            .get(pk=UUID(pk), share_nonce=nonce, status=TryOn.Status.DONE)
        )
    except (BadSignature, TryOn.DoesNotExist) as error:
        raise Http404 from error
