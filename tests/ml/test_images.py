"""Decoding what strangers send: every kind of file ends as a right picture or one typed error."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from ml import errors, images


def gradient(height: int = 60, width: int = 80) -> np.ndarray:
    """Smooth, and different in every corner, so that turns and swaps show."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rgb = np.stack([x / width * 255, y / height * 255, (1 - x / width) * 120 + 60], axis=2)
    return rgb.astype(np.uint8)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            *extra,
            png_chunk(b"IDAT", zlib.compress(rows)),
            png_chunk(b"IEND", b""),
        ]
    )


@pytest.mark.parametrize(
    ("format", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("JPEG", {"quality": 95}, 6),
        ("JPEG", {"quality": 95, "progressive": True}, 6),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 12),
    ],
)
def test_photo_formats_decode_to_their_pixels(
    format: str, options: dict[str, object], tolerance: int
) -> None:
    rgb = gradient()
    picture = images.decode(saved(Image.fromarray(rgb), format, **options))
    assert picture.format == format.lower()
    assert picture.size == (60, 80)
    assert picture.alpha is None
    assert np.abs(picture.rgb.astype(int) - rgb).max() <= tolerance


def test_heic_decodes_upright_with_alpha() -> None:
    rgba = np.dstack([gradient(64, 96), np.full((64, 96), 255, np.uint8)])
    rgba[:, :48, 3] = 0
    heif = pillow_heif.from_pillow(Image.fromarray(rgba))
    out = io.BytesIO()
    heif.save(out, quality=95)
    picture = images.decode(out.getvalue())
    assert picture.format == "heic"
    assert picture.size == (64, 96)
    assert picture.alpha is not None
    assert picture.alpha[:, :40].max() < 20
    assert picture.alpha[:, 56:].min() > 235
    assert np.abs(picture.rgb[:, 60:].astype(int) - rgba[:, 60:, :3]).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = Image.fromarray(gradient())
    # What a camera stores is the inverse of what a viewer must do.
    inverse = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if inverse is None else upright.transpose(inverse)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = images.decode(saved(stored, "PNG", exif=exif))
    assert np.array_equal(picture.rgb, np.asarray(upright))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_cost_the_picture() -> None:
    data = saved(Image.fromarray(gradient()), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert images.decode(data).size == (60, 80)


def test_a_profile_is_converted_to_srgb() -> None:
    # Not sRGB: Lab is the one other profile that Pillow can make, so build a grey-only test with
    # an RGB profile whose description is changed, and check that a real conversion runs.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = bytearray(srgb)
    count = struct.unpack(">I", swapped[128:132])[0]
    tags = {bytes(swapped[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    at = swapped.find("sRGB".encode("utf-16-be"))
    swapped[at : at + 8] = "test".encode("utf-16-be")
    rgb = gradient()
    data = saved(Image.fromarray(rgb), "PNG", icc_profile=bytes(swapped))
    picture = images.decode(data)
    assert np.abs(picture.rgb.astype(int) - rgb[:, :, ::-1]).max() <= 3
    same = images.decode(saved(Image.fromarray(rgb), "PNG", icc_profile=srgb))
    assert np.abs(same.rgb.astype(int) - rgb).max() <= 1


def test_a_broken_profile_is_ignored() -> None:
    data = saved(Image.fromarray(gradient()), "PNG", icc_profile=b"not a profile")
    assert np.array_equal(images.decode(data).rgb, gradient())


def test_alpha_is_kept_apart_and_colours_are_not_premultiplied() -> None:
    rgba = np.dstack([gradient(), np.full((60, 80), 128, np.uint8)])
    picture = images.decode(saved(Image.fromarray(rgba), "PNG"))
    assert picture.alpha is not None
    assert np.array_equal(picture.alpha, rgba[:, :, 3])
    assert np.array_equal(picture.rgb, rgba[:, :, :3])


def test_an_opaque_alpha_says_nothing() -> None:
    rgba = np.dstack([gradient(), np.full((60, 80), 255, np.uint8)])
    assert images.decode(saved(Image.fromarray(rgba), "PNG")).alpha is None


def test_palette_with_transparent_entry() -> None:
    index = np.zeros((40, 40), np.uint8)
    index[10:30, 10:30] = 1
    image = Image.fromarray(index, "P")
    image.putpalette([250, 0, 0, 0, 0, 200] + [0] * 762)
    picture = images.decode(saved(image, "PNG", transparency=0))
    assert picture.alpha is not None
    assert picture.alpha[0, 0] == 0
    assert picture.alpha[20, 20] == 255
    assert tuple(picture.rgb[20, 20]) == (0, 0, 200)


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64).astype(">u2")
    rows = b"".join(b"\0" + ramp.tobytes() for _ in range(40))
    picture = images.decode(raw_png(64, 40, 16, 0, rows))
    expected = ramp.astype(float) / 257
    assert np.abs(picture.rgb[5, :, 0] - expected).max() <= 1


def test_sixteen_bit_grey_with_transparent_value() -> None:
    ramp = np.linspace(0, 65535, 64).astype(">u2")
    rows = b"".join(b"\0" + ramp.tobytes() for _ in range(40))
    data = raw_png(64, 40, 16, 0, rows, png_chunk(b"tRNS", ramp[10:11].tobytes()))
    alpha = images.decode(data).alpha
    assert alpha is not None
    assert list(np.flatnonzero(alpha[0] == 0)) == [10]


def test_sixteen_bit_colour_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64).astype(">u2")
    row = np.stack([ramp, ramp[::-1], ramp], axis=1).astype(">u2").tobytes()
    picture = images.decode(raw_png(64, 40, 16, 2, (b"\0" + row) * 40))
    assert np.abs(picture.rgb[3, :, 0] - ramp.astype(float) / 257).max() <= 1
    assert np.abs(picture.rgb[3, :, 1] - ramp[::-1].astype(float) / 257).max() <= 1


def test_grey_and_one_bit() -> None:
    grey = np.tile(np.arange(64, dtype=np.uint8) * 4, (40, 1))
    picture = images.decode(saved(Image.fromarray(grey), "JPEG", quality=95))
    assert np.abs(picture.rgb[:, :, 1].astype(int) - grey).max() <= 5
    bits = Image.fromarray(grey > 127).convert("1")
    assert set(np.unique(images.decode(saved(bits, "PNG")).rgb)) == {0, 255}


def test_cmyk_jpeg_has_its_colours() -> None:
    cmyk = Image.new("CMYK", (48, 48), (0, 255, 255, 0))  # pure red ink
    red, green, blue = images.decode(saved(cmyk, "JPEG", quality=95)).rgb[20, 20].astype(int)
    assert red > 180
    assert max(green, blue) < 80


@pytest.mark.parametrize("format", ["WEBP", "PNG"])
def test_of_an_animation_the_first_frame(format: str) -> None:
    frames = [Image.new("RGB", (40, 40), c) for c in ((200, 10, 10), (10, 200, 10))]
    options: dict[str, object] = {"save_all": True, "append_images": frames[1:]}
    if format == "WEBP":
        options["lossless"] = True
    data = saved(frames[0], format, **options)
    assert tuple(images.decode(data).rgb[5, 5]) == (200, 10, 10)


def noisy() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 90, 3), np.uint8))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_cut_off_files(format: str, share: float) -> None:
    data = saved(noisy(), format)
    with pytest.raises(errors.TruncatedImage):
        images.decode(data[: max(16, int(len(data) * share))])


