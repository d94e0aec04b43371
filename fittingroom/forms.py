"""What shoppers send to the fitting room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fittingroom.models import FittingModel, PersonPhoto, Rating, ReasonCode
from fittingroom.reasons import SENTENCES
from fittingroom.shopper import Shopper

SCORES = [(str(score), str(score)) for score in range(1, 6)]
#: A score up to this asks what was wrong.
LOW = 3


class FittingForm(forms.Form):
    """Who wears it: a fitting model, or one of the shopper's own photos."""

    fitting_model = forms.ModelChoiceField(
        FittingModel.objects.filter(active=True),
        to_field_name="slug",
        required=False,
        error_messages={
            "invalid_choice": _("This person is no longer here. Choose somebody else."),
        },
    )
    photo = forms.ModelChoiceField(
        PersonPhoto.objects.none(),
        required=False,
        error_messages={"invalid_choice": SENTENCES[ReasonCode.PHOTO_GONE]},
    )

    def __init__(self, *args: Any, shopper: Shopper | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        photos = PersonPhoto.objects.of(shopper).ready()
        self.fields["photo"].queryset = photos  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Exactly one; a photo wins, as the page sends only what was chosen last."""
        data = super().clean() or {}
        if data.get("photo"):
            data["fitting_model"] = None
        elif not self.errors and not data.get("fitting_model"):
            raise forms.ValidationError(_("Choose who should wear it."), code="required")
        return data

    @property
    def sentence(self) -> str:
        """The first thing that is wrong."""
        return str(next(iter(self.errors.values()))[0])


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
