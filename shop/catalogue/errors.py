"""What can be refused in the catalogue: typed, with a stable code and a sentence for people."""

from __future__ import annotations

from django.utils.functional import Promise


class CatalogueError(Exception):
    """``code`` is for programs, ``message`` (translated when shown) for people."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class BadPicture(CatalogueError):
    """An uploaded file that is not a picture we take."""


class CannotPublish(CatalogueError):
    """A product that is not ready; ``missing`` holds every code, the message says them all."""

    def __init__(self, missing: tuple[str, ...], message: str | Promise) -> None:
        super().__init__("not_ready", message)
        self.missing = missing
