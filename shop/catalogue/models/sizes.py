"""What each size of a product measures."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.sizes import validate_measures


class SizeRow(models.Model):
    """One line of a product's size chart: a size, and the garment's measures in cm."""

    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        related_name="size_rows",
        verbose_name=_("product"),
    )
    size = models.CharField(_("size"), max_length=16)
    measures = models.JSONField(
        _("measures (cm)"),
        default=dict,
        blank=True,
        validators=[validate_measures],
        help_text=_("The garment itself, laid flat: measure → centimetres."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("size chart row")
        verbose_name_plural = _("size chart")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "size"],
                name="sizerow_size_unique",
                violation_error_message=_("This size is in the chart already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}:{self.size}"
