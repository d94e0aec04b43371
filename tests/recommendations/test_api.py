"""Looks over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import CategoryFactory, LookFactory, LookItemFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_a_look_says_what_is_in_it_and_what_can_be_tried_on(client: Client) -> None:
    look = LookFactory(slug="first-cold", title_ko="첫 추위", title_en="First cold", garments=1)
    bag = ProductFactory(category=CategoryFactory(region="none"), complete=True)
    LookItemFactory(look=look, product=bag, colour="Red", position=1)
    shirt = look.items.first().product
    answer = client.get("/api/looks/first-cold/", headers={"accept-language": "en"}).json()
    assert (answer["title"], answer["url"]) == ("First cold", "/en/looks/l/first-cold/")
    assert answer["price_krw"] == 58_000
    worn, carried = answer["items"]
    assert worn["product"] == shirt.pk
    assert worn["url"] == f"/en/p/{shirt.pk}/{shirt.slug}/"
    assert worn["colour"] == "Red"
    assert worn["try_on"] == shirt.images.get().pk
    assert worn["picture"] == shirt.images.get().src
    assert (worn["price_krw"], worn["in_stock"]) == (29_000, True)
    assert carried["try_on"] is None
    korean = client.get("/api/looks/first-cold/", headers={"accept-language": "ko"}).json()
    assert (korean["title"], korean["items"][0]["colour"]) == ("첫 추위", "빨강")


def test_the_list_comes_in_pages_in_order_and_hides_what_pages_hide(
    client: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(21):
        LookFactory(slug=f"number-{number}", position=number, garments=2)
    LookFactory(slug="hidden", published=False, garments=2)
    LookFactory(slug="lonely", garments=1)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        first = client.get("/api/looks/").json()
    assert [row["slug"] for row in first["results"]] == [f"number-{n}" for n in range(20)]
    second = client.get(first["next"]).json()
    assert [row["slug"] for row in second["results"]] == ["number-20"]
    assert second["next"] is None
    assert client.get("/api/looks/hidden/").status_code == 404
    assert client.get("/api/looks/lonely/").status_code == 404


def test_nobody_can_write(client: Client) -> None:
    LookFactory(slug="first-cold", garments=2)
    assert client.post("/api/looks/", {}).status_code == 405
    assert client.delete("/api/looks/first-cold/").status_code == 405
