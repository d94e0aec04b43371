"""What a reason code says to the shopper."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fittingroom.models.common import ReasonCode

SENTENCES: dict[str, Promise] = {
    ReasonCode.NO_PERSON: _("We couldn't find a person. Try a full-length photo."),
    ReasonCode.BACK_VIEW: _("Please use a photo taken from the front."),
    ReasonCode.MANY_PEOPLE: _("Only one person, please. Crop the others out."),
    ReasonCode.CUT_OFF: _("Part of the body is outside the frame. Step back a little."),
    ReasonCode.ARMS_COVER: _(
        "Something covers the clothes. Hold your arms slightly away from your body."
    ),
    ReasonCode.TOO_DARK: _("The photo is too dark. Take it where there is more light."),
    ReasonCode.BLURRY: _("The photo is blurred. Hold the camera still and take it again."),
    ReasonCode.TOO_SMALL: _("The photo is too small. Use one that is at least 600 px wide."),
    ReasonCode.NOT_CLOTHED: _("We can't use this photo. Upload one of you dressed, full length."),
    ReasonCode.PHOTO_GONE: _("This photo is no longer here. Upload it again or choose a model."),
    ReasonCode.NO_GARMENT: _("We couldn't tell the garment from its background."),
    ReasonCode.BAD_IMAGE: _("We couldn't read one of the pictures."),
    ReasonCode.NOT_SUPPORTED: _("Not available for this item yet. Try a similar one."),
    ReasonCode.TOO_MANY: _(
        "You already have {limit} pictures in the making. Wait for one or cancel it."
    ),
    ReasonCode.FAILED: _("That didn't work. Please try again."),
}

#: Where a photo can be used all the same: what would make it better.
ADVICE: dict[str, Promise] = {
    ReasonCode.TOO_DARK: _("The photo is rather dark: in better light the clothes look better."),
    ReasonCode.BLURRY: _("The photo is a little blurred: a sharper one makes sharper pictures."),
    ReasonCode.TOO_SMALL: _("The photo is small: from 600 px wide the pictures are sharper."),
    ReasonCode.ARMS_COVER: _(
        "Your arms cover part of the clothes: hold them slightly away from your body."
    ),
    ReasonCode.BACK_VIEW: _("You are turned to the side: facing the camera works best."),
}

#: Parts of the body as they stand in a list ...
PARTS: dict[str, Promise] = {
    "head": pgettext_lazy("part of the body", "head"),
    "shoulders": pgettext_lazy("part of the body", "shoulders"),
    "arms": pgettext_lazy("part of the body", "arms"),
    "hands": pgettext_lazy("part of the body", "hands"),
    "waist": pgettext_lazy("part of the body", "waist"),
    "hips": pgettext_lazy("part of the body", "hips"),
    "knees": pgettext_lazy("part of the body", "knees"),
    "feet": pgettext_lazy("part of the body", "feet"),
}
#: ... and as the last or only one in a sentence's subject: Korean adds a particle there.
SUBJECTS: dict[str, Promise] = {
    "head": pgettext_lazy("subject, end of the list", "head"),
    "shoulders": pgettext_lazy("subject, end of the list", "shoulders"),
    "arms": pgettext_lazy("subject, end of the list", "arms"),
    "hands": pgettext_lazy("subject, end of the list", "hands"),
    "waist": pgettext_lazy("subject, end of the list", "waist"),
    "hips": pgettext_lazy("subject, end of the list", "hips"),
    "knees": pgettext_lazy("subject, end of the list", "knees"),
    "feet": pgettext_lazy("subject, end of the list", "feet"),
}
_SINGULAR = ("head", "waist")


def sentence(code: str, *, parts: Sequence[str] = (), **details: object) -> str:
    """Lazy and translated; an unknown code gives the sentence of ``failed``.

    parts: what is outside the frame, for ``cut_off``; codes of :data:`PARTS`.
    """
    named = [part for part in parts if part in PARTS]
    if code == ReasonCode.CUT_OFF and named:
        return _cut_off(named)
    text = SENTENCES.get(code, SENTENCES[ReasonCode.FAILED])
    return _format(text, {"limit": "", **details})


def advice(code: str, parts: Sequence[str] = ()) -> str:
    """The same for a photo that can be used."""
    return _format(ADVICE[code], {}) if code in ADVICE else sentence(code, parts=parts)


def _filled(text: Promise, details: dict[str, object]) -> str:
    return str(text).format(**details)


def _outside(parts: Sequence[str]) -> str:
    subject = str(SUBJECTS[parts[-1]])
    if len(parts) > 1:
        comma = pgettext("between parts of the body", ", ")
        first = comma.join(str(PARTS[part]) for part in parts[:-1])
        subject = gettext("{first} and {last}").format(first=first, last=subject)
    number = 1 if len(parts) == 1 and parts[0] in _SINGULAR else 2
    return ngettext(
        "Your {parts} is outside the frame. Step back a little.",
        "Your {parts} are outside the frame. Step back a little.",
        number,
    ).format(parts=subject)


_format = lazy(_filled, str)
_cut_off = lazy(_outside, str)
