"""``manage.py load_demo``: put the demo's content into the shop; a second run changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import demo_content


class Command(BaseCommand):
    help = "Load the demo catalogue, fitting models and staff accounts (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = demo_content.load()
        if options["verbosity"]:
            self.stdout.write(
                f"new: {loaded.categories} categories, {loaded.brands} brands, "
                f"{loaded.products} products, {loaded.looks} Looks, "
                f"{loaded.fitting_models} fitting models"
            )
            for email in demo_content.STAFF:
                self.stdout.write(f"staff: {email}  password: {loaded.password}")
