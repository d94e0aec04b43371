"""Whatever is uploaded becomes an upright JPEG without metadata, or a sentence."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pillow_heif
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from PIL import Image, ImageDraw

from fittingroom.photos import pictures
from tests.drawings import encode

SIZE = (600, 800)


@pytest.fixture(autouse=True)
def english() -> None:
    translation.activate("en")


def scene(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Red above, blue below: tells whether it stands upright."""
    picture = Image.new("RGB", size, (200, 30, 40))
    ImageDraw.Draw(picture).rectangle((0, size[1] // 2, *size), fill=(30, 40, 200))
    return picture.convert(mode)


def opened(data: bytes) -> Image.Image:
    clean = pictures.clean(data)
    image = Image.open(io.BytesIO(clean.jpeg), formats=["JPEG"])
    assert (clean.width, clean.height) == image.size
    return image


def is_upright(image: Image.Image) -> bool:
    top = image.getpixel((image.width // 2, image.height // 4))
    bottom = image.getpixel((image.width // 2, image.height * 3 // 4))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    return top[0] > 150 > top[2] and bottom[2] > 150 > bottom[0]


def heic(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, quality=80, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encode(scene(), "JPEG"), id="JPEG"),
        pytest.param(encode(scene(), "PNG"), id="PNG"),
        pytest.param(encode(scene(), "WEBP"), id="WebP"),
        pytest.param(heic(scene()), id="HEIC"),
        pytest.param(encode(scene(mode="CMYK"), "JPEG"), id="CMYK"),
        pytest.param(encode(scene(mode="P"), "PNG"), id="palette"),
        pytest.param(encode(scene(mode="RGBA"), "PNG"), id="alpha"),
    ],
)
def test_every_format_becomes_a_jpeg(data: bytes) -> None:
    image = opened(data)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", SIZE)
    assert is_upright(image)


def test_sixteen_bits_keep_their_greys() -> None:
    grey = Image.new("I;16", SIZE, 32768)
    assert opened(encode(grey, "PNG")).getpixel((9, 9)) == pytest.approx((128,) * 3, abs=2)


def test_what_is_transparent_becomes_white() -> None:
    cut_out = scene(mode="RGBA")
    cut_out.paste((0, 0, 0, 0), (0, 0, 100, 100))
    assert min(opened(encode(cut_out)).getpixel((20, 20))) > 245  # type: ignore[type-var]


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_phones_note_which_way_is_up(orientation: int, turn: int) -> None:
    lying = scene().rotate(turn, expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(encode(lying, "JPEG", exif=exif))
    assert image.size == SIZE
    assert is_upright(image)


def test_heic_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pillow_heif.register_heif_opener()
    data = encode(scene().rotate(90, expand=True), "HEIF", exif=exif.tobytes())
    assert b"irot" in data, "as phones write it"
    image = opened(data)
    assert image.size == SIZE
    assert is_upright(image)


def test_no_metadata_stays() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Alice"
    exif.get_ifd(0x8825)[1] = "N"
    data = encode(scene(), "JPEG", exif=exif, comment=b"at home", dpi=(72, 72))
    clean = pictures.clean(data).jpeg
    assert b"Alice" in data
    for left in (b"Alice", b"Exif", b"at home"):
        assert left not in clean
    assert not Image.open(io.BytesIO(clean)).getexif()


def test_large_photos_are_scaled_to_the_height_of_results() -> None:
    assert opened(encode(scene((2000, 4000)), "JPEG")).size == (768, 1536)
    assert opened(encode(scene((900, 1536)), "JPEG")).size == (900, 1536)


def bomb() -> bytes:
    """Some kilobytes that unfold to 400 megapixels."""
    return encode(Image.new("1", (20_000, 20_000)), "PNG")


def animation() -> bytes:
    frames = [Image.new("RGB", SIZE, shade) for shade in ((9, 9, 9), (200, 9, 9))]
    return encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        pytest.param(b"%PDF-1.7 not a photo", "not_a_picture", "JPEG, PNG, WebP or HEIC", id="PDF"),
        pytest.param(b"", "not_a_picture", "JPEG", id="nothing"),
        pytest.param(encode(scene(), "GIF"), "not_a_picture", "JPEG", id="GIF"),
        pytest.param(encode(scene(), "TIFF"), "not_a_picture", "JPEG", id="TIFF"),
        pytest.param(encode(scene(), "JPEG")[:900], "broken", "damaged", id="cut off"),
        pytest.param(encode(scene(), "PNG")[:-40], "broken", "damaged", id="cut off PNG"),
        pytest.param(heic(scene())[:-400], "broken", "damaged", id="cut off HEIC"),
        pytest.param(bomb(), "too_many_pixels", "50 megapixels", id="bomb"),
        pytest.param(animation(), "animated", "moving", id="animation"),
        pytest.param(encode(scene((255, 800)), "JPEG"), "too_small", "600 px", id="narrow"),
        pytest.param(encode(scene((90, 90)), "JPEG"), "too_small", "600 px", id="tiny"),
        pytest.param(b"\xff\xd8\xff" + bytes(15_000_000), "too_many_bytes", "15 MB", id="heavy"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(data: bytes, code: str, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        pictures.clean(data)
    assert refusal.value.code == code
    assert words in refusal.value.messages[0]


@pytest.mark.parametrize("size", [(256, 800), (800, 256)])
def test_256_pixels_are_enough(size: tuple[int, int]) -> None:
    assert opened(encode(scene(size), "JPEG")).size == size


def test_any_bytes_make_a_sentence_or_a_photo() -> None:
    """No damage gets past the decoder as another exception."""
    for whole in (encode(scene((300, 300)), "JPEG"), heic(scene((300, 300)))):
        for at in range(0, len(whole), 97):
            damaged = bytearray(whole)
            damaged[at : at + 5] = b"\xff\x00\xd9\x13\x37"[: len(damaged) - at]
            with contextlib.suppress(ValidationError):
                pictures.clean(bytes(damaged))
