"""A shopper's own photo in a real browser: chosen, cropped, sent, refused, worn, deleted.

Photos are the demo's drawings. The worker and the network that looks at photos are the real ones.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import expect

from fittingroom.models import PersonPhoto, TryOn
from fittingroom.photos import files
from shop.catalogue.models import Product, Region
from tests.browser.conftest import DEMO
from tests.browser.test_tryon import PATIENCE, focused, go_to, no_sideways_scroll, see
from tests.factories import CategoryFactory, FittingModelFactory, PersonPhotoFactory, UserFactory
from tests.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

# A photo is decoded, cropped and encoded by a browser that shares the machine with a worker.
expect.set_options(timeout=30_000)

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 60), (30, 60, 220), (250, 250, 250)
WORDS = {
    "ko": {
        "me": "내 사진에",
        "send": "사진 보내고 확인하기",
        "ready": "입어볼 준비가 됐어요",
        "try": "입어보기",
        "worn": "내가 입은 모습이에요",
        "delete": "지금 삭제",
        "everything": "사진과 만든 이미지 모두",
        "several": "한 사람만 나온 사진이 필요해요",
        "again": "다른 사진으로 하기",
    },
    "en": {
        "me": "On me",
        "send": "Send and check the photo",
        "ready": "Ready to try on",
        "try": "Try on",
        "worn": "You are wearing it",
        "delete": "Delete now",
        "everything": "Photo and pictures made with it",
        "several": "Only one person, please",
        "again": "Try another photo",
    },
}


# --- the whole way --------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "width"), [("ko", 390), ("en", 1280)])
def test_from_a_photo_to_a_picture_of_me_and_back_to_nothing(
    quiet_page: Callable[..., Any], tee: Product, language: str, width: int
) -> None:
    words = WORDS[language]
    page = quiet_page(width=width, locale="ko-KR" if language == "ko" else "en-US")
    open_me(page, tee, language)
    assert no_sideways_scroll(page)
    choose(page, drawn_photo())
    tick(page)
    page.get_by_role("button", name=words["send"]).click()

    expect(page.locator(".own-photo__state")).to_have_text(words["ready"], timeout=PATIENCE)
    assert PersonPhoto.objects.get().status == PersonPhoto.Status.READY
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    expect(page.locator(".own-photo__left")).to_contain_text("23")
    see(page, ".own-photo img")
    assert no_sideways_scroll(page)

    page.locator("#panel-me").get_by_role("button", name=words["try"], exact=True).click()
    page.wait_for_selector("#fitting-stage[data-status=done]", timeout=PATIENCE)
    expect(page.locator("[data-stage-title]")).to_have_text(words["worn"])
    see(page, "[data-after]")
    see(page, ".compare__before")
    assert TryOn.objects.get().photo == PersonPhoto.objects.get()

    # The next product starts with me, and needs no new photo.
    page.goto(f"/{language}/p/{tee.pk}/")
    page.locator(".gallery__tryon").click()
    expect(page.get_by_role("tab", name=words["me"])).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")

    page.goto(f"/{language}/fitting-room/")
    card = page.locator(".my-photos .own-photo")
    card.get_by_text(words["delete"]).click()
    card.get_by_role("button", name=words["everything"]).click()
    expect(card).to_have_count(0)
    expect(page.locator(".my-photos")).to_be_hidden()
    assert not TryOn.objects.exists()
    photo = PersonPhoto.objects.get()
    assert photo.status == PersonPhoto.Status.ERASED
    assert not photo.file
    assert files.FOLDERS.files(photo.pk) == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_two_people_are_refused_with_a_sentence_that_helps(
    quiet_page: Callable[..., Any], tee: Product, language: str
) -> None:
    words = WORDS[language]
    page = quiet_page(width=390, locale="ko-KR" if language == "ko" else "en-US")
    open_me(page, tee, language)
    choose(page, two_people())
    tick(page)
    page.get_by_role("button", name=words["send"]).click()
    refused = page.locator(".own-photo[data-status=refused]")
    expect(refused).to_contain_text(words["several"], timeout=PATIENCE)
    # The drawing that shows it, the rule that it broke, and another try at once.
    assert "bad-two" in str(refused.locator("img").get_attribute("src"))
    expect(refused.locator(".rule--failed")).to_have_count(1)
    expect(page.locator("[data-own-live]")).to_contain_text(words["several"])
    page.get_by_role("button", name=words["again"]).click()
    expect(refused).to_have_count(0)
    expect(page.locator("[data-drop]")).to_be_visible()
    assert files.FOLDERS.files(PersonPhoto.objects.get().pk) == []


def test_without_javascript(new_page: Callable[..., Any], tee: Product) -> None:
    page = new_page(width=390, locale="en-US", javascript=False)
    page.set_default_timeout(PATIENCE)
    page.goto(f"/en/p/{tee.pk}/")
    page.locator(".gallery__tryon").click()
    page.get_by_role("link", name="On me").click()
    page.get_by_label("Choose a photo").set_input_files(drawn_photo())
    page.get_by_role("button", name="Send and check the photo").click()
    # Nothing was ticked: the page says so and has sent nothing on.
    expect(page.get_by_text("Without your consent we can't use a photo.")).to_be_visible()
    assert not PersonPhoto.objects.exists()

    page.get_by_label("Choose a photo").set_input_files(drawn_photo())
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Send and check the photo").click()
    # The page reloads itself until the photo has been looked at.
    expect(page.get_by_text("Ready to try on")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Try on", exact=True).click()
    page.wait_for_selector("#fitting-stage[data-status=done]", timeout=PATIENCE)
    assert page.get_by_text("You are wearing it").is_visible()

    page.goto("/en/fitting-room/")
    page.get_by_text("Delete now").click()
    page.get_by_role("button", name="Only the photo").click()
    assert PersonPhoto.objects.get().status == PersonPhoto.Status.ERASED
    assert TryOn.objects.exists()


def test_by_keyboard_alone(quiet_page: Callable[..., Any], tee: Product) -> None:
    page = quiet_page(locale="en-US")
    page.set_default_timeout(PATIENCE)
    # Playwright starts to catch choosers some time after it was asked to.
    page.on("filechooser", lambda chooser: None)
    page.goto(f"/en/p/{tee.pk}/")
    go_to(page, "Try on")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fitting-panel[open] .person")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "On a model"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "On me"
    expect(page.locator("#panel-me")).to_be_visible()
    scripts_are_there(page)
    go_to(page, "Choose a photo", at_most=3)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(quadrants())
    expect(page.locator("[data-crop]")).to_be_visible()
    wait_until(lambda: page.evaluate("document.activeElement.name") == "consent")

    # Back to the frame: its four edges are sliders.
    edge = page.get_by_role("slider", name="Crop from the left")
    edge.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "11")
    page.keyboard.press("ArrowUp")  # an edge at the side does not go up
    expect(edge).to_have_attribute("aria-valuenow", "11")
    go_to(page, "Turn left", at_most=1)
    page.keyboard.press("Enter")
    # What was the left side is the bottom now.
    bottom = page.get_by_role("slider", name="Crop from the bottom")
    expect(bottom).to_have_attribute("aria-valuenow", "11")

    page.locator("[name=consent]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    go_to(page, "Send and check the photo", at_most=1)
    sent = upload_of(page, lambda: page.keyboard.press("Enter"))
    assert sent["consent"] == sent["attest"] == b"1"


# --- choosing -------------------------------------------------------------------------------------


def test_what_is_missing_is_said_where_it_is_missing(
    quiet_page: Callable[..., Any], tee: Product
) -> None:
    page = quiet_page(width=390, locale="en-US")
    open_me(page, tee)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.post_data else None)
    consent, attest = page.locator("[name=consent]"), page.locator("[name=attest]")
    choose(page, quadrants())
    assert not consent.is_checked()
    assert not attest.is_checked()
    send = page.get_by_role("button", name="Send and check the photo")
    send.click()
    expect(page.locator("#consent-error")).to_have_text(re.compile("Tick this box"))
    expect(page.locator("#consent-error")).to_be_in_viewport()
    expect(page.locator("#attest-error")).to_have_text(re.compile("this box too"))
    expect(consent).to_be_focused()
    expect(consent).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-own-live]")).to_contain_text("Tick this box")
    consent.check()
    expect(page.locator("#consent-error")).to_be_empty()
    send.click()
    expect(attest).to_be_focused()
    assert not posts
    assert not PersonPhoto.objects.exists()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_dropped_and_pasted(quiet_page: Callable[..., Any], tee: Product, way: str) -> None:
    page = quiet_page(locale="en-US")
    open_me(page, tee)
    page.evaluate(
        """([way, data]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const files = new DataTransfer();
          files.items.add(new File([bytes], "me.png", { type: "image/png" }));
          const options = { bubbles: true, cancelable: true };
          const target = document.querySelector("[data-drop]");
          if (way === "paste") {
            target.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: files }));
          } else {
            target.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: files }));
            target.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: files }));
          }
        }""",
        [way, base64.b64encode(quadrants()["buffer"]).decode()],
    )
    expect(page.locator("[data-crop] canvas")).to_be_visible()
    assert no_sideways_scroll(page)


def test_only_what_is_shown_is_sent(quiet_page: Callable[..., Any], tee: Product) -> None:
    page = quiet_page(locale="en-US")
    open_me(page, tee)
    choose(page, quadrants(size=(800, 600)))
    page.get_by_role("button", name="Turn right").click()
    # Upright now: blue and red above, white and green below. Pull the lower edge to the middle.
    frame = page.locator("[data-crop-frame]").bounding_box()
    corner = page.locator(".crop__corner--br").bounding_box()
    start = (corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] - 0.2 * frame["width"], start[1] - 0.5 * frame["height"], steps=4)
    page.mouse.up()
    tick(page)
    sent = upload_of(
        page, lambda: page.get_by_role("button", name="Send and check the photo").click()
    )
    with Image.open(io.BytesIO(sent["photo"])) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
        width, height = picture.size
        assert (width, height) == pytest.approx((480, 400), abs=4)
        assert near(picture.getpixel((width * 5 // 16, height // 2)), BLUE)
        assert near(picture.getpixel((width * 15 // 16, height // 2)), RED)
        assert near(picture.getpixel((width * 5 // 16, height - 8)), BLUE)


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [("big.jpg", 15_000_001, "larger than 15 MB"), ("cv.pdf", 4, "not a photo")],
)
def test_files_that_cannot_be_photos_are_not_sent(
    quiet_page: Callable[..., Any], tee: Product, tmp_path: Path, name: str, size: int, words: str
) -> None:
    file = tmp_path / name
    with file.open("wb") as out:
        out.truncate(size)
    page = quiet_page(locale="en-US")
    open_me(page, tee)
    page.locator("[data-photo-input]").set_input_files(file)
    expect(page.locator("#photo-error")).to_contain_text(words)
    expect(page.locator("[data-crop]")).to_be_hidden()


def test_a_photo_that_the_browser_cannot_draw_is_sent_whole(
    quiet_page: Callable[..., Any], tee: Product
) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    out = io.BytesIO()
    with Image.open(io.BytesIO(quadrants()["buffer"])) as picture:
        picture.save(out, "HEIF")
    page = quiet_page(locale="en-US")
    open_me(page, tee)
    choose(page, {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": out.getvalue()})
    expect(page.get_by_text("It is sent whole.")).to_be_visible()
    expect(page.locator("[data-crop-frame]")).to_be_hidden()
    tick(page)
    sent = upload_of(
        page, lambda: page.get_by_role("button", name="Send and check the photo").click()
    )
    assert sent["photo"] == out.getvalue()


def test_what_the_server_finds_wrong_is_shown_in_the_form(
    new_page: Callable[..., Any], tee: Product
) -> None:
    page = new_page(locale="en-US")  # the browser notes the answer 422 in its console
    open_me(page, tee)
    broken = {"name": "me.heic", "mimeType": "image/heic", "buffer": b"not a picture at all"}
    choose(page, broken)
    tick(page)
    page.get_by_role("button", name="Send and check the photo").click()
    expect(page.locator("#photo-error")).to_contain_text("We can't read this file")
    # The boxes stay as they were, and the form works on.
    expect(page.locator("[name=consent]")).to_be_checked()
    choose(page, quadrants())


# --- the camera -----------------------------------------------------------------------------------


def test_a_photo_is_taken_with_the_camera(quiet_page: Callable[..., Any], tee: Product) -> None:
    page = quiet_page(locale="en-US")
    open_me(page, tee)
    page.get_by_role("button", name="Take a photo").click()
    camera = page.get_by_role("dialog", name="Take a photo")
    expect(camera.locator(".camera__outline")).to_be_visible()
    camera.get_by_label("Self-timer").select_option("0")
    camera.get_by_role("button", name="Take it").click()
    expect(page.locator("[data-crop] canvas")).to_be_visible()
    expect(camera).to_be_hidden()
    shape = page.locator("[data-crop] canvas").evaluate("(canvas) => canvas.width / canvas.height")
    assert shape == pytest.approx(3 / 4, abs=0.01)
    # The camera is off again.
    assert page.locator("video").evaluate("(video) => video.srcObject") is None


def test_without_a_camera_the_dialog_says_what_to_do(
    quiet_page: Callable[..., Any], tee: Product
) -> None:
    page = quiet_page(locale="en-US")
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))"
    )
    open_me(page, tee)
    page.get_by_role("button", name="Take a photo").click()
    camera = page.get_by_role("dialog", name="Take a photo")
    expect(camera.get_by_role("alert")).to_contain_text("choose a photo instead")
    camera.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Take a photo")).to_be_focused()


# --- photos that are there ------------------------------------------------------------------------


@pytest.fixture
def mine(live_site: str) -> PersonPhoto:
    """A ready photo of a user, from which trousers cannot be shown."""
    problems = {"lower": {"code": "cut_off", "parts": ["knees", "feet"]}}
    return PersonPhotoFactory(user=UserFactory(), region_problems=problems)


@pytest.fixture
def signed_in(
    quiet_page: Callable[..., Any], live_site: str, mine: PersonPhoto
) -> Callable[..., Any]:
    """``quiet_page`` of the photo's owner."""

    def open_page(**options: Any) -> Any:
        client = Client()
        client.force_login(mine.user)
        name = settings.SESSION_COOKIE_NAME
        page = quiet_page(**options)
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_site}
        page.context.add_cookies([cookie])
        return page

    return open_page


