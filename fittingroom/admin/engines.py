"""Which engines may dress, and whether they can."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from fittingroom import engines
from fittingroom.models import EngineConfig
from ml.tryon.engine import Ready
from ml.tryon.registry import check
from shop.catalogue.models import Region

REGIONS = [(value, label) for value, label in Region.choices if value != Region.NONE]


class EngineConfigForm(forms.ModelForm):
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
    list_display = ["name", "state", "version", "dresses", "licence", "enabled", "position"]
    list_editable = ["enabled", "position"]
    fields = ["name", "enabled", "regions", "position", "state"]
    readonly_fields = ["state"]

    @admin.display(description=_("status"))
    def state(self, config: EngineConfig) -> SafeString | str:
        """Whether a worker could load it: looks for its files, loads nothing."""
        if not config.name:
            return "–"
        spec = engines.spec_of(config.name)
        if spec is None:
            return _state("bad", _("not installed"))
        checked = check(spec)
        if isinstance(checked, Ready):
            return _state("good", _("ready"))
        return format_html("{} {} {}", _state("bad", _("unusable")), checked.reason, checked.hint)

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
        return spec.licence if spec else "–"


def _state(tone: str, text: Any) -> SafeString:
    return format_html('<span class="state state--{}">{}</span>', tone, text)
