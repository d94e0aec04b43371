from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from fittingroom import marks
from tests import drawings

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def source_type(image: Image.Image) -> str:
    """As any XMP reader finds it: one attribute of the description."""
    xmp = image.info["xmp"].decode().strip().removeprefix("\ufeff")
    root = ElementTree.fromstring(xmp)  # noqa: S314 (our own bytes)
    (description,) = root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    return description.attrib["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"]


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_the_mark_for_programs_changes_no_pixel() -> None:
    plain = drawings.person_photo()
    marked = marks.label(plain)
    assert (pixels(plain) == pixels(marked)).all()
    with Image.open(io.BytesIO(marked)) as image:
        assert source_type(image) == IPTC
        assert b"AI-generated" in image.info["comment"]


def test_the_jfif_header_stays_first() -> None:
    marked = marks.label(drawings.person_photo())
    assert marked[:4] == b"\xff\xd8\xff\xe0"
    assert marked[6:10] == b"JFIF"


def test_only_a_jpeg_is_marked() -> None:
    with pytest.raises(ValueError, match="JPEG"):
        marks.label(drawings.person_parse())


@pytest.mark.parametrize("wall", [(255, 255, 255), (0, 0, 0), (128, 90, 60)])
@pytest.mark.parametrize("size", [(240, 320), (768, 1024), (1024, 1536)])
def test_the_mark_for_eyes_is_readable_and_stays_in_its_corner(
    wall: tuple[int, int, int], size: tuple[int, int]
) -> None:
    plain = drawings.encode(Image.new("RGB", size, wall), "JPEG", quality=95)
    marked = pixels(marks.burn_in(plain))
    changed = np.abs(marked - np.array(wall)).max(axis=2) > 40
    rows, columns = np.nonzero(changed)
    width, height = size
    assert columns.min() > width * 0.5
    assert rows.min() > height * 0.85
    corner = marked[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert corner.max() > 200, "light letters"
    assert corner.min() < 130, "on a dark plate"
    with Image.open(io.BytesIO(marks.burn_in(plain))) as image:
        assert source_type(image) == IPTC


def test_metadata_of_the_stored_picture_does_not_leak() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    stored = drawings.encode(Image.new("RGB", (240, 320)), "JPEG", exif=exif)
    assert b"secret place" in stored
    assert b"secret place" not in marks.burn_in(stored)
