"""A merchant corrects a shirt's mask by a click and a landmark by dragging, in a real browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import expect

from fittingroom.garments import corrections, labelling, pictures
from fittingroom.models import GarmentLabels
from ml.garment.annotation import TOP_LANDMARKS
from shop.catalogue import services
from tests.factories import ProductFactory, UserFactory
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

DEMO = Path(settings.BASE_DIR) / "fixtures" / "demo" / "garments"
#: The worker may have to load its libraries first, on a busy machine.
PATIENCE = 90_000


def whole() -> np.ndarray:
    with Image.open(DEMO / "oxford-shirt.mask.png") as opened:
        return np.array(opened.convert("L")) > 0


def overlap(labels: GarmentLabels) -> float:
    mask, exact = pictures.mask_of(bytes(labels.mask or b"")) > 127, whole()
    return float((mask & exact).sum() / (mask | exact).sum())


@pytest.fixture
def shirt(live_site: str) -> GarmentLabels:
    """A drawn shirt whose mask lacks all of one side."""
    image = services.add_product_image(
        product=ProductFactory(title_en="Oxford shirt", title_ko="옥스퍼드 셔츠"),
        data=(DEMO / "oxford-shirt.webp").read_bytes(),
    )
    half = np.where(np.arange(900) < 560, whole(), False).astype(np.uint8) * 255
    points = {name: [120.0 + 25 * i, 300.0, 2] for i, name in enumerate(TOP_LANDMARKS)}
    row = corrections.give(image=image, mask=pictures.mask_png(half), cut="top", landmarks=points)
    labelling.label(row.pk)
    row.refresh_from_db()
    return row


def sign_in(page: Any, live_site: str) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_site}
    page.context.add_cookies([cookie])


def open_shirt(page: Any, live_site: str, shirt: GarmentLabels, language: str = "en") -> None:
    sign_in(page, live_site)
    page.goto(f"/{language}/admin/fittingroom/garmentlabels/")
    page.locator(".field-state a").first.click()
    page.wait_for_selector(".points__stage")
    page.locator(".points__stage").scroll_into_view_if_needed()


def at(page: Any, x: float, y: float) -> tuple[float, float]:
    box = page.locator(".points__stage").bounding_box()
    return box["x"] + x * box["width"] / 900, box["y"] + y * box["height"] / 1200


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_click_corrects_the_mask_and_undo_takes_it_back(
    quiet_page: Callable[..., Any], live_site: str, shirt: GarmentLabels, language: str
) -> None:
    page = quiet_page(locale="ko-KR" if language == "ko" else "en-US")
    open_shirt(page, live_site, shirt, language)
    before = overlap(shirt)
    assert before < 0.75
    overlay = page.locator(".points__overlay").get_attribute("href")

    page.locator("[data-tool=plus]").click()
    page.mouse.click(*at(page, 640, 700))
    expect(page.locator(".points__overlay")).not_to_have_attribute(
        "href", overlay, timeout=PATIENCE
    )
    shirt.refresh_from_db()
    assert shirt.status == GarmentLabels.Status.CORRECTED
    assert overlap(shirt) > 0.95
    # The editor shows the landmarks of the new mask.
    shown = page.locator("#id_landmarks").input_value()
    assert f"[{shirt.landmarks['hem_left'][0]}" in shown.replace(" ", "")

    page.keyboard.press("Control+z")
    wait_until(lambda: GarmentLabels.objects.get().clicks == [])
    wait_until(lambda: not GarmentLabels.objects.get().is_waiting, seconds=60)
    shirt.refresh_from_db()
    assert overlap(shirt) == pytest.approx(before)


def test_a_dragged_landmark_survives_a_click_and_is_saved(
    quiet_page: Callable[..., Any], live_site: str, shirt: GarmentLabels
) -> None:
    page = quiet_page(locale="en-US")
    open_shirt(page, live_site, shirt)
    x, y, _visibility = shirt.landmarks["hem_left"]
    overlay = page.locator(".points__overlay").get_attribute("href")

    page.mouse.move(*at(page, x, y))
    page.mouse.down()
    page.mouse.move(*at(page, 690, 930), steps=4)
    page.mouse.up()
    shirt.refresh_from_db()
    assert not shirt.moved, "dragging alone sends nothing"
    page.locator("[data-tool=plus]").click()
    page.mouse.click(*at(page, 640, 700))
    expect(page.locator(".points__overlay")).not_to_have_attribute(
        "href", overlay, timeout=PATIENCE
    )
    page.locator("[data-tool=move]").click()
    page.mouse.move(*at(page, 690, 930))
    page.mouse.down()
    page.mouse.move(*at(page, 700, 940), steps=4)
    page.mouse.up()
    page.locator("[name=_accept]").click()
    page.wait_for_selector(".messagelist .success")

    shirt.refresh_from_db()
    assert set(shirt.moved) == {"hem_left"}
    assert shirt.landmarks["hem_left"][:2] == pytest.approx([700, 940], abs=3)
    assert shirt.landmarks["cuff_left_outer"][0] > 640, "the others follow the mask"
    assert overlap(shirt) > 0.95


def test_without_scripts_the_numbers_can_be_written(
    quiet_page: Callable[..., Any], live_site: str, shirt: GarmentLabels
) -> None:
    page = quiet_page(locale="en-US", javascript=False)
    sign_in(page, live_site)
    page.goto(f"/en/admin/fittingroom/garmentlabels/{shirt.pk}/change/")
    page.locator(".points__numbers summary").click()
    text = page.locator("#id_landmarks").input_value()
    page.locator("#id_landmarks").fill(text.replace("[120.0, 300.0, 2]", "[77.0, 88.0, 2]"))
    page.locator("[name=_accept]").click()
    page.wait_for_selector(".messagelist .success")
    shirt.refresh_from_db()
    assert shirt.landmarks["neck_left"] == [77.0, 88.0, 2]


def test_the_list_fits_a_small_screen(
    quiet_page: Callable[..., Any], live_site: str, shirt: GarmentLabels
) -> None:
    page = quiet_page(width=390, locale="ko-KR")
    sign_in(page, live_site)
    page.goto("/ko/admin/fittingroom/garmentlabels/")
    shown = page.locator(".labelled").first.screenshot()
    with Image.open(io.BytesIO(shown)) as thumbnail:
        assert len(thumbnail.convert("RGB").getcolors(100_000) or ()) > 100, "a picture is there"
