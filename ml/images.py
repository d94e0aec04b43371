"""Pictures in and out: decode what strangers send under limits, encode without metadata.

The header is read by hand before any decoder runs, so that a small file that claims a huge
picture costs nothing. What comes out is always 8-bit sRGB, upright, alpha kept apart.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from ml.errors import (
    NotAnImage,
    TooManyBytes,
    TooManyPixels,
    TooSmall,
    TruncatedImage,
    UnsupportedFormat,
)

RGB = NDArray[np.uint8]
ImageFormat = Literal["jpeg", "png", "webp"]

#: EXIF orientation (1..8) -> what turns the stored picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_ORIENTATION = 0x0112
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
#: Pictures we know by their first bytes and do not take.
_OTHER_PICTURES = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\1\0", "ICO"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
)

#: What Pillow's decoders raise on damaged data.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
    LookupError,
    TypeError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What we are willing to decode."""

    bytes: int = 30 * 1024 * 1024
    pixels: int = 64_000_000  # a 50-megapixel phone passes, a bomb does not
    min_side: int = 32


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright.

    rgb: (H, W, 3) uint8 sRGB, not premultiplied (any colour where alpha is 0).
    alpha: (H, W) uint8, or None where the picture is opaque.
    format: what the file was: ``jpeg``, ``png``, ``webp`` or ``heic``.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    format: str

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)"""
        return self.rgb.shape[0], self.rgb.shape[1]


def read(path: Path | str, *, limits: Limits = LIMITS) -> Picture:
    """Decode a file. Raises OSError where it cannot be read, else what :func:`decode` raises."""
    with Path(path).open("rb") as file:
        data = file.read(limits.bytes + 1)
    return decode(data, limits=limits)


def decode(data: bytes, *, limits: Limits = LIMITS) -> Picture:
    """Decode JPEG, PNG, WebP or HEIC; of an animation the first frame.

    Raises NotAnImage, UnsupportedFormat, TooManyBytes, TooManyPixels, TooSmall, TruncatedImage.
    """
    if len(data) > limits.bytes:
        raise TooManyBytes(f"larger than {limits.bytes / 2**20:.0f} MB")
    kind = _sniff(data)
    if kind != "heic":
        _check_size(_header_size(data, kind), limits)
    try:
        image = _open(data, kind, limits)
        _check_size((image.height, image.width), limits)
        image.load()
        if kind == "heic":  # its alpha may be premultiplied ("RGBa")
            image = image.convert("RGBA") if image.mode == "RGBa" else image
    except (TooManyPixels, TooSmall):
        raise
    except _DAMAGED as e:
        raise TruncatedImage(f"damaged or cut off ({kind})") from e
    image = _turn_upright(image)
    rgb, alpha = _to_srgb(image)
    if alpha is not None and int(alpha.min()) == 255:
        alpha = None
    return Picture(rgb=rgb, alpha=alpha, format=kind)


def encode(pixels: NDArray[np.uint8], format: ImageFormat = "jpeg", *, quality: int = 92) -> bytes:
    """Encode (H, W, 3) sRGB, (H, W, 4) with alpha, or an (H, W) mask, without metadata.

    quality: 1..100 for JPEG and WebP; PNG is always lossless.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    out = io.BytesIO()
    if format == "jpeg":
        if pixels.ndim == 3 and pixels.shape[2] == 4:
            raise ValueError("JPEG keeps no alpha")
        # Full-resolution chroma: prints and red fabric bleed with 4:2:0.
        image.save(out, "JPEG", quality=quality, subsampling=0)
    elif format == "webp":
        image.save(out, "WEBP", quality=quality, method=4)
    else:
        image.save(out, "PNG", compress_level=4)
    return out.getvalue()


def fit(
    pixels: NDArray[np.uint8], *, max_height: int | None = None, max_side: int | None = None
) -> NDArray[np.uint8]:
    """Shrink, never enlarge, to at most these sizes, keeping the proportions."""
    height, width = pixels.shape[:2]
    scale = 1.0
    if max_height is not None:
        scale = min(scale, max_height / height)
    if max_side is not None:
        scale = min(scale, max_side / max(height, width))
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def on_white(picture: Picture) -> RGB:
    """(H, W, 3) the picture as a page shows it: white where it is transparent."""
    if picture.alpha is None:
        return picture.rgb
    alpha = picture.alpha[..., None].astype(np.uint16)
    mixed = (picture.rgb * alpha + 255 * (255 - alpha) + 127) // 255
    return np.asarray(mixed, np.uint8)


