"""The files of a try-on: where they lie, and that they really go."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.core.files.storage import Storage, storages

log = structlog.get_logger(__name__)
ROOT = "tryons"


def storage() -> Storage:
    return storages["private"]


def folder_of(pk: UUID) -> str:
    return f"{ROOT}/{pk}"


def name_of(pk: UUID, attempt: int) -> str:
    """One name per attempt: a late writer cannot overwrite a newer attempt's picture."""
    return f"{folder_of(pk)}/{attempt}.jpg"


def erase(pk: UUID, *, also: str = "", keep: str = "") -> int:
    """Delete every file of a try-on, and ``also`` one that lies elsewhere; ``keep`` spares one.

    Returns how many were deleted. Errors of the storage are logged, not raised: this runs after
    the commit, and tidying comes back for what is left.
    """
    where, gone = storage(), 0
    try:
        names = [f"{folder_of(pk)}/{name}" for name in where.listdir(folder_of(pk))[1]]
    except FileNotFoundError:
        names = []
    for name in {*names, *([also] if also else [])} - {keep}:
        try:
            where.delete(name)
            gone += 1
        except OSError as error:
            log.exception("tryon_file_not_deleted", name=name, error=str(error))
    if not keep and names:
        # On a disk the empty folder would stay; object stores have none and ignore this.
        try:
            where.delete(folder_of(pk))
        except OSError as error:
            log.warning("tryon_folder_not_deleted", tryon=str(pk), error=str(error))
    return gone
