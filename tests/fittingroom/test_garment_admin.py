"""Masks and landmarks in the admin: the worst first, corrected by drag, click and button."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fittingroom import dispatch
from fittingroom.models import GarmentLabels, TryOn
from shop.catalogue.models import Product, ProductImage, Region
from tests import drawings
from tests.factories import (
    CategoryFactory,
    FittingModelFactory,
    GarmentLabelsFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db
Status = GarmentLabels.Status
LIST = "/en/admin/fittingroom/garmentlabels/"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows that a worker was told about."""
    told: list[int] = []
    monkeypatch.setattr(dispatch, "send_labels", told.append)
    return told


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    return client


def labels(title: str = "", **fields: Any) -> GarmentLabels:
    if title:
        fields["image__product__title_en"] = title
    row: GarmentLabels = GarmentLabelsFactory(**fields)
    return row


def page(row: GarmentLabels, end: str = "change/") -> str:
    return f"{LIST}{row.pk}/{end}"


def shown(client: Client, query: str = "") -> list[str]:
    """Titles of the list's rows, from the top."""
    response = client.get(LIST + query)
    return [row.image.product.title_en for row in response.context["cl"].result_list]


def press(client: Client, row: GarmentLabels, button: str, **fields: Any) -> Any:
    sent = {"picture": row.picture, button: "1", **fields}
    return client.post(page(row), sent)


# --- the list -----------------------------------------------------------------------------------


def test_the_worst_come_first(merchant: Client) -> None:
    labels("checked", status="corrected", kept=True)
    labels("good", confidence=0.9)
    labels("fair", confidence=0.6)
    labels("bad", status="needs_attention", confidence=0.3)
    labels("worse", status="needs_attention", confidence=0.1)
    labels("none", failed=True)
    labels("new", status="waiting")
    assert shown(merchant) == ["none", "worse", "bad", "new", "fair", "good", "checked"]
    assert shown(merchant, "?state=attention") == ["none", "worse", "bad"]
    assert shown(merchant, "?state=ready") == ["fair", "good", "checked"]
    assert shown(merchant, "?state=waiting") == ["new"]


def test_pictures_are_found_by_product_and_sku(merchant: Client) -> None:
    row = labels("Linen shirt")
    VariantFactory(product=row.image.product, sku="LIN-1")
    labels("Wool coat")
    assert shown(merchant, "?q=linen") == ["Linen shirt"]
    assert shown(merchant, "?q=lin-1") == ["Linen shirt"]
    assert shown(merchant, f"?image__product={row.image.product_id}") == ["Linen shirt"]


def test_a_contradiction_of_the_category_is_shown(merchant: Client) -> None:
    row = labels(
        "Trousers among tops",
        category="pants",
        category_group="lower",
        category_share=0.95,
        probabilities={"pants": 0.95},
    )
    labels("Unsure", category="pants", category_group="lower", category_share=0.5)
    labels("Tee")
    assert shown(merchant, "?kind=other") == ["Trousers among tops"]
    text = merchant.get(page(row)).content.decode()
    assert "It looks like “trousers”, but its category is dressed as “upper body”." in text


def test_pictures_that_are_not_dressed_are_not_listed(merchant: Client) -> None:
    labels(image__role=ProductImage.Role.WORN)
    labels(image__product__category__region=Region.NONE)
    assert shown(merchant) == []


