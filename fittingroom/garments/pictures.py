"""Catalogue pictures and their masks as arrays. Worker side only: it decodes."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fittingroom.models.garments import MAX_SIDE
from ml import images
from shop.catalogue.models import ProductImage

#: How far the outline may leave the mask's edge, as a share of the longer side.
_STRAIGHT = 0.0012
#: Specks and pinholes below this share of the picture are not worth a line.
_SPECK = 0.0002


def read(image: ProductImage) -> images.Picture:
    """Decoded and shrunk to the labels' size. Raises ml.errors.ImageError, OSError."""
    with image.file.open("rb") as file:
        picture = images.decode(file.read())
    alpha = picture.alpha
    return images.Picture(
        rgb=images.fit(picture.rgb, max_side=MAX_SIDE),
        alpha=None if alpha is None else images.fit(alpha, max_side=MAX_SIDE),
        format=picture.format,
    )


def mask_png(mask: NDArray[np.uint8]) -> bytes:
    """A 1-bit PNG of an (H, W) mask, 255 = fabric."""
    out = io.BytesIO()
    bits = Image.fromarray(np.where(mask > 127, 255, 0).astype(np.uint8))
    bits.convert("1", dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def mask_of(png: bytes) -> NDArray[np.uint8]:
    """(H, W) uint8, 255 = fabric."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        return np.array(opened.convert("L"), dtype=np.uint8)


def outline(mask: NDArray[np.uint8]) -> list[list[list[int]]]:
    """The mask's edge as polygons of [x, y]: filled by the even-odd rule they are the mask."""
    side = max(mask.shape)
    found, _ = cv2.findContours(
        (mask > 127).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    polygons = []
    for contour in found:
        if cv2.contourArea(contour) < _SPECK * mask.size:
            continue
        line = cv2.approxPolyDP(contour, max(0.75, _STRAIGHT * side), closed=True)
        polygons.append([[int(x), int(y)] for ((x, y),) in line])
    return polygons


def hex_of(lab: tuple[float, float, float]) -> str:
    """A CIELAB colour (D65) as pages write it, #rrggbb; the nearest where sRGB lacks it."""
    pixel = np.array(lab, np.float32).reshape(1, 1, 3)
    rgb = np.clip(np.round(cv2.cvtColor(pixel, cv2.COLOR_LAB2RGB) * 255), 0, 255)
    return "#" + "".join(f"{int(value):02x}" for value in rgb.ravel())
