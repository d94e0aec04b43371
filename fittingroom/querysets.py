"""The reads of try-ons, by name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now

from fittingroom.shopper import Shopper

if TYPE_CHECKING:
    from fittingroom.models import PersonPhoto, TryOn  # noqa: F401 (named in quotes)

ACTIVE = ("queued", "preparing", "dressing")
RUNNING = ("preparing", "dressing")
OVER = ("done", "failed", "cancelled")
#: A shopper's photo exists ...
LIVE = ("checking", "ready")
#: ... or only its row does.
GONE = ("refused", "erased")


def _owned_by(shopper: Shopper) -> models.Q:
    if shopper.visitor is None:
        return models.Q(user_id=shopper.user_id)
    return models.Q(visitor=shopper.visitor)


class TryOnQuerySet(models.QuerySet["TryOn"]):
    def of(self, shopper: Shopper | None) -> Self:
        """This shopper's own try-ons whose pictures still exist; None owns nothing."""
        if shopper is None:
            return self.none()
        return self.kept().filter(_owned_by(shopper))

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
        return self.select_related("fitting_model", "photo", "rating").prefetch_related(
            "garments__image__product"
        )

    def with_person(self) -> Self:
        """Whoever is dressed comes in the same query."""
        return self.select_related("fitting_model", "photo")

    def of_models(self) -> Self:
        """Without those of shoppers' own photos."""
        return self.filter(photo__isnull=True)


class PersonPhotoQuerySet(models.QuerySet["PersonPhoto"]):
    def of(self, shopper: Shopper | None) -> Self:
        """Every photo that this shopper ever gave; None gave none."""
        return self.none() if shopper is None else self.filter(_owned_by(shopper))

    def live(self) -> Self:
        """Those that exist; one whose time is over counts as gone before it is erased."""
        return self.filter(status__in=LIVE, expires_at__gt=Now())

    def ready(self) -> Self:
        return self.live().filter(status="ready")

    def shown(self) -> Self:
        """What its owner may open: photos that exist, and why one was refused."""
        return self.filter(models.Q(status="refused") | models.Q(status__in=LIVE)).filter(
            expires_at__gt=Now()
        )

    def expired(self) -> Self:
        return self.filter(status__in=LIVE, expires_at__lte=Now())

    def waiting(self) -> Self:
        """To be checked, and no worker is at it."""
        return self.filter(status="checking", lease_until__isnull=True)

    def dead(self) -> Self:
        """A worker began to check and was not heard of in time (the database's clock)."""
        return self.filter(status="checking", lease_until__lt=Now())

    def unsent(self, *, before: datetime) -> Self:
        """Waiting, and the broker never got them or may have lost them since."""
        late = models.Q(sent_at__isnull=True) | models.Q(sent_at__lt=before)
        return self.waiting().filter(late)
