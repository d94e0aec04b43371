"""Links that show a picture to others for some days."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from fittingroom import services
from fittingroom.access import own_tryon_of, shared_tryon
from fittingroom.views.htmx import is_htmx
from fittingroom.views.tryons import shown, url_of, worn


@require_POST
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a link that shows the picture for some days."""
    tryon = own_tryon_of(request, pk)
    try:
        token = services.share_link(tryon=tryon)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(url_of(tryon))
    link = request.build_absolute_uri(reverse("fittingroom:shared", args=[token]))
    context = {"tryon": tryon, "link": link, "share_days": settings.TRYON_SHARE_DAYS}
    if is_htmx(request):
        return render(request, "fittingroom/_share.html", context)
    return shown(request, tryon, **context)


@require_POST
def unshare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the links given out."""
    tryon = own_tryon_of(request, pk)
    services.revoke_share(tryon=tryon)
    if is_htmx(request):
        return render(request, "fittingroom/_share.html", {"tryon": tryon, "revoked": True})
    messages.success(request, _("The link no longer works."))
    return redirect(url_of(tryon))


@require_safe
@never_cache
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What the holder of a share link sees."""
    tryon = shared_tryon(token)
    context = {"tryon": tryon, "token": token, **worn(tryon)}
    response = render(request, "fittingroom/shared.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
