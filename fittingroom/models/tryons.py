"""Try-ons: the wish, the garments worn, what came of it and how it was liked."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from fittingroom.models.common import ReasonCode, private_storage
from fittingroom.models.fitting_models import FittingModel
from fittingroom.models.people import PersonPhoto
from fittingroom.querysets import ACTIVE, OVER, RUNNING, TryOnQuerySet
from shop.catalogue.models import ProductImage, Region


class TryOn(models.Model):
    """One wish to see somebody in something. The row is the truth; the broker only a nudge."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        PREPARING = "preparing", _("preparing")
        DRESSING = "dressing", _("dressing")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tryons",
        verbose_name=_("user"),
    )
    visitor = models.UUIDField(
        _("visitor"), null=True, blank=True, help_text=_("anonymous shopper's session token")
    )
    # Who wears it: one of the two.
    fitting_model = models.ForeignKey(
        FittingModel,
        on_delete=models.PROTECT,  # shoppers' pictures would go: make the person inactive
        null=True,
        blank=True,
        related_name="tryons",
        verbose_name=_("person"),
    )
    photo = models.ForeignKey(
        PersonPhoto,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tryons",
        verbose_name=_("own photo"),
    )
    engine = models.CharField(_("engine"), max_length=40)
    engine_version = models.CharField(_("engine version"), max_length=40)
    content_hash = models.CharField(
        _("content hash"),
        max_length=64,
        help_text=_("sha256 of person, garments in order, engine and its version"),
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.QUEUED)
    reason_code = models.CharField(_("reason"), max_length=20, choices=ReasonCode, blank=True)
    reason_detail = models.CharField(
        _("reason in detail"), max_length=300, blank=True, help_text=_("for staff")
    )
    stage_ms = models.JSONField(_("stage timings (ms)"), default=dict, blank=True)
    result = models.ImageField(
        _("result"), storage=private_storage, upload_to="tryons/", blank=True, max_length=200
    )
    # The worker's claim. `attempt` is the fencing token: it only grows, so that a late writer
    # holds an older number. `deaths` counts the attempts that ended without an answer.
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    deaths = models.PositiveSmallIntegerField(_("lost attempts"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("last sent to the broker"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    erased_at = models.DateTimeField(
        _("picture erased"),
        null=True,
        blank=True,
        help_text=_("The keeping time is over: the picture is gone, the rating stays."),
    )
    share_nonce = models.CharField(
        max_length=22,
        blank=True,
        editable=False,
        help_text=_("Part of the share link; changing it revokes every link given out."),
    )

    objects = TryOnQuerySet.as_manager()

    class Meta:
        verbose_name = _("try-on")
        verbose_name_plural = _("try-ons")
        ordering: ClassVar = ["-created_at", "-id"]
        # Analysts read the figures of every try-on, but see nobody's picture.
        permissions: ClassVar = [("view_tryon_picture", "Can view the pictures of try-ons")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(visitor__isnull=True),
                name="tryon_one_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(fitting_model__isnull=True) ^ models.Q(photo__isnull=True),
                name="tryon_one_person",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[*ACTIVE, *OVER]), name="tryon_status_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="done")
                | ~models.Q(result="")
                | models.Q(erased_at__isnull=False),
                name="tryon_done_has_result",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True) | models.Q(result=""),
                name="tryon_erased_has_no_result",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=RUNNING, lease_until__isnull=False)
                | (~models.Q(status__in=RUNNING) & models.Q(lease_until__isnull=True)),
                name="tryon_lease_iff_running",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=OVER, finished_at__isnull=False)
                | (~models.Q(status__in=OVER) & models.Q(finished_at__isnull=True)),
                name="tryon_finished_iff_over",
            ),
            models.CheckConstraint(
                condition=models.Q(status="failed") ^ models.Q(reason_code=""),
                name="tryon_reason_iff_failed",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="tryon_of_user"),
            models.Index(fields=["visitor", "-created_at"], name="tryon_of_visitor"),
            models.Index(
                fields=["content_hash"], condition=models.Q(status="done"), name="tryon_dedupe"
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status__in=ACTIVE),
                name="tryon_sweep",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    @property
    def person(self) -> FittingModel | PersonPhoto:
        person = self.photo or self.fitting_model
        if person is None:
            raise ValueError(f"{self.pk} has nobody to dress")
        return person

    @property
    def person_name(self) -> str:
        return self.person.name

    @property
    def person_photo_url(self) -> str:
        """The picture before; empty where the shopper's own photo is gone."""
        if self.photo is not None:
            return self.photo.picture_url
        return str(self.fitting_model.photo.url) if self.fitting_model else ""

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_finished(self) -> bool:
        return self.status in OVER

    @property
    def stage(self) -> str:
        """What the page shows: waiting, preparing, fitting, finishing; the status once over."""
        if self.status == self.Status.QUEUED:
            return "waiting"
        if self.status == self.Status.DRESSING:
            # The time of the dressing is written when it ends; only storing is left then.
            return "finishing" if "dress" in self.stage_ms else "fitting"
        return self.status


