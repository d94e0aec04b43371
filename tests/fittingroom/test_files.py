from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from PIL import Image

from fittingroom import services
from fittingroom.models import TryOn
from tests.factories import TryOnFactory, UserFactory

pytestmark = pytest.mark.django_db


def url(name: str, tryon: TryOn) -> str:
    return reverse(f"fittingroom:{name}", args=[tryon.pk])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def hers(alice: Any) -> TryOn:
    return TryOnFactory(user=alice, done=True)


@pytest.fixture
def her_browser(alice: Any) -> Client:
    browser = Client()
    browser.force_login(alice)
    return browser


@pytest.mark.parametrize("name", ["result", "person", "download", "status", "events"])
def test_only_the_owner_and_staff_with_the_permission(
    name: str, hers: TryOn, her_browser: Client, bob: Any
) -> None:
    rival, clara, clerk = Client(), Client(), Client()
    rival.force_login(bob)
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_tryon_picture"))
    clara.force_login(staff)
    clerk.force_login(UserFactory(is_staff=True))
    answers = {
        who: browser.get(url(name, hers))
        for who, browser in {
            "owner": her_browser,
            "permitted": clara,
            "rival": rival,
            "visitor": Client(),
            "unpermitted": clerk,
        }.items()
    }
    codes = {who: answer.status_code for who, answer in answers.items()}
    for answer in answers.values():
        answer.close()
    assert codes == {
        "owner": 200,
        "permitted": 200,
        "rival": 404,
        "visitor": 404,
        "unpermitted": 404,
    }


@pytest.mark.parametrize("name", ["result", "person"])
def test_pictures_stay_private_and_are_asked_for_again(
    name: str, hers: TryOn, her_browser: Client
) -> None:
    answer = her_browser.get(url(name, hers))
    assert body(answer).startswith(b"\xff\xd8")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-cache"
    unchanged = her_browser.get(url(name, hers), headers={"If-None-Match": answer["ETag"]})
    assert unchanged.status_code == 304
    assert "private" in unchanged["Cache-Control"]
    # A name that is known does not open a door.
    stranger = Client().get(url(name, hers), headers={"If-None-Match": answer["ETag"]})
    assert stranger.status_code == 404


def test_only_reading(hers: TryOn, her_browser: Client) -> None:
    assert her_browser.post(url("result", hers)).status_code == 405


def test_a_download_carries_both_marks(hers: TryOn, her_browser: Client) -> None:
    answer = her_browser.get(url("download", hers))
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    data = body(answer)
    assert b"compositeWithTrainedAlgorithmicMedia" in data
    with hers.result.open("rb") as file:
        plain, marked = Image.open(io.BytesIO(file.read())), Image.open(io.BytesIO(data))
    corner = (120, 280, 240, 320)
    assert plain.size == marked.size
    assert plain.crop(corner).tobytes() != marked.crop(corner).tobytes()


@pytest.mark.parametrize("name", ["result", "download"])
def test_no_picture_no_answer(name: str, alice: Any, her_browser: Client) -> None:
    assert her_browser.get(url(name, TryOnFactory(user=alice))).status_code == 404
    lost = TryOnFactory(user=alice, done=True)
    lost.result.storage.delete(lost.result.name)
    assert her_browser.get(url(name, lost)).status_code == 404


def test_a_shared_picture_is_open_but_not_for_search_engines(hers: TryOn) -> None:
    address = reverse("fittingroom:shared-picture", args=[services.share_link(tryon=hers)])
    answer = Client().get(address)
    assert answer.status_code == 200
    assert b"compositeWithTrainedAlgorithmicMedia" in answer.content
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    services.revoke_share(tryon=hers)
    assert Client().get(address).status_code == 404


def test_the_private_storage_has_no_public_address(hers: TryOn) -> None:
    with pytest.raises(ValueError, match="URL"):
        _ = hers.result.url
