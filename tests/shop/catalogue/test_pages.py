"""What shoppers see of the catalogue, page by page."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from shop.catalogue import tree
from shop.catalogue.models import Product, ProductImage
from tests.factories import (
    CategoryFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, path
    return response.content.decode()


def path_of(product: Product, language: str = "ko") -> str:
    with translation.override(language):
        return product.get_absolute_url()


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        text_of(client, path)
    return len(queries)


def add_products(count: int, **fields: Any) -> None:
    for product in ProductFactory.create_batch(count, complete=True, **fields):
        VariantFactory(product=product, colour_ko="파랑", colour_en="Blue")
        ProductImageFactory(product=product, role=ProductImage.Role.WORN, position=1)


def test_the_root_leads_to_the_shopper_s_language(client: Client) -> None:
    response = client.get("/", headers={"accept-language": "en"})
    assert response.status_code == 302
    assert response["Location"] == "/en/"


def test_home_shows_what_is_new_in_both_languages(client: Client) -> None:
    ProductFactory(title_ko="린넨 셔츠", title_en="Linen shirt", complete=True)
    korean, english = text_of(client, "/ko/"), text_of(client, "/en/")
    assert "린넨 셔츠" in korean
    assert '<html lang="ko">' in korean
    assert "새로 나온 옷" in korean
    assert "Linen shirt" in english
    assert '<html lang="en">' in english
    assert "29,000원" in korean
    assert "₩29,000" in english


def test_an_empty_shop_says_so(client: Client) -> None:
    assert "The first clothes are on their way" in text_of(client, "/en/")


def test_drafts_are_hidden_everywhere(client: Client) -> None:
    category = CategoryFactory(slug="tops")
    draft = ProductFactory(
        title_en="Secret coat", status=Product.Status.DRAFT, category=category, complete=True
    )
    assert "Secret coat" not in text_of(client, "/en/")
    assert "Secret coat" not in text_of(client, "/en/c/tops/")
    assert client.get(f"/en/p/{draft.pk}/{draft.slug}/").status_code == 404
    assert client.get(f"/en/p/{draft.pk}/").status_code == 404


def test_a_category_shows_what_is_below_it_and_nothing_else(client: Client) -> None:
    tops = CategoryFactory(slug="tops", name_en="Tops")
    shirts = CategoryFactory(slug="shirts", name_en="Shirts", parent=tops)
    shoes = CategoryFactory(slug="shoes")
    ProductFactory(title_en="Oxford shirt", category=shirts)
    ProductFactory(title_en="Loafers", category=shoes)
    page = text_of(client, "/en/c/tops/")
    assert "Oxford shirt" in page
    assert "Loafers" not in page
    assert 'href="/en/c/shirts/"' in page
    # From a leaf, its neighbours are one step away.
    CategoryFactory(slug="knitwear", name_en="Knitwear", parent=tops)
    tree.forget()
    leaf = text_of(client, "/en/c/shirts/")
    assert 'href="/en/c/shirts/" aria-current="page">Shirts<' in leaf
    assert 'href="/en/c/knitwear/">Knitwear<' in leaf
    assert 'href="/en/c/tops/">All<' in leaf
    assert client.get("/en/c/nothing/").status_code == 404


def test_a_category_has_pages_of_24(client: Client) -> None:
    category = CategoryFactory(slug="tops")
    add_products(30, category=category)
    first, second = text_of(client, "/en/c/tops/"), text_of(client, "/en/c/tops/?page=2")
    assert first.count('class="card"') == 24
    assert second.count('class="card"') == 6
    assert 'rel="next" href="?page=2"' in first
    assert 'href="http://testserver/en/c/tops/?page=2"' in second  # canonical
    # A number that is none and one that is too high do not break.
    assert text_of(client, "/en/c/tops/?page=x").count('class="card"') == 24
    assert text_of(client, "/en/c/tops/?page=99").count('class="card"') == 6


def test_numbers_in_markup_carry_no_separators(client: Client) -> None:
    image = ProductImageFactory()
    ProductImage.objects.filter(pk=image.pk).update(width=1200, height=1600)
    page = text_of(client, path_of(image.product))
    assert 'width="1200" height="1600"' in page


@pytest.mark.parametrize("path", ["/ko/", "/ko/c/tops/"])
def test_lists_ask_as_much_for_many_products_as_for_few(client: Client, path: str) -> None:
    category = CategoryFactory(slug="tops")
    add_products(2, category=category)
    queries_of(client, path)  # fills the cached category tree
    few = queries_of(client, path)
    add_products(20, category=category)
    assert queries_of(client, path) == few


def test_a_product_page_asks_as_much_for_many_variants_as_for_few(client: Client) -> None:
    product = ProductFactory(complete=True)
    path = path_of(product)
    queries_of(client, path)
    few = queries_of(client, path)
    for _ in range(10):
        VariantFactory(product=product)
        ProductImageFactory(product=product)
    assert queries_of(client, path) == few


def test_the_id_decides_and_a_wrong_slug_is_led_right(client: Client) -> None:
    product = ProductFactory(title_en="Linen shirt", complete=True)
    right = f"/en/p/{product.pk}/linen-shirt/"
    for wrong in (f"/en/p/{product.pk}/linen-skirt/", f"/en/p/{product.pk}/"):
        response = client.get(wrong)
        assert response.status_code == 301
        assert response["Location"] == right
    assert "Linen shirt" in text_of(client, right)
    assert client.get(f"/en/p/{product.pk + 1000}/linen-shirt/").status_code == 404


def test_a_korean_slug_works(client: Client) -> None:
    product = ProductFactory(title_ko="오버핏 린넨 셔츠", slug="오버핏-린넨-셔츠")
    assert "오버핏 린넨 셔츠" in text_of(client, path_of(product))


def test_sold_out_sizes_stay_visible(client: Client) -> None:
    product = ProductFactory(complete=True)
    VariantFactory(product=product, size="XXL", stock=0)
    page = text_of(client, path_of(product, "en"))
    assert "<s>XXL</s>" in page
    assert "(Sold out)" in page


def test_a_price_range_says_from(client: Client) -> None:
    product = ProductFactory()
    VariantFactory(product=product, price_krw=39_000, size="M")
    VariantFactory(product=product, price_krw=35_000, size="S")
    assert "35,000원부터" in text_of(client, path_of(product))


def test_the_try_on_button_is_there_only_where_it_works(client: Client) -> None:
    wearable = ProductFactory(complete=True)
    no_picture = ProductFactory()
    no_region = ProductFactory(category=CategoryFactory(region="none"), complete=True)
    assert "/fitting-room/panel/" in text_of(client, path_of(wearable))
    assert "/fitting-room/panel/" not in text_of(client, path_of(no_picture))
    assert "/fitting-room/panel/" not in text_of(client, path_of(no_region))


def test_structured_data_cannot_break_out_of_its_script(client: Client) -> None:
    product = ProductFactory(title_ko="</script><script>alert(1)</script>", slug="x", complete=True)
    page = text_of(client, path_of(product))
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(blocks[0])
    assert data["name"] == "</script><script>alert(1)</script>"
    assert data["offers"][0] | {"url": ""} == {
        "@type": "Offer",
        "sku": product.variants.get().sku,
        "url": "",
        "price": 29000,
        "priceCurrency": "KRW",
        "availability": "https://schema.org/InStock",
    }
    assert "<script>alert" not in page


def test_every_page_knows_itself_in_both_languages(client: Client) -> None:
    product = ProductFactory(complete=True)
    korean, english = path_of(product, "ko"), path_of(product, "en")
    page = text_of(client, english + "?utm=x")
    assert f'hreflang="ko" href="http://testserver{korean}"' in page
    assert f'lang="ko" hreflang="ko" href="{korean}?utm=x"' in page  # the switch
    assert f'<link rel="canonical" href="http://testserver{english}">' in page


def test_pages_carry_no_inline_code_and_no_inline_style(client: Client) -> None:
    product = ProductFactory(complete=True)
    for path in ("/ko/", path_of(product), "/ko/fitting-room/"):
        page = text_of(client, path)
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"\son\w+=", page)
        for script in re.findall(r"<script[^>]*>", page):
            assert "src=" in script or "ld+json" in script


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "이 문 뒤에는 방이 없어요"), ("en", "There is no room behind")]
)
def test_an_unknown_page_is_a_page_of_ours(client: Client, language: str, words: str) -> None:
    response = client.get(f"/{language}/no/such/page/")
    assert response.status_code == 404
    assert words in response.content.decode()


def test_a_refused_form_says_what_to_do() -> None:
    product = ProductFactory(complete=True)
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/en/fitting-room/try/{product.pk}/", {"fitting_model": "mia"})
    assert response.status_code == 403
    assert "Please try once more" in response.content.decode()


def test_the_error_page_needs_nothing() -> None:
    from django.template.loader import render_to_string

    page = render_to_string("500.html")
    assert "문제가 생겼어요" in page
    assert "Something went wrong" in page


def test_the_header_knows_who_is_signed_in(client: Client) -> None:
    assert "Sign in" in text_of(client, "/en/")
    client.force_login(UserFactory())
    page = text_of(client, "/en/")
    assert "Sign out" in page
    assert "Shop admin" not in page
    client.force_login(UserFactory(is_staff=True))
    assert "Shop admin" in text_of(client, "/en/")
