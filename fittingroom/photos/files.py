"""Where a shopper's photo lies: one private folder, and everything made of the photo is in it.

Nothing of a private photo goes into the shared cache of prepared people, so erasing the folder
erases all there is on disk.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from fittingroom.private_files import Folders, storage

__all__ = ["FOLDERS", "new_name", "storage"]

FOLDERS = Folders("photos")


def new_name(pk: UUID, suffix: str) -> str:
    """A name that nobody can guess and that was never used."""
    return f"{FOLDERS.of(pk)}/{secrets.token_urlsafe(16)}{suffix}"
