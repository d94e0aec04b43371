"""Patterns of drawn cloth and, where the data sets are, of real garments labelled by eye."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml.garment import pattern as module
from ml.garment.mask import cut_out
from ml.garment.pattern import NAMES, WEIGHTS, pattern
from ml.garment.pattern_features import describe
from ml.garment.pattern_names import PATTERNS
from ml.images import read
from ml.training.pattern.command import LABELS
from tests.ml.garment import swatches

DATA = os.environ.get("OTBANG_DATASETS")
COLOURS = (("#23304f", "#f5f0e1"), ("#a81b24", "#f2f2f2"), ("#1f4a35", "#d6a83c"))


def told(cloth: np.ndarray) -> str:
    light = swatches.lit(cloth, slope=0.08, folds=0.12)
    return pattern(swatches.photo(light), swatches.mask()).name


@pytest.mark.parametrize(("one", "other"), COLOURS)
@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("stripes", swatches.stripes),
        ("check", swatches.check),
        ("dots", swatches.dots),
        ("graphic", swatches.motif),
    ],
)
def test_drawn_patterns(name: str, draw, one: str, other: str) -> None:  # type: ignore[no-untyped-def]
    assert told(draw(one, other)) == name


@pytest.mark.parametrize("colour", ["#c4161c", "#f2f2f2", "#8a8463", "#b98a55"])
def test_plain_cloth_with_folds(colour: str) -> None:
    assert told(swatches.plain(colour)) == "plain"


@pytest.mark.parametrize("period", [10, 18, 40])
def test_stripes_of_any_width_and_either_way(period: float) -> None:
    across = swatches.stripes("#23304f", "#f5f0e1", period=period)
    assert told(across) == "stripes"


def test_probabilities_belong_to_every_pattern() -> None:
    found = pattern(swatches.photo(swatches.plain("#c4161c")), swatches.mask())
    assert tuple(found.probabilities) == NAMES == tuple(PATTERNS)
    assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert found.confidence == max(found.probabilities.values())
    assert found.probabilities[found.name] == found.confidence


def test_features_are_finite_and_the_same_each_time() -> None:
    for cloth in (swatches.plain("#000000"), swatches.dots("#ffffff", "#000000", radius=2)):
        rgb = swatches.photo(cloth, noise=0)
        first = describe(rgb, swatches.mask())
        assert np.isfinite(first).all()
        np.testing.assert_array_equal(first, describe(rgb, swatches.mask()))


@pytest.mark.parametrize("box", [(0, 40, 0, 40), (100, 103, 20, 200), (30, 290, 100, 104)])
def test_odd_masks_do_no_harm(box: tuple[int, int, int, int]) -> None:
    mask = np.zeros(swatches.SIZE, np.uint8)
    mask[box[0] : box[1], box[2] : box[3]] = 255
    assert pattern(swatches.photo(swatches.plain("#c4161c")), mask).name in NAMES


def test_bad_masks_are_refused() -> None:
    rgb = swatches.photo(swatches.plain("#2f8a3c"))
    with pytest.raises(ValueError, match="empty"):
        pattern(rgb, np.zeros(swatches.SIZE, np.uint8))
    with pytest.raises(ValueError, match="mask is"):
        pattern(rgb, np.full((10, 10), 255, np.uint8))


def test_the_card_is_of_these_weights() -> None:
    card = WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() in card
    figures = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert f"{figures['accuracy']:.3f}" in card


def test_weights_fit_the_features() -> None:
    rgb = swatches.photo(swatches.plain("#2f8a3c"))
    assert module._weights()["mean"].shape == describe(rgb, swatches.mask()).shape


def test_labels_name_known_patterns_and_no_photo_twice() -> None:
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    assert set(labels) == {"train", "validation"}
    assert not set(labels["train"]) & set(labels["validation"])
    for part in labels.values():
        assert set(part.values()) <= set(NAMES)
    assert len(labels["validation"]) >= 100


@pytest.mark.datasets
@pytest.mark.skipif(DATA is None, reason="OTBANG_DATASETS is not set")
def test_real_garments() -> None:
    labels = json.loads(LABELS.read_text(encoding="utf-8"))["validation"]
    right: Counter[bool] = Counter()
    for name in sorted(labels)[::5]:
        picture = read(Path(str(DATA)) / "clothing" / "validation" / f"{name}.webp")
        found = pattern(picture.rgb, cut_out(picture).mask)
        right[found.name == labels[name]] += 1
    assert right[True] / right.total() >= 0.70, right
