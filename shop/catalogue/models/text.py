"""Texts in two languages."""

from __future__ import annotations

from typing import Any, Self, overload

from django.utils.translation import get_language


def in_language(*, ko: str, en: str) -> str:
    """The text in the language of the current request; the other one where it is empty."""
    first, second = (ko, en) if (get_language() or "ko").startswith("ko") else (en, ko)
    return first or second


class Bilingual:
    """``title = Bilingual()`` reads ``title_ko`` and ``title_en`` as :func:`in_language` does."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> str: ...
    def __get__(self, row: Any, owner: type) -> Self | str:
        if row is None:
            return self
        return in_language(ko=getattr(row, f"{self.name}_ko"), en=getattr(row, f"{self.name}_en"))
