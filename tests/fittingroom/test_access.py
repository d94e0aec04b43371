from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from fittingroom import services
from fittingroom.access import own_tryon_of, shared_tryon, tryon_of
from fittingroom.models import TryOn
from fittingroom.shopper import SESSION_KEY, Shopper, shopper_of
from tests.factories import PASSWORD, TryOnFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of() -> Any:
    """``request_of(user)``: a request with a session; no user: somebody who is not signed in."""

    def make(user: Any = None, session: SessionStore | None = None) -> HttpRequest:
        request = RequestFactory().get("/")
        request.session = session or SessionStore()
        request.user = user or AnonymousUser()
        return request

    return make


def clara(*permissions: str, **fields: Any) -> Any:
    """Somebody of the staff."""
    user = UserFactory(**{"is_staff": True, **fields})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def test_a_shopper_is_one_or_the_other() -> None:
    for fields in ({}, {"user_id": 1, "visitor": uuid.uuid4()}):
        with pytest.raises(ValueError, match="either"):
            Shopper(**fields)


def test_looking_around_leaves_no_token(request_of: Any) -> None:
    request = request_of()
    assert shopper_of(request) is None
    assert SESSION_KEY not in request.session
    shopper = shopper_of(request, create=True)
    assert shopper is not None
    assert shopper.visitor is not None
    assert shopper_of(request) == shopper


def test_signing_in_brings_the_visitors_try_ons_along(request_of: Any, alice: Any) -> None:
    request = request_of()
    visitor = shopper_of(request, create=True)
    assert visitor is not None
    mine = TryOnFactory(user=None, visitor=visitor.visitor)
    anothers = TryOnFactory(user=None)
    login(request, alice, backend="django.contrib.auth.backends.ModelBackend")
    assert own_tryon_of(request, mine.pk).user == alice
    assert SESSION_KEY not in request.session
    anothers.refresh_from_db()
    assert anothers.user is None


def test_signing_in_on_the_page_brings_them_along_too(alice: Any) -> None:
    browser = Client()
    session = browser.session
    visitor = uuid.uuid4()
    session[SESSION_KEY] = str(visitor)
    session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    mine = TryOnFactory(user=None, visitor=visitor, done=True)
    address = reverse("fittingroom:tryon", args=[mine.pk])
    assert browser.get(address).status_code == 200
    browser.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    assert browser.get(address).status_code == 200
    mine.refresh_from_db()
    assert (mine.user, mine.visitor) == (alice, None)
    browser.logout()
    assert browser.get(address).status_code == 404, "the next at this computer sees nothing"


def test_another_users_session_does_not_hand_over(request_of: Any, alice: Any, bob: Any) -> None:
    """Bob signs in after Alice in the same browser: Django flushes the session between."""
    request = request_of()
    login(request, alice, backend="django.contrib.auth.backends.ModelBackend")
    mine = TryOnFactory(user=alice)
    login(request, bob, backend="django.contrib.auth.backends.ModelBackend")
    with pytest.raises(Http404):
        tryon_of(request, mine.pk)


def test_owners_see_theirs_and_strangers_nothing(request_of: Any, alice: Any, bob: Any) -> None:
    hers = TryOnFactory(user=alice)
    assert tryon_of(request_of(alice), hers.pk) == hers
    assert own_tryon_of(request_of(alice), hers.pk) == hers
    visitor = request_of()
    shopper_of(visitor, create=True)
    for stranger in (request_of(), visitor, request_of(bob)):
        for getter in (tryon_of, own_tryon_of):
            with pytest.raises(Http404):
                getter(stranger, hers.pk)
    with pytest.raises(Http404):
        tryon_of(request_of(alice), uuid.uuid4())


@pytest.mark.parametrize(
    ("permissions", "fields", "passes"),
    [
        (["view_tryon_picture"], {}, True),
        (["view_tryon"], {}, False),
        ([], {"is_superuser": True}, True),
        (["view_tryon_picture"], {"is_staff": False}, False),
        (["view_tryon_picture"], {"is_active": False}, False),
    ],
)
def test_staff_see_with_the_permission(
    request_of: Any, alice: Any, permissions: list[str], fields: dict[str, bool], passes: bool
) -> None:
    hers, request = TryOnFactory(user=alice), request_of(clara(*permissions, **fields))
    if passes:
        assert tryon_of(request, hers.pk) == hers
    else:
        with pytest.raises(Http404):
            tryon_of(request, hers.pk)
    with pytest.raises(Http404):  # to look is not to act in her name
        own_tryon_of(request, hers.pk)


def test_erased_ones_are_gone_for_everybody(request_of: Any, alice: Any) -> None:
    hers = TryOnFactory(user=alice, done=True)
    TryOn.objects.update(erased_at=timezone.now(), result="")
    for request in (request_of(alice), request_of(clara("view_tryon_picture"))):
        with pytest.raises(Http404):
            tryon_of(request, hers.pk)


# --- share links


def test_a_share_link_opens_until_it_is_revoked() -> None:
    tryon = TryOnFactory(done=True)
    token = services.share_link(tryon=tryon)
    assert shared_tryon(token) == tryon
    # Links made at other moments open the same picture, so none goes stale by sharing again.
    assert shared_tryon(services.share_link(tryon=tryon)) == tryon
    services.revoke_share(tryon=tryon)
    with pytest.raises(Http404):
        shared_tryon(token)
    again = services.share_link(tryon=tryon)
    assert shared_tryon(again) == tryon
    with pytest.raises(Http404):
        shared_tryon(token)


def test_a_share_link_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tryon = TryOnFactory(done=True)
    now = timezone.now().timestamp()
    token = services.share_link(tryon=tryon)
    day = timedelta(days=1).total_seconds()
    for days, opens in ((6.9, True), (7.1, False)):
        monkeypatch.setattr("django.core.signing.time.time", lambda d=days: now + d * day)
        if opens:
            assert shared_tryon(token) == tryon
        else:
            with pytest.raises(Http404):
                shared_tryon(token)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + "_", lambda t: "", lambda t: "a:b:c", str.swapcase]
)
def test_a_forged_share_link_opens_nothing(spoil: Any) -> None:
    token = services.share_link(tryon=TryOnFactory(done=True))
    with pytest.raises(Http404):
        shared_tryon(spoil(token))


def test_what_has_no_picture_is_not_shared() -> None:
    with pytest.raises(ValidationError):
        services.share_link(tryon=TryOnFactory())
    tryon = TryOnFactory(done=True)
    token = services.share_link(tryon=tryon)
    tryon.delete()
    with pytest.raises(Http404):
        shared_tryon(token)
