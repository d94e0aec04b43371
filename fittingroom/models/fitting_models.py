"""People (or mannequins) that a merchant put into the fitting room."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.core.files.base import ContentFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from fittingroom import thumbnails
from shop.catalogue.models import Bilingual, Gender


def fitting_model_photo_path(model: FittingModel, filename: str) -> str:
    return f"fitting-models/{uuid.uuid4().hex}.{filename.rsplit('.', 1)[-1].lower()}"


class FittingModelQuerySet(models.QuerySet["FittingModel"]):
    def waiting(self) -> FittingModelQuerySet:
        """To be annotated, and no worker is on it."""
        return self.filter(state="new", lease_until__isnull=True)

    def dead(self) -> FittingModelQuerySet:
        """A worker began and has not answered for a whole lease (database's clock)."""
        return self.filter(state="new", lease_until__lt=Now())

    def held(self, pk: int, attempt: int) -> FittingModelQuerySet:
        """The row while this attempt of a worker still holds it."""
        return self.filter(pk=pk, attempt=attempt, state="new", lease_until__isnull=False)


class FittingModel(models.Model):
    """A person (or mannequin) that shoppers may dress, with the annotation of their photo.

    A row that is made with parse and keypoints is accepted from the start; one with only a photo
    is made ``new`` and goes through :mod:`fittingroom.curation`.
    """

    class State(models.TextChoices):
        NEW = "new", _("being annotated")
        ANNOTATED = "annotated", _("needs acceptance")
        REFUSED = "refused", _("photo does not fit")
        FAILED = "failed", _("could not be annotated")
        ACCEPTED = "accepted", _("accepted")

    class Source(models.TextChoices):
        GIVEN = "given", _("given with the photo")
        NETWORK = "network", _("found by the annotator")
        CORRECTED = "corrected", _("corrected by hand")

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNISEX)
    height_cm = models.PositiveSmallIntegerField(
        _("height (cm)"), validators=[MinValueValidator(80), MaxValueValidator(230)]
    )
    size_worn = models.CharField(_("size worn"), max_length=16, blank=True)
    body_ko = models.CharField(_("body description (Korean)"), max_length=160, blank=True)
    body_en = models.CharField(_("body description (English)"), max_length=160, blank=True)
    photo = models.ImageField(
        _("photo"), upload_to=fitting_model_photo_path, width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    thumbnail = models.FileField(upload_to=fitting_model_photo_path, blank=True, editable=False)
    parse = models.FileField(
        _("clothing parse"),
        upload_to=fitting_model_photo_path,
        blank=True,
        help_text=_("Palette PNG of the photo's size: 18 ATR classes, pixel value = class."),
    )
    keypoints = models.JSONField(
        _("keypoints"),
        null=True,
        blank=True,
        help_text=_("18 OpenPose points [x, y, confidence] in pixels of the photo."),
    )
    densepose = models.FileField(
        _("DensePose"),
        upload_to=fitting_model_photo_path,
        blank=True,
        help_text=_("Kept from imported folders for engines that use it."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.ACCEPTED, db_index=True
    )
    annotation_source = models.CharField(
        _("annotation"), max_length=10, choices=Source, default=Source.GIVEN
    )
    annotator = models.CharField(_("annotator's version"), max_length=60, blank=True)
    findings = models.JSONField(
        _("checks"),
        default=dict,
        blank=True,
        help_text=_("What the checks of the photo found: fatal, by region, advice."),
    )
    failure = models.CharField(_("failure in detail"), max_length=300, blank=True)
    # The annotator's claim: `attempt` only grows and fences late writers off; `deaths` counts the
    # attempts that ended without an answer.
    attempt = models.PositiveIntegerField(editable=False, default=0)
    deaths = models.PositiveSmallIntegerField(editable=False, default=0)
    lease_until = models.DateTimeField(editable=False, null=True)
    sent_at = models.DateTimeField(editable=False, null=True)
    source_hash = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("sha256 of an imported photo as it lay in its folder"),
    )
    active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = FittingModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("fitting model")
        verbose_name_plural = _("fitting models")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(height_cm__range=(80, 230)), name="fittingmodel_height_sane"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "annotated", "refused", "failed", "accepted"]),
                name="fittingmodel_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(active=False) | models.Q(state="accepted"),
                name="fittingmodel_active_is_accepted",
                violation_error_message=_("Accept the annotation first."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "refused", "failed"])
                | (~models.Q(parse="") & models.Q(keypoints__isnull=False)),
                name="fittingmodel_annotated_has_annotation",
            ),
            models.CheckConstraint(
                condition=models.Q(state="new") | models.Q(lease_until__isnull=True),
                name="fittingmodel_lease_only_new",
            ),
            models.UniqueConstraint(
                fields=["source_hash"],
                condition=~models.Q(source_hash=""),
                name="fittingmodel_imported_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Any) -> None:
        """A new photo brings its small copy along."""
        if self.photo and not self.photo._committed:  # type: ignore[attr-defined]
            self.thumbnail = self._small_copy()
        super().save(**options)

    def _small_copy(self) -> ContentFile[bytes] | str:
        self.photo.open()
        try:
            return ContentFile(thumbnails.encode(self.photo.file), name="small.webp")
        except OSError:
            return ""  # lists then show the photo, or that there is none
        finally:
            self.photo.seek(0)

    name = Bilingual()
    body = Bilingual()

    @property
    def is_annotated(self) -> bool:
        """Parse and keypoints are there, accepted or not."""
        return bool(self.parse) and self.keypoints is not None

    @property
    def thumbnail_url(self) -> str:
        """A copy of the photo for lists: :attr:`thumbnail_width` by :attr:`thumbnail_height`."""
        return str(self.thumbnail.url if self.thumbnail else self.photo.url)

    @property
    def thumbnail_width(self) -> int:
        return thumbnails.size_of(self.width, self.height)[0]

    @property
    def thumbnail_height(self) -> int:
        return thumbnails.size_of(self.width, self.height)[1]
