"""The home page's category tiles."""

from __future__ import annotations

from dataclasses import dataclass

from shop.catalogue.models import Category, ProductImage


@dataclass(frozen=True, slots=True)
class Tile:
    category: Category
    image: ProductImage


def tiles() -> list[Tile]:
    """Each top category that has a published product, with a picture of it. Two queries."""
    pictures = {
        image.product.category_id: image for image in ProductImage.objects.newest_of_each_category()
    }
    found: dict[int, Tile] = {}
    roots: dict[int, Category] = {}
    # Depth first: a root comes before everything below it.
    for category in Category.objects.with_tree_fields():
        root = roots.setdefault(category.tree_path[0], category)
        image = pictures.get(category.pk)
        if image is not None:
            found.setdefault(root.pk, Tile(root, image))
    return list(found.values())
