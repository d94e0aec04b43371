"""Where private files live on a disk."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage


class PrivateFileSystemStorage(FileSystemStorage):
    """Without addresses: only a view that has checked the owner reads these files.

    Django's own class falls back to the public MEDIA_URL where ``base_url`` is None.
    """

    def url(self, name: str | None) -> str:
        raise ValueError("A private file is not accessible via a URL.")
