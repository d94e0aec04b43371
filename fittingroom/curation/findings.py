"""What the checks of a fitting model's photo found, in sentences for staff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from fittingroom.reasons import PARTS

PROBLEMS: Mapping[str, str | Promise] = {
    "no_person": gettext_lazy("Nobody was found in the photo"),
    "many_people": gettext_lazy("Several people are in the photo"),
    "back_view": gettext_lazy("Seen from behind or from the side"),
    "cut_off": gettext_lazy("Outside the frame: {parts}"),
    "arms_cover": gettext_lazy("Arms or hands cover the clothes"),
    "too_dark": gettext_lazy("The photo is too dark"),
    "blurry": gettext_lazy("The photo is blurred"),
    "too_small": gettext_lazy("The person is too small in the photo"),
    "not_clothed": gettext_lazy("The person is not dressed"),
}
UNREADABLE = gettext_lazy("The photo could not be read")
#: What somebody cannot wear if nothing can be put on that region, in this order.
WORN: Mapping[str, str | Promise] = {
    "upper": gettext_lazy("tops"),
    "lower": gettext_lazy("trousers and skirts"),
    "dress": gettext_lazy("dresses"),
    "outer": gettext_lazy("coats and jackets"),
}


class Line(NamedTuple):
    """tone: ``bad``, ``warn``, ``note`` or ``good``."""

    tone: str
    text: str


def lines(findings: Mapping[str, Any]) -> list[Line]:
    """The worst first; empty where nothing has been checked."""
    return list(_lines(findings)) if findings else []


def _lines(findings: Mapping[str, Any]) -> Iterator[Line]:
    fatal, regions = findings.get("fatal"), findings.get("regions") or {}
    advice = findings.get("advice") or []
    if fatal:
        yield Line("bad", _("{problem}: the photo does not fit.").format(problem=_problem(fatal)))
    for problem, garments in _grouped(regions):
        text = _("{problem}: cannot wear {garments}.")
        yield Line("warn", text.format(problem=problem, garments=_listed(garments)))
    for each in advice:
        yield Line("note", f"{_problem(each)}.")
    if not (fatal or regions or advice):
        yield Line("good", _("The checks found nothing that stands in the way."))


def _grouped(regions: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """One line per problem, whatever it keeps from being worn."""
    found: dict[str, list[str]] = {}
    for region, garments in WORN.items():
        if region in regions:
            found.setdefault(_problem(regions[region]), []).append(str(garments))
    yield from found.items()


def _problem(problem: Mapping[str, Any]) -> str:
    parts = [str(PARTS[part]) for part in problem.get("parts", []) if part in PARTS]
    if problem["code"] == "cut_off" and not parts:
        return _("Part of the body is outside the frame")
    return str(PROBLEMS.get(problem["code"], UNREADABLE)).format(parts=_listed(parts))


def _listed(names: list[str]) -> str:
    return pgettext("between parts of the body", ", ").join(names)
