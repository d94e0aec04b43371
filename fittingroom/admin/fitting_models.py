"""Fitting models: a photo comes in, a worker annotates it, a curator corrects and accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from PIL import Image

from fittingroom import annotation
from fittingroom.admin.fitting_model_forms import FittingModelForm, InListForm, bytes_of
from fittingroom.curation import findings, services
from fittingroom.models import FittingModel

State = FittingModel.State
_TONES = {
    State.NEW: "busy",
    State.ANNOTATED: "todo",
    State.REFUSED: "bad",
    State.FAILED: "bad",
    State.ACCEPTED: "good",
}
_TO_REVIEW = (State.ANNOTATED, State.REFUSED, State.FAILED)


class ReviewFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("review", _("waits for you")), *State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "review":
            return queryset.filter(state__in=_TO_REVIEW)
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


class HeightFilter(admin.SimpleListFilter):
    title = _("height (cm)")
    parameter_name = "height"
    BANDS = {"0-159": "– 159", "160-169": "160–169", "170-179": "170–179",
             "180-999": "180 –"}  # fmt: skip

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return self.BANDS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.BANDS:
            return queryset
        return queryset.filter(height_cm__range=str(self.value()).split("-"))


@admin.register(FittingModel)
class FittingModelAdmin(admin.ModelAdmin):
    form = FittingModelForm
    list_display = [
        *("picture", "name_ko", "name_en", "state_shown", "gender", "height_cm"),
        *("active", "position"),
    ]
    list_display_links = ["picture", "name_ko"]
    list_editable = ["active", "position"]
    list_filter = [ReviewFilter, "active", "gender", HeightFilter]
    list_per_page = 50
    search_fields = ["name_ko", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    readonly_fields = ["standing", "annotation_source", "annotator", "densepose"]
    actions = ["annotate_again", "activate", "deactivate"]
    _about = (
        None,
        {
            "fields": [
                ("name_ko", "name_en"),
                "slug",
                ("gender", "height_cm", "size_worn"),
                ("body_ko", "body_en"),
                ("active", "position"),
            ]
        },
    )

    def get_fieldsets(self, request: HttpRequest, obj: FittingModel | None = None) -> list[Any]:
        if obj is None:
            how = _("A worker finds the rest, and you look at it before shoppers see the person.")
            given = {
                "classes": ["collapse"],
                "fields": ["parse", "keypoints"],
                "description": _("With both of these the person is there at once."),
            }
            return [
                self._about,
                (_("Photo"), {"fields": ["photo"], "description": how}),
                (_("I have an annotation already"), given),
            ]
        fields = ["keypoints", "swap_parse", "parse", "photo", "seen_attempt"]
        if obj.state == State.NEW:
            fields = ["photo", "seen_attempt"]
        if not self.has_change_permission(request, obj):
            fields = ["keypoints", "parse", "photo"]
        return [
            (None, {"fields": ["standing"]}),
            (_("Annotation"), {"fields": fields}),
            (_("Shown to shoppers"), self._about[1]),
            (
                _("Origin of the annotation"),
                {
                    "classes": ["collapse"],
                    "fields": [("annotation_source", "annotator"), "densepose"],
                },
            ),
        ]

    @property
    def media(self) -> Media:
        return super().media + Media(js=["js/admin/annotation.js"])

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[InListForm]:
        return InListForm

    # --- pictures -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = "fittingroom_fittingmodel_{}".format
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/overlay.png", view(self.overlay_view), name=name("overlay")),
            path("<int:pk>/classes.png", view(self.classes_view), name=name("classes")),
            path("<int:pk>/state/", view(self.state_view), name=name("state")),
            *super().get_urls(),
        ]

    def overlay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The annotation over the photo, as PNG. Raises Http404 where a file cannot be read."""
        model = self._viewed(request, pk)
        try:
            with model.photo.open("rb") as file, Image.open(file) as photo:
                labels = annotation.read_parse(bytes_of(model.parse), size=photo.size)
                points = annotation.read_keypoints(model.keypoints)
                png = annotation.overlay_png(photo, labels, points)
        except (OSError, ValueError, ValidationError) as error:
            raise Http404 from error
        return _png(png)

    def classes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The parse in colours, to lay over the photo; ``?swapped=1`` with its sides swapped."""
        model = self._viewed(request, pk)
        size = (model.width, model.height)
        try:
            labels = annotation.read_parse(bytes_of(model.parse), size=size)
        except (OSError, ValueError, ValidationError) as error:
            raise Http404 from error
        if "swapped" in request.GET:
            labels = annotation.swap_sides(labels)
        return _png(annotation.classes_png(labels))

    def state_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The page asks whether the worker has answered."""
        return JsonResponse({"state": self._viewed(request, pk).state})

    def _viewed(self, request: HttpRequest, pk: int) -> FittingModel:
        model: FittingModel | None = self.get_object(request, str(pk))
        if not self.has_view_permission(request, model):
            raise PermissionDenied
        if model is None:
            raise Http404
        return model

    # --- what is shown ------------------------------------------------------------------------

    @admin.display(description=_("photo"))
    def picture(self, model: FittingModel) -> SafeString:
        return format_html(
            '<img class="thumbnail" src="{}" alt="" width="48" height="64" loading="lazy">',
            model.thumbnail_url,
        )

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, model: FittingModel) -> SafeString:
        return format_html(
            '<span class="state state--{}">{}</span>',
            _TONES[State(model.state)],
            model.get_state_display(),
        )

    @admin.display(description=_("state"))
    def standing(self, model: FittingModel) -> SafeString:
        """State, what to do next, and what the checks found."""
        if model.state == State.NEW:
            return format_html(
                '<div class="standing" data-annotating="{}">{} <span>{}</span>'
                '<p><img class="preview" src="{}" alt=""></p></div>',
                reverse("admin:fittingroom_fittingmodel_state", args=[model.pk]),
                self.state_shown(model),
                _next_step(model),
                model.thumbnail_url,
            )
        return format_html(
            '<div class="standing">{} <span>{}</span><ul class="checks">{}</ul></div>',
            self.state_shown(model),
            _next_step(model),
            format_html_join(
                "", '<li class="check check--{}">{}</li>', findings.lines(model.findings)
            ),
        )

    # --- what staff do ------------------------------------------------------------------------

    @admin.action(description=_("Annotate again"), permissions=["change"])
    def annotate_again(self, request: HttpRequest, queryset: QuerySet[FittingModel]) -> None:
        self._each(request, queryset, _annotate_again)

    @admin.action(description=_("Show to shoppers"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[FittingModel]) -> None:
        self._each(request, queryset, lambda model: services.set_active(model=model, active=True))

    @admin.action(description=_("Hide from shoppers"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[FittingModel]) -> None:
        self._each(request, queryset, lambda model: services.set_active(model=model, active=False))

    def _each(
        self,
        request: HttpRequest,
        models: Iterable[FittingModel],
        act: Callable[[FittingModel], bool],
    ) -> None:
        outcomes = [act(model) for model in models]
        if done := sum(outcomes):
            text = ngettext("%d person changed.", "%d people changed.", done)
            messages.success(request, text % done)
        if left := len(outcomes) - done:
            text = ngettext(
                "%d person was left alone: the annotation is not accepted.",
                "%d people were left alone: their annotations are not accepted.",
                left,
            )
            messages.warning(request, text % left)

    def get_actions(self, request: HttpRequest) -> Any:
        """Deleting goes through each one's page, which refuses where somebody wore something."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page's own buttons that save nothing of the form."""
        act = {
            "_annotate": self.annotate_again,
            "_activate": self.activate,
            "_deactivate": self.deactivate,
        }
        pressed = [name for name in act if name in request.POST]
        model = self.get_object(request, object_id)
        if pressed and model is not None and self.has_change_permission(request, model):
            act[pressed[0]](request, FittingModel.objects.filter(pk=model.pk))
            return HttpResponseRedirect(request.path)
        worn = {"worn": model is not None and model.tryons.exists()}
        return super().change_view(request, object_id, form_url, {**worn, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: FittingModel, form: Any, change: bool) -> None:
        services.save_fitting_model(
            model=obj,
            new_photo=getattr(form, "new_photo", False),
            new_annotation=getattr(form, "new_annotation", False),
        )
        if "_accept" in request.POST:
            services.accept(model=obj)

    def response_add(
        self, request: HttpRequest, obj: FittingModel, post_url_continue: str | None = None
    ) -> HttpResponse:
        """With a photo alone the work goes on, on the page of the new person."""
        if obj.state == State.NEW and "_addanother" not in request.POST:
            return HttpResponseRedirect(_change_url(obj))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: FittingModel) -> HttpResponse:
        if obj.state == State.NEW and "photo" in request.FILES:
            return HttpResponseRedirect(_change_url(obj))
        return super().response_change(request, obj)

    # --- deleting -----------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: FittingModel | None = None) -> bool:
        """With a person, shoppers' pictures would go."""
        worn = obj is not None and obj.tryons.exists()
        return super().has_delete_permission(request, obj) and not worn

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Say what to do instead, rather than that it is forbidden."""
        model = self.get_object(request, object_id)
        may = super().has_delete_permission(request, model)
        if model is not None and may and model.tryons.exists():
            text = _(
                "Shoppers have pictures of %(name)s, which would be deleted too. "
                "Hide the person from shoppers instead."
            )
            messages.error(request, text % {"name": model.name})
            return HttpResponseRedirect(_change_url(model))
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: FittingModel) -> None:
        services.delete(model=obj)


def _annotate_again(model: FittingModel) -> bool:
    services.annotate_again(model=model)
    return True


def _next_step(model: FittingModel) -> Any:
    match model.state:
        case State.NEW:
            return _("The photo is being looked at. This page shows the result by itself.")
        case State.ANNOTATED:
            return _("Check that the points lie on the joints, then accept.")
        case State.REFUSED if model.is_annotated:
            return _("Take another photo; or correct the points and accept it all the same.")
        case State.REFUSED:
            return _("Take another photo, or give parse and keypoints.")
        case State.FAILED:
            return format_html("{} {}", _("Try again, or give parse and keypoints."), model.failure)
        case _ if model.active:
            return _("Shoppers can choose this person.")
    return _("Hidden from shoppers.")


def _change_url(model: FittingModel) -> str:
    return reverse("admin:fittingroom_fittingmodel_change", args=[model.pk])


def _png(data: bytes) -> HttpResponse:
    return HttpResponse(
        data, content_type="image/png", headers={"Cache-Control": "private, no-store"}
    )
