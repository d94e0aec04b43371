"""The pictures of a try-on, each behind its check. Nothing here has a public address."""

from __future__ import annotations

from uuid import UUID

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from fittingroom import cards, marks
from fittingroom.access import shared_tryon, tryon_of
from fittingroom.models import PersonPhoto, TryOn
from fittingroom.querysets import LIVE

_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@require_safe
def result(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The finished picture, for its owner and staff."""
    tryon = tryon_of(request, pk)
    return _private(request, _result_of(tryon))


@require_safe
def person(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The photo of the person as it was before."""
    tryon = tryon_of(request, pk)
    if tryon.photo is not None:
        return own_picture(tryon.photo)
    if tryon.fitting_model is None:
        raise Http404
    return _private(request, tryon.fitting_model.photo)


@require_safe
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The finished picture to keep, with the AI mark burnt in."""
    tryon = tryon_of(request, pk)
    response = HttpResponse(_marked(tryon), content_type="image/jpeg")
    response["Content-Disposition"] = (
        f'attachment; filename="otbang-{tryon.finished_at:%Y%m%d-%H%M}.jpg"'
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponseBase:
    """The finished picture for whoever has a valid share link, with the AI mark burnt in.

    Caches may not keep it: a revoked link must stop working at once. Search engines neither.
    """
    response = HttpResponse(_marked(shared_tryon(token)), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, noimageindex, noai"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def shared_card(request: HttpRequest, token: str) -> HttpResponseBase:
    """What messengers show of a share link: the product, not the person."""
    garment = shared_tryon(token).garments.select_related("image").order_by("-layer").first()
    if garment is None:
        raise Http404
    try:
        with garment.image.file.open("rb") as file:
            card = cards.product_card(file.read())
    except OSError as error:
        raise Http404 from error
    response = HttpResponse(card, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, noimageindex, noai"
    return response


def own_picture(photo: PersonPhoto) -> HttpResponseBase:
    """A shopper's own photo. Not even the browser keeps it: once erased it is gone here too."""
    if photo.status not in LIVE or photo.expires_at <= timezone.now():
        raise Http404
    try:
        response = FileResponse(photo.file.open("rb"), content_type="image/jpeg")
    except FileNotFoundError as error:
        raise Http404 from error
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    return response


def _result_of(tryon: TryOn) -> FieldFile:
    if tryon.status != TryOn.Status.DONE or not tryon.result:
        raise Http404
    file: FieldFile = tryon.result
    return file


def _marked(tryon: TryOn) -> bytes:
    try:
        with _result_of(tryon).open("rb") as file:
            return marks.burn_in(file.read())
    except FileNotFoundError as error:
        raise Http404 from error


def _private(request: HttpRequest, file: FieldFile) -> HttpResponseBase:
    """A stored picture that only this browser may keep, and must ask again about each time.

    A name is never written twice, so it is its content's tag.
    """
    suffix = "." + str(file.name).rsplit(".", 1)[-1].lower()
    tag = quote_etag(str(file.name).replace('"', ""))
    unchanged = get_conditional_response(request, etag=tag)
    response: HttpResponseBase
    if unchanged is not None:
        response = unchanged
    else:
        try:
            response = FileResponse(
                file.open("rb"), content_type=_TYPES.get(suffix, "application/octet-stream")
            )
        except FileNotFoundError as error:
            raise Http404 from error
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["Content-Disposition"] = "inline"
    return response
