"""The reads of Looks, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    # The base class below names it in a string, which ruff does not see.
    from recommendations.models import Look  # noqa: F401

#: Fewer garments than this are no outfit.
FEWEST = 2


class LookQuerySet(models.QuerySet["Look"]):
    def visible(self) -> Self:
        """What shoppers may see: published, and with products left that they may see."""
        from recommendations.models import LookItem

        shown = (
            LookItem.objects.filter(look=models.OuterRef("pk"), product__status="published")
            .order_by()
            .values("look")
        )
        count = shown.annotate(count=models.Count("pk")).values("count")
        return (
            self.filter(published=True)
            .alias(shown=models.Subquery(count))
            .filter(shown__gte=FEWEST)
        )

    def with_product(self, product_pk: int) -> Self:
        """Those that this product is part of."""
        return self.filter(items__product=product_pk)

    def with_items(self) -> Self:
        """With the garments that shoppers may see, in a fixed number of queries."""
        from recommendations.models import LookItem

        items = (
            LookItem.objects.filter(product__status="published")
            .select_related("product__brand", "product__category")
            .prefetch_related("product__images", "product__variants")
        )
        return self.prefetch_related(models.Prefetch("items", queryset=items))