def _sniff(data: bytes) -> str:
    """Tell the format from the first bytes; the file's name is never asked."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        brands = {data[i : i + 4] for i in (8, *range(16, min(64, len(data)), 4))}
        if b"avif" in brands or b"avis" in brands:
            raise UnsupportedFormat("AVIF pictures are not supported (JPEG, PNG, WebP, HEIC are)")
        if brands & _HEIF_BRANDS:
            return "heic"
        raise NotAnImage("a film or another media file, not a picture")
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<svg") or (head.startswith(b"<?xml") and b"<svg" in data[:4096].lower()):
        raise UnsupportedFormat("SVG pictures are not supported (JPEG, PNG, WebP, HEIC are)")
    for magic, name in _OTHER_PICTURES:
        if data.startswith(magic):
            raise UnsupportedFormat(
                f"{name} pictures are not supported (JPEG, PNG, WebP, HEIC are)"
            )
    if not data:
        raise NotAnImage("the file is empty")
    raise NotAnImage("a PDF, not a picture" if data.startswith(b"%PDF") else "not a picture")


def _header_size(data: bytes, kind: str) -> tuple[int, int]:
    """(height, width) that a JPEG, PNG or WebP file claims, without decoding anything."""
    try:
        if kind == "png":
            if data[12:16] != b"IHDR" or len(data) < 24:
                raise IndexError
            return _big(data[20:24]), _big(data[16:20])
        if kind == "jpeg":
            return _jpeg_size(data)
        return _webp_size(data)
    except IndexError as e:
        raise TruncatedImage(f"damaged or cut off ({kind})") from e


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (SOF0..SOF15 without DHT, JPG, DAC)."""
    at = 2
    while True:
        while data[at] != 0xFF:  # some cameras pad between segments
            at += 1
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if len(data) < at + 7:
                raise IndexError
            return _big(data[at + 3 : at + 5]), _big(data[at + 5 : at + 7])
        if marker == 0xD9 or marker == 0xDA:  # end, or pixels without a frame header
            raise IndexError
        if marker != 0x01 and not 0xD0 <= marker <= 0xD8:  # those carry no length
            length = _big(data[at : at + 2])
            if length < 2:
                raise IndexError
            at += length


def _webp_size(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if len(data) < 30:
        raise IndexError
    if chunk == b"VP8X":
        return _little(data[27:30]) + 1, _little(data[24:27]) + 1
    if chunk == b"VP8L":
        bits = _little(data[21:25])
        return ((bits >> 14) & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return _little(data[28:30]) & 0x3FFF, _little(data[26:28]) & 0x3FFF
    raise IndexError


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    height, width = size
    if height * width > limits.pixels:
        raise TooManyPixels(
            f"{width} x {height} pixels, at most {limits.pixels // 1_000_000} megapixels are taken"
        )
    if min(height, width) < limits.min_side:
        raise TooSmall(f"{width} x {height} pixels, each side needs at least {limits.min_side}")


def _open(data: bytes, kind: str, limits: Limits) -> Image.Image:
    if kind == "heic":
        import pillow_heif

        # Ten and twelve bits are scaled to eight; orientation boxes are applied by libheif.
        heif = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        width, height = heif.size
        _check_size((height, width), limits)  # to_pillow() is what decodes
        image: Image.Image = heif.to_pillow()
        return image
    formats = {"jpeg": ["JPEG"], "png": ["PNG"], "webp": ["WEBP"]}[kind]
    return Image.open(io.BytesIO(data), formats=formats)


def _turn_upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, EOFError):
        orientation = 1  # broken metadata must not cost the picture
    turn = _UPRIGHT.get(orientation)
    if turn is None:
        return image
    info = image.info
    image = image.transpose(turn)
    image.info = info  # the profile and the transparent colour are needed below
    return image


def _to_srgb(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """8-bit sRGB and alpha of any mode that the four formats produce."""
    profile = image.info.get("icc_profile")
    alpha: NDArray[np.uint8] | None = None
    if image.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion would clip it
        values = np.asarray(image).astype(np.int64)
        transparent = image.info.get("transparency")
        if isinstance(transparent, int):
            alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
        image = Image.fromarray(((values + 128) // 257).clip(0, 255).astype(np.uint8))
    elif image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = np.array(image.getchannel("A"), dtype=np.uint8)
        image = image.convert("RGB")
    elif image.mode in ("1", "P"):
        image = image.convert("RGB")
    if profile:
        image = _apply_profile(image, profile)
    return np.array(image.convert("RGB"), dtype=np.uint8), alpha


def _apply_profile(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(source).strip().startswith("sRGB"):
            return image
        space = source.profile.xcolor_space.strip()
        if space == "GRAY" and image.mode == "RGB":
            image = image.convert("L")
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken or foreign profile: take the colours as they are
    return converted or image
