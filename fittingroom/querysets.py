"""The reads of try-ons, by name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now

from fittingroom.shopper import Shopper

if TYPE_CHECKING:
    from fittingroom.models import TryOn  # noqa: F401 (the base class names it in quotes)

if TYPE_CHECKING:
    pass

ACTIVE = ("queued", "preparing", "dressing")
RUNNING = ("preparing", "dressing")
OVER = ("done", "failed", "cancelled")


class TryOnQuerySet(models.QuerySet["TryOn"]):
    def of(self, shopper: Shopper | None) -> Self:
        """This shopper's own try-ons whose pictures still exist; None owns nothing."""
        if shopper is None:
            return self.none()
        owner = (
            {"user_id": shopper.user_id}
            if shopper.visitor is None
            else {"visitor": shopper.visitor}
        )
        return self.kept().filter(**owner)

    def kept(self) -> Self:
        """Without those whose pictures were erased when their time was over."""
        return self.filter(erased_at__isnull=True)

    def active(self) -> Self:
        """Waiting or being worked on."""
        return self.filter(status__in=ACTIVE)

    def running(self) -> Self:
        """A worker holds a lease."""
        return self.filter(status__in=RUNNING)

    def dead(self) -> Self:
        """Claimed by a worker that has not been heard of for a whole lease (database's clock)."""
        return self.running().filter(lease_until__lt=Now())

    def unsent(self, *, before: datetime) -> Self:
        """Waiting, and the broker never got them or seems to have lost them since.

        A queue hands out what came first. So a row sent before ``before`` is lost if one that was
        sent later has been started, or if nothing at all has been started since ``before``; else
        it stands in a long queue, where more messages would only make it longer.
        """
        started = self.model._default_manager.filter(started_at__isnull=False)
        newest = started.filter(started_at__gte=before).aggregate(sent=models.Max("sent_at"))
        lost = models.Q(sent_at__lt=before)
        if started.filter(started_at__gte=before).exists():
            lost &= models.Q(sent_at__lt=newest["sent"] or before)
        return self.filter(status="queued").filter(models.Q(sent_at__isnull=True) | lost)

    def results_of(self, content_hash: str) -> Self:
        """Finished pictures of the same person in the same clothes by the same engine."""
        return self.kept().filter(content_hash=content_hash, status="done")

    def with_pictures(self) -> Self:
        """For lists: everything a card shows, in a fixed number of queries."""
        return self.select_related("fitting_model", "rating").prefetch_related(
            "garments__image__product"
        )
