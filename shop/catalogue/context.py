"""What the header of every page shows of the catalogue."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from shop.catalogue.models import Category


def menu(request: HttpRequest) -> dict[str, Any]:
    """Lazy: pages without the header, as the admin's, do not ask the database."""
    return {"menu_categories": Category.objects.menu()}
