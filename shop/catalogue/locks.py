"""The only place that locks rows of the catalogue, always ordered by primary key."""

from __future__ import annotations

from collections.abc import Iterable

from shop.catalogue.models import Product


def lock_products(pks: Iterable[int]) -> dict[int, Product]:
    """Needs a transaction. Waits for whoever else changes these products."""
    rows = Product.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    return {product.pk: product for product in rows}
