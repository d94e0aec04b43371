"""Users in the admin: known by e-mail."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

USERS = "/en/admin/accounts/user/"
SECRET = "a long secret 88"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(UserFactory(email="boss@example.com", is_staff=True, is_superuser=True))
    return client


def test_a_member_of_staff_is_added_and_signs_in(boss: Client) -> None:
    new = {"email": "Clerk@Example.com", "usable_password": "true"}
    boss.post(f"{USERS}add/", new | {"password1": SECRET, "password2": SECRET})
    user = get_user_model().objects.get(email="clerk@example.com")
    boss.post(
        f"{USERS}{user.pk}/change/",
        {
            "email": user.email,
            "is_active": "on",
            "is_staff": "on",
            "groups": [Group.objects.get(name="Analysts").pk],
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00",
        },
    )
    clerk = Client()

    clerk.post("/en/account/login/", {"login": "clerk@example.com", "password": SECRET})

    assert clerk.get("/en/admin/fittingroom/rating/").status_code == 200
    assert clerk.get(USERS).status_code == 403


def test_an_address_that_is_taken_is_refused_in_any_case(boss: Client) -> None:
    new = {"email": "BOSS@example.com", "usable_password": "true"}

    response = boss.post(f"{USERS}add/", new | {"password1": SECRET, "password2": SECRET})

    assert response.status_code == 200
    assert "already exists" in str(response.context["adminform"].form.errors)
    assert get_user_model().objects.count() == 1


def test_users_are_found_by_address(boss: Client) -> None:
    found = UserFactory(email="mina@example.com")

    assert list(boss.get(f"{USERS}?q=mina").context["cl"].result_list) == [found]
