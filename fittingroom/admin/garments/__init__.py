"""Masks and landmarks of catalogue pictures: the worst first, corrected by drag and click."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from fittingroom.admin.garments.columns import Columns
from fittingroom.admin.garments.editor import Editor
from fittingroom.admin.garments.filters import AttentionFilter, KindFilter, RegionFilter
from fittingroom.admin.garments.form import LabelsForm
from fittingroom.garments import corrections
from fittingroom.models import GarmentLabels
from shop.catalogue.models import Variant


@admin.register(GarmentLabels)
class GarmentLabelsAdmin(Columns, Editor):
    form = LabelsForm
    list_display = ["drawn", "product", "state", "look", "palette", "sureness", "checked"]
    list_display_links = ["drawn", "state"]
    list_filter = [AttentionFilter, KindFilter, RegionFilter]
    list_per_page = 30
    search_fields = [
        "image__product__title_ko",
        "image__product__title_en",
        "image__product__brand__name_ko",
        "image__product__brand__name_en",
    ]
    search_help_text = _("Title, brand or the beginning of an SKU")
    actions = ["accept"]
    readonly_fields = ["state", "advice", "product", "look", "palette", "sureness", "checked"]
    fieldsets = [
        (None, {"fields": ["product", "state", "advice", "landmarks", "clicks"]}),
        (_("What was found"), {"fields": ["look", "palette", "sureness", "checked"]}),
    ]

    class Media:
        css = {"all": ["css/garments.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[GarmentLabels]:
        rows = GarmentLabels.objects.of_pictures().without_masks().worst_first()
        return rows.select_related("image__product__category", "corrected_by")

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["badness", F("confidence").asc(nulls_last=True), "-image_id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if sku := search_term.strip():
            own = Variant.objects.filter(product=OuterRef("image__product"), sku__istartswith=sku)
            found |= queryset.filter(Exists(own))
        return found, duplicates

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """A product's page links to its own pictures."""
        if lookup == "image__product":
            return True
        return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[arg-type]

    # Rows come and go with the pictures, not by hand.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not here; but who deletes a product deletes what is known of its pictures."""
        match = request.resolver_match
        here = match is not None and "garmentlabels" in (match.url_name or "")
        return not here and self.has_change_permission(request, obj)

    @admin.action(description=_("Accept as they are"), permissions=["change"])
    def accept(self, request: HttpRequest, queryset: QuerySet[GarmentLabels]) -> None:
        done = 0
        for labels in queryset:
            try:
                corrections.correct(labels=labels, user=request.user, picture=labels.picture)
            except ValidationError as error:
                messages.error(request, f"{labels.image.product}: {error.messages[0]}")
            else:
                done += 1
        if done:
            text = ngettext("%d picture accepted.", "%d pictures accepted.", done)
            messages.success(request, text % done)