def test_the_list_asks_as_often_for_many_as_for_few(merchant: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert merchant.get(LIST).status_code == 200
        assert not any('"fittingroom_garmentlabels"."mask",' in q["sql"] for q in asked)
        return len(asked)

    for _ in range(2):
        labels(corrected_by=UserFactory(), status="corrected", kept=True)
    few = queries()
    for _ in range(6):
        labels(corrected_by=UserFactory(), status="corrected", kept=True)
    assert queries() == few


def test_a_row_draws_mask_landmarks_and_colours(merchant: Client) -> None:
    row = labels()
    text = merchant.get(LIST).content.decode()
    assert 'd="M96 60L144 60' in text
    assert text.count("<circle") == 12
    assert 'fill="#b41e3c"' in text
    assert 'aria-label="Red"' in text
    assert f"/en/admin/catalogue/product/{row.image.product_id}/change/" in text


def test_the_product_s_page_leads_here(merchant: Client) -> None:
    row = labels()
    product = row.image.product
    text = merchant.get(f"/en/admin/catalogue/product/{product.pk}/change/").content.decode()
    assert f"{LIST}?image__product={product.pk}" in text


def test_products_with_labels_can_be_deleted(merchant: Client) -> None:
    product = labels().image.product
    url = f"/en/admin/catalogue/product/{product.pk}/delete/"
    assert merchant.get(url).status_code == 200
    assert merchant.post(url, {"post": "yes"}).status_code == 302
    assert not GarmentLabels.objects.exists()


# --- one picture --------------------------------------------------------------------------------


def test_accepting_keeps_what_is_there(merchant: Client, sent: list[int]) -> None:
    row = labels(status="needs_attention")
    given = {"landmarks": json.dumps(row.landmarks), "clicks": "[]"}
    assert press(merchant, row, "_accept", **given).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.kept, row.moved) == (Status.CORRECTED, True, {})
    assert row.corrected_by is not None
    assert sent == []


def test_a_dragged_landmark_is_saved(merchant: Client) -> None:
    row = labels(status="needs_attention")
    moved = {**row.landmarks, "hem_left": [150.5, 260, 2]}
    press(merchant, row, "_accept", landmarks=json.dumps(moved), clicks="[]")
    row.refresh_from_db()
    assert row.moved == {"hem_left": [150.5, 260, 2]}
    assert row.landmarks["hem_left"] == [150.5, 260, 2]
    assert row.digest


def test_accepting_leads_to_the_next_doubtful_one(merchant: Client) -> None:
    row = labels(status="needs_attention", confidence=0.1)
    following = labels(status="needs_attention", confidence=0.2)
    labels()
    assert press(merchant, row, "_next").url == page(following)
    assert press(merchant, following, "_next").url == LIST


def test_many_are_accepted_at_once(merchant: Client) -> None:
    rows = [labels(status="needs_attention"), labels(), labels("Blank", failed=True)]
    chosen = {"action": "accept", "_selected_action": [row.pk for row in rows]}
    text = merchant.post(LIST, chosen, follow=True).content.decode()
    assert "2 pictures accepted." in text
    assert "Blank: There is nothing to accept yet." in text
    assert GarmentLabels.objects.filter(status=Status.CORRECTED).count() == 2


def test_a_click_waits_for_a_worker_and_the_page_can_ask(
    merchant: Client, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    row = labels(status="needs_attention")
    body = {"picture": row.picture, "clicks": [[30, 40, 0]], "landmarks": {"hem_left": [5, 6, 2]}}
    with django_capture_on_commit_callbacks(execute=True):
        answer = merchant.post(page(row, "clicks/"), body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["waiting"]
    assert sent == [row.pk]
    state = merchant.get(page(row, "state/")).json()
    assert state["clicks"] == [[30, 40, 0]]
    assert state["landmarks"]["hem_left"] == [5, 6, 2]
    row.refresh_from_db()
    assert row.kept


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"clicks": [[1, 2, 1]], "picture": "catalogue/another.jpg"}', 422),
        ('{"clicks": [[1, 2000, 1]], "picture": "%s"}', 422),
        ("[" * 60_000, 400),
    ],
)
def test_clicks_that_cannot_be_are_refused(merchant: Client, body: str, status: int) -> None:
    row = labels()
    sent = body.replace("%s", row.picture)
    answer = merchant.post(page(row, "clicks/"), sent, content_type="application/json")
    assert answer.status_code == status
    row.refresh_from_db()
    assert (row.clicks, row.kept) == ([], False)


def test_starting_over_forgets_and_reads_anew(merchant: Client) -> None:
    row = labels(
        status="corrected", kept=True, clicks=[[1, 2, 0]], moved={"hem_left": [1, 2, 2]}, digest="x"
    )
    press(merchant, row, "_start_over")
    row.refresh_from_db()
    assert row.status == Status.WAITING
    assert (row.clicks, row.moved, row.digest, row.kept) == ([], {}, "", False)


