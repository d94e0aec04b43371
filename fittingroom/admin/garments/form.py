"""The form of a picture's page: landmarks to drag, a mask to click at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from fittingroom.admin.garments.outlines import overlay_url
from fittingroom.admin.points import NamedPoint, PointsWidget, Stage
from fittingroom.garments import wording
from fittingroom.models import GarmentLabels


class LabelsForm(forms.ModelForm):
    """The editor. What it sends goes through ``garments.corrections``, not through ``save()``."""

    class Meta:
        model = GarmentLabels
        fields = ["landmarks", "clicks"]
        labels = {
            "landmarks": capfirst(_("mask and landmarks")),
            "clicks": capfirst(_("mask")),
        }
        help_texts = {"landmarks": "", "clicks": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels: GarmentLabels = self.instance
        if "landmarks" not in self.fields or not labels.width:
            return
        stage = Stage(
            photo=labels.image.url_at(1600),
            width=labels.width,
            height=labels.height,
            overlay=overlay_url(labels),
        )
        help_text = _(
            "To correct the mask, mark what it misses or what is not garment: it follows in about "
            "a second. Undo takes a mark back."
        )
        drag = _("Drag a landmark to where it belongs; red is the wearer's right, blue the left.")
        self.fields["clicks"].widget = forms.HiddenInput()
        names = [
            NamedPoint(name, wording.LANDMARKS[name], side_of(name), _mirror(name))
            for name in wording.LANDMARKS
            if name in labels.landmarks
        ]
        if names:
            self.fields["landmarks"].widget = PointsWidget(
                points=names,
                lines=wording.LINES.get(labels.cut, ()),
                seen=2,
                stage=stage,
                clicks="clicks",
                help_text=format_lazy("{} {}", drag, help_text),
            )
        else:
            self.fields["landmarks"].widget = forms.HiddenInput()
            self.fields["clicks"].widget = PointsWidget(
                stage=stage, clicks_only=True, help_text=help_text
            )


def side_of(name: str) -> str:
    return next((side for side in ("left", "right") if side in name), "")


def _mirror(name: str) -> str:
    side = side_of(name)
    return name.replace(side, {"left": "right", "right": "left"}[side]) if side else ""
