"""What a new shopper is asked: an e-mail address, a password, and their age as the law wants it."""

from __future__ import annotations

from typing import ClassVar

from allauth.account.forms import SignupForm as AllauthSignupForm
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
