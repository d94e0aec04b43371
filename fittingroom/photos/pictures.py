"""An uploaded photo, made safe: decoded under limits, upright, without metadata. Pillow only."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image

from shop.catalogue import pictures
from shop.catalogue.errors import BadPicture

#: Results are as high as the photo; more shows nothing that the engines paint.
MAX_HEIGHT = 1536
#: Nobody can be dressed with less.
MIN_SIDE = 256
FORMATS = (*pictures.FORMATS, "HEIF")
#: One at a time in a process: 50 megapixels take 750 MB while they are turned and converted, and
#: anybody may upload.
_decoding = threading.Lock()

_SENTENCES: dict[str, Promise] = {
    "too_many_bytes": _("This file is too large. Choose a photo of at most {megabytes} MB."),
    "too_many_pixels": _("This photo has too many pixels. Choose one of at most 50 megapixels."),
    "too_small": _("This photo is too small. Use one that is at least 600 px wide."),
    "animated": _("A moving picture can't be used. Choose a photo."),
    "not_a_picture": _("We can't read this file. Choose a JPEG, PNG, WebP or HEIC photo."),
    "broken": _("This photo is damaged. Choose another one."),
}


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """What is kept of an upload: ``jpeg`` bytes, and their size in pixels."""

    jpeg: bytes
    width: int
    height: int


def clean(data: bytes) -> CleanPhoto:
    """Raises ValidationError with a sentence for the shopper, whatever the bytes are."""
    if len(data) > settings.PHOTO_MAX_BYTES:
        raise _refusal("too_many_bytes")
    _know_heic()
    try:
        with _decoding:
            pixels = pictures.decode(data, formats=FORMATS).pixels
    except BadPicture as error:
        raise _refusal(error.code) from error
    if min(pixels.size) < MIN_SIDE:
        raise _refusal("too_small")
    if pixels.mode == "RGBA":  # cut out of its background: we see it on white
        white = Image.new("RGBA", pixels.size, (255, 255, 255, 255))
        pixels = Image.alpha_composite(white, pixels).convert("RGB")
    if pixels.height > MAX_HEIGHT:
        width = max(1, round(pixels.width * MAX_HEIGHT / pixels.height))
        pixels = pixels.resize((width, MAX_HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=93, subsampling=0)
    return CleanPhoto(out.getvalue(), pixels.width, pixels.height)


def _know_heic() -> None:
    """Teach Pillow HEIC, which phones write; only once somebody uploads a photo."""
    import pillow_heif

    pillow_heif.register_heif_opener()


def _refusal(code: str) -> ValidationError:
    sentence = str(_SENTENCES.get(code, _SENTENCES["broken"]))
    megabytes = settings.PHOTO_MAX_BYTES // 1_000_000
    return ValidationError(sentence.format(megabytes=megabytes), code=code)
