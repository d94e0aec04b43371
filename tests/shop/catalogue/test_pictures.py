"""What the catalogue takes as a picture, and what it makes of it."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from shop.catalogue import pictures
from shop.catalogue.errors import BadPicture
from tests.drawings import encode

RED = (200, 20, 30)
# Made once: Pillow's noise is different every time.
NOISE = encode(Image.effect_noise((400, 400), 80).convert("RGB"), "JPEG")


def code_of(data: bytes) -> str:
    with pytest.raises(BadPicture) as refused:
        pictures.decode(data)
    return refused.value.code


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises a huge picture."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_takes_the_three_formats(kind: str) -> None:
    picture = pictures.decode(encode(Image.new("RGB", (300, 400), RED), kind))

    assert (picture.pixels.mode, picture.pixels.size) == ("RGB", (300, 400))
    assert picture.suffix == ".jpg"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7 not a picture", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not_a_picture"),
        (b"", "not_a_picture"),
        (encode(Image.new("RGB", (300, 300)), "GIF"), "not_a_picture"),
        (encode(Image.new("RGB", (300, 300)), "TIFF"), "not_a_picture"),
        (encode(Image.new("RGB", (199, 400))), "too_small"),
        (bomb(10_000, 10_000), "too_many_pixels"),
        (bomb(60_000, 60_000), "too_many_pixels"),
        (bomb(400, 400), "broken"),
    ],
    ids=["pdf", "svg", "empty", "gif", "tiff", "small", "100MP", "3.6GP", "no pixels"],
)
def test_refuses(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_refuses_a_cut_off_photo() -> None:
    assert code_of(NOISE[: len(NOISE) // 2]) == "broken"


def test_refuses_an_animation() -> None:
    frames = [Image.new("RGB", (300, 300), (value, 0, 0)) for value in (0, 100, 200)]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:])

    assert code_of(data) == "animated"


def test_refuses_too_many_bytes_unread(settings: Any) -> None:
    settings.MAX_PICTURE_BYTES = 100

    assert code_of(b"x" * 101) == "too_many_bytes"


def test_turns_upright_and_forgets_who_took_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a phone held upright
    exif[0x010F] = "Secret Camera"
    data = encode(Image.new("RGB", (400, 300), RED), "JPEG", exif=exif, comment=b"Secret comment")
    assert b"Secret" in data

    picture = pictures.decode(data)
    kept = picture.encoded()

    assert picture.pixels.size == (300, 400)
    assert b"Secret" not in kept
    assert b"Exif" not in kept


def test_colours_keep_their_meaning_without_the_profile() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    data = encode(Image.new("RGB", (300, 300), RED), "PNG", icc_profile=lab.tobytes())

    picture = pictures.decode(data)

    assert "icc_profile" not in picture.pixels.info
    assert picture.pixels.getpixel((5, 5)) == pytest.approx(RED, abs=2)


def test_cmyk_and_16_bit_become_rgb() -> None:
    cmyk = pictures.decode(encode(Image.new("CMYK", (300, 300), (0, 255, 255, 0)), "JPEG"))
    grey = pictures.decode(encode(Image.new("I;16", (300, 300), 32768)))

    red, green, blue = cmyk.pixels.getpixel((5, 5))
    assert red > 200
    assert max(green, blue) < 60
    assert grey.pixels.getpixel((5, 5)) == pytest.approx((128, 128, 128), abs=1)


def test_keeps_alpha_only_where_something_is_transparent() -> None:
    cut_out = Image.new("RGBA", (300, 300), (*RED, 255))
    opaque = encode(cut_out)
    cut_out.putpixel((0, 0), (0, 0, 0, 0))

    assert pictures.decode(opaque).suffix == ".jpg"
    assert pictures.decode(encode(cut_out)).suffix == ".png"


def test_keeps_no_more_pixels_than_zoom_needs() -> None:
    picture = pictures.decode(encode(Image.new("RGB", (1500, 6000), RED), "JPEG"))

    assert picture.pixels.size == (750, 3000)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (300, [300]),
        (768, [360, 540, 720, 768]),
        (1600, [360, 540, 720, 1080, 1600]),
        (2000, [360, 540, 720, 1080, 1600]),
    ],
)
def test_renditions_never_enlarge(width: int, expected: list[int]) -> None:
    picture = pictures.Picture(Image.new("RGB", (width, width // 2), RED))

    made = dict(pictures.renditions(picture))

    assert sorted(made) == expected
    for each, data in made.items():
        with Image.open(io.BytesIO(data)) as copy:
            assert (copy.format, copy.size) == ("WEBP", (each, round(width // 2 * each / width)))


def test_our_own_webp_is_published_as_it_is() -> None:
    drawn = encode(Image.new("RGB", (900, 1200), RED), "WEBP", quality=93)

    picture = pictures.decode_own(drawn)
    made = dict(pictures.renditions(picture))

    assert (picture.suffix, picture.encoded(), made[900]) == (".webp", drawn, drawn)
    assert sorted(made) == [360, 540, 720, 900]
    with Image.open(io.BytesIO(made[720])) as copy:
        assert (copy.format, copy.size) == ("WEBP", (720, 960))


def test_a_file_with_room_for_metadata_is_encoded_again_even_if_ours() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    noted = encode(Image.new("RGB", (300, 400), RED), "WEBP", exif=exif)
    assert b"Secret" in noted

    picture = pictures.decode_own(noted)

    assert picture.suffix == ".jpg"
    assert not any(b"Secret" in data for _, data in pictures.renditions(picture))
    with pytest.raises(BadPicture):
        pictures.decode_own(encode(Image.new("RGB", (300, 400), RED), "JPEG"))


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.data())
def test_broken_bytes_raise_nothing_but_bad_picture(data: st.DataObject) -> None:
    whole = bytearray(NOISE)
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(2, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = pictures.decode(bytes(whole))
    except BadPicture:
        return
    assert picture.pixels.mode in ("RGB", "RGBA")