class TryOnGarment(models.Model):
    """One garment of a try-on. ``layer`` 0 is worn next to the skin."""

    tryon = models.ForeignKey(
        TryOn, on_delete=models.CASCADE, related_name="garments", verbose_name=_("try-on")
    )
    image = models.ForeignKey(
        ProductImage, on_delete=models.CASCADE, related_name="+", verbose_name=_("picture")
    )
    region = models.CharField(_("region"), max_length=8, choices=Region)
    layer = models.PositiveSmallIntegerField(_("layer"), default=0)

    class Meta:
        verbose_name = _("garment of a try-on")
        verbose_name_plural = _("garments of a try-on")
        ordering: ClassVar = ["layer"]
        constraints = [
            models.UniqueConstraint(fields=["tryon", "layer"], name="tryongarment_layer_unique"),
            models.CheckConstraint(
                condition=models.Q(region__in=["upper", "lower", "dress", "outer"]),
                name="tryongarment_region_dressable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer}: {self.region}"


class Rating(models.Model):
    """Two questions, never mixed: is the picture natural, and is the garment liked."""

    class Reason(models.TextChoices):
        FIT = "fit", _("length or fit")
        COLOUR = "colour", _("colour")
        PATTERN = "pattern", _("pattern or logo")
        BODY = "body", _("face or body changed")
        EDGES = "edges", _("edges look odd")
        OTHER = "other", _("something else")

    tryon = models.OneToOneField(
        TryOn, on_delete=models.CASCADE, related_name="rating", verbose_name=_("try-on")
    )
    realism = models.PositiveSmallIntegerField(_("natural (1–5)"), null=True, blank=True)
    liking = models.PositiveSmallIntegerField(_("liked (1–5)"), null=True, blank=True)
    reasons = ArrayField(
        models.CharField(max_length=12, choices=Reason),
        verbose_name=_("reasons"),
        default=list,
        blank=True,
    )
    comment = models.TextField(_("comment"), blank=True, max_length=1000)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering: ClassVar = ["-updated_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(realism__isnull=True) | models.Q(realism__range=(1, 5)),
                name="rating_realism_1_to_5",
            ),
            models.CheckConstraint(
                condition=models.Q(liking__isnull=True) | models.Q(liking__range=(1, 5)),
                name="rating_liking_1_to_5",
            ),
            models.CheckConstraint(
                condition=models.Q(realism__isnull=False) | models.Q(liking__isnull=False),
                name="rating_not_empty",
            ),
            # "is not null" is said because a check passes on NULL.
            models.CheckConstraint(
                condition=models.Q(reasons=[])
                | models.Q(realism__isnull=False, realism__lte=3)
                | models.Q(liking__isnull=False, liking__lte=3),
                name="rating_reasons_when_low",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tryon_id}: {self.realism}/{self.liking}"
