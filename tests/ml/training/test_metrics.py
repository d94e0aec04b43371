"""Figures on cases small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ml.person.annotation import Atr, Joint
from ml.training import metrics


def _counts(truth: list[int], found: list[int]) -> np.ndarray:
    return metrics.confusion(np.array(truth, np.uint8), np.array(found, np.uint8), len(Atr))


def test_accuracy_and_iou() -> None:
    counts = _counts([0, 0, 0, 4, 4, 2], [0, 0, 4, 4, 4, 0])
    assert metrics.accuracy(counts) == pytest.approx(4 / 6)
    ious = metrics.ious(counts)
    assert ious[Atr.BACKGROUND] == pytest.approx(2 / 4)
    assert ious[Atr.UPPER] == pytest.approx(2 / 3)
    assert ious[Atr.HAIR] == 0
    assert np.isnan(ious[Atr.BELT])


def test_unknown_pixels_do_not_count() -> None:
    assert _counts([255, 4], [0, 4]).sum() == 1


def test_groups_do_not_mind_left_and_right() -> None:
    counts = _counts([Atr.LEFT_ARM, Atr.FACE, Atr.BELT], [Atr.RIGHT_ARM, Atr.FACE, Atr.FACE])
    groups = metrics.grouped(counts)
    assert groups["skin"] == pytest.approx(2 / 3)  # the belt taken for skin is an error
    assert np.isnan(groups["bag"])


def test_pck_is_relative_to_the_torso_and_skips_unsure_points() -> None:
    truth = np.zeros((18, 3), np.float32)
    truth[Joint.R_HIP, 1] = truth[Joint.L_HIP, 1] = 100
    truth[:, 2] = 1
    truth[Joint.L_WRIST, 2] = 0.4
    found = truth.copy()
    found[Joint.R_KNEE, 0] = 19
    found[Joint.L_KNEE, 0] = 21
    found[Joint.L_WRIST, 0] = 500
    result = metrics.pck([truth], [found])
    assert metrics.torso(truth) == pytest.approx(100)
    assert result["knees"] == 0.5
    assert result["wrists"] == 1.0
