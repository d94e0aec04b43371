"""What the header of every page shows of the catalogue."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.catalogue.tree import category_tree


def menu(request: HttpRequest) -> dict[str, Any]:
    """Lazy: pages without the header, as the admin's, ask neither cache nor database."""
    return {"menu_categories": SimpleLazyObject(lambda: category_tree().roots)}
