"""Saying that a picture was made by a machine: to programs (XMP) and to eyes (a small label)."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

#: IPTC's digital source type: a photograph, parts of which a trained algorithm has painted.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
_XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"
 xmp:CreatorTool="Otbang"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>""".encode()
_COMMENT = b"AI-generated try-on picture (Otbang)"

#: Latin, because the font that comes with Pillow has no Hangul and servers often have none.
LABEL = "AI · Otbang"


def label(jpeg: bytes) -> bytes:
    """The same JPEG with the mark for programs; no pixel changes."""
    if not jpeg.startswith(b"\xff\xd8"):
        raise ValueError("not a JPEG")
    at = 2
    if jpeg[2:4] == b"\xff\xe0":  # the JFIF header stays first
        at += 2 + int.from_bytes(jpeg[4:6], "big")
    xmp = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _XMP)
    return jpeg[:at] + xmp + _segment(0xFE, _COMMENT) + jpeg[at:]


def burn_in(picture: bytes) -> bytes:
    """A JPEG with the mark for eyes in the lower right corner, and the one for programs."""
    with Image.open(io.BytesIO(picture), formats=["JPEG", "PNG", "WEBP"]) as opened:
        image = opened.convert("RGB")
    size = max(12, round(min(image.size) * 0.032))
    font = ImageFont.load_default(size)
    pad = round(size * 0.5)
    draw = ImageDraw.Draw(image, "RGBA")
    left, top, right, bottom = draw.textbbox((0, 0), LABEL, font=font, anchor="lt")
    width, height = right - left, bottom - top
    x, y = image.width - width - 3 * pad, image.height - height - 3 * pad
    # A dark plate under white letters is readable on every picture.
    draw.rounded_rectangle(
        (x - pad, y - pad, x + width + pad, y + height + pad), radius=pad, fill=(20, 20, 20, 170)
    )
    draw.text((x, y), LABEL, font=font, fill=(255, 255, 255, 255), anchor="lt")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, subsampling=0)
    return label(out.getvalue())


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload
