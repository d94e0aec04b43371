"""What keeps fitting models going when workers or brokers die, and imports from flooding them."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from fittingroom import dispatch
from fittingroom.curation import claims
from fittingroom.models import FittingModel

log = structlog.get_logger(__name__)

#: So many may stand in the workers' queue at once: shoppers' try-ons stand in the same one. Each
#: that is done sends the next.
ABREAST = 2
BATCH = 200


def sweep() -> dict[str, int]:
    """Bring back what died and send what waits. Beat runs it every few seconds."""
    buried = 0
    for pk, attempt in list(FittingModel.objects.dead().values_list("pk", "attempt")[:BATCH]):
        state = claims.bury(pk, attempt)
        if state is not None:
            buried += 1
            log.warning("annotation_lease_expired", fitting_model=pk, state=state)
    return {"models_buried": buried, "models_sent": send_waiting()}


def send_waiting() -> int:
    """Nudge the workers, the newest first: somebody looks at a page for that one."""
    stale = timezone.now() - timedelta(seconds=settings.TRYON_RESEND_SECONDS)
    waiting = FittingModel.objects.waiting()
    free = ABREAST - waiting.filter(sent_at__gte=stale).count()
    if free <= 0:
        return 0
    unsent = waiting.filter(Q(sent_at__isnull=True) | Q(sent_at__lt=stale))
    return dispatch.send_fitting_models(
        list(unsent.order_by("-updated_at").values_list("pk", flat=True)[:free])
    )
