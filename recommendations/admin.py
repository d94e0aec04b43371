"""Looks for merchants."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.models import Look, LookItem

PICTURE = '<img class="thumbnail" src="{}" alt="{}" width="48" height="64" loading="lazy">'


def pictures_of(items: Any) -> SafeString | str:
    """The garments side by side, as shoppers see them."""
    shown = [item.picture for item in items if item.picture]
    return format_html_join("", PICTURE, ((each.url_at(360), each.alt) for each in shown)) or "–"


class LookItemInline(admin.TabularInline):
    model = LookItem
    extra = 0
    min_num = 2
    fields = ["preview", "product", "colour", "position"]
    readonly_fields = ["preview"]
    autocomplete_fields = ["product"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LookItem]:
        rows: QuerySet[LookItem] = super().get_queryset(request)
        return rows.select_related("product").prefetch_related(
            "product__images", "product__variants"
        )

    @admin.display(description=_("preview"))
    def preview(self, item: LookItem) -> SafeString | str:
        return pictures_of([item]) if item.pk else "–"


@admin.register(Look)
class LookAdmin(admin.ModelAdmin):
    list_display = ["title_ko", "title_en", "preview", "garments", "position", "published"]
    list_display_links = ["title_ko", "title_en"]
    list_editable = ["position", "published"]
    list_filter = ["published"]
    list_per_page = 50
    search_fields = [
        "title_ko",
        "title_en",
        "slug",
        "items__product__title_ko",
        "items__product__title_en",
    ]
    search_help_text = _("Title of the Look or of a product in it")
    prepopulated_fields = {"slug": ["title_en"]}
    fields = [
        ("title_ko", "title_en"),
        "slug",
        ("description_ko", "description_en"),
        ("position", "published"),
    ]
    inlines = [LookItemInline]
    actions = ["publish", "hide"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Look]:
        rows: QuerySet[Look] = super().get_queryset(request)
        return rows.prefetch_related("items__product__images", "items__product__variants")

    def get_view_on_site_url(self, obj: Look | None = None) -> str | None:
        """Shoppers' pages show no Look that is hidden or has too few products left."""
        if obj is None or not Look.objects.visible().filter(pk=obj.pk).exists():
            return None
        return super().get_view_on_site_url(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Only now are the garments known."""
        super().save_related(request, form, formsets, change)
        look = form.instance
        if look.published and not Look.objects.visible().filter(pk=look.pk).exists():
            text = _("Shoppers do not see %(look)s: it needs two products that are in the shop.")
            messages.warning(request, text % {"look": look})

    @admin.display(description=_("preview"))
    def preview(self, look: Look) -> SafeString | str:
        shown = pictures_of(look.items.all())
        return format_html_join("", '<span class="thumbnails">{}</span>', [(shown,)])

    @admin.display(description=_("garments"))
    def garments(self, look: Look) -> int:
        return len(look.items.all())

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Look]) -> None:
        self._count(request, queryset.update(published=True))

    @admin.action(description=_("Take out of the shop"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Look]) -> None:
        self._count(request, queryset.update(published=False))

    def _count(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%d Look changed.", "%d Looks changed.", count)
        self.message_user(request, text % count)
