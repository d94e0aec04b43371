"""Colours of drawn cloth: names, shares and what light must not change."""

from __future__ import annotations

import numpy as np
import pytest

from ml.garment.colour import Colour, colours, delta_e, name_of, to_lab
from ml.garment.colour_names import BASIC, NAMES
from tests.ml.garment import swatches

#: L, a, b of two colours and their CIEDE2000: Sharma, Wu and Dalal (2005), table 1.
PUBLISHED = (
    (50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425),
    (50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615),
    (50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412),
    (50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669),
    (50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461),
    (50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065),
    (50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492),
    (50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977),
    (50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030),
    (50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
    (61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731),
    (35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381),
    (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
)


def palette(cloth: np.ndarray, step: int = 1, **photo: object) -> tuple[Colour, ...]:
    rgb = swatches.photo(cloth, **photo)  # type: ignore[arg-type]
    return colours(rgb[::step, ::step].copy(), swatches.mask()[::step, ::step].copy())


def shares(found: tuple[Colour, ...]) -> dict[str, float]:
    return {colour.name: colour.share for colour in found}


def test_ciede2000_gives_the_published_values() -> None:
    rows = np.array(PUBLISHED)
    np.testing.assert_allclose(delta_e(rows[:, :3], rows[:, 3:6]), rows[:, 6], atol=5e-5)
    np.testing.assert_allclose(delta_e(rows[:, 3:6], rows[:, :3]), rows[:, 6], atol=5e-5)


def test_lab_of_known_colours() -> None:
    lab = to_lab(np.array([[255, 255, 255], [255, 0, 0], [0, 0, 0]], np.uint8))
    np.testing.assert_allclose(lab, [[100, 0, 0], [53.24, 80.09, 67.20], [0, 0, 0]], atol=0.15)


def test_every_name_is_complete() -> None:
    assert len(BASIC) == 11
    assert len(NAMES) >= 40
    assert {name.basic for name in NAMES.values()} == set(BASIC)
    for names in ([n.en for n in NAMES.values()], [n.ko for n in NAMES.values()]):
        assert len(set(names)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_cloth_of_every_name(name: str) -> None:
    for example in NAMES[name].examples:
        (only,) = palette(swatches.plain(example), step=3)
        assert (only.name, only.basic, only.share) == (name, NAMES[name].basic, 1.0), example
        wanted = to_lab(np.array(swatches.rgb_of(example), np.uint8)).astype(float)
        assert float(delta_e(np.array(only.lab), wanted)) < 2, example


@pytest.mark.parametrize("name", NAMES)
def test_light_and_folds_leave_one_colour(name: str) -> None:
    """Its name may be that of a darker neighbour; there is one colour and its hue stays."""
    cloth = swatches.lit(swatches.plain(NAMES[name].examples[0]), slope=0.12, folds=0.25)
    found = palette(cloth)
    assert found[0].share > 0.85, found
    lit = to_lab(np.array(swatches.rgb_of(NAMES[name].examples[0]), np.uint8)).astype(float)
    assert float(delta_e(np.array(found[0].lab), lit, k_l=3)) < 5, found


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("navy", "ivory", 0.4),
        ("black", "white", 0.5),
        ("red", "white", 0.3),
        ("dark_green", "mustard", 0.25),
        ("pink", "charcoal", 0.4),
    ],
)
def test_two_colours_of_stripes_and_their_shares(one: str, other: str, share: float) -> None:
    cloth = swatches.stripes(NAMES[one].examples[0], NAMES[other].examples[0], share=share)
    found = shares(palette(swatches.lit(cloth, slope=0.06)))
    assert found.keys() >= {one, other}, found
    assert found[other] == pytest.approx(share, abs=0.07)
    assert found[one] + found[other] > 0.93


def test_the_colours_of_a_print() -> None:
    found = palette(swatches.motif(NAMES["white"].examples[0], NAMES["royal_blue"].examples[0]))
    assert [colour.name for colour in found[:2]] == ["white", "royal_blue"]
    assert 0.05 < found[1].share < 0.25
    dotted = palette(swatches.dots(NAMES["red"].examples[0], NAMES["white"].examples[0]))
    assert [colour.basic for colour in dotted[:2]] == ["red", "white"]


def test_shares_sum_to_one_and_the_largest_comes_first() -> None:
    cloth = swatches.stripes(NAMES["navy"].examples[0], NAMES["ivory"].examples[0], share=0.6)
    found = palette(cloth)
    assert sum(colour.share for colour in found) == pytest.approx(1)
    assert [c.share for c in found] == sorted((c.share for c in found), reverse=True)
    assert len({colour.name for colour in found}) == len(found)


def test_the_same_photo_gives_the_same_colours() -> None:
    rgb = swatches.photo(swatches.check("#8e4630", "#23252b"))
    assert colours(rgb, swatches.mask()) == colours(rgb.copy(), swatches.mask())


def test_a_warm_lamp_shows_on_a_white_wall_and_is_half_undone() -> None:
    warm = (1.0, 0.965, 0.90)
    (corrected,) = palette(swatches.plain("#9a9b9d"), tint=warm)
    (wooden,) = palette(swatches.plain("#9a9b9d"), tint=warm, ground=(150, 100, 60))
    assert np.hypot(*corrected.lab[1:]) < 0.75 * np.hypot(*wooden.lab[1:])
    assert corrected.basic == "grey"


def test_the_ground_is_no_colour_of_the_garment() -> None:
    (only,) = palette(swatches.plain("#2f8a3c"), ground=(200, 30, 40))
    assert only.name == "green"


def test_size_hardly_matters() -> None:
    rgb = swatches.photo(swatches.stripes("#23304f", "#f5f0e1"), jpeg=None)
    big = rgb.repeat(4, axis=0).repeat(4, axis=1)
    found = shares(colours(big, swatches.mask().repeat(4, axis=0).repeat(4, axis=1)))
    for name, share in shares(colours(rgb, swatches.mask())).items():
        assert found[name] == pytest.approx(share, abs=0.05)


def test_little_chroma_has_no_hue() -> None:
    names = [name_of((lightness, 1.5, -2.0)) for lightness in (10, 30, 50, 78, 95)]
    assert names == ["black", "charcoal", "grey", "light_grey", "white"]


def test_bad_masks_are_refused() -> None:
    rgb = swatches.photo(swatches.plain("#2f8a3c"))
    with pytest.raises(ValueError, match="empty"):
        colours(rgb, np.zeros(swatches.SIZE, np.uint8))
    with pytest.raises(ValueError, match="mask is"):
        colours(rgb, np.full((10, 10), 255, np.uint8))
