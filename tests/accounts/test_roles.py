"""The groups of staff exist after ``migrate`` and hold what they should."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from accounts import roles

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_holds_exactly_what_the_table_says(role: str) -> None:
    wanted = {f"{app}.{codename}" for app, names in roles.ROLES[role].items() for codename in names}

    held = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Group.objects.get(name=role).permissions.select_related("content_type")
    }

    assert held == wanted


def test_analysts_see_figures_and_no_pictures() -> None:
    held = {p.codename for p in Group.objects.get(name=roles.ANALYSTS).permissions.all()}

    assert held == {"view_tryon", "view_rating"}


def test_migrating_again_gives_back_what_is_missing_and_takes_nothing() -> None:
    group = Group.objects.get(name=roles.ANALYSTS)
    extra = Permission.objects.get(codename="view_brand")
    group.permissions.set([extra])

    roles.grant(apps.get_app_config("fittingroom"), "default")

    assert {p.codename for p in group.permissions.all()} == {
        "view_brand",
        "view_tryon",
        "view_rating",
    }
