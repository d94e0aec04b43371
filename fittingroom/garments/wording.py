"""What staff call the things that labels name by keys."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ml.garment.annotation import Cut
from ml.garment.colour_names import NAMES
from ml.garment.pattern_names import PATTERNS
from shop.catalogue.models import in_language

#: The classes of ``ml.garment.category``.
CATEGORIES: Mapping[str, Promise] = {
    "dress": _("dress"),
    "hat": _("hat"),
    "longsleeve": _("long-sleeved top"),
    "outwear": _("outerwear"),
    "pants": _("trousers"),
    "shirt": _("shirt"),
    "shoes": _("shoes"),
    "shorts": _("shorts"),
    "skirt": _("skirt"),
    "t-shirt": _("T-shirt"),
}
LANDMARKS: Mapping[str, Promise] = {
    "neck_left": _("neck, left"),
    "neck_right": _("neck, right"),
    "shoulder_left": _("shoulder, left"),
    "shoulder_right": _("shoulder, right"),
    "armpit_left": _("armpit, left"),
    "armpit_right": _("armpit, right"),
    "cuff_left_outer": _("cuff, left, outer"),
    "cuff_left_inner": _("cuff, left, inner"),
    "cuff_right_outer": _("cuff, right, outer"),
    "cuff_right_inner": _("cuff, right, inner"),
    "hem_left": _("hem, left"),
    "hem_right": _("hem, right"),
    "waist_left": _("waist, left"),
    "waist_right": _("waist, right"),
    "crotch": _("crotch"),
    "hem_left_outer": _("hem, left, outer"),
    "hem_left_inner": _("hem, left, inner"),
    "hem_right_outer": _("hem, right, outer"),
    "hem_right_inner": _("hem, right, inner"),
}
#: Landmarks that stand side by side on the garment's edge.
_TOP_LINES = (
    ("neck_right", "neck_left"),
    ("neck_left", "shoulder_left"),
    ("shoulder_left", "cuff_left_outer"),
    ("cuff_left_outer", "cuff_left_inner"),
    ("cuff_left_inner", "armpit_left"),
    ("neck_right", "shoulder_right"),
    ("shoulder_right", "cuff_right_outer"),
    ("cuff_right_outer", "cuff_right_inner"),
    ("cuff_right_inner", "armpit_right"),
    ("hem_right", "hem_left"),
)
LINES: Mapping[str, tuple[tuple[str, str], ...]] = {
    Cut.TOP: (*_TOP_LINES, ("armpit_left", "hem_left"), ("armpit_right", "hem_right")),
    Cut.DRESS: (
        *_TOP_LINES,
        ("armpit_left", "waist_left"),
        ("waist_left", "hem_left"),
        ("armpit_right", "waist_right"),
        ("waist_right", "hem_right"),
    ),
    Cut.TROUSERS: (
        ("waist_right", "waist_left"),
        ("waist_left", "hem_left_outer"),
        ("hem_left_outer", "hem_left_inner"),
        ("hem_left_inner", "crotch"),
        ("waist_right", "hem_right_outer"),
        ("hem_right_outer", "hem_right_inner"),
        ("hem_right_inner", "crotch"),
    ),
    Cut.SKIRT: (
        ("waist_right", "waist_left"),
        ("waist_left", "hem_left"),
        ("waist_right", "hem_right"),
        ("hem_right", "hem_left"),
    ),
}


def colour(name: str) -> str:
    """In the language of the request."""
    known = NAMES.get(name)
    return in_language(ko=known.ko, en=known.en) if known else name


def pattern(name: str) -> str:
    en, ko = PATTERNS.get(name, (name, name))
    return in_language(ko=ko, en=en)
