"""What shoppers see of Looks: the list, a Look, and the fragments on other pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop.catalogue.models import Product
from tests.factories import (
    CategoryFactory,
    LookFactory,
    LookItemFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def text_of(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, path
    return response.content.decode()


def queries_of(client: Client, path: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        text_of(client, path, **headers)
    return len(queries)


def two_colours(**fields: Any) -> Product:
    """Red, and blue that is sold out; each with its picture."""
    product = ProductFactory(**fields)
    VariantFactory(product=product, stock=3, price_krw=30_000)
    VariantFactory(
        product=product, colour_ko="파랑", colour_en="Blue", stock=0, price_krw=20_000, position=1
    )
    ProductImageFactory(product=product, colour="Red", position=0)
    ProductImageFactory(product=product, colour="blue", position=1)
    return product


def test_the_list_shows_looks_in_both_languages_and_the_header_leads_there(client: Client) -> None:
    LookFactory(title_ko="첫 추위", title_en="First cold", garments=3)
    korean, english = text_of(client, "/ko/looks/"), text_of(client, "/en/looks/")
    assert "첫 추위" in korean
    assert "상품 3개 · 87,000원" in korean
    assert "3 pieces · ₩87,000" in english
    assert 'href="/en/looks/"' in text_of(client, "/en/")


def test_a_hidden_look_is_nowhere(client: Client) -> None:
    look = LookFactory(title_en="Secret", published=False, garments=2)
    product = look.items.first().product
    assert "Secret" not in text_of(client, "/en/looks/")
    assert client.get(f"/en/looks/l/{look.slug}/").status_code == 404
    assert client.get(f"/en/looks/with/{product.pk}/", headers=HTMX).status_code == 204


def test_a_look_loses_what_leaves_the_shop_and_goes_when_one_piece_is_left(client: Client) -> None:
    look = LookFactory(garments=3)
    path = f"/en/looks/l/{look.slug}/"
    first, second, third = (item.product for item in look.items.all())
    Product.objects.filter(pk=first.pk).update(status="draft")
    page = text_of(client, path)
    assert first.title_en not in page
    assert second.title_en in page
    Product.objects.filter(pk=third.pk).update(status="draft")
    assert client.get(path).status_code == 404
    assert text_of(client, "/en/looks/").count('class="outfit"') == 0


def test_an_empty_shop_says_so(client: Client) -> None:
    assert "No Looks yet" in text_of(client, "/en/looks/")
    assert "아직 코디가 없어요" in text_of(client, "/ko/looks/")
    assert client.get("/en/looks/shelf/", headers=HTMX).status_code == 204


def test_looks_have_pages_of_12_in_the_merchant_s_order(client: Client) -> None:
    for number in range(13):
        LookFactory(title_en=f"Number {number}", position=100 - number, garments=2)
    first, second = text_of(client, "/en/looks/"), text_of(client, "/en/looks/?page=2")
    assert first.count('class="outfit"') == 12
    assert first.index("Number 12") < first.index("Number 11")
    assert 'rel="next" href="?page=2"' in first
    assert second.count('class="outfit"') == 1
    assert "Number 0" in second


def test_each_piece_can_be_tried_on_in_the_colour_that_is_shown(client: Client) -> None:
    look = LookFactory(garments=1)
    product = two_colours(title_en="Polo")
    LookItemFactory(look=look, product=product, colour="Red", position=1)
    bag = ProductFactory(category=CategoryFactory(region="none"), complete=True)
    LookItemFactory(look=look, product=bag, position=2)
    page = text_of(client, f"/en/looks/l/{look.slug}/")
    red = product.images.get(colour="Red")
    assert f'href="/en/fitting-room/panel/{product.pk}/?image={red.pk}"' in page
    assert f"/panel/{bag.pk}/" not in page
    # The address answers, and the panel is about this picture.
    panel = text_of(client, f"/en/fitting-room/panel/{product.pk}/?image={red.pk}")
    assert "Polo" in panel


def test_a_sold_out_colour_gives_way_to_one_that_can_be_bought(client: Client) -> None:
    look = LookFactory(garments=1)
    item = LookItemFactory(look=look, product=two_colours(), colour="Blue", position=1)
    page = text_of(client, f"/en/looks/l/{look.slug}/")
    assert "Sold out" not in page
    assert item.picture.colour == "Red"
    assert "₩59,000" in page  # 29,000 and the red one's 30,000
    item.product.variants.update(stock=0)
    page = text_of(client, f"/en/looks/l/{look.slug}/")
    assert page.count("Sold out") == 1
    assert "₩29,000" in page
    item.refresh_from_db()
    assert item.picture.colour == "blue"  # nothing to give way to


def test_a_look_without_anything_left_says_so(client: Client) -> None:
    look = LookFactory(garments=2)
    for item in look.items.all():
        item.product.variants.update(stock=0)
    assert "Everything in this Look is sold out." in text_of(client, f"/en/looks/l/{look.slug}/")


def test_a_product_page_fetches_what_it_is_worn_with(client: Client) -> None:
    look = LookFactory(title_en="First cold", garments=3)
    worn = look.items.first().product
    others = [item.product for item in look.items.all()[1:]]
    LookFactory(title_en="Another", garments=2)
    address = f"/en/looks/with/{worn.pk}/"
    assert f'hx-get="{address}"' in text_of(client, f"/en/p/{worn.pk}/{worn.slug}/")
    fragment = text_of(client, address, **HTMX)
    assert "<html" not in fragment
    assert "First cold" in fragment
    assert "Another" not in fragment
    assert worn.title_en not in fragment
    assert all(product.title_en in fragment for product in others)


def test_without_scripts_the_fragment_is_a_page(client: Client) -> None:
    alone = ProductFactory(complete=True)
    page = text_of(client, f"/en/looks/with/{alone.pk}/")
    assert "<html" in page
    assert "No Look has this piece yet." in page
    assert client.get("/en/looks/shelf/")["Location"] == "/en/looks/"
    draft = ProductFactory(status=Product.Status.DRAFT, complete=True)
    assert client.get(f"/en/looks/with/{draft.pk}/").status_code == 404


def test_the_home_page_fetches_four_looks(client: Client) -> None:
    for _ in range(5):
        LookFactory(garments=2)
    assert 'hx-get="/en/looks/shelf/"' in text_of(client, "/en/")
    assert text_of(client, "/en/looks/shelf/", **HTMX).count('class="outfit"') == 4


@pytest.mark.parametrize("path", ["/en/looks/", "/en/looks/l/the-look/", "/en/looks/with/{}/"])
def test_pages_ask_as_much_for_many_garments_as_for_few(client: Client, path: str) -> None:
    look = LookFactory(slug="the-look", garments=2)
    LookFactory(garments=2)
    product = look.items.first().product
    path = path.format(product.pk)
    queries_of(client, path)  # fills the cached category tree
    few = queries_of(client, path)
    for _ in range(3):
        other = LookFactory(garments=3)
        LookItemFactory(look=other, product=product, position=9)
    for position in range(3, 6):
        LookItemFactory(look=look, product=ProductFactory(complete=True), position=position)
    assert queries_of(client, path) == few <= 12


def test_pages_carry_no_inline_code_and_no_inline_style(client: Client) -> None:
    look = LookFactory(garments=3)
    product = look.items.first().product
    for page in (
        text_of(client, f"/en/looks/l/{look.slug}/"),
        text_of(client, "/en/looks/"),
        text_of(client, f"/en/looks/with/{product.pk}/", **HTMX),
    ):
        assert " style=" not in page
        assert "<script>" not in page
