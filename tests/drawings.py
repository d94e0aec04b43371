"""Tiny pictures for tests: a person with its annotation and a garment, drawn, never photographed.

They are rough on purpose: enough for code that reads files, checks sizes and finds parts.
"""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageDraw

PERSON_SIZE = (240, 320)
GARMENT_SIZE = (240, 320)

# label of ml.person.annotation.Atr, colour in the photo, shape on a 240 x 320 canvas.
# Left and right are the person's own, so the right arm stands on the left of the picture.
_BODY = (
    (12, (219, 172, 145), "rectangle", (122, 240, 143, 300)),
    (13, (219, 172, 145), "rectangle", (97, 240, 118, 300)),
    (6, (60, 70, 110), "rectangle", (94, 168, 146, 262)),
    (9, (30, 30, 30), "rectangle", (122, 298, 150, 310)),
    (10, (30, 30, 30), "rectangle", (90, 298, 118, 310)),
    (14, (219, 172, 145), "rectangle", (154, 84, 170, 182)),
    (15, (219, 172, 145), "rectangle", (70, 84, 86, 182)),
    (4, (200, 200, 205), "rectangle", (86, 80, 154, 172)),
    (4, (200, 200, 205), "rectangle", (68, 80, 172, 112)),
    (2, (70, 45, 30), "ellipse", (96, 16, 144, 74)),
    (11, (225, 180, 152), "rectangle", (111, 62, 129, 88)),
    (11, (225, 180, 152), "ellipse", (101, 24, 139, 74)),
)

#: 18 OpenPose points of the drawn person: x, y, confidence.
KEYPOINTS: list[list[float]] = [
    [120, 52, 1],
    [120, 84, 1],
    [86, 88, 1],
    [78, 132, 1],
    [78, 174, 1],
    [154, 88, 1],
    [162, 132, 1],
    [162, 174, 1],
    [102, 172, 1],
    [107, 236, 1],
    [107, 294, 1],
    [138, 172, 1],
    [133, 236, 1],
    [133, 294, 1],
    [112, 46, 1],
    [128, 46, 1],
    [103, 50, 1],
    [137, 50, 1],
]


def encode(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The file's bytes."""
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


@cache
def person_photo() -> bytes:
    """JPEG, 240 x 320: somebody who stands in front of a grey wall."""
    picture = Image.new("RGB", PERSON_SIZE, (225, 226, 224))
    draw = ImageDraw.Draw(picture)
    for _, colour, shape, box in _BODY:
        getattr(draw, shape)(box, fill=colour)
    return encode(picture, "JPEG", quality=92)


@cache
def person_parse() -> bytes:
    """PNG in palette mode, 240 x 320: the ATR class of every pixel."""
    picture = Image.new("P", PERSON_SIZE, 0)
    picture.putpalette([value for label in range(18) for value in (label * 14, 90, 120)])
    draw = ImageDraw.Draw(picture)
    for label, _, shape, box in _BODY:
        getattr(draw, shape)(box, fill=label)
    return encode(picture)


#: The drawn T-shirt's edge.
GARMENT_OUTLINE = (
    *((96, 60), (144, 60), (178, 72), (222, 132), (192, 152), (174, 128)),
    *((174, 270), (66, 270), (66, 128), (48, 152), (18, 132), (62, 72)),
)
#: Its landmarks: x, y, visibility. The wearer's left lies on the right.
LANDMARKS: dict[str, tuple[float, float, int]] = {
    "neck_left": (140, 60, 2),
    "neck_right": (100, 60, 2),
    "shoulder_left": (178, 72, 2),
    "shoulder_right": (62, 72, 2),
    "armpit_left": (174, 128, 2),
    "armpit_right": (66, 128, 2),
    "cuff_left_outer": (222, 132, 2),
    "cuff_left_inner": (192, 152, 2),
    "cuff_right_outer": (18, 132, 2),
    "cuff_right_inner": (48, 152, 2),
    "hem_left": (174, 270, 2),
    "hem_right": (66, 270, 2),
}


@cache
def garment_mask() -> bytes:
    """1-bit PNG, 240 x 320: the T-shirt of :func:`garment_photo`, white."""
    picture = Image.new("1", GARMENT_SIZE)
    draw = ImageDraw.Draw(picture)
    draw.polygon(GARMENT_OUTLINE, fill=1)
    draw.ellipse((100, 48, 140, 76), fill=0)
    return encode(picture)


@cache
def garment_photo(colour: tuple[int, int, int] = (180, 30, 60)) -> bytes:
    """JPEG, 240 x 320: a T-shirt on white."""
    picture = Image.new("RGB", GARMENT_SIZE, (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.polygon(GARMENT_OUTLINE, fill=colour)
    draw.ellipse((100, 48, 140, 76), fill=(255, 255, 255))
    return encode(picture, "JPEG", quality=92)
