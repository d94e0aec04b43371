"""Collected static files, made again only when a source has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def fingerprint() -> str:
    """Of names, sizes and times of all static sources."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect(root: Path) -> bool:
    """Collect unless what lies in ``root`` is current. Returns whether it did."""
    mark = root / ".fingerprint"
    current = fingerprint()
    if mark.exists() and mark.read_text() == current:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(current)
    return True
