"""The fitting room's pages: with htmx, and without any script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fittingroom.models import FittingModel, Rating, TryOn
from fittingroom.services import share_link
from shop.catalogue.models import Product, ProductImage
from tests.factories import FittingModelFactory, ProductFactory, TryOnFactory, UserFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def product(tee: ProductImage) -> Product:
    return tee.product


@pytest.fixture
def alices(client: Client, alice: Any) -> Client:
    client.force_login(alice)
    return client


def done(owner: Any, **fields: Any) -> TryOn:
    return TryOnFactory(user=owner, done=True, **fields)


def url(tryon: TryOn, verb: str = "", language: str = "en") -> str:
    return f"/{language}/fitting-room/t/{tryon.pk}/{verb + '/' if verb else ''}"


# --- the panel ------------------------------------------------------------------------------


def test_the_panel_shows_who_can_wear_it(
    client: Client, product: Product, mia: FittingModel
) -> None:
    FittingModelFactory(slug="gone", active=False)
    page = client.get(f"/en/fitting-room/panel/{product.pk}/").content.decode()
    assert "<html" in page
    assert 'value="mia"' in page
    assert "170 cm" in page
    assert "wears M" in page
    assert 'value="gone"' not in page


def test_htmx_gets_the_panel_without_a_page(
    client: Client, product: Product, mia: FittingModel
) -> None:
    response = client.get(f"/en/fitting-room/panel/{product.pk}/", headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert 'value="mia"' in page


def test_the_panel_of_a_draft_is_not_there(client: Client, product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(status=Product.Status.DRAFT)
    assert client.get(f"/en/fitting-room/panel/{product.pk}/").status_code == 404
    assert client.post(f"/en/fitting-room/try/{product.pk}/").status_code == 404


def test_the_last_person_is_chosen_again(
    client: Client, product: Product, mia: FittingModel
) -> None:
    FittingModelFactory(slug="noa", position=5)
    path = f"/en/fitting-room/panel/{product.pk}/"
    assert re.search(r'value="mia"[^>]* checked', client.get(path).content.decode())
    client.post(f"/en/fitting-room/try/{product.pk}/", {"fitting_model": "noa"})
    assert re.search(r'value="noa"[^>]* checked', client.get(path).content.decode())
    FittingModel.objects.filter(slug="noa").update(active=False)
    assert re.search(r'value="mia"[^>]* checked', client.get(path).content.decode())


@pytest.mark.parametrize(
    ("choice", "words"),
    [({}, "Choose who should wear it."), ({"fitting_model": "nobody"}, "no longer here")],
)
def test_a_bad_choice_is_said_in_the_panel(
    client: Client, product: Product, mia: FittingModel, choice: dict[str, str], words: str
) -> None:
    path = f"/en/fitting-room/try/{product.pk}/"
    whole = client.post(path, choice)
    assert whole.status_code == 422
    assert words in whole.content.decode()
    assert "<html" in whole.content.decode()
    part = client.post(path, choice, headers=HTMX)
    assert part.status_code == 422
    assert part["HX-Retarget"] == "#fitting-panel-content"
    assert words in part.content.decode()
    assert not TryOn.objects.exists()


def test_a_garment_that_cannot_be_worn_says_so(client: Client, mia: FittingModel) -> None:
    bare = ProductFactory()
    panel = client.get(f"/ko/fitting-room/panel/{bare.pk}/").content.decode()
    assert "아직 입어볼 수 없어요" in panel
    response = client.post(f"/ko/fitting-room/try/{bare.pk}/", {"fitting_model": "mia"})
    assert response.status_code == 422
    assert "아직 입어볼 수 없어요" in response.content.decode()


def test_the_colour_that_is_looked_at_is_worn(
    client: Client, product: Product, mia: FittingModel, make_tee: Callable[..., ProductImage]
) -> None:
    blue = make_tee((30, 60, 180), product=product)
    foreign = make_tee((0, 160, 0))
    panel = client.get(f"/en/fitting-room/panel/{product.pk}/?image={blue.pk}").content.decode()
    assert re.search(rf'name="image" value="{blue.pk}" checked', panel)
    path = f"/en/fitting-room/try/{product.pk}/"
    client.post(path, {"fitting_model": "mia", "image": blue.pk})
    assert TryOn.objects.get().garments.get().image == blue
    # Another product's picture is not taken; the product's own first one is.
    client.post(path, {"fitting_model": "mia", "image": foreign.pk})
    worn = {tryon.garments.get().image for tryon in TryOn.objects.all()}
    assert worn == {blue, product.garment_image}


# --- one try-on -----------------------------------------------------------------------------


def test_without_scripts_from_the_button_to_the_deleted_picture(
    client: Client, product: Product, mia: FittingModel
) -> None:
    response = client.post(f"/en/fitting-room/try/{product.pk}/", {"fitting_model": "mia"})
    tryon = TryOn.objects.get()
    assert response.status_code == 302
    assert response["Location"] == url(tryon)
    waiting = client.get(url(tryon)).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in waiting
    assert "Fitting the clothes" in waiting

    response = client.post(url(tryon, "cancel"))
    assert response["Location"] == url(tryon)
    cancelled = client.get(url(tryon)).content.decode()
    assert "Nothing was made" in cancelled
    assert "refresh" not in cancelled

    assert client.post(url(tryon, "delete"))["Location"] == "/en/fitting-room/"
    assert not TryOn.objects.exists()


def test_htmx_gets_the_stage(client: Client, product: Product, mia: FittingModel) -> None:
    path = f"/en/fitting-room/try/{product.pk}/"
    response = client.post(path, {"fitting_model": "mia"}, headers=HTMX)
    page = response.content.decode()
    tryon = TryOn.objects.get()
    assert page.strip().startswith('<div class="stage')
    assert f'data-events="{url(tryon, "events")}"' in page


def test_from_another_try_on_s_page_htmx_goes_to_the_new_one(
    client: Client, product: Product, mia: FittingModel
) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/en/fitting-room/t/0-0/"}
    path = f"/en/fitting-room/try/{product.pk}/"
    response = client.post(path, {"fitting_model": "mia"}, headers=headers)
    assert response["HX-Redirect"] == url(TryOn.objects.get())


def test_a_poll_that_knows_the_stage_gets_nothing(alices: Client, alice: Any) -> None:
    tryon = TryOnFactory(user=alice)
    assert alices.get(url(tryon) + "?stage=waiting", headers=HTMX).status_code == 204
    changed = alices.get(url(tryon) + "?stage=preparing", headers=HTMX)
    assert changed.status_code == 200
    assert "Checking the photo" in changed.content.decode()


@pytest.mark.parametrize(
    ("language", "mark"), [("ko", "AI로 만든 이미지"), ("en", "Picture made by AI")]
)
def test_a_result_is_marked_and_can_be_compared(
    alices: Client, alice: Any, language: str, mark: str
) -> None:
    tryon = done(alice)
    page = alices.get(url(tryon, language=language)).content.decode()
    assert mark in page
    for verb in ("person", "result", "download", "share", "rate", "delete"):
        assert url(tryon, verb, language) in page


@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        ("no_garment", "en", "We couldn&#x27;t tell the garment from its background."),
        ("no_garment", "ko", "배경과 구분하지 못했어요"),
        ("failed", "ko", "다시 시도해 주세요"),
    ],
)
def test_a_failure_gives_its_reason(
    alices: Client, alice: Any, code: str, language: str, words: str
) -> None:
    tryon = TryOnFactory(user=alice, failed=True, reason_code=code)
    page = alices.get(url(tryon, language=language)).content.decode()
    assert words in page
    # Another attempt helps only where the garment's picture is not the trouble.
    again = "다시 시도</button>" if language == "ko" else "Try again</button>"
    assert (again in page) == (code == "failed")


def test_strangers_see_nothing(client: Client, alice: Any, bob: Any) -> None:
    tryon = done(alice)
    for stranger in (None, bob):
        if stranger:
            client.force_login(stranger)
        assert client.get(url(tryon)).status_code == 404
        for verb in ("cancel", "delete", "rate", "share", "unshare"):
            assert client.post(url(tryon, verb), {"realism": 1}).status_code == 404, verb
        assert str(tryon.pk) not in client.get("/en/fitting-room/").content.decode()
    assert TryOn.objects.filter(pk=tryon.pk).exists()
    assert not Rating.objects.exists()


def test_changes_need_a_post(alices: Client, alice: Any) -> None:
    tryon = done(alice)
    for verb in ("cancel", "delete", "rate", "share", "unshare"):
        assert alices.get(url(tryon, verb)).status_code == 405


def test_a_page_of_one_try_on_has_a_fixed_price(alices: Client, alice: Any) -> None:
    tryon = done(alice)
    alices.get(url(tryon))
    with CaptureQueriesContext(connection) as queries:
        assert alices.get(url(tryon)).status_code == 200
    assert len(queries) <= 7


# --- rating ---------------------------------------------------------------------------------


def test_a_rating_is_saved_and_changed_in_place(alices: Client, alice: Any) -> None:
    tryon = done(alice)
    low = {"realism": "2", "reasons": ["edges", "colour"], "comment": "seam"}
    saved = alices.post(url(tryon, "rate"), low, headers=HTMX)
    assert "Saved." in saved.content.decode()
    rating = Rating.objects.get()
    assert (rating.realism, rating.liking, rating.reasons) == (2, None, ["edges", "colour"])

    # The page hides the reasons above 3 but still sends them.
    alices.post(url(tryon, "rate"), {**low, "realism": "5", "liking": "4"}, headers=HTMX)
    rating.refresh_from_db()
    assert (rating.realism, rating.liking, rating.reasons) == (5, 4, [])
    page = alices.get(url(tryon)).content.decode()
    assert re.search(r'name="realism" value="5"[^>]* checked', page)


@pytest.mark.parametrize("answers", [{}, {"realism": "6"}, {"realism": "x"}, {"comment": "hm"}])
def test_a_rating_without_a_score_says_so(
    alices: Client, alice: Any, answers: dict[str, str]
) -> None:
    tryon = done(alice)
    part = alices.post(url(tryon, "rate"), answers, headers=HTMX)
    assert part.status_code == 422
    assert "form-error" in part.content.decode()
    whole = alices.post(url(tryon, "rate"), answers)
    assert whole.status_code == 422
    assert "form-error" in whole.content.decode()
    assert not Rating.objects.exists()


def test_without_scripts_a_rating_leads_back(alices: Client, alice: Any) -> None:
    tryon = done(alice)
    response = alices.post(url(tryon, "rate"), {"liking": "5"}, follow=True)
    assert response.redirect_chain == [(url(tryon), 302)]
    assert "Your rating is saved." in response.content.decode()


# --- sharing --------------------------------------------------------------------------------


def test_a_shared_picture_opens_without_an_account(alices: Client, alice: Any) -> None:
    tryon = done(alice)
    page = alices.post(url(tryon, "share"), headers=HTMX).content.decode()
    link = re.search(r'value="http://testserver([^"]+)"', page)
    assert link
    anybody = Client()
    response = anybody.get(link[1])
    shown = response.content.decode()
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in shown
    assert "Picture made by AI" in shown
    assert str(tryon.pk) not in shown  # the holder of a link learns no other address

    alices.post(url(tryon, "unshare"), headers=HTMX)
    assert anybody.get(link[1]).status_code == 404


def test_an_unfinished_picture_cannot_be_shared(alices: Client, alice: Any) -> None:
    tryon = TryOnFactory(user=alice)
    response = alices.post(url(tryon, "share"), follow=True)
    assert "Only a finished picture can be shared." in response.content.decode()


def test_a_forged_link_is_not_there(client: Client, alice: Any) -> None:
    token = share_link(tryon=done(alice))
    assert client.get(f"/en/fitting-room/s/{token}/").status_code == 200
    assert client.get(f"/en/fitting-room/s/{token}x/").status_code == 404


# --- my fitting room ------------------------------------------------------------------------


def test_history_is_empty_at_first(client: Client) -> None:
    page = client.get("/ko/fitting-room/").content.decode()
    assert "아직 입어본 옷이 없어요" in page


def test_history_has_pages_of_12_in_a_fixed_number_of_queries(alices: Client, alice: Any) -> None:
    mia = FittingModelFactory()
    done(alice, fitting_model=mia)
    TryOnFactory(user=alice, failed=True, fitting_model=mia)
    alices.get("/en/fitting-room/")
    with CaptureQueriesContext(connection) as few:
        alices.get("/en/fitting-room/")
    for _ in range(18):
        done(alice, fitting_model=mia)
    with CaptureQueriesContext(connection) as many:
        page = alices.get("/en/fitting-room/").content.decode()
    assert len(many) == len(few)
    assert page.count('class="look"') == 12
    second = alices.get("/en/fitting-room/?page=2").content.decode()
    assert second.count('class="look"') == 8


def test_history_takes_a_card_away_in_place(alices: Client, alice: Any) -> None:
    tryon = done(alice)
    gone = alices.post(url(tryon, "delete"), headers={**HTMX, "HX-Target": f"look-{tryon.pk}"})
    assert gone.content == b""
    assert not TryOn.objects.exists()


@pytest.mark.parametrize("on_its_own_page", [True, False])
def test_a_deleted_result_leaves_the_page_that_shows_it(
    alices: Client, alice: Any, on_its_own_page: bool
) -> None:
    tryon = done(alice)
    here = f"http://testserver{url(tryon)}" if on_its_own_page else "http://testserver/en/p/1/x/"
    response = alices.post(
        url(tryon, "delete"),
        headers={**HTMX, "HX-Target": "fitting-stage", "HX-Current-URL": here},
    )
    if on_its_own_page:
        assert response["HX-Redirect"] == "/en/fitting-room/"
    else:
        assert 'id="fitting-stage"' in response.content.decode()


def test_a_visitor_keeps_the_picture_after_signing_in(
    client: Client, product: Product, mia: FittingModel
) -> None:
    client.post(f"/en/fitting-room/try/{product.pk}/", {"fitting_model": "mia"})
    pk: UUID = TryOn.objects.get().pk
    client.force_login(UserFactory())
    assert str(pk) in client.get("/en/fitting-room/").content.decode()
