"""What a reason code says to the shopper."""

from __future__ import annotations

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from fittingroom.models import ReasonCode

SENTENCES: dict[str, Promise] = {
    ReasonCode.NO_PERSON: _("We couldn't find a person. Try a full-length photo."),
    ReasonCode.BACK_VIEW: _("Please use a photo taken from the front."),
    ReasonCode.MANY_PEOPLE: _("Only one person, please. Crop the others out."),
    ReasonCode.CUT_OFF: _("Part of the body is outside the frame. Step back a little."),
    ReasonCode.ARMS_COVER: _(
        "Something covers the clothes. Hold your arms slightly away from your body."
    ),
    ReasonCode.NO_GARMENT: _("We couldn't tell the garment from its background."),
    ReasonCode.BAD_IMAGE: _("We couldn't read one of the pictures."),
    ReasonCode.NOT_SUPPORTED: _("Not available for this item yet. Try a similar one."),
    ReasonCode.TOO_MANY: _(
        "You already have {limit} pictures in the making. Wait for one or cancel it."
    ),
    ReasonCode.FAILED: _("That didn't work. Please try again."),
}


def sentence(code: str, **details: object) -> str:
    """Lazy and translated; an unknown code gives the sentence of ``failed``."""
    text = SENTENCES.get(code, SENTENCES[ReasonCode.FAILED])
    return _format(text, {"limit": "", **details})


def _filled(text: Promise, details: dict[str, object]) -> str:
    return str(text).format(**details)


_format = lazy(_filled, str)
