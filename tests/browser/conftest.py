"""A small shop of the demo's drawings in the running site, and pages that must not complain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from shop.catalogue.models import Product
from tests.factories import (
    CategoryFactory,
    FittingModelFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


@pytest.fixture
def tee(live_site: str) -> Product:
    """A T-shirt that two drawn people can try on."""
    people = DEMO / "fitting_models"
    for line in (people / "keypoints.jsonl").read_text().splitlines()[:2]:
        person = json.loads(line)
        name = person["id"]
        FittingModelFactory(
            slug=name,
            name_ko=name,
            name_en=name.title(),
            photo=_file(people / "photos" / f"{name}.webp"),
            parse=_file(people / "parse_atr" / f"{name}.png"),
            keypoints=person["openpose18"],
        )
    product = ProductFactory(
        title_ko="기본 티셔츠",
        title_en="Everyday tee",
        category=CategoryFactory(slug="tops", name_ko="상의", name_en="Tops"),
    )
    for size in ("S", "M", "L"):
        VariantFactory(product=product, size=size)
    ProductImageFactory(product=product, file=_file(DEMO / "garments" / "everyday-crew-tee.webp"))
    return product


@pytest.fixture
def quiet_page(new_page: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """``new_page``, and the test fails if any page wrote an error into the console."""
    errors: list[str] = []

    def open_page(**options: Any) -> Any:
        page = new_page(**options)
        page.on(
            "console",
            lambda message: (
                errors.append(f"{page.url}: {message.text}") if message.type == "error" else None
            ),
        )
        return page

    yield open_page
    assert not errors


def _file(path: Path) -> ContentFile:
    return ContentFile(path.read_bytes(), name=path.name)
