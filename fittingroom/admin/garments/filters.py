"""What the list of catalogue pictures can be narrowed to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from fittingroom.models import GarmentLabels
from shop.catalogue.models import Region

Status = GarmentLabels.Status
ATTENTION = (Status.NEEDS_ATTENTION, Status.FAILED)


class AttentionFilter(admin.SimpleListFilter):
    title = _("try-on")
    parameter_name = "state"
    STATES = {
        "attention": ATTENTION,
        "doubtful": (Status.NEEDS_ATTENTION,),
        "impossible": (Status.FAILED,),
        "ready": (Status.READY, Status.GIVEN, Status.CORRECTED),
        "corrected": (Status.CORRECTED,),
        "waiting": (Status.WAITING,),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("attention", _("needs attention, or not possible")),
            ("doubtful", _("needs attention")),
            ("impossible", _("not possible")),
            ("ready", _("ready for try-on")),
            ("corrected", _("checked by staff")),
            ("waiting", _("being read")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states = self.STATES.get(self.value() or "")
        return queryset.filter(status__in=states) if states else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("looks like")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("other", _("something else than its category"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.contradicting() if self.value() == "other" else queryset  # type: ignore[attr-defined]


class RegionFilter(admin.SimpleListFilter):
    title = _("region")
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [choice for choice in Region.choices if choice[0] != Region.NONE]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(region=self.value()) if self.value() else queryset
