"""What only a browser can tell of the shop's pages: filters, units, and fetched fragments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories import (
    CategoryFactory,
    LookFactory,
    ProductFactory,
    ProductImageFactory,
    SizeRowFactory,
    VariantFactory,
)

pytestmark = pytest.mark.browser


def test_ticking_a_size_changes_the_list_and_the_address(page: Any) -> None:
    tops = CategoryFactory(slug="tops")
    for title, size in (("Blouse", "S"), ("Polo", "M")):
        product = ProductFactory(title_ko=title, category=tops)
        VariantFactory(product=product, size=size)
        ProductImageFactory(product=product)
    page.goto("/ko/c/tops/")
    assert page.locator(".card").count() == 2

    page.get_by_label("M", exact=True).check()

    page.wait_for_url("**/ko/c/tops/?size=M&sort=new")
    page.get_by_role("link", name="Blouse").wait_for(state="detached")
    assert page.locator(".card").count() == 1
    page.go_back()
    page.get_by_role("link", name="Blouse").wait_for()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_product_page_in_inches_with_what_it_is_worn_with(
    new_page: Callable[..., Any], width: int
) -> None:
    look = LookFactory(garments=2)
    worn, other = (item.product for item in look.items.all())
    worn.category.chart = "top"
    worn.category.save()
    SizeRowFactory(product=worn, size="M", measures={"chest": 52, "length": 70})
    page = new_page(width=width)
    page.goto(worn.get_absolute_url())
    chest = page.get_by_role("row", name="M").get_by_role("cell").nth(1)
    assert chest.inner_text() == "52"

    page.get_by_label("inch").check()

    assert chest.inner_text() == "20½"
    together = page.get_by_role("region", name="함께 입기")
    together.get_by_role("link", name=other.title_ko).click()
    page.wait_for_url(f"**{other.get_absolute_url()}")


def test_without_scripts_filters_and_fragments_are_pages(new_page: Callable[..., Any]) -> None:
    look = LookFactory(garments=2)
    worn = look.items.first().product
    page = new_page(javascript=False)
    page.goto(worn.get_absolute_url())
    page.get_by_role("link", name="함께 입기").click()
    page.get_by_role("heading", name=look.title_ko).wait_for()
    page.goto(worn.category.get_absolute_url())
    page.get_by_label(worn.variants.get().size, exact=True).check()
    page.get_by_role("button", name="보기").click()
    assert "size=" in page.url
    assert page.locator(".card").count() == 1
