"""Narrowing a category down, as a shopper does it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.catalogue.filters import in_order
from shop.catalogue.models import Category, Product
from tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tops() -> Category:
    return CategoryFactory(slug="tops")


def garment(tops: Category, title: str, price: int, gender: str, **stock: int) -> Product:
    product = ProductFactory(title_en=title, category=tops, gender=gender)
    ProductImageFactory(product=product)
    for size, count in stock.items():
        VariantFactory(product=product, size=size, stock=count, price_krw=price)
    return product


@pytest.fixture
def shelf(tops: Category) -> None:
    garment(tops, "Blouse", 50_000, "women", S=2, M=0)
    garment(tops, "Polo", 40_000, "men", M=1, L=3)
    garment(tops, "Hoodie", 60_000, "unisex", L=1, XL=4)


def titles(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/en/c/tops/{query}").content.decode()
    return re.findall(r'class="card__link"[^>]*>([^<]+)<', page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Hoodie", "Polo", "Blouse"]),
        ("?size=M", ["Polo"]),  # the blouse's M is sold out
        ("?size=S&size=XL", ["Hoodie", "Blouse"]),
        ("?for=women", ["Hoodie", "Blouse"]),
        ("?for=men&size=L", ["Hoodie", "Polo"]),
        ("?sort=low", ["Polo", "Blouse", "Hoodie"]),
        ("?sort=high&for=women", ["Hoodie", "Blouse"]),
        ("?size=XXL", []),
        ("?sort=sideways&for=cats&size=", ["Hoodie", "Polo", "Blouse"]),
    ],
)
def test_filters_find(client: Client, shelf: None, query: str, expected: list[str]) -> None:
    assert titles(client, query) == expected


def test_what_is_ticked_is_ticked_and_can_be_taken_off(client: Client, shelf: None) -> None:
    page = client.get("/en/c/tops/?size=M&for=men&sort=low").content.decode()
    assert 'name="size" value="M" autocomplete="off" checked' in page
    assert 'name="for" value="men" autocomplete="off" checked' in page
    assert '<option value="low" selected>' in page
    assert 'href="?for=men&amp;sort=low"' in page  # without the size
    assert 'href="?size=M&amp;sort=low"' in page  # without the wearer


def test_only_sizes_in_stock_are_offered_from_small_to_large(client: Client, shelf: None) -> None:
    page = client.get("/en/c/tops/").content.decode()
    assert re.findall(r'name="size" value="(\w+)"', page) == ["S", "M", "L", "XL"]
    assert in_order(["30", "XL", "28", "XS", "1½", "FREE", "M"]) == [
        *("XS", "M", "XL", "FREE"),
        *("28", "30", "1½"),
    ]


def test_nothing_found_says_how_to_go_on(client: Client, shelf: None) -> None:
    page = client.get("/en/c/tops/?size=XXL").content.decode()
    assert "Nothing in stock fits these filters." in page
    assert 'href="/en/c/tops/"' in page


def test_pages_keep_the_filters(client: Client, tops: Category) -> None:
    for number in range(25):
        garment(tops, f"Shirt {number}", 30_000, "men", M=1)
    page = client.get("/en/c/tops/?size=M").content.decode()
    assert 'rel="next" href="?size=M&amp;page=2"' in page
    assert len(titles(client, "?size=M&page=2")) == 1


def test_a_filtered_list_asks_as_much_for_many_products_as_for_few(
    client: Client, tops: Category
) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/en/c/tops/?size=M&for=men&sort=high").status_code == 200
        return len(queries)

    garment(tops, "Shirt", 30_000, "men", M=1, L=1)
    ask()
    few = ask()
    for number in range(12):
        garment(tops, f"Shirt {number}", 30_000 + number, "unisex", M=1, L=2)
    assert ask() == few <= 12
