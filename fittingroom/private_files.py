"""Folders of the private storage: one per row, named by its key, erased as a whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.core.files.storage import Storage, storages
from django.utils import timezone

log = structlog.get_logger(__name__)


def storage() -> Storage:
    return storages["private"]


@dataclass(frozen=True, slots=True)
class Folders:
    """Everything that one kind of row keeps below ``root``."""

    root: str

    def of(self, pk: UUID) -> str:
        return f"{self.root}/{pk}"

    def names(self) -> Iterator[UUID]:
        """Every row that has files."""
        try:
            names = storage().listdir(self.root)[0]
        except FileNotFoundError:
            return
        for name in names:
            with contextlib.suppress(ValueError):
                yield UUID(name)

    def files(self, pk: UUID) -> list[str]:
        """The full names of one row's files."""
        try:
            return sorted(f"{self.of(pk)}/{name}" for name in storage().listdir(self.of(pk))[1])
        except FileNotFoundError:
            return []

    def erase(
        self,
        pk: UUID,
        *,
        also: str = "",
        keep: frozenset[str] = frozenset(),
        older_than: timedelta | None = None,
    ) -> int:
        """Delete the files of a row, and ``also`` one that lies elsewhere; ``keep`` spares some.

        Returns how many were deleted. Errors of the storage are logged, not raised: this runs
        after the commit, and the tidying comes back for what is left.
        """
        where, gone = storage(), set()
        try:
            names = set(self.files(pk))
            for name in (names | ({also} if also else set())) - keep:
                if older_than and timezone.now() - where.get_modified_time(name) < older_than:
                    continue
                where.delete(name)
                gone.add(name)
            if names <= gone:
                where.delete(self.of(pk))  # the empty folder; object stores have none
        except OSError as error:
            log.exception("private_files_left", folder=self.of(pk), error=str(error))
        return len(gone)
