"""Light, in numbers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml.tryon.drape.light import (
    CAST_LIMIT,
    FOLD_LIMITS,
    colour_cast,
    contact_shadow,
    folds,
    match_scene,
    plainness,
    roundness,
    scene_light,
)
from ml.tryon.drape.uncover_skin import grain_of, lab_to_rgb, robust_tone, round_shading, to_lab
from ml.tryon.drape.uncover_smooth import masked_blur

METRE = 400.0
WHOLE = np.ones((200, 200), bool)


def lab_of(lightness: np.ndarray) -> np.ndarray:
    lab = np.zeros((*lightness.shape, 3), np.float32)
    lab[..., 0] = lightness
    lab[..., 1] = 10
    return lab


def wave(period: float, height: float) -> np.ndarray:
    xs = np.arange(200, dtype=np.float32)
    return np.tile(50 + height * np.sin(2 * np.pi * xs / period), (200, 1)).astype(np.float32)


def test_lab_there_and_back() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert np.abs(lab_to_rgb(to_lab(rgb)) - rgb).max() < 1.5


def test_masked_blur_ignores_what_is_outside() -> None:
    image = np.full((40, 40), 7, np.float32)
    image[:, 20:] = 1000
    mask = np.zeros((40, 40), np.float32)
    mask[:, :20] = 1
    assert masked_blur(image, mask, 3.0)[:, :20] == pytest.approx(7, abs=0.01)


def test_flat_cloth_has_no_folds() -> None:
    assert folds(lab_of(np.full((200, 200), 50)), WHOLE, METRE) == pytest.approx(1, abs=1e-3)


def test_folds_follow_the_cloth_and_keep_their_limits() -> None:
    cloth = wave(40, 5)
    factor = folds(lab_of(cloth), WHOLE, METRE)
    inner = (slice(40, -40), slice(40, -40))
    assert np.corrcoef(factor[inner].ravel(), cloth[inner].ravel())[0, 1] > 0.9
    assert FOLD_LIMITS[0] <= factor.min() < 0.99
    assert 1.01 < factor.max() <= FOLD_LIMITS[1]


def test_a_pattern_is_not_a_fold() -> None:
    stripes = np.where(np.arange(200) // 12 % 2, 85.0, 15.0).astype(np.float32)
    cloth = lab_of(np.tile(stripes, (200, 1)))
    assert plainness(cloth, WHOLE, METRE) == 0
    factor = folds(cloth, WHOLE, METRE)
    assert np.abs(factor - 1)[40:-40, 40:-40].max() < 0.12
    assert plainness(lab_of(wave(40, 4)), WHOLE, METRE) > 0.8


def test_folds_fade_outside_the_garment() -> None:
    mask = np.zeros((200, 200), bool)
    mask[:, :100] = True
    assert folds(lab_of(wave(40, 5)), mask, METRE)[:, 130:] == pytest.approx(1, abs=1e-3)


def test_round_things_are_darker_at_their_edges() -> None:
    alpha = np.zeros((200, 200), np.float32)
    alpha[40:160, 60:140] = 1
    shade = roundness(alpha, METRE, 0.0)
    assert shade[100, 100] > shade[100, 63] + 0.05
    assert shade[100, 63] == pytest.approx(shade[100, 136], abs=0.02)
    lit = roundness(alpha, METRE, 0.5)
    assert lit[100, 136] > lit[100, 63] + 0.05
    limb = round_shading(np.linspace(-1, 1, 51, dtype=np.float32)[None], 0.0)[0]
    assert limb.argmax() == 25
    assert limb == pytest.approx(limb[::-1], abs=1e-6)


def test_contact_shadow_falls_below() -> None:
    alpha = np.zeros((100, 100), np.float32)
    alpha[30:50, 30:70] = 1
    shadow = contact_shadow(alpha, METRE)
    assert shadow[53, 50] > 0.3 > shadow[27, 50]
    assert shadow[80, 50] < 0.01


def test_scene_keeps_a_neutral_garment_neutral_in_neutral_light() -> None:
    white = np.full((60, 60, 3), 250, np.uint8)
    scene = scene_light(to_lab(white), np.ones((60, 60), bool))
    assert scene == pytest.approx([1.0, 0, 0], abs=0.03)
    grey = np.full((60, 60, 3), 120, np.uint8)
    same = match_scene(grey, np.ones((60, 60), bool), np.zeros(2, np.float32), scene)
    assert np.abs(same - 120).max() < 4


def test_a_yellow_lamp_over_the_flat_photo_is_taken_out_in_part() -> None:
    sheet = np.full((100, 100, 3), (250, 240, 215), np.uint8)
    garment = np.zeros((100, 100), bool)
    garment[30:70, 30:70] = True
    sheet[garment] = (200, 190, 168)
    cast = colour_cast(to_lab(sheet), garment)
    assert cast[1] > 5
    scene = np.array([1, 0, 0], np.float32)
    result = match_scene(sheet, garment, cast, scene)
    before, after = to_lab(sheet)[50, 50], to_lab(result.astype(np.uint8))[50, 50]
    assert 1 < before[2] - after[2] <= CAST_LIMIT + 0.5
    assert (result[~garment] == sheet[~garment]).all()


@pytest.mark.parametrize("around", [(30, 30, 30), (200, 30, 30)])
def test_dark_or_coloured_surroundings_say_nothing(around: tuple[int, int, int]) -> None:
    photo = np.full((100, 100, 3), around, np.uint8)
    mask = np.zeros((100, 100), bool)
    mask[30:70, 30:70] = True
    assert (colour_cast(to_lab(photo), mask) == 0).all()


def test_a_tone_shrugs_off_beard_and_glint() -> None:
    skin = np.full((40, 40, 3), (214, 168, 144), np.uint8)
    expected = to_lab(skin)[0, 0]
    skin[:9], skin[-2:] = (40, 30, 25), (255, 255, 255)
    tone = robust_tone(to_lab(skin), np.ones((40, 40), bool))
    assert tone == pytest.approx(expected, abs=0.5)


def test_grain_is_measured() -> None:
    rng = np.random.default_rng(0)
    flat = np.full((300, 300), 120.0)
    for deviation in (0.0, 2.0, 4.0):
        noisy = np.clip(flat + rng.normal(0, deviation, flat.shape), 0, 255).round()
        photo = cv2.cvtColor(noisy.astype(np.uint8), cv2.COLOR_GRAY2RGB)
        assert grain_of(photo) == pytest.approx(deviation, abs=0.25 * deviation + 0.2)
