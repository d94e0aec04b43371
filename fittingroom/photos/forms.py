"""What a shopper sends with a photo: the photo, two separate consents, how long to keep it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from fittingroom.models import PersonPhoto
from fittingroom.photos import pictures
from fittingroom.photos.pictures import CleanPhoto

KEEP = {
    "day": PersonPhoto.Keep.DAY,
    "week": PersonPhoto.Keep.WEEK,
    "month": PersonPhoto.Keep.MONTH,
}


class KeepForm(forms.Form):
    keep = forms.ChoiceField(
        label=_("Keep the photo for"),
        choices=[(name, days.label) for name, days in KEEP.items()],
        initial="day",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose how long the photo is kept.")},
    )

    def clean_keep(self) -> int:
        return KEEP[self.cleaned_data["keep"] or "day"]


class PhotoForm(KeepForm):
    """Both boxes are unticked at first, and nothing looks into the photo before both are ticked.

    ``cleaned_data["picture"]`` is the :class:`CleanPhoto`.
    """

    photo = forms.FileField(
        error_messages={
            "required": _("Choose a photo."),
            "empty": _("This file is empty. Choose another one."),
            "invalid": _("Choose a photo."),
        },
        max_length=None,
    )
    consent = forms.BooleanField(
        error_messages={
            "required": _("Without your consent we can't use a photo. You can try it on a model."),
        },
    )
    attest = forms.BooleanField(
        error_messages={
            "required": _(
                "Please confirm that you may use the photo and the person is 19 or older."
            ),
        },
    )
    field_order = ("photo", "consent", "attest", "keep")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload = data.get("photo")
        if not self.errors and isinstance(upload, UploadedFile):
            try:
                data["picture"] = self._look_into(upload)
            except forms.ValidationError as refusal:
                self.add_error("photo", refusal)
        return data

    def _look_into(self, upload: UploadedFile[Any]) -> CleanPhoto:
        # One byte more than is allowed is enough to know.
        return pictures.clean(upload.read(settings.PHOTO_MAX_BYTES + 1))
