"""What tests of shoppers' photos share: uploads, eyes that see what a test says, folders."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from numpy.typing import NDArray
from PIL import Image

from fittingroom.photos import checking, files
from ml.errors import NoPerson
from ml.person.annotation import PersonAnnotation
from ml.person.checks import Findings, Problem
from ml.person.look import Look
from ml.person.store import parse_from_png
from tests import drawings

GOOD = Findings(None, {})
Eyes = Callable[[Findings | Exception], None]


def photo_bytes(size: tuple[int, int] = (480, 640), **options: Any) -> bytes:
    """JPEG of the drawn person."""
    with Image.open(io.BytesIO(drawings.person_photo())) as drawn:
        return drawings.encode(drawn.resize(size), "JPEG", quality=95, **options)


def form(data: bytes | None = None, **fields: str) -> dict[str, Any]:
    """A whole upload; ``consent=""`` leaves a box unticked."""
    upload = SimpleUploadedFile("me.jpg", photo_bytes() if data is None else data, "image/jpeg")
    given = {"photo": upload, "consent": "on", "attest": "on", "keep": "day", **fields}
    return {name: value for name, value in given.items() if value != ""}


def open_eyes(monkeypatch: pytest.MonkeyPatch, found: Findings | Exception = GOOD) -> None:
    """In place of the network: a look that finds the drawn person, and ``found`` with them.

    NoPerson comes from the look, any other exception from the check.
    """

    def look_at(photo: NDArray[np.uint8]) -> Look:
        if isinstance(found, NoPerson):
            raise found
        height, width = photo.shape[:2]
        parse = Image.fromarray(parse_from_png(drawings.person_parse())).resize(
            (width, height), Image.Resampling.NEAREST
        )
        keypoints = np.array(drawings.KEYPOINTS, np.float32)
        keypoints[:, 0] *= width / drawings.PERSON_SIZE[0]
        keypoints[:, 1] *= height / drawings.PERSON_SIZE[1]
        annotation = PersonAnnotation(np.array(parse, np.uint8), keypoints, "test-1")
        return Look(annotation, people=1, facing="front", nobody=0.0, several=0.0, back=0.0)

    def check(photo: NDArray[np.uint8], look: Look) -> Findings:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(checking.look, "look_at", look_at)
    monkeypatch.setattr(checking.checks, "check", check)


def fatal(code: str, *parts: str) -> Findings:
    return Findings(Problem(code, parts), {})


def files_of(pk: UUID) -> list[str]:
    """Names in the photo's folder."""
    return [name.rsplit("/", 1)[-1] for name in files.FOLDERS.files(pk)]


def everything() -> list[str]:
    """Every file of every photo."""
    return [name for pk in files.FOLDERS.names() for name in files.FOLDERS.files(pk)]
