"""From the home page to a rated picture in a real browser, with a real worker and engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from fittingroom.models import Rating, TryOn
from shop.catalogue.models import Product
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: The first try-on of a worker loads its engine, on a busy machine.
PATIENCE = 90_000

WORDS = {
    "ko": {"try": "입어보기", "badge": "AI로 만든 이미지", "saved": "저장했어요", "ready": "완성"},
    "en": {"try": "Try on", "badge": "Picture made by AI", "saved": "Saved", "ready": "Ready"},
}


def see(page: Any, picture: str) -> None:
    """The picture has loaded. (Waiting inside the page would need eval, which our policy bars.)"""
    size = "(image) => image.complete && image.naturalWidth"
    wait_until(lambda: page.locator(picture).first.evaluate(size))


def no_sideways_scroll(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [390, 1440])
def test_from_the_home_page_to_a_rated_picture(
    quiet_page: Callable[..., Any], tee: Product, width: int, language: str
) -> None:
    words = WORDS[language]
    page = quiet_page(width=width, locale="ko-KR" if language == "ko" else "en-US")
    page.goto("/")
    assert page.url.endswith(f"/{language}/")
    assert no_sideways_scroll(page)

    page.locator(".card__link").first.click()
    page.wait_for_url("**/p/**")  # and its styles have loaded
    assert page.locator("h1").inner_text() == (tee.title_ko if language == "ko" else tee.title_en)
    assert no_sideways_scroll(page)
    hero = page.locator(".gallery__slide").first.bounding_box()

    page.locator(".gallery__tryon").click()
    page.wait_for_selector("#fitting-panel[open] .person")
    page.locator(".person").nth(1).click()
    page.locator("#panel-model button[type=submit]").click()

    page.wait_for_selector("[data-stage]:is([data-status])")
    page.wait_for_selector("#fitting-stage[data-status=done]", timeout=PATIENCE)
    assert not page.locator("#fitting-panel").is_visible()
    assert no_sideways_scroll(page)
    assert words["ready"] in page.title()
    assert page.locator(".stage__badge").inner_text() == words["badge"]

    # The picture stands where the product's picture stood.
    see(page, "[data-after]")
    picture = page.locator(".compare .frame").bounding_box()
    assert picture["width"] == pytest.approx(hero["width"], abs=2)
    assert picture["height"] == pytest.approx(hero["height"], abs=2)
    assert picture["x"] == pytest.approx(hero["x"], abs=2)

    page.locator(".rating [name=realism][value='2']").check()
    page.locator(".rating__reasons .chip").first.click()
    page.locator(".rating [name=liking][value='5']").check()
    expect(page.locator("#rating-status")).to_contain_text(words["saved"])
    # Each change is saved by itself; "Saved" may still be the one before.
    wait_until(lambda: rated() == (2, 5, ["fit"]))

    page.goto(f"/{language}/fitting-room/")
    see(page, ".look__picture img")
    assert no_sideways_scroll(page)


def test_compare_zoom_share_and_delete(quiet_page: Callable[..., Any], tee: Product) -> None:
    page = quiet_page(locale="en-US")
    dress(page, tee)
    after = page.locator("[data-after]")

    page.locator("[data-range]").fill("60")
    expect(after).to_have_css("clip-path", re.compile("60%"))
    page.locator("[data-hold]").hover()
    page.mouse.down()
    expect(after).to_have_css("visibility", "hidden")
    page.mouse.up()
    expect(after).to_have_css("visibility", "visible")

    page.locator("[data-zoom]").click()
    assert page.locator("#zoom").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#zoom").is_visible()

    page.get_by_role("button", name="Share").click()
    link = page.locator("[data-share-link]").input_value()
    other = quiet_page(locale="en-US")
    other.goto(link)
    see(other, ".frame__image")
    assert other.get_by_text("Picture made by AI", exact=True).is_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Save").click()
    assert re.match(r"otbang-.*\.jpg", download.value.suggested_filename)

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#fitting-stage > *")).to_have_count(0)
    expect(page.locator(".gallery__slide").first).to_be_visible()
    assert not TryOn.objects.exists()


def test_without_javascript(quiet_page: Callable[..., Any], tee: Product) -> None:
    page = quiet_page(width=390, locale="en-US", javascript=False)
    page.goto("/en/")
    page.locator(".card__link").first.click()
    page.locator(".gallery__tryon").click()
    assert "/fitting-room/panel/" in page.url
    page.locator(".person").nth(1).click()
    page.get_by_role("button", name="Try on").click()
    # The waiting page reloads itself.
    page.wait_for_selector("#fitting-stage[data-status=done]", timeout=PATIENCE)
    page.locator(".rating [name=liking][value='4']").check()
    page.get_by_role("button", name="Save rating").click()
    assert page.get_by_text("Your rating is saved.").is_visible()
    assert Rating.objects.get().liking == 4
    page.get_by_role("button", name="Delete").click()
    assert page.get_by_text("The picture is deleted.").is_visible()
    assert not TryOn.objects.exists()


def test_by_keyboard_alone(quiet_page: Callable[..., Any], tee: Product) -> None:
    page = quiet_page(locale="en-US")
    page.goto("/en/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    go_to(page, tee.title_en)
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/**")
    go_to(page, "Try on")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fitting-panel[open] .person")
    # The dialog starts at the chosen person; arrows choose another.
    assert page.evaluate("document.activeElement.name") == "fitting_model"
    page.keyboard.press("ArrowDown")
    go_to(page, "Try on")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fitting-stage[data-status=done]", timeout=PATIENCE)
    # The news is where the focus is, and the tools come next.
    assert "is wearing it" in focused(page)
    for wanted in ("Somebody else", "Save", "Share", "Delete"):
        go_to(page, wanted, at_most=2)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "realism"
    page.keyboard.press("Space")
    expect(page.locator("#rating-status")).to_contain_text("Saved")
    assert Rating.objects.get().realism == 1


def rated() -> tuple[int | None, int | None, list[str]]:
    rating = Rating.objects.get()
    return rating.realism, rating.liking, rating.reasons


def focused(page: Any) -> str:
    return str(
        page.evaluate(
            "(document.activeElement.ariaLabel || document.activeElement.innerText || '').trim()"
        )
    )


def go_to(page: Any, name: str, *, at_most: int = 40) -> None:
    """Press Tab until the focus is on what is called ``name``; it must be visible there."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if focused(page) == name:
            outline = page.evaluate(
                """() => {
                  const seen = (node) => node && getComputedStyle(node).outlineStyle !== "none";
                  return seen(document.activeElement) || seen(document.activeElement.closest("li"));
                }"""
            )
            assert outline, f"no focus ring on {name!r}"
            return
    raise AssertionError(f"{name!r} cannot be reached within {at_most} tabs")


def dress(page: Any, product: Product) -> None:
    page.goto(f"/en/p/{product.pk}/")
    page.locator(".gallery__tryon").click()
    page.wait_for_selector("#fitting-panel[open] .person")
    page.locator("#panel-model button[type=submit]").click()
    page.wait_for_selector("#fitting-stage[data-status=done]", timeout=PATIENCE)
