"""What every page's head and header need: its address in each language."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info

register = template.Library()


class LanguageLink(NamedTuple):
    """The current page in one language."""

    code: str
    name: str
    short: str
    path: str
    absolute: str
    current: bool


@register.simple_tag(takes_context=True)
def language_links(context: dict[str, Any]) -> list[LanguageLink]:
    """One link per language to the same page with the same query; empty without a request."""
    request = context.get("request")
    if request is None:
        return []
    links = []
    for code, _name in settings.LANGUAGES:
        path = translate_url(request.get_full_path(), code)
        info = get_language_info(code)
        links.append(
            LanguageLink(
                code=code,
                name=info["name_local"],
                short="한국어" if code == "ko" else code.upper(),
                path=path,
                absolute=request.build_absolute_uri(path.partition("?")[0] + _page_query(request)),
                current=code == get_language(),
            )
        )
    return links


@register.simple_tag(takes_context=True)
def canonical_url(context: dict[str, Any]) -> str:
    """This page's own address."""
    request = context.get("request")
    if request is None:
        return ""
    return str(request.build_absolute_uri(request.path + _page_query(request)))


def _page_query(request: HttpRequest) -> str:
    """Of the query only the page number means another content."""
    page = request.GET.get("page", "")
    return f"?page={int(page)}" if page.isdecimal() and int(page) > 1 else ""
