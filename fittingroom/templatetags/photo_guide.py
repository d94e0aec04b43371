"""What makes a photo usable, as the pages show it: rules, drawings, and the time that is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

register = template.Library()


@dataclass(frozen=True, slots=True)
class Rule:
    """``codes``: the reasons of refusal that mean that this rule was not kept."""

    text: Promise
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A drawing of ``static/img/photo-guide/``."""

    drawing: str
    caption: Promise

    @property
    def file(self) -> str:
        return f"img/photo-guide/{self.drawing}.svg"


RULES = (
    Rule(_("One person only"), frozenset({"many_people", "no_person"})),
    Rule(_("From head to toe (to the waist for tops)"), frozenset({"cut_off"})),
    Rule(_("Facing the camera"), frozenset({"back_view"})),
    Rule(_("Arms slightly away from the body"), frozenset({"arms_cover"})),
    Rule(_("Bright and sharp"), frozenset({"too_dark", "blurry", "too_small", "bad_image"})),
    Rule(_("In close-fitting clothes"), frozenset({"not_clothed"})),
)

GOOD = (
    Example("good-whole", _("Your whole body")),
    Example("good-half", _("To the waist, for tops")),
    Example("good-face", _("Face hidden: fine")),
)
TWO = Example("bad-two", _("Two people"))
BACK = Example("bad-back", _("Seen from behind"))
DARK = Example("bad-dark", _("Dark or blurred"))
CUT = Example("bad-cut", _("Partly outside the frame"))
ARMS = Example("bad-arms", _("Arms over the clothes"))
BAD = (TWO, BACK, DARK)

_DRAWN = {
    "many_people": TWO,
    "back_view": BACK,
    "too_dark": DARK,
    "blurry": DARK,
    "cut_off": CUT,
    "arms_cover": ARMS,
}


@register.simple_tag
def good_examples() -> tuple[Example, ...]:
    return GOOD


@register.simple_tag
def bad_examples() -> tuple[Example, ...]:
    return BAD


@register.simple_tag
def photo_rules(reason: str = "") -> list[dict[str, object]]:
    """Each rule's ``text``, and whether a refusal for ``reason`` means that it ``failed``."""
    return [{"text": rule.text, "failed": reason in rule.codes} for rule in RULES]


@register.filter
def refusal_example(reason: str) -> Example | None:
    """The drawing of what is wrong; None where a drawing would not help."""
    return _DRAWN.get(reason)


@register.simple_tag
def photo_limits() -> dict[str, int]:
    """What the form promises: bytes of a photo, days that pictures made of it are kept."""
    return {
        "bytes": settings.PHOTO_MAX_BYTES,
        "megabytes": settings.PHOTO_MAX_BYTES // 1_000_000,
        "result_days": settings.PHOTO_RESULT_DAYS,
    }


@register.filter
def time_left(until: datetime) -> str:
    """ "23 hours", "6 days", "12 minutes": rounded down, never less than a minute."""
    left = max(until - timezone.now(), timedelta(minutes=1))
    minutes = int(left.total_seconds() // 60)
    if minutes < 60:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    return ngettext("{n} day", "{n} days", hours // 24).format(n=hours // 24)
