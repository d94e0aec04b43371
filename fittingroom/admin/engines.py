"""Which engines may dress, and whether they can."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from fittingroom import engines, stage_times
from fittingroom.models import EngineConfig
from ml.tryon.engine import Unusable
from ml.tryon.registry import check
from shop.catalogue.models import Region

REGIONS = [(value, label) for value, label in Region.choices if value != Region.NONE]


class UsableForm(forms.ModelForm):
    """Nobody switches on what cannot dress, or must not: its licence is not accepted yet."""

    def clean_enabled(self) -> bool:
        enabled: bool = self.cleaned_data["enabled"]
        was = bool(self.instance.pk) and bool(self.initial.get("enabled"))
        spec = engines.spec_of(self.cleaned_data.get("name") or self.instance.name)
        if enabled and not was and spec is not None:
            state = check(spec)
            if isinstance(state, Unusable):
                raise forms.ValidationError(f"{state.reason}: {state.hint}", code="unusable")
        return enabled


class EngineConfigForm(UsableForm):
    name = forms.ChoiceField(label=capfirst(_("engine")), choices=[])
    regions = forms.MultipleChoiceField(
        label=capfirst(_("regions")),
        choices=REGIONS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every region that the engine can dress."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(spec.name, f"{spec.title} ({spec.name})") for spec in engines.specs()]
        kept = self.instance.name
        if kept and kept not in dict(names):
            names.append((kept, kept))  # configured once, not part of this installation any more
        if "name" in self.fields:
            self.fields["name"].choices = names  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        spec = engines.spec_of(cleaned.get("name", ""))
        beyond = (
            set(cleaned.get("regions", ())) - {str(each) for each in spec.regions} if spec else ()
        )
        if beyond:
            names = ", ".join(str(Region(each).label) for each in sorted(beyond))
            self.add_error("regions", _("This engine cannot dress: %s") % names)
        return cleaned


@admin.register(EngineConfig)
class EngineConfigAdmin(admin.ModelAdmin):
    form = EngineConfigForm
    list_display = [
        *("name", "state", "version", "dresses", "licence", "takes", "enabled", "position")
    ]
    list_editable = ["enabled", "position"]
    fields = ["name", "enabled", "regions", "position", "memory_mb", "state", "licence", "times"]
    readonly_fields = ["state", "licence", "times"]

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_changelist_form(request, form=UsableForm, **kwargs)

    @admin.display(description=_("status"))
    def state(self, config: EngineConfig) -> SafeString | str:
        """Whether a worker could load it: looks for its files, loads nothing."""
        if not config.name:
            return "–"
        spec = engines.spec_of(config.name)
        if spec is None:
            return _state("bad", _("not installed"))
        checked = check(spec)
        if isinstance(checked, Unusable):
            bad = _state("bad", _("unusable"))
            return format_html("{} {} <code>{}</code>", bad, checked.reason, checked.hint)
        return _state("good", _("ready"))

    @admin.display(description=_("version"))
    def version(self, config: EngineConfig) -> str:
        spec = engines.spec_of(config.name)
        return spec.version if spec else "–"

    @admin.display(description=_("regions"))
    def dresses(self, config: EngineConfig) -> str:
        spec = engines.spec_of(config.name)
        able = config.regions or ([str(each) for each in spec.regions] if spec else [])
        return ", ".join(str(label) for value, label in REGIONS if value in able) or "–"

    @admin.display(description=_("licence"))
    def licence(self, config: EngineConfig) -> str:
        spec = engines.spec_of(config.name)
        if spec is None:
            return "–"
        return spec.licence if spec.commercial_use else f"{spec.licence} ({_('not commercial')})"

    @admin.display(description=_("takes"))
    def takes(self, config: EngineConfig) -> str:
        """The engine's own part of a try-on, as shoppers had it of late."""
        dress = next((t for t in stage_times.recent(config.name) if t.stage == "dress"), None)
        return str(_("%(ms)d ms") % {"ms": dress.median}) if dress else "–"

    @admin.display(description=_("recent stage times"))
    def times(self, config: EngineConfig) -> SafeString | str:
        found = stage_times.recent(config.name)
        if not found:
            return "–"
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((t.stage, f"{t.median:.0f}", f"{t.p95:.0f}", t.count) for t in found),
        )
        head = format_html(
            "<tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>",
            *(_("stage"), _("median (ms)"), _("95th percentile (ms)"), _("try-ons")),
        )
        return format_html("<table>{}{}</table>", head, rows)


def _state(tone: str, text: Any) -> SafeString:
    return format_html('<span class="state state--{}">{}</span>', tone, text)
