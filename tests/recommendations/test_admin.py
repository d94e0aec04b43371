"""Looks in the admin: a merchant puts one together, and only with colours that exist."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.models import Look
from shop.catalogue.models import Product
from tests.factories import LookFactory, ProductFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/en/admin/recommendations/look/"


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    return client


def form(*items: tuple[Product, str]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title_ko": "첫 추위",
        "title_en": "First cold",
        "slug": "first-cold",
        "description_ko": "",
        "description_en": "",
        "position": 0,
        "published": "on",
        "items-TOTAL_FORMS": len(items),
        "items-INITIAL_FORMS": 0,
    }
    for number, (product, colour) in enumerate(items):
        data |= {
            f"items-{number}-product": product.pk,
            f"items-{number}-colour": colour,
            f"items-{number}-position": number,
        }
    return data


def test_a_merchant_puts_a_look_together(merchant: Client) -> None:
    coat, shirt = ProductFactory(complete=True), ProductFactory(complete=True)
    response = merchant.post(f"{LIST}add/", form((coat, "red"), (shirt, "")))
    assert response.status_code == 302
    look = Look.objects.visible().with_items().get()
    assert [(item.product, item.colour) for item in look.items.all()] == [
        (coat, "Red"),
        (shirt, ""),
    ]
    page = merchant.get(f"{LIST}{look.pk}/change/").content.decode()
    assert "View on site" in page
    assert page.count('class="thumbnail"') == 2


def test_a_colour_that_the_product_does_not_have_is_refused_beside_its_field(
    merchant: Client,
) -> None:
    coat, shirt = ProductFactory(complete=True), ProductFactory(complete=True)
    response = merchant.post(f"{LIST}add/", form((coat, "Purple"), (shirt, "")))
    assert response.status_code == 200
    assert "This product comes in: Red" in response.content.decode()
    assert not Look.objects.exists()


def test_the_same_product_twice_is_refused(merchant: Client) -> None:
    coat = ProductFactory(complete=True)
    response = merchant.post(f"{LIST}add/", form((coat, ""), (coat, "")))
    assert response.status_code == 200
    assert not Look.objects.exists()


def test_who_publishes_a_look_of_one_is_told_that_nobody_sees_it(merchant: Client) -> None:
    coat = ProductFactory(complete=True)
    response = merchant.post(f"{LIST}add/", form((coat, "")), follow=True)
    assert "Shoppers do not see First cold" in response.content.decode()
    look = Look.objects.get()
    assert "View on site" not in merchant.get(f"{LIST}{look.pk}/change/").content.decode()


def test_the_list_asks_as_much_for_many_looks_as_for_few(merchant: Client) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert merchant.get(LIST).status_code == 200
        return len(queries)

    LookFactory(garments=2)
    ask()
    few = ask()
    for _ in range(6):
        LookFactory(garments=3)
    assert ask() == few


def test_actions_publish_and_hide(merchant: Client) -> None:
    look = LookFactory(garments=2, published=False)
    data = {"action": "publish", "_selected_action": [look.pk]}
    merchant.post(LIST, data)
    assert Look.objects.visible().get() == look
    merchant.post(LIST, data | {"action": "hide"})
    assert not Look.objects.visible().exists()


def test_a_product_in_a_look_can_be_deleted_and_leaves_it() -> None:
    look = LookFactory(garments=3)
    look.items.first().product.delete()
    assert look.items.count() == 2
