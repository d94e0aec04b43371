"""Ratings: what shoppers thought of the pictures, and of the clothes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from fittingroom.admin.export import csv_response, rating_rows
from fittingroom.admin.tryons import filtered, may_show, person_of, products_of
from fittingroom.models import Rating


class ReasonFilter(admin.SimpleListFilter):
    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return Rating.Reason.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rating]) -> QuerySet[Rating]:
        return queryset.filter(reasons__contains=[self.value()]) if self.value() else queryset


class CommentFilter(admin.SimpleListFilter):
    title = _("comment")
    parameter_name = "commented"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("yes", _("with a comment"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rating]) -> QuerySet[Rating]:
        return queryset.exclude(comment="") if self.value() == "yes" else queryset


@admin.register(Rating)
class RatingAdmin(admin.ModelAdmin):
    list_display = ["updated_at", "realism", "liking", "why", "comment", "worn", "person", "engine"]
    list_filter = [
        "realism",
        "liking",
        ReasonFilter,
        CommentFilter,
        "tryon__engine",
        "tryon__fitting_model",
    ]
    list_per_page = 50
    date_hierarchy = "updated_at"
    search_fields = [
        "comment",
        "tryon__garments__image__product__title_ko",
        "tryon__garments__image__product__title_en",
    ]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rating]:
        return Rating.objects.select_related("tryon__fitting_model").prefetch_related(
            "tryon__garments__image__product"
        )

    # A rating belongs to the shopper: staff read it.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[Any]:
        fields = ["realism", "liking", "why", "comment", "worn", "person", "engine"]
        if obj is not None and may_show(request, obj.tryon):
            fields.append("picture")
        return [*fields, "created_at", "updated_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    @admin.display(description=_("reasons"))
    def why(self, rating: Rating) -> str:
        return ", ".join(str(Rating.Reason(each).label) for each in rating.reasons) or "–"

    @admin.display(description=_("garments"))
    def worn(self, rating: Rating) -> SafeString:
        return products_of(rating.tryon)

    @admin.display(description=_("person"), ordering="tryon__fitting_model")
    def person(self, rating: Rating) -> str:
        return person_of(rating.tryon)

    @admin.display(description=_("engine"), ordering="tryon__engine")
    def engine(self, rating: Rating) -> str:
        return f"{rating.tryon.engine} {rating.tryon.engine_version}"

    @admin.display(description=_("picture"))
    def picture(self, rating: Rating) -> SafeString | str:
        if not rating.tryon.result:
            return "–"
        url = reverse("fittingroom:result", args=[rating.tryon_id])
        return format_html('<img class="preview" src="{}" alt="">', url)

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export.csv",
            self.admin_site.admin_view(self.export_view),
            name="fittingroom_rating_export",
        )
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the list's filters show, all pages of it."""
        return csv_response(rating_rows(filtered(self, request)), name="ratings")
