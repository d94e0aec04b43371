"""The folder of prepared people and garments: where a file lies, and how much may lie there."""

from __future__ import annotations

import contextlib
from pathlib import Path

from django.conf import settings


def path_of(key: str) -> Path:
    return folder() / f"{key}.npz"


def folder() -> Path:
    return Path(settings.OTBANG_HOME) / "cache" / "prepared"


def trim(limit_mb: int) -> int:
    """Delete what has not been used for longest until the rest fits. Returns how many files.

    Files of other engine versions go the same way: nobody uses them any more.
    """
    files = []
    for path in folder().rglob("*.npz"):
        with contextlib.suppress(FileNotFoundError):
            state = path.stat()
            files.append((state.st_mtime, state.st_size, path))
    room, gone = limit_mb * 1_000_000, 0
    for _used, size, path in sorted(files, reverse=True):
        room -= size
        if room < 0:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
