"""The files of a try-on: where they lie, and that they really go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import structlog
from django.core.files.storage import Storage, storages
from django.utils import timezone

log = structlog.get_logger(__name__)
ROOT = "tryons"


def storage() -> Storage:
    return storages["private"]


def folder_of(pk: UUID) -> str:
    return f"{ROOT}/{pk}"


def name_of(pk: UUID, attempt: int) -> str:
    """One name per attempt: a late writer cannot overwrite a newer attempt's picture."""
    return f"{folder_of(pk)}/{attempt}.jpg"


def folders() -> Iterator[UUID]:
    """Every try-on that has files."""
    try:
        names = storage().listdir(ROOT)[0]
    except FileNotFoundError:
        return
    for name in names:
        with contextlib.suppress(ValueError):
            yield UUID(name)


def erase(pk: UUID, *, also: str = "", keep: str = "", older_than: timedelta | None = None) -> int:
    """Delete the files of a try-on, and ``also`` one that lies elsewhere; ``keep`` spares one.

    Returns how many were deleted. Errors of the storage are logged, not raised: this runs after
    the commit, and the tidying comes back for what is left.
    """
    where, gone = storage(), 0
    try:
        names = {f"{folder_of(pk)}/{name}" for name in where.listdir(folder_of(pk))[1]}
    except FileNotFoundError:
        names = set()
    doomed = (names | ({also} if also else set())) - {keep}
    try:
        for name in doomed:
            if older_than and timezone.now() - where.get_modified_time(name) < older_than:
                continue
            where.delete(name)
            gone += 1
        if names and gone >= len(names):
            where.delete(folder_of(pk))  # the empty folder; object stores have none
    except OSError as error:
        log.exception("tryon_files_left", tryon=str(pk), error=str(error))
    return gone