def test_cut_off_heic() -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(noisy()).save(out, quality=90)
    for share in (0.1, 0.6):
        with pytest.raises(errors.TruncatedImage):
            images.decode(out.getvalue()[: int(len(out.getvalue()) * share)])


def webp_header(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\0" * 4
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def jpeg_header(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\x01\x11\0" * 3
    return (
        b"\xff\xd8\xff\xe0\0\x10JFIF\0"
        + b"\0" * 9
        + b"\xff\xc0"
        + struct.pack(">H", len(frame) + 2)
        + frame
    )


@pytest.mark.parametrize(
    "bomb",
    [
        raw_png(40_000, 40_000, 8, 2, b"\0" * 1_000),
        raw_png(10_000, 10_000, 1, 0, (b"\0" + b"\0" * 1250) * 10_000),  # complete: 100 megapixels
        webp_header(16_000, 16_000),
        jpeg_header(65_000, 65_000),
    ],
    ids=["png-claim", "png-complete", "webp-claim", "jpeg-claim"],
)
@pytest.mark.filterwarnings("error")
def test_a_bomb_costs_nothing(bomb: bytes) -> None:
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(errors.TooManyPixels, match="megapixels"):
        images.decode(bomb)
    seconds = time.perf_counter() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 0.1
    assert peak < 1_000_000


def test_limits_are_arguments() -> None:
    data = saved(noisy(), "PNG")
    with pytest.raises(errors.TooManyPixels):
        images.decode(data, limits=images.Limits(pixels=8_000))
    with pytest.raises(errors.TooManyBytes):
        images.decode(data, limits=images.Limits(bytes=1_000))
    with pytest.raises(errors.TooSmall):
        images.decode(saved(Image.new("RGB", (200, 8)), "PNG"))


def test_heic_pixels_are_limited_too() -> None:
    out = io.BytesIO()
    pillow_heif.from_pillow(noisy()).save(out, quality=90)
    with pytest.raises(errors.TooManyPixels):
        images.decode(out.getvalue(), limits=images.Limits(pixels=8_000))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.NotAnImage),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", errors.NotAnImage),
        (b"hello there", errors.NotAnImage),
        (b"\0" * 500, errors.NotAnImage),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", errors.NotAnImage),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.UnsupportedFormat),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg/>", errors.UnsupportedFormat),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", errors.UnsupportedFormat),
        (b"\xff\xd8\xff", errors.TruncatedImage),
        (b"\x89PNG\r\n\x1a\n", errors.TruncatedImage),
        (b"RIFF\0\0\0\0WEBP", errors.TruncatedImage),
    ],
)
def test_what_is_not_a_photo(data: bytes, error: type[errors.ImageError]) -> None:
    with pytest.raises(error):
        images.decode(data)


