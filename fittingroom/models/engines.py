"""The switches of the try-on engines."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models import Region


class EngineConfig(models.Model):
    """Which engines may dress, and in which order they are asked."""

    name = models.CharField(_("engine"), max_length=40, unique=True)
    enabled = models.BooleanField(_("enabled"), default=False)
    regions = ArrayField(
        models.CharField(max_length=8, choices=Region),
        verbose_name=_("regions"),
        default=list,
        blank=True,
        help_text=_("Empty: every region that the engine can dress."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    memory_mb = models.PositiveIntegerField(
        _("memory (MB)"),
        null=True,
        blank=True,
        help_text=_(
            "What it may take of its device. A smaller limit makes smaller batches. "
            "Empty: no limit."
        ),
    )

    class Meta:
        verbose_name = _("engine")
        verbose_name_plural = _("engines")
        ordering: ClassVar = ["position", "name"]

    def __str__(self) -> str:
        return self.name
