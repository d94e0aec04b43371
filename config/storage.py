"""Files on a disk: private ones without addresses, static ones before they are collected."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PrivateFileSystemStorage(FileSystemStorage):
    """Without addresses: only a view that has checked the owner reads these files.

    Django's own class falls back to the public MEDIA_URL where ``base_url`` is None.
    """

    def url(self, name: str | None) -> str:
        raise ValueError("A private file is not accessible via a URL.")


class LocalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Plain names until ``collectstatic`` has run, so that a fresh checkout serves pages."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name
