"""Sign-up, sign-in, sign-out and lost passwords, through the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

User = get_user_model()
NEW = {"email": "Mina@Example.com", "password1": PASSWORD, "of_age": "on"}


def signed_in(client: Client) -> str:
    """The address of who this browser belongs to; empty for nobody."""
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else ""


@pytest.mark.parametrize(
    "page", ["login", "signup", "password/reset", "password/reset/done", "inactive"]
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_pages_open_in_both_languages(client: Client, language: str, page: str) -> None:
    response = client.get(f"/{language}/account/{page}/")

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.text
    assert "noindex" in response.text


@pytest.mark.parametrize("page", ["email", "password/change", "logout"])
def test_pages_of_a_signed_in_shopper_open(client: Client, page: str) -> None:
    assert client.get(f"/en/account/{page}/").status_code == 302

    client.force_login(UserFactory())

    assert client.get(f"/en/account/{page}/").status_code == 200


def test_a_new_shopper_is_signed_in_at_once(client: Client, mailoutbox: list[Any]) -> None:
    response = client.post("/en/account/signup/", NEW)

    assert response.status_code == 302
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("mina@example.com", False, False)
    assert user.check_password(PASSWORD)
    assert signed_in(client) == "mina@example.com"
    assert [mail.to for mail in mailoutbox] == [["mina@example.com"]]
    assert "Somebody registered at Otbang" in mailoutbox[0].body


def test_an_address_is_confirmed_by_its_link(client: Client, mailoutbox: list[Any]) -> None:
    client.post("/en/account/signup/", NEW)
    found = re.search(r"http://testserver(/en/account/confirm-email/\S+)", mailoutbox[0].body)
    assert found
    address = EmailAddress.objects.get()
    assert not address.verified

    assert "mina@example.com" in client.get(found[1]).text
    client.post(found[1])

    address.refresh_from_db()
    assert address.verified
    assert client.get("/en/account/confirm-email/forged/").status_code == 200


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"of_age": ""}, "You must be 14 or older"),
        ({"password1": "12345678"}, "too common"),
        ({"password1": "short"}, "too short"),
        ({"email": "no address"}, "valid email address"),
        ({"email": "TAKEN@example.com"}, "already registered"),
    ],
)
def test_sign_up_says_what_is_wrong_and_writes_nothing(
    client: Client, changed: dict[str, str], complaint: str
) -> None:
    UserFactory(email="taken@example.com")

    response = client.post("/en/account/signup/", NEW | changed)

    assert response.status_code == 200
    assert complaint in response.text
    assert User.objects.count() == 1
    assert signed_in(client) == ""


@pytest.mark.parametrize("written", ["mina@example.com", "MINA@Example.COM", " mina@example.com "])
def test_an_address_is_the_same_in_any_case(client: Client, written: str) -> None:
    UserFactory(email="mina@example.com")

    client.post("/en/account/login/", {"login": written, "password": PASSWORD})

    assert signed_in(client) == "mina@example.com"


def test_addresses_that_differ_in_case_are_one_in_the_database() -> None:
    UserFactory(email="mina@example.com")

    with pytest.raises(IntegrityError, match="user_email_unique_ci"), transaction.atomic():
        UserFactory(email="Mina@example.com")


@pytest.mark.parametrize("email", ["mina@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_look_alike(client: Client, email: str) -> None:
    UserFactory(email="mina@example.com")

    response = client.post("/en/account/login/", {"login": email, "password": "wrong"})

    assert response.status_code == 200
    assert "The email address and/or password you specified are not correct." in response.text
    assert signed_in(client) == ""


def test_guessing_a_password_is_stopped(client: Client) -> None:
    UserFactory(email="mina@example.com")
    for _ in range(10):
        client.post("/en/account/login/", {"login": "mina@example.com", "password": "wrong"})

    response = client.post(
        "/en/account/login/", {"login": "mina@example.com", "password": PASSWORD}
    )

    assert "Too many failed login attempts" in response.text
    assert signed_in(client) == ""


def test_a_closed_account_cannot_sign_in(client: Client) -> None:
    UserFactory(email="mina@example.com", is_active=False)

    client.post("/en/account/login/", {"login": "mina@example.com", "password": PASSWORD})

    assert signed_in(client) == ""


def test_signing_out_needs_a_post(client: Client) -> None:
    client.force_login(UserFactory(email="mina@example.com"))
    client.get("/en/account/logout/")
    assert signed_in(client) == "mina@example.com"

    response = client.post("/en/account/logout/")

    assert response["Location"] == "/en/"
    assert signed_in(client) == ""


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [("/en/fitting-room/", "/en/fitting-room/"), ("https://evil.example/", "/en/")],
)
def test_signing_in_goes_back_but_never_away(client: Client, wanted: str, goes_to: str) -> None:
    UserFactory(email="mina@example.com")

    response = client.post(
        "/en/account/login/",
        {"login": "mina@example.com", "password": PASSWORD, "next": wanted},
    )

    assert response["Location"] == goes_to


def test_a_lost_password_is_replaced_by_mail(client: Client, mailoutbox: list[Any]) -> None:
    user = UserFactory(email="mina@example.com")
    client.post("/en/account/password/reset/", {"email": "MINA@example.com"})
    found = re.search(r"http://testserver(/en/account/password/reset/key/\S+)", mailoutbox[0].body)
    assert found
    form = client.get(found[1], follow=True)
    address = form.redirect_chain[-1][0]

    client.post(address, {"password1": "a new secret 88", "password2": "a new secret 88"})

    user.refresh_from_db()
    assert user.check_password("a new secret 88")
    used_again = client.get(found[1], follow=True)
    assert "The password reset link was invalid" in used_again.text


def test_an_address_changes_only_when_the_new_one_is_confirmed(
    client: Client, mailoutbox: list[Any]
) -> None:
    user = UserFactory(email="mina@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.force_login(user)

    client.post("/en/account/email/", {"email": "New@example.com", "action_add": ""})
    user.refresh_from_db()
    assert user.email == "mina@example.com"
    assert "new@example.com is not confirmed yet" in client.get("/en/account/email/").text

    found = re.search(r"http://testserver(/en/account/confirm-email/\S+)", mailoutbox[0].body)
    assert found
    client.post(found[1])
    user.refresh_from_db()
    assert user.email == "new@example.com"


@pytest.mark.parametrize("action", ["action_add", "action_remove"])
def test_nobody_is_left_without_an_address(client: Client, action: str) -> None:
    client.post("/en/account/signup/", NEW)
    present = "mina@example.com" if action == "action_remove" else "new@example.com"

    client.post("/en/account/email/", {"email": present, action: ""})

    assert User.objects.get().email == "mina@example.com"
    assert [address.email for address in EmailAddress.objects.all()] == ["mina@example.com"]


def test_an_unknown_address_is_not_betrayed(client: Client) -> None:
    UserFactory(email="mina@example.com")

    known = client.post("/en/account/password/reset/", {"email": "mina@example.com"})
    unknown = client.post("/en/account/password/reset/", {"email": "nobody@example.com"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_superuser_is_made_by_e_mail() -> None:
    boss = User.objects.create_superuser("Boss@Example.com", "secret")

    assert (boss.email, boss.is_staff, boss.is_superuser) == ("boss@example.com", True, True)
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("")
