"""A picture's page: its buttons, and what its script asks while somebody drags and clicks."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from fittingroom.admin.garments import previews, states
from fittingroom.admin.garments.filters import ATTENTION
from fittingroom.admin.garments.outlines import outline_svg, overlay_url
from fittingroom.garments import corrections
from fittingroom.models import GarmentLabels
from shop.catalogue.models import Product

Status = GarmentLabels.Status
#: Larger bodies than any number of clicks.
MAX_BODY = 50_000


class Editor(admin.ModelAdmin):
    """Draws Django's form, but acts through ``garments.corrections``."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page's own buttons; Django's form is only drawn."""
        labels = self.get_object(request, object_id)
        if request.method == "POST":
            if labels is None:
                raise Http404
            if not self.has_change_permission(request, labels):
                raise PermissionDenied
            try:
                return HttpResponseRedirect(self._act(request, labels))
            except ValidationError as error:
                messages.error(request, error.messages[0])
                return HttpResponseRedirect(request.path)
        context = {} if labels is None else self._context(request, labels)
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def _context(self, request: HttpRequest, labels: GarmentLabels) -> dict[str, Any]:
        cuts = corrections.CUTS.get(labels.region, ())
        return {
            "labels": labels,
            "cuts": [(cut, GarmentLabels.Cut(cut).label) for cut in cuts if len(cuts) > 1],
            "previews": previews.shown(request.user, labels),
            "can_preview": labels.image.product.status == Product.Status.PUBLISHED
            and labels.status not in (Status.FAILED, Status.WAITING),
            "script": static("js/admin/garments.js"),
        }

    def _act(self, request: HttpRequest, labels: GarmentLabels) -> str:
        """Do what was pressed. Returns where to go; raises ValidationError."""
        given = request.POST
        picture = given.get("picture", "")
        if "_start_over" in given:
            corrections.start_over(labels=labels)
        elif cut := next((key[5:] for key in given if key.startswith("_cut:")), ""):
            corrections.change_cut(labels=labels, user=request.user, picture=picture, cut=cut)
        elif "_preview" in given:
            previews.order(request.user, labels)
        else:
            corrections.correct(
                labels=labels,
                user=request.user,
                picture=picture,
                clicks=_parsed(given.get("clicks")),
                landmarks=_parsed(given.get("landmarks")),
            )
            messages.success(request, _("Accepted."))
            if "_next" in given:
                return self._next(request, labels)
        return request.path

    def _next(self, request: HttpRequest, labels: GarmentLabels) -> str:
        rows = self.get_queryset(request).filter(status__in=ATTENTION).exclude(pk=labels.pk)
        following = rows.values_list("pk", flat=True).first()
        if following is None:
            return reverse("admin:fittingroom_garmentlabels_changelist")
        return reverse("admin:fittingroom_garmentlabels_change", args=[following])

    def get_urls(self) -> list[URLPattern]:
        views = (
            ("outline.svg", self.outline_view, "outline"),
            ("state/", self.state_view, "state"),
            ("clicks/", self.clicks_view, "clicks"),
        )
        own = [
            path(
                f"<int:pk>/{end}",
                self.admin_site.admin_view(view),
                name=f"fittingroom_garmentlabels_{name}",
            )
            for end, view, name in views
        ]
        return [*own, *super().get_urls()]

    def outline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The mask as a picture to lay over the photo."""
        labels = self._of(request, pk)
        return HttpResponse(
            outline_svg(labels),
            content_type="image/svg+xml",
            headers={"Cache-Control": "private, max-age=3600"},
        )

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The row as the editor needs it, polled while a worker is on it."""
        return JsonResponse(self._state(request, self._of(request, pk)))

    def clicks_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All clicks, and the landmarks dragged since the last answer. 422 says what is wrong."""
        labels = self._of(request, pk)
        if request.method != "POST" or not self.has_change_permission(request, labels):
            raise PermissionDenied
        sent = _parsed(
            request.body.decode(errors="replace") if len(request.body) < MAX_BODY else ""
        )
        if not isinstance(sent, dict):
            return JsonResponse({"error": "JSON"}, status=400)
        try:
            corrections.correct(
                labels=labels,
                user=request.user,
                picture=str(sent.get("picture", "")),
                clicks=sent.get("clicks"),
                landmarks=sent.get("landmarks"),
            )
        except ValidationError as error:
            return JsonResponse({"error": error.messages[0]}, status=422)
        return JsonResponse(self._state(request, self._of(request, pk)))

    def _of(self, request: HttpRequest, pk: int) -> GarmentLabels:
        labels: GarmentLabels | None = self.get_object(request, str(pk))
        if not self.has_view_permission(request, labels):
            raise PermissionDenied
        if labels is None:
            raise Http404
        return labels

    def _state(self, request: HttpRequest, labels: GarmentLabels) -> dict[str, Any]:
        return {
            "waiting": labels.is_waiting,
            "status": labels.status,
            "label": labels.get_status_display(),
            "tone": states.tone(labels),
            "advice": str(states.advice(labels)),
            "cut": labels.cut,
            "landmarks": labels.landmarks,
            "clicks": labels.clicks,
            "overlay": overlay_url(labels),
            "previews": previews.shown(request.user, labels),
        }


def _parsed(text: str | None) -> Any:
    """JSON, or None where there is none."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
