"""Fitting models: photo and annotation go in together, and are looked at together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from PIL import Image

from fittingroom import annotation
from fittingroom.models import FittingModel
from shop.catalogue.fields import CleanUpload, PictureField
from shop.catalogue.services import erase_files

#: A 50-megapixel parse of 18 flat colours is far smaller.
MAX_PARSE_BYTES = 5_000_000


class FittingModelForm(forms.ModelForm):
    class Meta:
        field_classes = {"photo": PictureField}

    def clean_parse(self) -> Any:
        parse = self.cleaned_data["parse"]
        if isinstance(parse, UploadedFile) and (parse.size or 0) > MAX_PARSE_BYTES:
            raise ValidationError(_("This file is too large."), code="too_many_bytes")
        return parse

    def clean_keypoints(self) -> list[list[float]]:
        return annotation.read_keypoints(self.cleaned_data["keypoints"])

    def clean(self) -> dict[str, Any]:
        """The parse must be of this photo, whichever of the two is new."""
        cleaned = super().clean() or self.cleaned_data
        photo, parse = cleaned.get("photo"), cleaned.get("parse")
        if not photo or not parse or not {"photo", "parse"} & set(self.changed_data):
            return cleaned
        if isinstance(photo, CleanUpload):
            size = photo.picture.pixels.size
        else:
            size = (self.instance.width, self.instance.height)
        try:
            labels = annotation.read_parse(_bytes_of(parse), size=size)
        except ValidationError as error:
            self.add_error("parse", error)
        else:
            if isinstance(parse, UploadedFile):
                cleaned["parse"] = ContentFile(annotation.parse_png(labels), name="parse.png")
        return cleaned


def _bytes_of(file: Any) -> bytes:
    try:
        with file.open("rb") as opened:
            data: bytes = opened.read()
    except OSError as error:
        raise ValidationError(_("The parse is not a readable PNG."), code="png") from error
    return data


@admin.register(FittingModel)
class FittingModelAdmin(admin.ModelAdmin):
    form = FittingModelForm
    list_display = ["picture", "name_ko", "name_en", "gender", "height_cm", "active", "position"]
    list_display_links = ["picture", "name_ko"]
    list_editable = ["active", "position"]
    list_filter = ["active", "gender"]
    search_fields = ["name_ko", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    readonly_fields = ["overlay"]
    # Deleting goes through the form alone, which refuses where somebody has worn something.
    actions = None
    fieldsets = [
        (
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
        ),
        (_("Photo and annotation"), {"fields": ["overlay", "photo", "parse", "keypoints"]}),
    ]

    def get_urls(self) -> list[URLPattern]:
        overlay = path(
            "<int:pk>/overlay.png",
            self.admin_site.admin_view(self.overlay_view),
            name="fittingroom_fittingmodel_overlay",
        )
        return [overlay, *super().get_urls()]

    def overlay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The annotation over the photo, as PNG. Raises Http404 where a file cannot be read."""
        model = self.get_object(request, str(pk))
        if not self.has_view_permission(request, model):
            raise PermissionDenied
        if model is None:
            raise Http404
        try:
            with model.photo.open("rb") as file, Image.open(file) as photo:
                labels = annotation.read_parse(_bytes_of(model.parse), size=photo.size)
                points = annotation.read_keypoints(model.keypoints)
                png = annotation.overlay_png(photo, labels, points)
        except (OSError, ValidationError) as error:
            raise Http404 from error
        return HttpResponse(
            png, content_type="image/png", headers={"Cache-Control": "private, no-store"}
        )

    @admin.display(description=_("photo"))
    def picture(self, model: FittingModel) -> SafeString:
        return format_html(
            '<img class="thumbnail" src="{}" alt="" width="48" height="64" loading="lazy">',
            model.photo.url,
        )

    @admin.display(description=_("annotation over the photo"))
    def overlay(self, model: FittingModel) -> SafeString | str:
        if model.pk is None:
            return _("Shown after saving.")
        return format_html(
            '<a href="{0}"><img class="preview" src="{0}" alt="{1}"></a><p class="help">{2}</p>',
            reverse("admin:fittingroom_fittingmodel_overlay", args=[model.pk]),
            _("The annotation drawn over the photo"),
            _("Red is the person's own right, blue their left."),
        )

    def has_delete_permission(self, request: HttpRequest, obj: FittingModel | None = None) -> bool:
        """With a model, its shoppers' pictures would go. Make it inactive instead."""
        worn = obj is not None and obj.tryons.exists()
        return super().has_delete_permission(request, obj) and not worn

    def save_model(self, request: HttpRequest, obj: FittingModel, form: Any, change: bool) -> None:
        before = _files(FittingModel.objects.get(pk=obj.pk)) if change else set()
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            erase_files(obj.photo.storage, sorted(before - _files(obj)))

    def delete_model(self, request: HttpRequest, obj: FittingModel) -> None:
        files = _files(obj)
        with transaction.atomic():
            super().delete_model(request, obj)
            erase_files(obj.photo.storage, sorted(files))


def _files(model: FittingModel) -> set[str]:
    return {str(file.name) for file in (model.photo, model.parse) if file}
