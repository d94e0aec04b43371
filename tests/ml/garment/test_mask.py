"""Cutting drawn garments from plain and patterned grounds, with known answers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml.errors import NoGarment
from ml.garment.mask import cut_out
from ml.garment.pieces import drop_hook
from ml.images import Picture
from tests.ml.garment.drawn import HALVES, draw


def picture(rgb: np.ndarray, alpha: np.ndarray | None = None) -> Picture:
    return Picture(rgb=rgb, alpha=alpha, format="png")


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one > 127, other > 127
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("ground", ["plain", "wood", "checks"])
@pytest.mark.parametrize("kind", list(HALVES))
def test_a_drawn_garment_is_cut_out(kind: str, ground: str) -> None:
    drawn = draw(kind, ground=ground)
    cut = cut_out(picture(drawn.rgb))
    assert cut.mask.shape == drawn.mask.shape
    assert set(np.unique(cut.mask)) == {0, 255}
    assert overlap(cut.mask, drawn.mask) > 0.96
    assert cut.confidence > 0.6


def test_white_on_white_is_cut_out() -> None:
    drawn = draw("tee", colour=(205, 205, 203))
    assert overlap(cut_out(picture(drawn.rgb)).mask, drawn.mask) > 0.93


def test_grey_trousers_on_grey_boards_keep_no_floor_between_the_legs() -> None:
    drawn = draw("trousers", ground="wood", colour=(118, 116, 114))
    grey = drawn.rgb.mean(axis=2, keepdims=True) * 0.9 + 0.1 * drawn.rgb
    cut = cut_out(picture(grey.astype(np.uint8)))
    assert overlap(cut.mask, drawn.mask) > 0.9
    x, y = drawn.landmarks["crotch"]
    assert cut.mask[int(y + 0.3 * drawn.size), int(x)] == 0


def test_pale_cloth_on_off_white_is_found() -> None:
    drawn = draw("dress", colour=(214, 206, 192))
    assert overlap(cut_out(picture(drawn.rgb)).mask, drawn.mask) > 0.9


def test_striped_sleeves_on_a_dark_ground_belong_to_the_garment() -> None:
    drawn = draw("long sleeves", colour=(190, 60, 50))
    rgb = np.full_like(drawn.rgb, (44, 42, 46))
    rgb = (rgb + np.random.default_rng(1).normal(0, 3, rgb.shape)).clip(0, 255).astype(np.uint8)
    inside = drawn.mask > 0
    rgb[inside] = drawn.rgb[inside]
    xs = np.arange(rgb.shape[1])
    sleeve = inside & (np.abs(xs - rgb.shape[1] / 2) > 0.3 * drawn.size)[None, :]
    dark = sleeve & ((np.arange(rgb.shape[0]) // 12) % 2 == 0)[:, None]
    rgb[dark] = (58, 54, 60)
    assert overlap(cut_out(picture(rgb)).mask, drawn.mask) > 0.85


def test_a_bar_with_clips_is_no_garment() -> None:
    drawn = draw("skirt")
    rgb = drawn.rgb.copy()
    y = int(drawn.landmarks["waist_left"][1]) - 10
    cv2.rectangle(rgb, (70, y - 4), (410, y + 2), (40, 40, 44), -1)
    for x in (150, 330):
        cv2.rectangle(rgb, (x - 7, y - 8), (x + 7, y + 14), (20, 20, 22), -1)
    cut = cut_out(picture(rgb))
    assert overlap(cut.mask, drawn.mask) > 0.95
    assert (cut.mask[y - 4 : y + 3, 72:110] > 0).mean() < 0.5


def test_confidence_tells_a_clear_mask_from_a_doubtful_one() -> None:
    clear = cut_out(picture(draw("tee").rgb))
    hidden = draw("tee", ground="checks", colour=(175, 180, 184))
    try:
        doubtful = cut_out(picture(hidden.rgb)).confidence
    except NoGarment:
        doubtful = 0.0
    assert clear.confidence > 0.9
    assert doubtful < clear.confidence


def test_the_gap_between_the_legs_stays_open() -> None:
    drawn = draw("trousers", ground="wood")
    cut = cut_out(picture(drawn.rgb))
    x, y = drawn.landmarks["crotch"]
    assert cut.mask[int(y + 0.3 * drawn.size), int(x)] == 0


def test_a_print_of_the_grounds_colour_is_fabric() -> None:
    drawn = draw("tee")
    rgb = drawn.rgb.copy()
    height, width = drawn.mask.shape
    cv2.circle(rgb, (width // 2, height // 2), 22, (225, 223, 218), -1)
    assert overlap(cut_out(picture(rgb)).mask, drawn.mask) > 0.96


def test_the_edge_is_sharp_at_full_size() -> None:
    drawn = draw("tee", height=1600, width=1200)
    cut = cut_out(picture(drawn.rgb))
    wrong = (cut.mask > 127) != (drawn.mask > 127)
    near = cv2.dilate(cv2.Canny(drawn.mask, 50, 150), np.ones((9, 9), np.uint8)) > 0
    assert wrong[~near].mean() < 0.001
    assert overlap(cut.mask, drawn.mask) > 0.985


def test_alpha_is_the_mask() -> None:
    drawn = draw("dress", ground="checks")
    cut = cut_out(picture(drawn.rgb, alpha=drawn.mask))
    assert overlap(cut.mask, drawn.mask) > 0.995
    assert cut.confidence > 0.9


def test_an_alpha_of_nothing_is_not_the_mask() -> None:
    drawn = draw("tee")
    empty = np.zeros_like(drawn.mask)
    assert overlap(cut_out(picture(drawn.rgb, alpha=empty)).mask, drawn.mask) > 0.96


def test_the_same_photo_gives_the_same_mask() -> None:
    drawn = draw("skirt", ground="checks")
    first, second = (cut_out(picture(drawn.rgb)).mask for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_an_empty_wall_has_no_garment(noise: float) -> None:
    rng = np.random.default_rng(3)
    wall = np.full((400, 300, 3), 190.0) + rng.normal(0, noise, (400, 300, 1))
    with pytest.raises(NoGarment):
        cut_out(picture(wall.astype(np.uint8)))


def test_a_hook_is_dropped_and_straps_are_kept() -> None:
    cut = np.zeros((300, 300), bool)
    cut[80:280, 60:240] = True
    with_hook = cut.copy()
    with_hook[40:80, 147:153] = True
    assert np.array_equal(drop_hook(with_hook)[40:70], cut[40:70])
    with_straps = cut.copy()
    with_straps[40:80, 80:86] = True
    with_straps[40:80, 214:220] = True
    assert np.array_equal(drop_hook(with_straps), with_straps)
