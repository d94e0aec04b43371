"""How far a try-on is: as a short answer, and as a stream of server-sent events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from fittingroom import reasons
from fittingroom.access import tryon_of
from fittingroom.models import TryOn

#: How often a stream looks at its row: one indexed query.
POLL_SECONDS = 0.25
#: A line now and then shows a browser that has gone away, so that its thread comes free.
PULSE_SECONDS = 2.0

_open_streams = threading.BoundedSemaphore(settings.TRYON_STREAMS_PER_PROCESS)


@require_GET
def status(request: HttpRequest, pk: UUID) -> JsonResponse:
    """JSON: status, stage, position, and once over the result's address or the reason."""
    tryon = tryon_of(request, pk)
    answer = JsonResponse(_progress(tryon) | _outcome(tryon))
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def events(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """``event: stage`` at each change, until the try-on is over or the stream's time is up.

    The browser comes back by itself after a stream whose time was up. Streams hold a thread, so
    a process keeps a few; beyond that 204 tells EventSource to give up, and the page polls.
    """
    tryon = tryon_of(request, pk)
    if not _open_streams.acquire(blocking=False):
        return HttpResponse(status=204)
    stream = _Stream(tryon)
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    return response


class _Stream:
    """An iterator that gives its place back when closed, also if nobody ever read from it."""

    def __init__(self, tryon: TryOn) -> None:
        self._events = _follow(tryon)
        self._place = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    def close(self) -> None:
        """Called by the server at the end of the response, whatever its reason.

        Django's own end of the request, right after this, looks after the connection.
        """
        self._events.close()
        if self._place.acquire(blocking=False):  # once only
            _open_streams.release()


def _follow(tryon: TryOn) -> Generator[bytes, None, None]:
    until = time.monotonic() + settings.TRYON_STREAM_SECONDS
    pulse = time.monotonic() + PULSE_SECONDS
    last = None
    # After a stream whose time was up the browser waits this long.
    yield b"retry: 1000\n\n"
    while True:
        now = _progress(tryon)
        if now != last:
            yield f"event: stage\ndata: {json.dumps(now)}\n\n".encode()
            last = now
        if tryon.is_finished or time.monotonic() > until:
            return
        if time.monotonic() > pulse:
            yield b": still there\n\n"
            pulse = time.monotonic() + PULSE_SECONDS
        time.sleep(POLL_SECONDS)
        try:
            tryon.refresh_from_db(fields=["status", "stage_ms", "created_at"])
        except TryOn.DoesNotExist:  # deleted meanwhile
            yield b'event: stage\ndata: {"status": "deleted", "stage": "deleted"}\n\n'
            return


def _progress(tryon: TryOn) -> dict[str, Any]:
    """position: how many waiting try-ons come first, 0 = next; None unless waiting."""
    position = None
    if tryon.status == TryOn.Status.QUEUED:
        position = TryOn.objects.filter(
            status=TryOn.Status.QUEUED, created_at__lt=tryon.created_at
        ).count()
    return {"status": tryon.status, "stage": tryon.stage, "position": position}


def _outcome(tryon: TryOn) -> dict[str, Any]:
    done = tryon.status == TryOn.Status.DONE
    return {
        "id": str(tryon.pk),
        "result": reverse("fittingroom:result", args=[tryon.pk]) if done else None,
        "reason": tryon.reason_code or None,
        "sentence": str(reasons.sentence(tryon.reason_code)) if tryon.reason_code else None,
        "stage_ms": tryon.stage_ms,
    }
