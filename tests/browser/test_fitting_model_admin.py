"""A curator drags a point of a fitting model and accepts it, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from fittingroom.models import FittingModel
from tests.factories import FittingModelFactory, UserFactory
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PEOPLE = Path(settings.BASE_DIR) / "fixtures" / "demo" / "fitting_models"
STATES = FittingModel.State


def drawn(slug: str, **fields: Any) -> FittingModel:
    """One of the demo's drawn people."""
    lines = (PEOPLE / "keypoints.jsonl").read_text().splitlines()
    points = {line["id"]: line["openpose18"] for line in map(json.loads, lines)}
    photo, parse = PEOPLE / "photos" / f"{slug}.webp", PEOPLE / "parse_atr" / f"{slug}.png"
    return FittingModelFactory(
        slug=slug,
        photo=ContentFile(photo.read_bytes(), name=photo.name),
        parse=ContentFile(parse.read_bytes(), name=parse.name),
        keypoints=points[slug],
        **fields,
    )


def sign_in(page: Any, live_site: str) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_site}]
    )


def address(model: FittingModel, language: str = "en") -> str:
    return f"/{language}/admin/fittingroom/fittingmodel/{model.pk}/change/"


def on_screen(page: Any, model: FittingModel, x: float, y: float) -> tuple[float, float]:
    box = page.locator(".points__stage").bounding_box()
    return box["x"] + x * box["width"] / model.width, box["y"] + y * box["height"] / model.height


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_dragged_wrist_is_accepted(
    quiet_page: Callable[..., Any], live_site: str, language: str
) -> None:
    model = drawn("yuna", annotated=True)
    page = quiet_page(locale="ko-KR" if language == "ko" else "en-US")
    sign_in(page, live_site)
    page.goto(address(model, language))
    page.locator(".points__stage").scroll_into_view_if_needed()
    overlay = page.locator(".points__overlay")
    assert "classes.png" in overlay.get_attribute("href")

    x, y, _seen = model.keypoints[4]  # the right wrist
    page.mouse.move(*on_screen(page, model, x, y))
    page.mouse.down()
    page.mouse.move(*on_screen(page, model, x - 20, y - 30), steps=4)
    page.mouse.up()
    page.get_by_label(
        "왼쪽 손목 보임" if language == "ko" else "left wrist can be seen"
    ).first.uncheck()
    page.locator("[name=_accept]").click()
    page.wait_for_url("**/fittingmodel/")

    model.refresh_from_db()
    assert (model.state, model.active) == (STATES.ACCEPTED, True)
    assert model.annotation_source == "corrected"
    assert model.keypoints[4] == pytest.approx([x - 20, y - 30, 1], abs=3)
    assert model.keypoints[7][2] == 0


def test_the_page_shows_the_workers_answer_by_itself(
    quiet_page: Callable[..., Any], live_site: str
) -> None:
    model = drawn("minjae", state="new", active=False, lease_until="2100-01-01T00:00Z")
    page = quiet_page(locale="en-US")
    sign_in(page, live_site)
    page.goto(address(model))
    assert page.locator(".state--busy").count() == 1
    assert page.locator("[name=_accept]").count() == 0

    FittingModel.objects.filter(pk=model.pk).update(state="annotated", lease_until=None)

    page.wait_for_selector("[name=_accept]")
    assert page.locator(".state--todo").count() == 1


def test_swapped_sides_are_seen_before_they_are_saved(
    quiet_page: Callable[..., Any], live_site: str
) -> None:
    model = drawn("sora", annotated=True)
    before = model.keypoints
    page = quiet_page(locale="en-US")
    sign_in(page, live_site)
    page.goto(address(model))

    page.get_by_role("button", name="Swap left and right").click()
    page.locator("#id_swap_parse").check()
    assert "swapped" in page.locator(".points__overlay").get_attribute("href")
    page.locator("[name=_continue]").click()
    page.wait_for_selector(".messagelist .success")

    def swapped() -> bool:
        model.refresh_from_db()
        return bool(model.keypoints[2] == before[5])

    wait_until(swapped)
    assert model.keypoints[5] == before[2]
    assert model.state == STATES.ANNOTATED
