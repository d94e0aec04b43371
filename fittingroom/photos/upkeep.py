"""What keeps the promises about photos when processes die: nothing hangs, nothing stays."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fittingroom import dispatch
from fittingroom.models import PersonPhoto
from fittingroom.photos import claims, files, services

log = structlog.get_logger(__name__)

BATCH = 200
#: A file younger than this may belong to an upload whose row is not committed yet.
YOUNG = timedelta(minutes=2)


def sweep() -> dict[str, int]:
    """Bring back checks whose worker died, and send what waits unsent. Safe to run twice."""
    dead = PersonPhoto.objects.dead().order_by("created_at").values_list("pk", "attempt")[:BATCH]
    buried = 0
    for pk, attempt in list(dead):
        status = claims.bury(pk, attempt)
        if status is not None:
            buried += 1
            log.warning("photo_lease_expired", photo=str(pk), attempt=attempt, status=status)
    stale = timezone.now() - timedelta(seconds=settings.TRYON_RESEND_SECONDS)
    waiting = PersonPhoto.objects.live().unsent(before=stale).order_by("created_at")[:BATCH]
    return {"photos_buried": buried, "photos_sent": dispatch.send_photos(list(waiting))}


def tidy() -> dict[str, int]:
    """Erase photos whose time is over, and files that no row names."""
    return {"photos_erased": erase_expired(), "photo_files": drop_stray_files()}


def erase_expired() -> int:
    erased = 0
    while True:
        with transaction.atomic():
            pks = list(
                PersonPhoto.objects.expired()
                .select_for_update(skip_locked=True)
                .order_by("pk")
                .values_list("pk", flat=True)[:BATCH]
            )
            if not pks:
                return erased
            services.erase_rows(pks)
        erased += len(pks)


def drop_stray_files() -> int:
    """Delete what no row names: of killed uploads and checks, of rows that a cascade deleted."""
    folders, dropped = files.FOLDERS.names(), 0
    while pks := list(islice(folders, BATCH)):
        rows = PersonPhoto.objects.filter(pk__in=pks).values_list("pk", "file", "parse")
        named = {pk: frozenset({photo, parse} - {""}) for pk, photo, parse in rows}
        for pk in pks:
            keep = named.get(pk, frozenset())
            # A row without a picture is final; a missing one may be on its way.
            gone = pk in named and not keep
            dropped += files.FOLDERS.erase(pk, keep=keep, older_than=None if gone else YOUNG)
    return dropped
