"""What shoppers fill in about themselves."""

from __future__ import annotations

from typing import ClassVar

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.models import EmailAddress
from django import forms
from django.utils.translation import gettext_lazy as _


class SignupForm(AllauthSignupForm):
    """Nobody younger than 14 may be registered in Korea without a guardian's consent.

    The answer is asked before any row is written, and not stored.
    """

    field_order: ClassVar = ["email", "password1", "of_age"]

    of_age = forms.BooleanField(
        label=_("I am 14 years old or older."),
        error_messages={"required": _("You must be 14 or older to create an account.")},
    )


class AddEmailForm(AllauthAddEmailForm):
    """Another address may follow only one that is confirmed.

    allauth takes the newest unconfirmed address for a wish to change and drops it for the next
    one. Where the only address is unconfirmed, that would leave the user without any.
    """

    def clean_email(self) -> str:
        if not EmailAddress.objects.filter(user=self.user, verified=True).exists():
            raise forms.ValidationError(
                _("Confirm your present address first."), code="unconfirmed"
            )
        email: str = super().clean_email()
        return email
