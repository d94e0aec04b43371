"""The reads of the catalogue, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from shop.catalogue.tree import category_tree

if TYPE_CHECKING:
    # The base classes below name the last two in strings, which ruff does not see.
    from shop.catalogue.models import Category, Product, ProductImage  # noqa: F401


class ProductQuerySet(models.QuerySet["Product"]):
    def published(self) -> Self:
        """What shoppers may see."""
        return self.filter(status="published")

    def in_category(self, category: Category) -> Self:
        """In the category or in one below it."""
        # A category newer than the cached tree has nothing below it yet.
        return self.filter(category__in=category_tree().ids_below(category) or [category.pk])

    def with_cards(self) -> Self:
        """For lists: everything a card shows, in a fixed number of queries."""
        return self.select_related("brand", "category").prefetch_related("images", "variants")

    def by_price(self, *, dear_first: bool = False) -> Self:
        """By the lowest price of each; products without a variant last."""
        from shop.catalogue.models import Variant

        own = Variant.objects.filter(product=models.OuterRef("pk")).order_by().values("product")
        low = models.Subquery(own.annotate(low=models.Min("price_krw")).values("low"))
        price = low.desc(nulls_last=True) if dear_first else low.asc(nulls_last=True)
        return self.order_by(price, "-created_at", "-id")

    def for_staff(self) -> Self:
        """Rows of the admin's list: ``price_low``, ``price_high`` and ``stock_total`` with each.

        Subqueries, not a join: the database then works them out only for the rows of the page.
        """
        from shop.catalogue.models import Variant

        own = Variant.objects.filter(product=models.OuterRef("pk")).order_by().values("product")
        figures = {
            "price_low": models.Min("price_krw"),
            "price_high": models.Max("price_krw"),
            "stock_total": models.Sum("stock"),
        }
        return (
            self.select_related("brand", "category")
            .prefetch_related("images")
            .annotate(
                **{
                    name: models.Subquery(own.annotate(figure=figure).values("figure"))
                    for name, figure in figures.items()
                }
            )
        )

    def with_details(self) -> Self:
        """For the product's own page."""
        return self.with_cards().prefetch_related("size_rows")


class ProductImageQuerySet(models.QuerySet["ProductImage"]):
    def newest_of_each_category(self) -> Self:
        """One picture per category: the first of its newest published product."""
        return (
            self.filter(product__status="published")
            .select_related("product")
            .order_by("product__category_id", "-product__created_at", "-product_id", "position")
            .distinct("product__category_id")
        )
