"""Pages of the project itself: is it alive, is it ready, and its public pictures."""

from __future__ import annotations

from django.conf import settings
from django.db import Error, connection
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotFound,
    JsonResponse,
)
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from config import embedded


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else: a dead database is no reason to restart us."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Requests may be sent here. The broker is not asked: pages work, and wait, without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except (Error, embedded.EmbeddedError):
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A public picture from the disk. Names are never used twice, so it may be kept for ever."""
    try:
        response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except Http404:
        # A line, not the shop's page with its menu: nobody reads it where a picture should be.
        return HttpResponseNotFound("no such picture\n", content_type="text/plain")
    if isinstance(response, FileResponse):
        response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
