"""A form field for pictures: what is wrong is said beside it, what is right is decoded once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from shop.catalogue import pictures
from shop.catalogue.errors import BadPicture


class CleanUpload(ContentFile):  # type: ignore[type-arg]
    """What came in, decoded; reading it gives the clean bytes to keep."""

    def __init__(self, picture: pictures.Picture) -> None:
        super().__init__(picture.encoded(), name=f"picture{picture.suffix}")
        self.picture = picture


class PictureField(forms.FileField):
    """Not Django's ImageField: that opens every format that Pillow knows, and knows no limits."""

    widget = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def to_python(self, data: Any) -> CleanUpload | None:
        upload = super().to_python(data)
        if upload is None:
            return None
        if (upload.size or 0) > settings.MAX_PICTURE_BYTES:
            raise ValidationError(str(_("This file is too large.")), code="too_many_bytes")
        try:
            return CleanUpload(pictures.decode(upload.read()))
        except BadPicture as error:
            raise ValidationError(str(error.message), code=error.code) from error
