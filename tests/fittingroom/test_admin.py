"""The fitting room in the admin: try-ons, ratings, engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fittingroom.admin import engines as admin_engines
from fittingroom.models import EngineConfig, TryOn
from ml.garment.annotation import Region as GarmentRegion
from ml.tryon.registry import ENGINES
from tests.factories import (
    EngineConfigFactory,
    RatingFactory,
    TryOnFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MODELS = "/en/admin/fittingroom/fittingmodel/"
TRYONS = "/en/admin/fittingroom/tryon/"
RATINGS = "/en/admin/fittingroom/rating/"
ENGINES_URL = "/en/admin/fittingroom/engineconfig/"


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    return client


@pytest.fixture
def analyst() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, groups=["Analysts"]))
    return client


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


# --- try-ons ----------------------------------------------------------------------------------


def test_failed_try_ons_are_sent_again(
    merchant: Client, django_capture_on_commit_callbacks: Any
) -> None:
    failed, done = TryOnFactory(failed=True), TryOnFactory(done=True)
    chosen = {"action": "retry", "_selected_action": [failed.pk, done.pk]}

    with (
        patch("fittingroom.dispatch.send") as send,
        django_capture_on_commit_callbacks(execute=True),
    ):
        response = merchant.post(TRYONS, chosen, follow=True)

    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.status, failed.reason_code, done.status) == ("queued", "", "done")
    assert send.call_count == 1
    assert "1 try-on changed." in response.text
    assert "1 try-on was left alone" in response.text


def test_the_page_of_a_try_on_has_its_own_buttons(merchant: Client) -> None:
    tryon = TryOnFactory()
    url = f"{TRYONS}{tryon.pk}/change/"
    assert 'name="_cancel"' in merchant.get(url).text

    merchant.post(url, {"_cancel": "1"})

    tryon.refresh_from_db()
    assert tryon.status == "cancelled"
    text = merchant.get(url).text
    assert 'name="_retry"' in text
    assert 'name="_save"' not in text


def test_merchants_see_the_picture_and_analysts_do_not(merchant: Client, analyst: Client) -> None:
    tryon = TryOnFactory(done=True)
    url, picture = f"{TRYONS}{tryon.pk}/change/", f"/en/fitting-room/t/{tryon.pk}/result/"

    assert picture in merchant.get(url).text
    assert merchant.get(picture).status_code == 200
    assert picture not in analyst.get(url).text
    assert analyst.get(picture).status_code == 404


def test_only_who_may_see_accounts_sees_whose_try_on_it_is(
    merchant: Client, analyst: Client, boss: Client
) -> None:
    tryon = TryOnFactory(user__email="secret@example.com")
    url = f"{TRYONS}{tryon.pk}/change/"

    assert "secret@example.com" in boss.get(url).text
    for client in (merchant, analyst):
        assert "secret@example.com" not in client.get(url).text
        assert "secret@example.com" not in client.get(TRYONS).text


def test_a_boss_deletes_a_try_on_with_its_picture(
    boss: Client, django_capture_on_commit_callbacks: Any
) -> None:
    tryon = TryOnFactory(done=True)
    storage, name = tryon.result.storage, tryon.result.name
    assert storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        boss.post(f"{TRYONS}{tryon.pk}/delete/", {"post": "yes"})

    assert not TryOn.objects.exists()
    assert not storage.exists(name)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?status__exact=failed", 1),
        ("?reason_code__exact=no_garment", 1),
        ("?age=hour", 2),
        ("?age=stuck", 1),
        ("?engine=drape", 3),
        ("?q=unheard", 0),
    ],
)
def test_try_ons_are_filtered(merchant: Client, query: str, count: int) -> None:
    TryOnFactory(failed=True)
    TryOnFactory(done=True)
    old = TryOnFactory()
    TryOn.objects.filter(pk=old.pk).update(created_at="2026-01-01T00:00Z")

    response = merchant.get(TRYONS + query)

    assert response.context["cl"].result_count == count


# --- ratings ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "comments"),
    [
        ("", {"nice", "=1+1", ""}),
        ("?realism=2", {"=1+1"}),
        ("?liking=5", {"nice"}),
        ("?reason=edges", {"=1+1"}),
        ("?commented=yes", {"nice", "=1+1"}),
        ("?q=nice", {"nice"}),
    ],
)
def test_ratings_are_filtered(analyst: Client, query: str, comments: set[str]) -> None:
    RatingFactory(realism=4, liking=5, comment="nice")
    RatingFactory(realism=2, liking=3, reasons=["edges"], comment="=1+1")
    RatingFactory(realism=None, liking=4)

    rows = analyst.get(RATINGS + query).context["cl"].result_list

    assert {rating.comment for rating in rows} == comments
    assert len(rows) == len(comments)


# --- engines ----------------------------------------------------------------------------------


@pytest.fixture
def two_engines(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ours`` dresses all but outerwear; ``bare`` lacks its weights."""
    ours = replace(ENGINES[0], name="ours", regions=frozenset(GarmentRegion) - {"outer"})
    bare = replace(ENGINES[0], name="bare", weight_files=("missing.safetensors",))
    monkeypatch.setattr(admin_engines.engines, "specs", lambda: (ours, bare))


def test_engines_say_whether_they_can_work(boss: Client, two_engines: None) -> None:
    for name in ("ours", "bare", "gone"):
        EngineConfigFactory(name=name)

    text = boss.get(ENGINES_URL).text

    assert ">ready<" in text
    assert "weights are missing: missing.safetensors" in text
    assert ">not installed<" in text


def test_an_engine_is_configured_for_regions_that_it_can_dress(
    boss: Client, two_engines: None
) -> None:
    data = {"name": "ours", "enabled": "on", "regions": ["upper", "dress"], "position": 1}

    assert boss.post(f"{ENGINES_URL}add/", data).status_code == 302
    assert EngineConfig.objects.get().regions == ["upper", "dress"]

    for wrong, field in (({"name": "gone"}, "name"), ({"regions": ["outer"]}, "regions")):
        response = boss.post(f"{ENGINES_URL}add/", data | {"name": "ours"} | wrong)
        assert field in response.context["adminform"].form.errors
    assert EngineConfig.objects.count() == 1


# --- cost -------------------------------------------------------------------------------------


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        response = client.get(url)
        assert response.status_code == 200
        if response.streaming:
            assert len(list(response)) > 1
    return len(seen)


@pytest.mark.parametrize(
    ("url", "most"),
    [
        (MODELS, 9),
        (TRYONS, 16),
        (RATINGS, 16),
        (f"{TRYONS}export.csv", 12),
        (f"{RATINGS}export.csv", 12),
    ],
)
def test_lists_and_exports_cost_the_same_for_ten_times_the_rows(
    boss: Client, url: str, most: int
) -> None:
    for _ in range(2):
        RatingFactory()
    few = queries(boss, url)
    for _ in range(18):
        RatingFactory()

    assert queries(boss, url) == few <= most
