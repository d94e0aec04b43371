"""Good cuts are told from bad ones without knowing the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ml.garment.light import Look
from ml.garment.trust import FEATURES, FITTED, agreement, describe, expand, judge
from tests.ml.garment.drawn import draw


def test_the_fitted_models_belong_to_these_features() -> None:
    stored = json.loads(FITTED.read_text())
    assert tuple(stored["features"]) == FEATURES
    width = expand(np.zeros((1, len(FEATURES)))).shape[1]
    assert len(stored["order"]) == len(stored["right"]) == width


@pytest.mark.parametrize("ground", ["plain", "wood", "checks"])
def test_the_whole_garment_beats_a_part_and_too_much(ground: str) -> None:
    drawn = draw("tee", ground=ground, height=256, width=192)
    whole = drawn.mask > 0
    half = whole.copy()
    half[:, :96] = False
    wide = np.zeros_like(whole)
    wide[20:240, 20:170] = True
    share = np.where(whole, 0.95, 0.03).astype(np.float32)
    look = Look.at(drawn.rgb)
    best, chance = judge(describe(look, [half, wide], [whole], share), 2)
    assert best == 2
    assert chance > 0.5
    only_bad = judge(describe(look, [half], [wide], share), 1)[1]
    assert only_bad < chance - 0.2


def test_agreement_is_a_soft_overlap() -> None:
    share = np.array([[1.0, 1.0, 0.0, 0.0]], np.float32)
    assert agreement(np.array([[True, True, False, False]]), share) == pytest.approx(1, abs=1e-5)
    assert agreement(np.array([[True, False, False, False]]), share) == pytest.approx(0.5)
    assert agreement(np.array([[False, False, True, True]]), share) == 0
