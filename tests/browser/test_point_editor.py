"""The admin's point editor alone: a page of its own under the site's security policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.forms import Form, JSONField
from django.utils import translation

from fittingroom.admin.points import NamedPoint, PointsWidget, Stage
from tests import drawings

pytestmark = pytest.mark.browser

STATIC = Path(settings.BASE_DIR) / "static"
SITE = "http://points.test"
POLICY = "; ".join(
    f"{name} {' '.join(sources)}"
    for name, sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
POINTS = [
    NamedPoint("neck", "neck"),
    NamedPoint("r_hand", "right hand", "right", "l_hand"),
    NamedPoint("l_hand", "left hand", "left", "r_hand"),
]
#: The photo is 240 x 320.
AT = [[120, 80, 1], [78, 174, 0.5], [0, 0, 0]]


def document(points: Any = AT, clicks: Any = None, **options: Any) -> str:
    """A form with the editor as the admin renders it, in a window that shows the photo 1:1."""
    stage = Stage("/photo.jpg", 240, 320, "/overlay.png", "id_swap", "/swapped.png")
    widget = PointsWidget(
        points=POINTS,
        lines=[("neck", "r_hand"), ("neck", "l_hand")],
        stage=stage,
        clicks="clicks" if clicks is not None else "",
        **options,
    )

    class Edited(Form):
        points = JSONField(widget=widget)

    with translation.override("en"):
        form = Edited(initial={"points": points})
        hidden = "" if clicks is None else f'<input id="id_clicks" value="{json.dumps(clicks)}">'
        return (
            f"<!doctype html><title>x</title>{form.media}"
            f'<link rel="stylesheet" href="/static/page.css"><main>{form["points"]}</main>'
            f'<input type="checkbox" id="id_swap">{hidden}'
        )


@pytest.fixture
def open_editor(browser: Any) -> Iterator[Callable[..., Any]]:
    contexts: list[Any] = []
    complaints: list[str] = []

    def answer(route: Any, html: str) -> None:
        path = route.request.url.removeprefix(SITE)
        headers = {"Content-Security-Policy": POLICY}
        if path == "/":
            route.fulfill(body=html, content_type="text/html", headers=headers)
        elif path == "/static/page.css":
            css = "main .points__stage { width: 240px; max-width: none !important }"
            route.fulfill(body=css, content_type="text/css")
        elif path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        elif path.endswith(".jpg"):
            route.fulfill(body=drawings.person_photo(), content_type="image/jpeg")
        else:
            route.fulfill(body=drawings.person_parse(), content_type="image/png")

    def open_page(*args: Any, touch: bool = False, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": 900, "height": 900}, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)  # a busy machine draws slowly
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        html = document(*args, **options)
        page.route(f"{SITE}/**", lambda route: answer(route, html))
        page.goto(f"{SITE}/")
        page.wait_for_selector(".points__stage")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def value(page: Any, field: str = "id_points") -> Any:
    return json.loads(page.locator(f"#{field}").input_value())


def place(page: Any, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the photo lies in the window."""
    box = page.locator(".points__stage").bounding_box()
    return box["x"] + x * box["width"] / 240, box["y"] + y * box["height"] / 320


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    page.mouse.move(*place(page, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    page.mouse.move(*place(page, *end))
    page.mouse.up()


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_dragged_point_is_written_and_taken_back(open_editor: Callable[..., Any]) -> None:
    page = open_editor()

    drag(page, (78, 174), (100, 200))

    x, y, seen = value(page)[1]
    assert (x, y) == pytest.approx((100, 200), abs=1)
    assert seen == 1  # somebody has placed it
    assert value(page)[0] == AT[0]

    press(page, "Undo")
    assert value(page) == AT
    press(page, "Redo")
    assert value(page)[1][0] == pytest.approx(100, abs=1)
    assert page.get_by_role("button", name="Redo").is_disabled()


def test_nothing_is_changed_by_looking(open_editor: Callable[..., Any]) -> None:
    page = open_editor()

    page.mouse.click(*place(page, 78, 174))
    page.mouse.click(*place(page, 20, 20))

    assert value(page) == AT
    assert page.get_by_role("button", name="Undo").is_disabled()


def test_the_keyboard_reaches_moves_and_hides_every_point(open_editor: Callable[..., Any]) -> None:
    page = open_editor()
    neck = page.locator("g.points__point").first
    neck.focus()

    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert value(page)[0] == [122, 90, 1]
    assert page.locator(".points__said").inner_text() == "neck: 122, 90"

    page.keyboard.press("Tab")
    page.keyboard.press("Delete")
    assert value(page)[1] == [78, 174, 0]

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")  # the nudges are one step
    assert value(page) == AT
    page.keyboard.press("Control+Shift+z")
    assert value(page)[0] == [122, 90, 1]


def test_a_point_that_was_nowhere_appears_beside_its_neighbour(
    open_editor: Callable[..., Any],
) -> None:
    page = open_editor()
    hand = page.locator("g.points__point").nth(2)
    assert not hand.is_visible()

    page.get_by_label("left hand can be seen").check()

    x, y, seen = value(page)[2]
    assert seen == 1
    assert (x, y) == pytest.approx((120, 80), abs=20)
    assert hand.is_visible()

    page.get_by_label("left hand can be seen").uncheck()
    assert value(page)[2] == [x, y, 0]


def test_left_and_right_change_places(open_editor: Callable[..., Any]) -> None:
    page = open_editor()

    press(page, "Swap left and right")

    assert value(page) == [AT[0], AT[2], AT[1]]


def test_the_overlay_hides_and_is_swapped(open_editor: Callable[..., Any]) -> None:
    page = open_editor()
    overlay = page.locator(".points__overlay")
    assert overlay.get_attribute("href") == "/overlay.png"

    page.locator("#id_swap").check()
    assert overlay.get_attribute("href") == "/swapped.png"

    press(page, "Show colours")
    assert not overlay.is_visible()


def test_zooming_keeps_points_in_the_photos_pixels(open_editor: Callable[..., Any]) -> None:
    page = open_editor()
    for _ in range(2):
        press(page, "Zoom in")
    view = [float(v) for v in page.locator(".points__stage").get_attribute("viewBox").split()]
    assert view[2] == pytest.approx(240 / 2.25)

    page.mouse.move(*place(page, 20, 20))  # of the window's 240 x 320: an empty place
    page.mouse.down()
    page.mouse.move(*place(page, 20, 220), steps=4)
    page.mouse.up()
    moved = [float(v) for v in page.locator(".points__stage").get_attribute("viewBox").split()]
    assert moved[1] == pytest.approx(max(0, view[1] - 200 / 2.25), abs=1)
    assert value(page) == AT

    start = ((120 - moved[0]) * 2.25, (80 - moved[1]) * 2.25)
    drag(page, start, (start[0] + 22.5, start[1]))
    assert value(page)[0][:2] == pytest.approx([130, 80], abs=0.6)


def test_numbers_changed_by_hand_move_the_points(open_editor: Callable[..., Any]) -> None:
    page = open_editor()
    page.locator(".points__numbers summary").click()
    page.locator("#id_points").fill(json.dumps([[10, 20, 1], *AT[1:]]))
    page.locator("#id_points").blur()

    assert page.locator("g.points__point .points__dot").first.get_attribute("cx") == "10"
    press(page, "Undo")
    assert value(page) == AT


def test_named_points_stay_named(open_editor: Callable[..., Any]) -> None:
    page = open_editor({"neck": [120, 80, 2], "r_hand": [78, 174, 1], "l_hand": [3, 4, 0]}, seen=2)

    drag(page, (120, 80), (130, 80))

    neck = value(page)["neck"]
    assert neck == pytest.approx([130, 80, 2], abs=1)
    assert value(page)["r_hand"] == [78, 174, 1]


def test_clicks_mark_foreground_and_background(open_editor: Callable[..., Any]) -> None:
    page = open_editor(clicks=[])

    page.mouse.click(*place(page, 60, 60))  # the tool still moves points
    assert value(page, "id_clicks") == []
    press(page, "Mark the garment")
    page.mouse.click(*place(page, 60, 60))
    press(page, "Mark what is not garment")
    page.mouse.click(*place(page, 120, 81))  # on a point, which is out of the way now
    marks = value(page, "id_clicks")
    assert [mark[2] for mark in marks] == [1, 0]
    assert marks[0][:2] == pytest.approx([60, 60], abs=1)
    assert value(page) == AT

    page.mouse.click(*place(page, 60, 60))  # a mark that is clicked goes
    assert [mark[2] for mark in value(page, "id_clicks")] == [0]
    page.keyboard.press("Control+z")
    assert len(value(page, "id_clicks")) == 2

    page.locator(".points__stage").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    assert value(page, "id_clicks")[2] == [119, 160, 0]


def test_a_finger_drags_too(open_editor: Callable[..., Any]) -> None:
    page = open_editor(touch=True)
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        at = [dict(zip("xy", place(page, *point), strict=True)) for point in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    send("touchStart", (78, 174))
    send("touchMove", (90, 180))
    send("touchMove", (100, 200))
    send("touchEnd")

    assert value(page)[1][:2] == pytest.approx([100, 200], abs=1.5)


def test_others_can_listen_and_steer(open_editor: Callable[..., Any]) -> None:
    page = open_editor(clicks=[])
    root = page.locator("[data-points]")
    heard = root.evaluate_handle(
        "(root) => { const heard = [];"
        " document.addEventListener('points:change', (e) => heard.push(e.detail.clicks));"
        " return heard }"
    )

    root.evaluate("(root) => root.pointEditor.setClicks([[5, 6, 1]])")
    root.evaluate("(root) => root.pointEditor.undo()")

    assert heard.json_value() == [[[5, 6, 1]], []]
