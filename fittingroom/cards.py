"""The picture that messengers show of a shared try-on of somebody's own photo: never the body.

They fetch it as soon as a link is pasted, keep it for hours on their servers and on devices, and
crop to 2:1. So it shows the product alone.
"""

from __future__ import annotations

import io

from PIL import Image

SIZE = (800, 400)
_MARGIN = 24


def product_card(picture: bytes) -> bytes:
    """JPEG of :data:`SIZE`: the whole product on a ground of its picture's own edge colour."""
    with Image.open(io.BytesIO(picture), formats=["JPEG", "PNG", "WEBP"]) as opened:
        opened.draft("RGB", SIZE)
        product = opened.convert("RGBA")
    room = (SIZE[0] - 2 * _MARGIN, SIZE[1] - 2 * _MARGIN)
    product.thumbnail(room, Image.Resampling.LANCZOS)
    corner = product.getpixel((0, 0))
    opaque = isinstance(corner, tuple) and corner[3] == 255
    ground = corner[:3] if isinstance(corner, tuple) and opaque else (245, 244, 242)
    card = Image.new("RGB", SIZE, ground)
    at = ((SIZE[0] - product.width) // 2, (SIZE[1] - product.height) // 2)
    card.paste(product, at, product)
    out = io.BytesIO()
    card.save(out, "JPEG", quality=88)
    return out.getvalue()
