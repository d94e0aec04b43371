"""Try-ons: what happened to each, and a second chance for those that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from fittingroom import reasons, services
from fittingroom.access import may_see_own_photos
from fittingroom.admin.export import csv_response, tryon_rows
from fittingroom.models import TryOn

PICTURES = "fittingroom.view_tryon_picture"
_TONES = {TryOn.Status.DONE: "good", TryOn.Status.FAILED: "bad", TryOn.Status.CANCELLED: "quiet"}


class AgeFilter(admin.SimpleListFilter):
    title = _("age")
    parameter_name = "age"
    HOURS = {"hour": 1, "day": 24, "week": 24 * 7, "month": 24 * 30}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("hour", _("up to an hour")),
            ("day", _("up to a day")),
            ("week", _("up to a week")),
            ("month", _("up to 30 days")),
            ("stuck", _("waiting for more than a minute")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TryOn]) -> QuerySet[TryOn]:
        now, value = timezone.now(), self.value()
        if value == "stuck":
            return queryset.filter(
                pk__in=TryOn.objects.active(), created_at__lt=now - timedelta(minutes=1)
            )
        if value in self.HOURS:
            return queryset.filter(created_at__gte=now - timedelta(hours=self.HOURS[value]))
        return queryset


class PersonKindFilter(admin.SimpleListFilter):
    title = _("kind of person")
    parameter_name = "person_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("preset", _("fitting model")), ("own", _("own photo"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TryOn]) -> QuerySet[TryOn]:
        if self.value() in ("preset", "own"):
            return queryset.filter(photo__isnull=self.value() == "preset")
        return queryset


def may_show(request: HttpRequest, tryon: TryOn) -> bool:
    """Whether this member of staff may see the picture; one's own photo takes more."""
    if not request.user.has_perm(PICTURES):
        return False
    return tryon.photo_id is None or may_see_own_photos(request.user)


def person_of(tryon: TryOn) -> str:
    """Who was dressed; of a shopper's own photo only that it was one."""
    return tryon.fitting_model.name if tryon.fitting_model else gettext("own photo")


def products_of(tryon: TryOn) -> SafeString:
    """The garments' names, innermost first."""
    return format_html_join(" + ", "{}", ((each.image.product,) for each in tryon.garments.all()))


