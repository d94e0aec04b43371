"""The reads of the catalogue, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from tree_queries.query import TreeQuerySet

if TYPE_CHECKING:
    from shop.catalogue.models import Category, Product, ProductImage


class CategoryQuerySet(TreeQuerySet):
    def menu(self) -> Self:
        """The top of the tree, in the merchant's order."""
        roots: Self = self.filter(parent=None).order_by("position", "id")
        return roots


class ProductQuerySet(models.QuerySet["Product"]):
    def published(self) -> Self:
        """What shoppers may see."""
        return self.filter(status="published")

    def in_category(self, category: Category) -> Self:
        """In the category or in one below it."""
        below = category.descendants(include_self=True)
        return self.filter(category__in=[each.pk for each in below])

    def with_cards(self) -> Self:
        """For lists: everything a card shows, in a fixed number of queries."""
        return self.select_related("brand").prefetch_related("images", "variants")

    def with_details(self) -> Self:
        """For the product's own page."""
        return self.select_related("brand", "category").prefetch_related("images", "variants")


class ProductImageQuerySet(models.QuerySet["ProductImage"]):
    def newest_of_each_category(self) -> Self:
        """One picture per category: the first of its newest published product."""
        return (
            self.filter(product__status="published")
            .select_related("product")
            .order_by("product__category_id", "-product__created_at", "-product_id", "position")
            .distinct("product__category_id")
        )
