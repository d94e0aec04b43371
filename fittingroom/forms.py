"""What shoppers send to the fitting room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fittingroom.models import FittingModel, Rating

SCORES = [(str(score), str(score)) for score in range(1, 6)]
#: A score up to this asks what was wrong.
LOW = 3


class FittingForm(forms.Form):
    """Who wears it."""

    fitting_model = forms.ModelChoiceField(
        FittingModel.objects.filter(active=True),
        to_field_name="slug",
        error_messages={
            "required": _("Choose who should wear it."),
            "invalid_choice": _("This person is no longer here. Choose somebody else."),
        },
    )


class RatingForm(forms.Form):
    """Two separate questions; one answer is enough."""

    realism = forms.TypedChoiceField(
        choices=SCORES, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    liking = forms.TypedChoiceField(
        choices=SCORES, coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    reasons = forms.MultipleChoiceField(
        choices=Rating.Reason.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @classmethod
    def of(cls, rating: Rating | None) -> RatingForm:
        """Filled with what was said before."""
        if rating is None:
            return cls()
        return cls(
            initial={
                "realism": rating.realism,
                "liking": rating.liking,
                "reasons": rating.reasons,
                "comment": rating.comment,
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        scores = [score for score in (data.get("realism"), data.get("liking")) if score]
        if not scores and not self.errors:
            raise forms.ValidationError(_("Choose 1 to 5."), code="score")
        if scores and min(scores) > LOW:
            # The page hides reasons given before the score was raised; they no longer count.
            data["reasons"] = []
        return data
