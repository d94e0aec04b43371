"""Small copies of people's photos for lists and panels. Pillow only."""

from __future__ import annotations

import io
from typing import IO

from PIL import Image

#: Twice the largest place they are shown in.
MOST = (360, 480)


def size_of(width: int, height: int) -> tuple[int, int]:
    """Width and height of the copy: within :data:`MOST`, never larger than the photo."""
    if not width or not height:
        return (0, 0)
    scale = min(1.0, MOST[0] / width, MOST[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def encode(photo: IO[bytes]) -> bytes:
    """A WebP without metadata. Raises OSError where the photo cannot be read."""
    with Image.open(photo) as opened:
        opened.draft("RGB", (2 * MOST[0], 2 * MOST[1]))  # JPEG only: decodes fewer pixels
        size = size_of(*opened.size)
        small = opened.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()