@pytest.mark.parametrize("format", ["GIF", "BMP", "TIFF"])
def test_other_picture_formats_are_named(format: str) -> None:
    with pytest.raises(errors.UnsupportedFormat, match=format):
        images.decode(saved(Image.fromarray(gradient()), format))


def test_the_name_of_a_file_is_not_asked(tmp_path: Path) -> None:
    pdf = tmp_path / "photo.jpg"
    pdf.write_bytes(b"%PDF-1.4 not a photo")
    with pytest.raises(errors.NotAnImage, match="PDF"):
        images.read(pdf)
    png = tmp_path / "photo.jpeg"
    png.write_bytes(saved(Image.fromarray(gradient()), "PNG"))
    assert images.read(png).format == "png"


@pytest.mark.filterwarnings("ignore")
def test_damage_anywhere_is_a_typed_error_or_a_picture() -> None:
    rng = np.random.default_rng(7)
    for format in ("JPEG", "PNG", "WEBP"):
        good = saved(noisy(), format)
        for _ in range(60):
            data = bytearray(good)
            for at in rng.integers(0, min(len(data), 400), 3):
                data[at] = rng.integers(0, 256)
            try:
                images.decode(bytes(data))
            except errors.ImageError:
                continue


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_encode_keeps_the_picture_and_no_metadata(format: images.ImageFormat) -> None:
    data = images.encode(gradient(), format)
    picture = images.decode(data)
    assert picture.format == format
    assert np.abs(picture.rgb.astype(int) - gradient()).mean() < 3
    assert b"Exif" not in data
    assert b"ICC" not in data


def test_encode_masks_and_alpha() -> None:
    mask = np.zeros((40, 50), np.uint8)
    mask[10:20] = 255
    assert np.array_equal(images.decode(images.encode(mask, "png")).rgb[:, :, 0], mask)
    rgba = np.dstack([gradient(40, 50), mask])
    alpha = images.decode(images.encode(rgba, "png")).alpha
    assert alpha is not None
    assert np.array_equal(alpha, mask)
    with pytest.raises(ValueError, match="alpha"):
        images.encode(rgba, "jpeg")


def test_fit_only_shrinks() -> None:
    rgb = gradient(60, 80)
    assert images.fit(rgb, max_height=100) is rgb
    assert images.fit(rgb, max_height=30).shape == (30, 40, 3)
    assert images.fit(rgb, max_side=40).shape == (30, 40, 3)
    assert images.fit(rgb[:, :, 0], max_side=40).shape == (30, 40)
