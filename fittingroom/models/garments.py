"""What is known of a catalogue picture: mask, landmarks, kind, colours. One row per flat picture.

The masks are columns, not files: a few kilobytes each, written together with the landmarks that
belong to them, and gone with the picture however it goes.
"""

from __future__ import annotations

import hashlib
import json
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from fittingroom.garments.querysets import GarmentLabelsQuerySet
from shop.catalogue.models import ProductImage, Region

#: Longer side of a picture as it is read and dressed with: more pixels only cost time.
MAX_SIDE = 2048
#: From here on what a picture looks like is held against what the merchant says it is.
SURE = 0.8


class GarmentLabels(models.Model):
    """The labels in use, what the annotator had found, and what staff asked to be different.

    Coordinates are pixels of the mask (``width`` x ``height``): the picture, shrunk to at most
    :data:`MAX_SIDE`.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("being read")
        READY = "ready", _("ready for try-on")
        NEEDS_ATTENTION = "needs_attention", _("needs attention")
        CORRECTED = "corrected", _("checked by staff")
        GIVEN = "given", _("came with the picture")
        FAILED = "failed", _("not possible")

    class Cut(models.TextChoices):
        """The values are those of ``ml.garment.annotation.Cut``."""

        TOP = "top", _("top")
        TROUSERS = "trousers", _("trousers")
        SKIRT = "skirt", _("skirt")
        DRESS = "dress", _("dress")

    class Failure(models.TextChoices):
        NO_GARMENT = "no_garment", _("no garment found")
        BAD_IMAGE = "bad_image", _("unreadable picture")
        FAILED = "failed", _("technical failure")

    image = models.OneToOneField(
        ProductImage,
        on_delete=models.CASCADE,
        related_name="garment_labels",
        verbose_name=_("picture"),
    )
    # What they are about. Stored names are unguessable and never reused: another name is
    # another picture. Empty until the picture was first read.
    picture = models.CharField(_("file"), max_length=200, blank=True, editable=False)
    region = models.CharField(_("region"), max_length=8, choices=Region, blank=True)

    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.WAITING)
    failure = models.CharField(_("reason"), max_length=12, choices=Failure, blank=True)
    kept = models.BooleanField(
        _("kept"),
        default=False,
        help_text=_("A person vouches for them: no annotator writes over them."),
    )

    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    mask = models.BinaryField(null=True, editable=False, help_text="1-bit PNG")
    outline = models.JSONField(
        default=list, editable=False, help_text="the mask's outline: polygons of [x, y], even-odd"
    )
    cut = models.CharField(_("cut"), max_length=8, choices=Cut, blank=True)
    landmarks = models.JSONField(
        _("landmarks"), default=dict, blank=True, help_text=_("name: [x, y, visibility 0 to 2]")
    )
    category = models.CharField(_("looks like"), max_length=16, blank=True)
    category_group = models.CharField(max_length=8, blank=True, editable=False)
    category_share = models.FloatField(
        null=True, editable=False, help_text="summed probability of the group"
    )
    probabilities = models.JSONField(_("probabilities"), default=dict, blank=True)
    colours = models.JSONField(
        _("colours"), default=list, blank=True, help_text="largest first: name, lab, hex, share"
    )
    pattern = models.CharField(_("pattern"), max_length=16, blank=True)
    confidence = models.FloatField(_("confidence"), null=True, blank=True)
    mask_confidence = models.FloatField(_("confidence of the mask"), null=True, blank=True)
    version = models.CharField(_("annotator"), max_length=80, blank=True)
    digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="sha256 of mask and landmarks where a person decided them",
    )

    # What corrections start from, and the corrections themselves: every click is followed anew
    # from the mask that was found, so that any of them can be taken back.
    found_mask = models.BinaryField(null=True, editable=False, help_text="1-bit PNG")
    found_cut = models.CharField(max_length=8, blank=True, editable=False)
    found_landmarks = models.JSONField(default=dict, editable=False)
    cut_asked = models.CharField(max_length=8, choices=Cut, blank=True, editable=False)
    clicks = models.JSONField(
        _("clicks"), default=list, blank=True, help_text=_("[x, y, 1 for garment or 0 for ground]")
    )
    moved = models.JSONField(default=dict, editable=False, help_text="landmarks put by hand")
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checked by"),
    )
    corrected_at = models.DateTimeField(_("checked at"), null=True, blank=True)

    # The worker's claim: only who holds the token may write.
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(
        _("attempts without an answer"), default=0, editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = GarmentLabelsQuerySet.as_manager()

    class Meta:
        verbose_name = _("mask and landmarks of a picture")
        verbose_name_plural = _("masks and landmarks of pictures")
        ordering: ClassVar = ["-image_id"]
        # Rows come and go with the pictures.
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "waiting",
                        "ready",
                        "needs_attention",
                        "corrected",
                        "given",
                        "failed",
                    ]
                ),
                name="garmentlabels_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="failed") ^ models.Q(failure=""),
                name="garmentlabels_failure_iff_failed",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "failed"])
                | models.Q(mask__isnull=False) & ~models.Q(picture="") & ~models.Q(cut=""),
                name="garmentlabels_ready_has_mask",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["corrected", "given"]) | models.Q(kept=True),
                name="garmentlabels_checked_is_kept",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["ready", "needs_attention"]) | models.Q(kept=False),
                name="garmentlabels_own_is_not_kept",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(status="waiting"),
                name="garmentlabels_due",
            ),
        ]

    def __str__(self) -> str:
        return str(self.image.product)

    @property
    def content_digest(self) -> str:
        """sha256 of what dressing depends on."""
        decided = json.dumps([self.cut, self.landmarks], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(bytes(self.mask or b"") + decided.encode()).hexdigest()

    @property
    def contradicts(self) -> bool:
        """It clearly looks like something else than its product's category says."""
        sure = self.category_share is not None and self.category_share >= SURE
        return sure and bool(self.region) and self.category_group != self.region

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING
