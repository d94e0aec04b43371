"""Whether an answer is a fragment or a page.

Each view that people see answers both: a fragment when htmx asks, else a whole page or a
redirect, so that everything works without scripts.
"""

from __future__ import annotations

from django.http import HttpRequest


def is_htmx(request: HttpRequest) -> bool:
    """Whether the answer is a fragment; else it is a page."""
    return bool(getattr(request, "htmx", False))