def test_a_garment_that_the_photo_cannot_wear_says_so_before(
    signed_in: Callable[..., Any], tee: Product
) -> None:
    tee.category = CategoryFactory(slug="trousers", region=Region.LOWER)
    tee.save()
    page = signed_in(width=390, locale="en-US")
    open_me(page, tee)
    expect(page.locator(".own-photo")).to_contain_text("Your knees and feet are outside the frame")
    expect(page.locator("#panel-me [type=radio][name=photo]")).to_be_disabled()
    expect(page.get_by_role("button", name="Try on", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Try it on a model instead").click()
    expect(page.locator("#panel-model")).to_be_visible()
    expect(page.get_by_role("tab", name="On a model")).to_be_focused()


def test_my_photos_are_kept_longer_and_deleted(
    signed_in: Callable[..., Any], tee: Product, mine: PersonPhoto
) -> None:
    page = signed_in(locale="en-US")
    page.goto("/en/fitting-room/")
    card = page.locator(".my-photos .own-photo")
    expect(card).to_contain_text("Erased in 23 hours")
    card.get_by_text("Keep longer").click()
    card.get_by_role("button", name="7 days").click()
    expect(card).to_contain_text("Erased in 6 days")
    mine.refresh_from_db()
    assert mine.keep_days == 7

    open_me(page, tee)
    card = page.locator("#own-photos .own-photo")
    # Enter in the list tries on; it must not press a button of the card.
    assert page.locator("#panel-me form").first.evaluate(
        "(form) => form.querySelector('[type=submit]:not([form])').closest('.panel__foot') !== null"
    )
    card.get_by_text("Delete now").click()
    card.get_by_role("button", name="Only the photo").click()
    expect(card).to_have_count(0)
    expect(page.get_by_role("button", name="Choose a photo")).to_be_focused()
    mine.refresh_from_db()
    assert mine.status == PersonPhoto.Status.ERASED


def test_everything_has_a_name(signed_in: Callable[..., Any], tee: Product) -> None:
    page = signed_in(locale="en-US")
    open_me(page, tee)
    tabs = page.get_by_role("tablist", name="Who should wear it?").get_by_role("tab")
    assert tabs.all_inner_texts() == ["On a model", "On me"]
    expect(page.get_by_role("tabpanel", name="On me")).to_be_visible()
    page.get_by_role("button", name="Use another photo").click()
    choose(page, quadrants())
    nameless = page.locator("#panel-me").evaluate(
        """(panel) => {
          const seen = (node) => node.checkVisibility() && !node.ariaHidden;
          const labels = (node) => [...(node.labels ?? [])].map((label) => label.innerText).join();
          const controls = panel.querySelectorAll("button, a, input, summary, select, [role]");
          return [...controls]
            .filter((node) => seen(node) && node.type !== "hidden")
            .filter((node) => !(node.ariaLabel || labels(node) || node.innerText)?.trim())
            .map((node) => node.outerHTML);
        }"""
    )
    assert nameless == []
    assert page.locator("#panel-me img:not([alt])").count() == 0


def test_many_people_are_filtered_by_height_and_size(
    quiet_page: Callable[..., Any], tee: Product
) -> None:
    for number, height in enumerate((155, 158, 164, 172, 178, 186)):
        size = "L" if height > 170 else "S"
        FittingModelFactory(slug=f"person-{number}", height_cm=height, size_worn=size)
    page = quiet_page(locale="en-US")
    page.goto(f"/en/p/{tee.pk}/")
    page.locator(".gallery__tryon").click()
    page.wait_for_selector("#fitting-panel[open] .person")
    people = page.locator("[data-person]:visible")
    expect(people).to_have_count(8)
    page.get_by_label("under 160 cm").check()
    expect(people).to_have_count(2)
    page.get_by_label("L", exact=True).check()
    expect(people).to_have_count(0)
    expect(page.get_by_text("Nobody fits these filters.")).to_be_visible()
    page.get_by_label("180 cm and up").check()
    expect(people).to_have_count(1)


# --- helpers --------------------------------------------------------------------------------------


def open_me(page: Any, product: Product, language: str = "en") -> None:
    """The panel of a product at its second tab, whose scripts have arrived."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"/{language}/p/{product.pk}/")
    page.locator(".gallery__tryon").click()
    page.wait_for_selector("#fitting-panel[open] #tab-me")
    page.locator("#tab-me").click()
    expect(page.locator("#panel-me")).to_be_visible()
    scripts_are_there(page)


def scripts_are_there(page: Any) -> None:
    """The tab loads them when it opens; the same module twice is loaded once."""
    page.locator("[data-own]").evaluate("(own) => import(own.dataset.script).then(() => null)")


def choose(page: Any, file: dict[str, Any]) -> None:
    page.locator("[data-photo-input]").set_input_files(file)
    expect(page.locator("[data-photo-form][data-step=send] [data-crop]")).to_be_visible()


def tick(page: Any) -> None:
    page.locator("[name=consent]").check()
    page.locator("[name=attest]").check()


def upload_of(page: Any, act: Callable[[], None]) -> dict[str, bytes]:
    """What the form sends, by field. (Chromium tells nobody the bytes of a multipart body.)"""
    page.evaluate(
        """() => {
          const send = XMLHttpRequest.prototype.send;
          XMLHttpRequest.prototype.send = function (body) {
            if (body instanceof FormData) window.sentForm = body;
            send.call(this, body);
          };
        }"""
    )
    with page.expect_response("**/fitting-room/photos/") as response:
        act()
    assert response.value.status == 200
    fields = page.evaluate(
        """async () => {
          const fields = {};
          for (const [name, value] of window.sentForm) {
            const bytes = new Uint8Array(await new Blob([value]).arrayBuffer());
            fields[name] = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
          }
          return fields;
        }"""
    )
    return {name: base64.b64decode(value) for name, value in fields.items()}


def png(picture: Image.Image) -> dict[str, Any]:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": out.getvalue()}


def drawn_photo() -> dict[str, Any]:
    """A drawn person from head to toe."""
    with Image.open(DEMO / "fitting_models" / "photos" / "sora.webp") as person:
        return png(person.convert("RGB"))


def two_people() -> dict[str, Any]:
    """Two drawn people side by side."""
    both = Image.new("RGB", (1200, 1200))
    for place, name in enumerate(("yuna", "minjae")):
        with Image.open(DEMO / "fitting_models" / "photos" / f"{name}.webp") as person:
            both.paste(person.convert("RGB").crop((150, 0, 750, 1200)), (600 * place, 0))
    return png(both)


def quadrants(size: tuple[int, int] = (800, 600)) -> dict[str, Any]:
    """Red and green above, blue and white below."""
    small = Image.new("RGB", (2, 2))
    for place, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        small.putpixel((place % 2, place // 2), colour)
    return png(small.resize(size, Image.Resampling.NEAREST))


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 12