@admin.register(TryOn)
class TryOnAdmin(admin.ModelAdmin):
    list_display = ["created_at", "age", "state", "reason", "person", "worn", "engine", "ms"]
    list_filter = ["status", "reason_code", AgeFilter, "engine", PersonKindFilter, "fitting_model"]
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = [
        "=id",
        "garments__image__product__title_ko",
        "garments__image__product__title_en",
    ]
    actions = ["retry", "cancel"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TryOn]:
        return TryOn.objects.with_pictures()

    # Rows are made by shoppers and changed by services only.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: TryOn | None = None) -> list[Any]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def get_fieldsets(self, request: HttpRequest, obj: TryOn | None = None) -> list[Any]:
        parts: list[tuple[Any, list[str]]] = [
            (None, ["state", "reason", "reason_detail", "worn", "person"]),
            (_("Times"), ["created_at", "started_at", "finished_at", "stages"]),
            (
                _("Work"),
                ["engine", "engine_version", "attempt", "deaths", "lease_until", "sent_at"],
            ),
        ]
        if obj is not None and may_show(request, obj):
            parts.insert(1, (_("Picture"), ["pictures"]))
        if request.user.has_perm("accounts.view_user"):
            parts.append((_("Shopper"), ["user", "visitor"]))
        return [(title, {"fields": fields}) for title, fields in parts]

    # --- columns ------------------------------------------------------------------------------

    @admin.display(description=_("age"), ordering="-created_at")
    def age(self, tryon: TryOn) -> str:
        return timesince(tryon.created_at, depth=1)

    @admin.display(description=_("status"), ordering="status")
    def state(self, tryon: TryOn) -> SafeString:
        return format_html(
            '<span class="state state--{}">{}</span>',
            _TONES.get(TryOn.Status(tryon.status), "busy"),
            tryon.get_status_display(),
        )

    @admin.display(description=_("reason"), ordering="reason_code")
    def reason(self, tryon: TryOn) -> SafeString | str:
        if not tryon.reason_code:
            return "–"
        return format_html(
            '<span title="{}">{}</span>',
            reasons.sentence(tryon.reason_code),
            tryon.get_reason_code_display(),
        )

    @admin.display(description=_("garments"))
    def worn(self, tryon: TryOn) -> SafeString:
        return products_of(tryon)

    @admin.display(description=_("person"), ordering="fitting_model")
    def person(self, tryon: TryOn) -> str:
        return person_of(tryon)

    @admin.display(description=_("ms"))
    def ms(self, tryon: TryOn) -> str:
        return f"{sum(tryon.stage_ms.values()):,}" if tryon.stage_ms else "–"

    @admin.display(description=_("stages (ms)"))
    def stages(self, tryon: TryOn) -> str:
        return ", ".join(f"{stage} {ms:,}" for stage, ms in tryon.stage_ms.items()) or "–"

    @admin.display(description=_("before and after"))
    def pictures(self, tryon: TryOn) -> SafeString | str:
        if tryon.status != TryOn.Status.DONE or not tryon.result:
            return "–"
        shown = [("person", _("before")), ("result", _("after"))]
        if not tryon.person_photo_url:  # the photo is erased, what was made of it is not
            del shown[0]
        return format_html(
            '<div class="previews">{}</div>',
            format_html_join(
                "",
                '<figure><img class="preview" src="{}" alt=""><figcaption>{}</figcaption></figure>',
                ((reverse(f"fittingroom:{n}", args=[tryon.pk]), title) for n, title in shown),
            ),
        )

    # --- what staff do ------------------------------------------------------------------------

    @admin.action(description=_("Try again"), permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[TryOn]) -> None:
        self._each(request, queryset, lambda tryon: services.retry_tryon(tryon=tryon))

    @admin.action(description=_("Cancel"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[TryOn]) -> None:
        self._each(request, queryset, lambda tryon: services.cancel_tryon(tryon=tryon))

    def _each(
        self, request: HttpRequest, tryons: Iterable[TryOn], act: Callable[[TryOn], bool]
    ) -> None:
        outcomes = [act(tryon) for tryon in tryons]
        if done := sum(outcomes):
            text = ngettext("%d try-on changed.", "%d try-ons changed.", done)
            messages.success(request, text % done)
        if left := len(outcomes) - done:
            text = ngettext(
                "%d try-on was left alone: its status does not allow it.",
                "%d try-ons were left alone: their status does not allow it.",
                left,
            )
            messages.warning(request, text % left)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page's own buttons; everything else on it is for reading."""
        act = {"_retry": self.retry, "_cancel": self.cancel}
        pressed = [name for name in act if name in request.POST]
        if pressed:
            tryon = self.get_object(request, object_id)
            if tryon is not None and self.has_change_permission(request, tryon):
                act[pressed[0]](request, TryOn.objects.filter(pk=tryon.pk))
                return HttpResponseRedirect(request.path)
        hidden = {"show_save": False, "show_save_and_continue": False}
        return super().change_view(
            request, object_id, form_url, {**hidden, **(extra_context or {})}
        )

    def delete_model(self, request: HttpRequest, obj: TryOn) -> None:
        services.delete_tryon(tryon=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[TryOn]) -> None:
        for tryon in queryset:
            services.delete_tryon(tryon=tryon)

    # --- export -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        export = path(
            "export.csv",
            self.admin_site.admin_view(self.export_view),
            name="fittingroom_tryon_export",
        )
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the list's filters show, all pages of it."""
        found = filtered(self, request)
        return csv_response(tryon_rows(found), name="try-ons")


def filtered(model_admin: admin.ModelAdmin, request: HttpRequest) -> QuerySet[Any]:
    """The list as its address filters and orders it. Raises PermissionDenied."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows: QuerySet[Any] = model_admin.get_changelist_instance(request).get_queryset(request)
    # The list's own joins and prefetches are not the export's.
    return rows.select_related(None).prefetch_related(None)
