"""Pictures of products."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.text import in_language
from shop.catalogue.querysets import ProductImageQuerySet


def product_image_path(image: ProductImage, filename: str) -> str:
    """An unguessable name: a merchant's file names say more than the public should read."""
    suffix = PurePosixPath(filename).suffix.lower() or ".jpg"
    return f"catalogue/{image.product_id}/{uuid.uuid4().hex}{suffix}"


class ProductImage(models.Model):
    class Role(models.TextChoices):
        FLAT = "flat", _("flat")
        WORN = "worn", _("worn")
        DETAIL = "detail", _("detail")

    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        related_name="images",
        verbose_name=_("product"),
    )
    file = models.ImageField(
        _("picture"),
        upload_to=product_image_path,
        width_field="width",
        height_field="height",
        max_length=200,
    )
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    renditions = ArrayField(
        models.PositiveIntegerField(),
        verbose_name=_("renditions"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Widths in pixels of the WebP copies that lie beside the picture."),
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.FLAT)
    colour = models.CharField(
        _("colour shown"),
        max_length=40,
        blank=True,
        help_text=_("As the variants name it in English; empty where it shows no one colour."),
    )
    alt_ko = models.CharField(_("alternative text (Korean)"), max_length=160, blank=True)
    alt_en = models.CharField(_("alternative text (English)"), max_length=160, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = ProductImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["flat", "worn", "detail"]),
                name="productimage_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}:{self.role}:{self.position}"

    @property
    def alt(self) -> str:
        """Never empty: a picture without words of its own shows its product."""
        return in_language(ko=self.alt_ko, en=self.alt_en) or self.product.title

    def rendition_name(self, width: int) -> str:
        """The storage name of the copy that is ``width`` pixels wide."""
        return f"{PurePosixPath(self.file.name or '').with_suffix('')}-{width}.webp"

    def url_at(self, width: int) -> str:
        """The smallest copy at least ``width`` wide, else the widest, else the picture itself."""
        if not self.renditions:
            return self.file.url
        enough = [each for each in self.renditions if each >= width]
        chosen = min(enough) if enough else max(self.renditions)
        return self.file.storage.url(self.rendition_name(chosen))

    @property
    def src(self) -> str:
        """For ``<img src>``: what a browser shows that does not read ``srcset``."""
        return self.url_at(720)

    @property
    def srcset(self) -> str:
        """For ``<img srcset>``; the picture itself while there are no copies."""
        if not self.renditions:
            return f"{self.file.url} {self.width}w"
        url = self.file.storage.url
        return ", ".join(f"{url(self.rendition_name(w))} {w}w" for w in sorted(self.renditions))
