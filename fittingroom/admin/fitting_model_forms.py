"""The forms of fitting models: what comes in together must fit together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fittingroom import annotation
from fittingroom.admin.points import NamedPoint, PointsWidget, Stage
from fittingroom.models import FittingModel
from ml.person.annotation import BONES, Joint
from shop.catalogue.fields import CleanUpload, PictureField

#: A 50-megapixel parse of 18 flat colours is far smaller.
MAX_PARSE_BYTES = 5_000_000
SIDES = {"R_": ("right", "L_"), "L_": ("left", "R_")}


def _named(joint: Joint) -> NamedPoint:
    side, twin = SIDES.get(joint.name[:2], ("", ""))
    mirror = f"{twin}{joint.name[2:]}".lower() if side else ""
    return NamedPoint(joint.name.lower(), annotation.LABELS[joint], side, mirror)


POINTS = tuple(_named(joint) for joint in Joint)
LINES = tuple((a.name.lower(), b.name.lower()) for a, b in BONES)
HELP = _(
    "Red is the person's own right, blue their left. Drag a point, or choose it and use the arrow "
    "keys. Untick what cannot be seen."
)


def bytes_of(file: Any) -> bytes:
    """Raises ValidationError where a stored parse cannot be read."""
    try:
        with file.open("rb") as opened:
            data: bytes = opened.read()
    except (OSError, ValueError) as error:
        raise ValidationError(_("The parse is not a readable PNG."), code="png") from error
    return data


class FittingModelForm(forms.ModelForm):
    """After validation ``new_photo`` and ``new_annotation`` say what came in."""

    swap_parse = forms.BooleanField(
        label=_("Left and right are swapped in the colours"),
        required=False,
        help_text=_("Arms, legs and shoes change sides when you save."),
    )
    #: The annotation that the page showed; a worker's newer one must not be overwritten unseen.
    seen_attempt = forms.IntegerField(required=False, widget=forms.HiddenInput, label="")

    class Meta:
        field_classes = {"photo": PictureField}
        widgets = {"keypoints": PointsWidget(points=POINTS, lines=LINES, help_text=HELP)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        model: FittingModel = self.instance
        self.new_photo = self.new_annotation = False
        if "active" not in self.fields:
            return  # somebody who may only look
        if model.pk is None:
            text = _("Saved without files: hidden until you have accepted the annotation.")
            self.fields["active"].help_text = text
        elif model.state != FittingModel.State.ACCEPTED:
            self.fields["active"].disabled = True
            self.fields["active"].help_text = _("Accept the annotation first.")
        self.initial["seen_attempt"] = model.attempt
        if "parse" in self.fields:
            # What there is can be replaced, not taken away.
            self.fields["parse"].widget.is_required = True
        if model.pk is not None and "keypoints" in self.fields:
            self._set_stage(model)

    def _set_stage(self, model: FittingModel) -> None:
        if not model.parse:
            self.fields["swap_parse"].widget = forms.HiddenInput()
        if model.keypoints is None:
            self.initial["keypoints"] = annotation.standing(model.width, model.height)
        classes = reverse("admin:fittingroom_fittingmodel_classes", args=[model.pk])
        self.fields["keypoints"].widget.stage = Stage(
            photo=model.photo.url,
            width=model.width,
            height=model.height,
            overlay=f"{classes}?{model.attempt}" if model.parse else "",
            swap="id_swap_parse" if model.parse else "",
            overlay_swapped=f"{classes}?swapped=1" if model.parse else "",
        )

    def clean_parse(self) -> Any:
        parse = self.cleaned_data["parse"]
        if isinstance(parse, UploadedFile) and (parse.size or 0) > MAX_PARSE_BYTES:
            raise ValidationError(_("This file is too large."), code="too_many_bytes")
        return parse

    def clean_keypoints(self) -> list[list[float]] | None:
        points = self.cleaned_data["keypoints"]
        if points in (None, "") or "keypoints" not in self.changed_data:
            kept: list[list[float]] | None = self.instance.keypoints
            return kept  # nobody takes points away by leaving them out
        return annotation.read_keypoints(points)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors or "photo" not in cleaned:
            return cleaned
        photo, parse = cleaned["photo"], cleaned.get("parse")
        self.new_photo = isinstance(photo, CleanUpload)
        new_parse = isinstance(parse, UploadedFile)
        new_points = "keypoints" in self.changed_data and cleaned.get("keypoints") is not None
        swap = bool(cleaned.get("swap_parse")) and bool(parse)
        self.new_annotation = new_parse or new_points or (swap and not self.new_photo)
        if self.new_annotation:
            self._fits_together(new_parse, new_points)
        if not self.errors and self.new_annotation and (new_parse or swap):
            self._take_parse(cleaned, swap)
        self._still_current(cleaned)
        return cleaned

    def _fits_together(self, new_parse: bool, new_points: bool) -> None:
        """A new photo takes both or neither; so does one that has no annotation yet."""
        model: FittingModel = self.instance
        text = _("Give both, the parse and the keypoints of this photo, or neither.")
        kept = not self.new_photo
        if not new_parse and not (kept and model.parse):
            self.add_error("parse", ValidationError(text, code="both"))
        if not new_points and not (kept and model.keypoints is not None):
            self.add_error("keypoints", ValidationError(text, code="both"))

    def _take_parse(self, cleaned: dict[str, Any], swap: bool) -> None:
        """The parse must be of this photo, whichever of the two is new."""
        photo, model = cleaned["photo"], self.instance
        size = photo.picture.pixels.size if self.new_photo else (model.width, model.height)
        try:
            labels = annotation.read_parse(bytes_of(cleaned["parse"]), size=size)
        except ValidationError as error:
            self.add_error("parse", error)
            return
        if swap:
            labels = annotation.swap_sides(labels)
        cleaned["parse"] = ContentFile(annotation.parse_png(labels), name="parse.png")

    def _still_current(self, cleaned: dict[str, Any]) -> None:
        seen = cleaned.get("seen_attempt")
        shown = "keypoints" in self.data or "_accept" in self.data
        if shown and seen is not None and seen != self.instance.attempt:
            raise ValidationError(
                _("The photo has been annotated again meanwhile. Reload this page."), code="stale"
            )
        annotated = bool(cleaned.get("parse")) and cleaned.get("keypoints") is not None
        if "_accept" in self.data and not self.errors and not annotated:
            raise ValidationError(_("There is no annotation to accept yet."), code="nothing")


class InListForm(forms.ModelForm):
    """A row of the list: who is not accepted cannot be shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state != FittingModel.State.ACCEPTED:
            self.fields["active"].disabled = True
