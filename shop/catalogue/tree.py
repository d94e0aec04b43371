"""The tree of categories, whole: a shop has dozens of them, and every page needs some.

One query reads it; the cache then keeps it for ``CATALOGUE_TREE_SECONDS`` and drops it when a
category is saved or deleted. Pages may be that much behind, so nothing that writes reads this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache

if TYPE_CHECKING:
    from shop.catalogue.models import Category

CACHE_KEY = "catalogue:tree:1"


@dataclass(frozen=True)
class CategoryTree:
    """Every category, depth first, siblings in the merchant's order."""

    categories: tuple[Category, ...]

    @cached_property
    def _by_pk(self) -> dict[int, Category]:
        return {category.pk: category for category in self.categories}

    @property
    def roots(self) -> list[Category]:
        return [category for category in self.categories if category.parent_id is None]

    def children(self, category: Category) -> list[Category]:
        return [each for each in self.categories if each.parent_id == category.pk]

    def path(self, category: Category) -> list[Category]:
        """From the root to the category itself; empty for one that the tree does not know."""
        found = self._by_pk.get(category.pk)
        return [self._by_pk[pk] for pk in found.tree_path] if found else []

    def ids_below(self, category: Category) -> list[int]:
        """The category's id and those of everything below it."""
        return [each.pk for each in self.categories if category.pk in each.tree_path]


def category_tree() -> CategoryTree:
    """One query at most; none while the cache has it."""
    from shop.catalogue.models import Category

    kept = cache.get(CACHE_KEY)
    if kept is None:
        kept = tuple(Category.objects.with_tree_fields())
        cache.set(CACHE_KEY, kept, settings.CATALOGUE_TREE_SECONDS)
    return CategoryTree(kept)


def forget() -> None:
    """The next page reads the tree anew."""
    cache.delete(CACHE_KEY)