def test_the_cut_can_be_changed_where_there_is_a_choice(merchant: Client) -> None:
    skirts = CategoryFactory(region=Region.LOWER)
    row = labels(
        image=ProductImageFactory(product=ProductFactory(category=skirts)),
        region=Region.LOWER,
        cut="skirt",
        landmarks={"waist_left": [9, 9, 2]},
    )
    assert 'name="_cut:trousers"' in merchant.get(page(row)).content.decode()
    press(merchant, row, "_cut:trousers")
    row.refresh_from_db()
    assert (row.status, row.cut_asked) == (Status.WAITING, "trousers")
    assert "_cut:" not in merchant.get(page(labels())).content.decode()


def test_a_page_of_another_picture_changes_nothing(merchant: Client) -> None:
    row = labels(status="needs_attention")
    response = press(merchant, row, "_accept", picture="catalogue/old.jpg")
    text = merchant.get(response.url).content.decode()
    assert "The picture has changed meanwhile." in text
    row.refresh_from_db()
    assert row.status == Status.NEEDS_ATTENTION


@pytest.mark.parametrize("status", ["waiting", "failed"])
def test_pages_without_labels_open(merchant: Client, status: str) -> None:
    row = (
        labels(failed=True)
        if status == "failed"
        else labels(status="waiting", mask=None, width=0, height=0, picture="", landmarks={})
    )
    assert merchant.get(page(row)).status_code == 200
    assert merchant.get(page(row, "outline.svg")).status_code == 200


def test_the_outline_is_a_picture(merchant: Client) -> None:
    answer = merchant.get(page(labels(), "outline.svg"))
    assert answer["Content-Type"] == "image/svg+xml"
    assert b'viewBox="0 0 240 320"' in answer.content
    assert b"M96 60L144 60" in answer.content


# --- try-on preview -----------------------------------------------------------------------------


def test_a_preview_is_the_member_of_staff_s_own_try_on(merchant: Client) -> None:
    for i in range(3):
        FittingModelFactory(keypoints=[[120.0, 50.0 + i, 1.0], *map(list, drawings.KEYPOINTS[1:])])
    row = labels()
    press(merchant, row, "_preview")
    assert TryOn.objects.count() == 2
    assert set(TryOn.objects.values_list("user__is_staff", flat=True)) == {True}
    previews = merchant.get(page(row, "state/")).json()["previews"]
    assert [each["active"] for each in previews] == [True, True]

    # What is corrected later has no previews yet.
    press(merchant, row, "_accept", landmarks=json.dumps({**row.landmarks, "hem_left": [9, 9, 2]}))
    assert merchant.get(page(row, "state/")).json()["previews"] == []


def test_drafts_have_no_preview(merchant: Client) -> None:
    row = labels(image__product__status=Product.Status.DRAFT)
    assert 'name="_preview"' not in merchant.get(page(row)).content.decode()
    press(merchant, row, "_preview")
    assert not TryOn.objects.exists()


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ({"is_staff": True, "groups": ["Merchants"]}, True),
        ({"is_staff": True, "is_superuser": True}, True),
        ({"is_staff": True, "groups": ["Analysts"]}, False),
        ({}, False),
        (None, False),
    ],
)
def test_who_may_look_and_correct(client: Client, who: dict[str, Any] | None, may: bool) -> None:
    if who is not None:
        client.force_login(UserFactory(**who))
    row = labels(status="needs_attention")
    for end in ("change/", "state/", "outline.svg"):
        assert (client.get(page(row, end)).status_code == 200) == may, end
    assert (client.get(LIST).status_code == 200) == may
    body = {"picture": row.picture, "clicks": [[30, 40, 0]]}
    clicked = client.post(page(row, "clicks/"), body, content_type="application/json")
    assert (clicked.status_code == 200) == may
    assert client.get(f"{LIST}add/").status_code != 200
    assert client.get(page(row, "delete/")).status_code != 200
    row.refresh_from_db()
    assert (row.clicks != []) == may


def test_looking_is_not_correcting(client: Client) -> None:
    from django.contrib.auth.models import Permission

    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_garmentlabels"))
    client.force_login(viewer)
    row = labels(status="needs_attention")
    assert client.get(page(row)).status_code == 200
    assert press(client, row, "_accept").status_code == 403
    body = {"picture": row.picture, "clicks": [[30, 40, 0]]}
    assert client.post(page(row, "clicks/"), body, "application/json").status_code == 403
