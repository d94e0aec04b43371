"""The two groups of staff, and what each may do.

``migrate`` gives each group what it lacks of this list and takes nothing away. For another set of
permissions make another group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

MERCHANTS = "Merchants"
ANALYSTS = "Analysts"

_ALL = ("add", "change", "delete", "view")

#: Group → app label → codenames. Written out, not imported: accounts knows no other app.
ROLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    MERCHANTS: {
        "catalogue": tuple(
            f"{action}_{model}"
            for model in ("category", "brand", "product", "variant", "productimage", "sizerow")
            for action in _ALL
        ),
        "recommendations": tuple(
            f"{action}_{model}" for model in ("look", "lookitem") for action in _ALL
        ),
        "fittingroom": (
            *(f"{action}_fittingmodel" for action in _ALL),
            "view_garmentlabels",
            "change_garmentlabels",
            "view_tryon",
            "change_tryon",  # cancel and retry
            "view_tryon_picture",
            "view_rating",
            "view_engineconfig",
        ),
    },
    # Figures only: no picture of anybody, no account.
    ANALYSTS: {"fittingroom": ("view_tryon", "view_rating")},
}


def grant(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """After the migrations of an app, when its permissions exist."""
    for role, apps in ROLES.items():
        codenames = apps.get(app_config.label, ())
        permissions = Permission.objects.using(using).filter(
            content_type__app_label=app_config.label, codename__in=codenames
        )
        if permissions:
            group, _created = Group.objects.using(using).get_or_create(name=role)
            group.permissions.add(*permissions)
