"""Where things hang: the tree of categories, and brands."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import TreeNode

from shop.catalogue import tree
from shop.catalogue.models.text import Bilingual
from shop.catalogue.sizes import Chart


class Region(models.TextChoices):
    """Which part of the body a garment dresses. The values are those of ``ml``'s regions."""

    UPPER = "upper", _("upper body")
    LOWER = "lower", _("lower body")
    DRESS = "dress", _("dress")
    OUTER = "outer", _("outerwear")
    NONE = "none", _("not dressed")


class Category(TreeNode):
    # PROTECT, not the library's CASCADE: a slip must not take a whole branch with it.
    parent = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    region = models.CharField(
        _("dressing region"), max_length=8, choices=Region, default=Region.NONE
    )
    chart = models.CharField(
        _("size chart"),
        max_length=8,
        choices=Chart,
        blank=True,
        help_text=_("What is measured on the products of this category."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(region__in=Region.values), name="category_region_known"
            ),
            models.CheckConstraint(
                condition=models.Q(chart__in=["", *Chart.values]), name="category_chart_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        transaction.on_commit(tree.forget)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted: tuple[int, dict[str, int]] = super().delete(*args, **kwargs)
        transaction.on_commit(tree.forget)
        return deleted

    name = Bilingual()

    def get_absolute_url(self) -> str:
        return reverse("catalogue:category", args=[self.slug])


class Brand(models.Model):
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering: ClassVar = ["name_en", "id"]

    def __str__(self) -> str:
        return self.name

    name = Bilingual()
