"""How prices and product data are written in pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

#: So that no value can end the script element (as Django's own ``json_script``).
ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}


@register.filter
def won(amount: int) -> str:
    """``27,300원`` in Korean, ``₩27,300`` otherwise."""
    if (get_language() or "ko").startswith("ko"):
        return f"{amount:,}원"
    return f"₩{amount:,}"


@register.filter
def dollars(cents: int) -> str:
    """``$22.00``"""
    return f"${cents // 100:,}.{cents % 100:02}"


@register.filter
def inches(centimetres: float) -> str:
    """To the nearest quarter, as tape measures have it: ``20½``."""
    whole, quarter = divmod(round(centimetres / 2.54 * 4), 4)
    return f"{whole or ''}{('', '¼', '½', '¾')[quarter]}" or "0"


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """A data block for search engines."""
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
