from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fittingroom import services
from fittingroom.api import PerShopper
from fittingroom.models import FittingModel, TryOn
from shop.catalogue.models import Product, ProductImage
from tests.factories import TryOnFactory

pytestmark = pytest.mark.django_db

LIST = "/api/tryons/"


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_send", lambda tryon: None)


@pytest.fixture
def her_browser(alice: Any) -> Client:
    browser = Client()
    browser.force_login(alice)
    return browser


def test_a_visitor_asks_and_finds_it_again(mia: FittingModel, tee: ProductImage) -> None:
    browser = Client()
    assert browser.get(LIST).json()["results"] == []
    answer = browser.post(LIST, {"fitting_model": "mia", "images": [tee.pk]})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["stage"], made["images"], made["result"]) == ("waiting", [tee.pk], None)
    assert browser.post(LIST, {"fitting_model": "mia", "images": [tee.pk]}).json() == made
    assert browser.get(LIST).json()["results"] == [made]
    assert browser.get(f"{LIST}{made['id']}/").json() == made
    assert Client().get(f"{LIST}{made['id']}/").status_code == 404
    assert Client().get(LIST).json()["results"] == []


def test_another_site_cannot_ask_in_a_shoppers_name(
    alice: Any, mia: FittingModel, tee: ProductImage
) -> None:
    signed_in, visitor = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    signed_in.force_login(alice)
    for browser in (signed_in, visitor):
        answer = browser.post(LIST, {"fitting_model": "mia", "images": [tee.pk]})
        assert answer.status_code == 403
    assert not TryOn.objects.exists()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"fitting_model": "nobody", "images": [1]},
        {"fitting_model": "mia", "images": []},
        {"fitting_model": "mia", "images": ["x"]},
        {"fitting_model": "mia", "images": [987654]},
    ],
)
def test_nonsense_is_named(mia: FittingModel, asked: dict[str, Any]) -> None:
    assert Client().post(LIST, asked).status_code == 400
    assert not TryOn.objects.exists()


def test_drafts_are_not_to_be_found(
    mia: FittingModel, make_tee: Callable[..., ProductImage]
) -> None:
    draft = make_tee(product__status=Product.Status.DRAFT)
    answer = Client().post(LIST, {"fitting_model": "mia", "images": [draft.pk]})
    assert answer.status_code == 400


def test_a_refusal_says_why(mia: FittingModel, make_tee: Callable[..., ProductImage]) -> None:
    shoes = make_tee(product__category__region="none")
    answer = Client().post(LIST, {"fitting_model": "mia", "images": [shoes.pk]})
    assert answer.status_code == 409
    assert answer.json()["reason"]["code"] == "not_supported"
    assert answer.json()["reason"]["sentence"]


def test_so_often_and_no_more(
    her_browser: Client, mia: FittingModel, tee: ProductImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: dict[str, Any] = {}

    class Memory:
        get, set = staticmethod(counted.get), staticmethod(lambda k, v, t: counted.update({k: v}))

    monkeypatch.setattr(PerShopper, "cache", Memory)
    monkeypatch.setattr(PerShopper, "rate", "3/min")
    asked = {"fitting_model": "mia", "images": [tee.pk]}
    codes = [her_browser.post(LIST, asked).status_code for _ in range(5)]
    assert codes == [201, 201, 201, 429, 429]
    assert her_browser.get(LIST).status_code == 200
    assert Client().post(LIST, asked).status_code == 201, "nobody else is held up"


def test_deleting_is_for_the_owner(her_browser: Client, alice: Any) -> None:
    hers, anothers = TryOnFactory(user=alice, done=True), TryOnFactory(done=True)
    assert her_browser.delete(f"{LIST}{anothers.pk}/").status_code == 404
    assert her_browser.get(f"{LIST}{hers.pk}/").json()["result"] == reverse(
        "fittingroom:result", args=[hers.pk]
    )
    assert her_browser.delete(f"{LIST}{hers.pk}/").status_code == 204
    assert list(TryOn.objects.all()) == [anothers]


def test_a_list_costs_the_same_however_long(
    her_browser: Client, alice: Any, django_assert_num_queries: Any
) -> None:
    TryOnFactory(user=alice)
    her_browser.get(LIST)
    with CaptureQueriesContext(connection) as few:
        her_browser.get(LIST)
    for _ in range(8):
        TryOnFactory(user=alice)
    with django_assert_num_queries(len(few)):
        assert len(her_browser.get(LIST).json()["results"]) == 9
