"""Who may do what in the admin: every page against every kind of person."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model
from django.test import Client

from tests.factories import (
    BrandFactory,
    CategoryFactory,
    EngineConfigFactory,
    FittingModelFactory,
    GarmentLabelsFactory,
    ProductFactory,
    RatingFactory,
    TryOnFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ACTORS = ("anonymous", "shopper", "merchant", "analyst", "superuser")
MERCHANT, ANALYST, BOSS = "merchant", "analyst", "superuser"

#: page → what each member of staff gets; nobody else gets anything.
ALL = {MERCHANT: 200, ANALYST: 200, BOSS: 200}
NOT_ANALYSTS = {MERCHANT: 200, ANALYST: 403, BOSS: 200}
ONLY_BOSS = {MERCHANT: 403, ANALYST: 403, BOSS: 200}
NOBODY = {MERCHANT: 403, ANALYST: 403, BOSS: 403}
PAGES: dict[str, dict[str, int]] = {
    "": ALL,
    "catalogue/product/": NOT_ANALYSTS,
    "catalogue/product/add/": NOT_ANALYSTS,
    "catalogue/product/{product}/change/": NOT_ANALYSTS,
    "catalogue/product/{product}/delete/": NOT_ANALYSTS,
    "catalogue/category/": NOT_ANALYSTS,
    "catalogue/category/add/": NOT_ANALYSTS,
    "catalogue/category/{category}/change/": NOT_ANALYSTS,
    "catalogue/brand/": NOT_ANALYSTS,
    "catalogue/brand/{brand}/delete/": NOT_ANALYSTS,
    "fittingroom/fittingmodel/": NOT_ANALYSTS,
    "fittingroom/fittingmodel/add/": NOT_ANALYSTS,
    "fittingroom/fittingmodel/{fitting_model}/change/": NOT_ANALYSTS,
    "fittingroom/fittingmodel/{fitting_model}/overlay.png": NOT_ANALYSTS,
    "fittingroom/fittingmodel/{fitting_model}/classes.png": NOT_ANALYSTS,
    "fittingroom/fittingmodel/{fitting_model}/state/": NOT_ANALYSTS,
    "fittingroom/garmentlabels/": NOT_ANALYSTS,
    "fittingroom/garmentlabels/{labels}/change/": NOT_ANALYSTS,
    "fittingroom/garmentlabels/{labels}/state/": NOT_ANALYSTS,
    "fittingroom/garmentlabels/{labels}/outline.svg": NOT_ANALYSTS,
    "fittingroom/garmentlabels/add/": NOBODY,
    "fittingroom/tryon/": ALL,
    "fittingroom/tryon/{tryon}/change/": ALL,
    "fittingroom/tryon/{tryon}/delete/": ONLY_BOSS,
    "fittingroom/tryon/add/": NOBODY,
    "fittingroom/tryon/export.csv": ALL,
    "fittingroom/rating/": ALL,
    "fittingroom/rating/{rating}/change/": ALL,
    "fittingroom/rating/add/": NOBODY,
    "fittingroom/rating/export.csv": ALL,
    "fittingroom/engineconfig/": NOT_ANALYSTS,
    "fittingroom/engineconfig/add/": ONLY_BOSS,
    "accounts/user/": ONLY_BOSS,
    "accounts/user/add/": ONLY_BOSS,
    "accounts/user/{user}/change/": ONLY_BOSS,
    "auth/group/": ONLY_BOSS,
}


@pytest.fixture
def rows() -> dict[str, Model]:
    rating = RatingFactory(realism=4)
    return {
        "product": ProductFactory(complete=True, status="draft"),
        "category": CategoryFactory(),
        "brand": BrandFactory(),
        "fitting_model": FittingModelFactory(),
        "tryon": TryOnFactory(failed=True),
        "labels": GarmentLabelsFactory(status="needs_attention"),
        "rating": rating,
        "user": UserFactory(),
        "engine": EngineConfigFactory(),
    }


def client_of(actor: str) -> Client:
    fields: dict[str, dict[str, Any]] = {
        "shopper": {},
        MERCHANT: {"is_staff": True, "groups": ["Merchants"]},
        ANALYST: {"is_staff": True, "groups": ["Analysts"]},
        BOSS: {"is_staff": True, "is_superuser": True},
    }
    client = Client()
    if actor in fields:
        client.force_login(UserFactory(**fields[actor]))
    return client


def url(page: str, rows: dict[str, Model]) -> str:
    return "/en/admin/" + page.format(**{name: row.pk for name, row in rows.items()})


@pytest.mark.parametrize("actor", ACTORS)
def test_who_may_open_a_page(actor: str, rows: dict[str, Model]) -> None:
    client = client_of(actor)

    answers = {page: client.get(url(page, rows)).status_code for page in PAGES}

    # 302: to the page where one signs in as somebody else.
    assert answers == {page: may.get(actor, 302) for page, may in PAGES.items()}


def test_strangers_are_sent_to_sign_in() -> None:
    response = client_of("anonymous").get("/en/admin/catalogue/product/", follow=True)

    assert response.redirect_chain[-1][0].startswith("/en/account/login/?next=")


def test_shoppers_are_told_no() -> None:
    response = client_of("shopper").get("/en/admin/catalogue/product/", follow=True)

    assert response.status_code == 403


def contents(rows: dict[str, Model]) -> dict[str, Any]:
    """Every value of every row; None for a row that is gone."""
    return {
        name: type(row)._default_manager.filter(pk=row.pk).values().first()
        for name, row in rows.items()
    }


#: page, what is posted, who may.
WRITES: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("catalogue/brand/{brand}/change/", {"name_ko": "새", "name_en": "New", "slug": "new"},
     (MERCHANT, BOSS)),
    ("catalogue/brand/{brand}/delete/", {"post": "yes"}, (MERCHANT, BOSS)),
    ("catalogue/product/", {"action": "publish", "_selected_action": "{product}"},
     (MERCHANT, BOSS)),
    ("fittingroom/tryon/", {"action": "retry", "_selected_action": "{tryon}"}, (MERCHANT, BOSS)),
    ("fittingroom/tryon/{tryon}/change/", {"_retry": "1"}, (MERCHANT, BOSS)),
    ("fittingroom/tryon/{tryon}/delete/", {"post": "yes"}, (BOSS,)),
    ("fittingroom/garmentlabels/{labels}/change/", {"_start_over": "1"}, (MERCHANT, BOSS)),
    ("fittingroom/garmentlabels/{labels}/delete/", {"post": "yes"}, ()),
    ("fittingroom/rating/{rating}/change/", {"realism": "1", "liking": "1"}, ()),
    ("fittingroom/fittingmodel/{fitting_model}/delete/", {"post": "yes"}, (MERCHANT, BOSS)),
    ("fittingroom/fittingmodel/{fitting_model}/change/", {"_annotate": "1"}, (MERCHANT, BOSS)),
    ("fittingroom/fittingmodel/", {"action": "deactivate", "_selected_action": "{fitting_model}"},
     (MERCHANT, BOSS)),
    ("fittingroom/engineconfig/{engine}/change/",
     {"name": "drape", "position": "7", "regions": []}, (BOSS,)),
    ("accounts/user/{user}/delete/", {"post": "yes"}, (BOSS,)),
)  # fmt: skip


@pytest.mark.parametrize("actor", ACTORS)
def test_who_may_change_something(actor: str, rows: dict[str, Model]) -> None:
    keys = {name: row.pk for name, row in rows.items()}
    client = client_of(actor)
    before = contents(rows)
    changed = []
    for page, data, _may in WRITES:
        sent = {
            name: value.format(**keys) if isinstance(value, str) else value
            for name, value in data.items()
        }
        with transaction.atomic():
            client.post(url(page, rows), sent)
            if contents(rows) != before:
                changed.append((page, data))
            transaction.set_rollback(True)

    assert changed == [(page, data) for page, data, may in WRITES if actor in may]


def test_a_merchant_cannot_make_a_superuser() -> None:
    response = client_of(MERCHANT).post(
        "/en/admin/accounts/user/add/",
        {
            "email": "x@example.com",
            "usable_password": "true",
            "password1": "a long secret 1",
            "password2": "a long secret 1",
            "is_superuser": "on",
        },
    )

    assert response.status_code == 403
    assert get_user_model().objects.count() == 1
