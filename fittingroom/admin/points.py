"""The point editor as a form field: ``static/js/admin/points.js`` over a field of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """side: ``left`` or ``right`` of the person, or empty. mirror: the name on the other side."""

    name: str
    label: str | Promise
    side: str = ""
    mirror: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """The photo under the points, with its size in pixels.

    overlay: a transparent picture of the same size to lay over it.
    swap: the id of a checkbox that exchanges it for ``overlay_swapped``.
    """

    photo: str
    width: int
    height: int
    overlay: str = ""
    swap: str = ""
    overlay_swapped: str = ""


class PointsWidget(forms.Textarea):
    """Points that are dragged, clicks that mark, or both; without scripts, the JSON itself.

    The field holds ``[[x, y, seen], ...]`` or ``{"name": [x, y, seen], ...}``; with ``clicks_only``
    it holds ``[[x, y, 1 or 0], ...]``. ``clicks`` names the form's other field with such marks,
    whose own widget should be ``forms.HiddenInput``. Set ``stage`` before rendering; without one
    only the JSON is shown.
    """

    def __init__(
        self,
        *,
        points: Sequence[NamedPoint] = (),
        lines: Sequence[tuple[str, str]] = (),
        seen: int = 1,
        stage: Stage | None = None,
        clicks: str = "",
        clicks_only: bool = False,
        help_text: str | Promise = "",
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs={"rows": 6, "spellcheck": "false", **(attrs or {})})
        self.points, self.lines, self.seen, self.stage = points, lines, seen, stage
        self.clicks, self.clicks_only, self.help_text = clicks, clicks_only, help_text

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            css={"all": ["css/points.css"]},
            js=[Script("js/admin/points.js", type="module")],  # type: ignore[list-item]
        )

    def format_value(self, value: Any) -> str | None:
        """Nothing rather than the word ``null``."""
        return None if value == "null" else super().format_value(value)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        numbers = super().render(name, value, attrs, renderer)
        if self.stage is None:
            return numbers
        own = (attrs or {}).get("id") or f"id_{name}"
        context = {
            "stage": self.stage,
            "seen": self.seen,
            "input": "" if self.clicks_only else own,
            "clicks": own if self.clicks_only else self.clicks and f"id_{self.clicks}",
            "schema": self._schema(),
            "numbers": numbers,
        }
        return render_to_string("admin/fittingroom/points.html", context)

    def _schema(self) -> dict[str, Any]:
        clicked = self.clicks or self.clicks_only
        return {
            "points": [
                {"name": p.name, "label": str(p.label), "side": p.side, "mirror": p.mirror}
                for p in self.points
            ],
            "lines": [list(line) for line in self.lines],
            "text": {
                "move": _("Move points"),
                "plus": _("Mark the garment"),
                "minus": _("Mark what is not garment"),
                "undo": _("Undo"),
                "redo": _("Redo"),
                "zoomIn": _("Zoom in"),
                "zoomOut": _("Zoom out"),
                "fit": _("Whole photo"),
                "overlay": _("Show mask") if clicked else _("Show colours"),
                "swap": _("Swap left and right"),
                "hidden": _("hidden"),
                "seen": _("{name} can be seen"),
                "mark": _("Mark {number}"),
                "editor": _("Photo with points"),
                "help": str(self.help_text),
            },
        }
