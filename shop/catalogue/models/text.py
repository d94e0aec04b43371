"""Texts in two languages."""

from __future__ import annotations

from django.utils.translation import get_language


def in_language(*, ko: str, en: str) -> str:
    """The text in the language of the current request; the other one where it is empty."""
    first, second = (ko, en) if (get_language() or "ko").startswith("ko") else (en, ko)
    return first or second
