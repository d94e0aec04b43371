"""The files of a try-on: where they lie, and that they really go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from fittingroom.private_files import Folders, storage

__all__ = ["ROOT", "erase", "folder_of", "folders", "name_of", "storage"]

ROOT = "tryons"
_folders = Folders(ROOT)


def folder_of(pk: UUID) -> str:
    return _folders.of(pk)


def name_of(pk: UUID, attempt: int) -> str:
    """One name per attempt: a late writer cannot overwrite a newer attempt's picture."""
    return f"{folder_of(pk)}/{attempt}.jpg"


def folders() -> Iterator[UUID]:
    """Every try-on that has files."""
    return _folders.names()


def erase(pk: UUID, *, also: str = "", keep: str = "", older_than: timedelta | None = None) -> int:
    """Delete the files of a try-on (see :meth:`fittingroom.private_files.Folders.erase`)."""
    spared = frozenset({keep}) if keep else frozenset()
    return _folders.erase(pk, also=also, keep=spared, older_than=older_than)
