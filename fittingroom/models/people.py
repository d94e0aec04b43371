"""Shoppers' own photos, and the evidence that they consented to their use."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fittingroom.models.common import ReasonCode, private_storage
from fittingroom.querysets import GONE, LIVE, PersonPhotoQuerySet


class PersonPhoto(models.Model):
    """One photo of a shopper: private, for a while. When it goes, the row stays without it."""

    class Status(models.TextChoices):
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")
        ERASED = "erased", _("erased")

    class Keep(models.IntegerChoices):
        """Days until the photo goes."""

        DAY = 1, _("24 hours")
        WEEK = 7, _("7 days")
        MONTH = 30, _("30 days")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="person_photos",
        verbose_name=_("user"),
    )
    visitor = models.UUIDField(
        _("visitor"), null=True, blank=True, help_text=_("anonymous shopper's session token")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CHECKING)
    file = models.FileField(
        _("photo"), storage=private_storage, upload_to="photos/", blank=True, max_length=200
    )
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    content_hash = models.CharField(
        _("content hash"), max_length=64, blank=True, help_text=_("sha256 of the stored photo")
    )
    # What the check found. All of it goes with the photo, but for the reason of a refusal.
    parse = models.FileField(
        _("clothing parse"),
        storage=private_storage,
        upload_to="photos/",
        blank=True,
        max_length=200,
    )
    keypoints = models.JSONField(_("keypoints"), null=True, blank=True)
    annotator = models.CharField(_("annotator's version"), max_length=60, blank=True)
    region_problems = models.JSONField(
        _("what cannot be dressed"),
        default=dict,
        blank=True,
        help_text=_("Region → code and parts of the body."),
    )
    advice_found = models.JSONField(_("advice"), default=list, blank=True)
    reason_code = models.CharField(_("reason"), max_length=20, choices=ReasonCode, blank=True)
    reason_parts = ArrayField(
        models.CharField(max_length=12),
        verbose_name=_("parts of the body"),
        default=list,
        blank=True,
    )
    # Consent: given before anything is stored, for this photo alone.
    consent_version = models.CharField(_("version of the consent"), max_length=20)
    consented_at = models.DateTimeField(_("consented"))
    attested_at = models.DateTimeField(_("attested to be of age and in the photo by permission"))
    keep_days = models.PositiveSmallIntegerField(_("keep for"), choices=Keep, default=Keep.DAY)
    expires_at = models.DateTimeField(_("goes on"))
    erased_at = models.DateTimeField(_("picture erased"), null=True, blank=True)
    # The check's claim: `attempt` counts the starts and fences late writers off.
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("last sent to the broker"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PersonPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("shopper's photo")
        verbose_name_plural = _("shoppers' photos")
        ordering: ClassVar = ["-created_at", "-id"]
        # No group has it: a body in a picture is its owner's business.
        permissions: ClassVar = [
            ("view_personphoto_picture", "Can view shoppers' own photos and pictures made of them")
        ]
        constraints = [
            # The two on live and gone rows leave no room for any other status.
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(visitor__isnull=True),
                name="personphoto_one_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=GONE)
                | (
                    ~models.Q(file="")
                    & ~models.Q(content_hash="")
                    & models.Q(erased_at__isnull=True)
                ),
                name="personphoto_live_has_file",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ready")
                | (
                    ~models.Q(parse="")
                    & ~models.Q(annotator="")
                    & models.Q(keypoints__isnull=False)
                ),
                name="personphoto_ready_has_annotation",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=LIVE)
                | models.Q(
                    file="",
                    parse="",
                    content_hash="",
                    keypoints__isnull=True,
                    region_problems={},
                    advice_found=[],
                    erased_at__isnull=False,
                ),
                name="personphoto_gone_has_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(status="refused") ^ models.Q(reason_code=""),
                name="personphoto_reason_iff_refused",
            ),
            models.CheckConstraint(
                condition=models.Q(status="checking") | models.Q(lease_until__isnull=True),
                name="personphoto_lease_only_checking",
            ),
            models.CheckConstraint(
                condition=~models.Q(consent_version=""), name="personphoto_consented"
            ),
            models.CheckConstraint(
                condition=models.Q(keep_days__in=[1, 7, 30]), name="personphoto_keep_known"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="personphoto_of_user"),
            models.Index(fields=["visitor", "-created_at"], name="personphoto_of_visitor"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status__in=LIVE),
                name="personphoto_expiry",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(status="checking"),
                name="personphoto_sweep",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"

    @property
    def name(self) -> str:
        return gettext("My photo")

    @property
    def picture_url(self) -> str:
        """Where its owner sees it; empty where it is gone."""
        return reverse("fittingroom:photo-picture", args=[self.pk]) if self.file else ""

    @property
    def sentence(self) -> str:
        """Why it was refused; empty unless it was."""
        return _sentence(self.reason_code, self.reason_parts) if self.reason_code else ""

    @property
    def problems(self) -> dict[str, str]:
        """Region → why nothing of it can be put on this photo."""
        return {
            region: _sentence(found["code"], found["parts"])
            for region, found in self.region_problems.items()
        }

    @property
    def advice(self) -> list[str]:
        """What would make better pictures."""
        from fittingroom import reasons

        return [str(reasons.advice(found["code"], found["parts"])) for found in self.advice_found]


def _sentence(code: str, parts: list[str]) -> str:
    # Sentences know the codes of the models, so they are asked for late.
    from fittingroom import reasons

    return str(reasons.sentence(code, parts=parts))
