"""What keeps promises when processes die: the sweep for try-ons, the tidying for files."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from fittingroom import claims, disk_cache, dispatch, results
from fittingroom.models import TryOn
from fittingroom.photos.services import result_days

log = structlog.get_logger(__name__)

#: Rows per sweep and per transaction of the tidying: the rest waits for the next round.
BATCH = 200
#: A file younger than this may belong to a worker that has not written its row yet.
YOUNG = timedelta(hours=1)


def sweep() -> dict[str, int]:
    """Requeue or fail try-ons whose worker died, and send what waits unsent. Safe to run twice."""
    buried = {"requeued": 0, "failed": 0}
    dead = TryOn.objects.dead().order_by("created_at").values_list("pk", "attempt")[:BATCH]
    for pk, attempt in list(dead):
        status = claims.bury(pk, attempt, detail="the worker died", expired=True)
        if status is None:
            continue  # it was not dead after all, or another sweep was faster
        buried["failed" if status == TryOn.Status.FAILED else "requeued"] += 1
        log.warning("tryon_lease_expired", tryon=str(pk), attempt=attempt, status=status)
    stale = timezone.now() - timedelta(seconds=settings.TRYON_RESEND_SECONDS)
    # Those never sent first, so that what a missing worker cannot take does not crowd them out.
    unsent = TryOn.objects.unsent(before=stale).order_by(F("sent_at").asc(nulls_first=True))
    waiting = list(unsent[:BATCH])
    return buried | {"sent": dispatch.send(waiting)}


def tidy() -> dict[str, int]:
    """Erase what is too old, then the files that no row names or that nobody uses."""
    return {
        "erased": erase_old(),
        "files": drop_stray_files(),
        "prepared": disk_cache.trim(settings.TRYON_CACHE_MB),
    }


def erase_old() -> int:
    """Erase results past their keeping time; the rows and ratings stay, without the picture.

    Returns how many pictures went.
    """
    now, old = timezone.now(), Q(pk__in=[])
    of_model = Q(photo__isnull=True)
    for days, whose in (
        (settings.TRYON_VISITOR_DAYS, of_model & Q(visitor__isnull=False)),
        (settings.TRYON_USER_DAYS, of_model & Q(user__isnull=False)),
        # One's own photo: as its owner chose, signed in or not.
        *((days, Q(photo__keep_days=kept)) for kept, days in result_days().items()),
    ):
        if days:
            old |= whose & Q(finished_at__lt=now - timedelta(days=days))
    erased = 0
    while True:
        with transaction.atomic():
            rows = list(
                TryOn.objects.kept()
                .filter(old)
                .select_for_update(skip_locked=True, of=("self",))
                .order_by("pk")
                .values_list("pk", "result")[:BATCH]
            )
            if not rows:
                return erased
            TryOn.objects.filter(pk__in=[pk for pk, _result in rows]).update(
                result="", erased_at=now, share_nonce=""
            )
        for pk, result in rows:
            erased += bool(results.erase(pk, also=result))


def drop_stray_files() -> int:
    """Delete results that no row names: of killed attempts, of rows deleted by a cascade."""
    folders, dropped = results.folders(), 0
    while pks := list(islice(folders, BATCH)):
        named = dict(TryOn.objects.filter(pk__in=pks).values_list("pk", "result"))
        for pk in pks:
            dropped += results.erase(pk, keep=named.get(pk, ""), older_than=YOUNG)
    return dropped
