"""The category of drawn garments, and its names without OpenCV or torch."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest

from ml.garment.annotation import Region
from ml.garment.category import (
    CATEGORIES,
    GROUP_OF,
    GROUPS,
    REGION_OF,
    Category,
    categorise,
    group_shares,
    on_grey,
    view,
)
from ml.garment.outline import turn_upright
from tests.ml.garment.drawn import draw


def shares(**given: float) -> dict[str, float]:
    return dict.fromkeys(CATEGORIES, 0.0) | given


def test_every_class_has_a_group() -> None:
    assert set(REGION_OF) == set(CATEGORIES)
    assert set(GROUP_OF.values()) == set(GROUPS)
    assert REGION_OF["outwear"] is Region.OUTER
    assert REGION_OF["hat"] is None


def test_the_group_is_that_of_the_likeliest_class() -> None:
    category = Category.of(shares(dress=0.4, shirt=0.3, longsleeve=0.3))
    assert category.name == "dress"
    assert category.group == "dress"
    assert group_shares(category.probabilities)["upper"] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("kind", "group"),
    [("tee", "upper"), ("trousers", "lower"), ("dress", "dress"), ("shorts", "lower")],
)
def test_drawn_garments_get_their_group(kind: str, group: str) -> None:
    drawn = draw(kind)
    category = categorise(drawn.rgb, drawn.mask)
    assert category.group == group
    assert set(category.probabilities) == set(CATEGORIES)
    assert sum(category.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_the_same_photo_gives_the_same_answer_and_its_mirror_too() -> None:
    drawn = draw("long sleeves")
    one = categorise(drawn.rgb, drawn.mask)
    assert categorise(drawn.rgb, drawn.mask) == one
    mirrored = categorise(np.ascontiguousarray(drawn.rgb[:, ::-1]), drawn.mask[:, ::-1].copy())
    for name, share in one.probabilities.items():
        assert mirrored.probabilities[name] == pytest.approx(share, abs=0.08)


def test_the_view_shows_the_garment_upright_in_the_middle() -> None:
    drawn = draw("trousers")
    mask = np.rot90(drawn.mask).copy()
    rgb = np.rot90(drawn.rgb).copy()
    upright = turn_upright(mask, quarter_turns=3)
    square = view(rgb, mask, upright.to_photo, upright.mask.shape, 96, 1.06)
    ys, xs = np.nonzero(square[:, :, 3] > 0.5)
    assert square.shape == (96, 96, 4)
    assert np.ptp(ys) > 1.3 * np.ptp(xs)
    assert abs((ys.min() + ys.max()) / 2 - 48) < 4
    assert abs((xs.min() + xs.max()) / 2 - 48) < 4
    assert 70 < np.ptp(ys) < 96


def test_a_large_photo_is_averaged_not_sampled() -> None:
    mask = np.full((2000, 2000), 255, np.uint8)
    lines = np.zeros((2000, 2000, 3), np.uint8)
    lines[::2] = 255
    identity = np.array([[1.0, 0, 0], [0, 1, 0]])
    square = view(lines, mask, identity, (2000, 2000), 64, 1.0)
    assert abs(square[8:-8, 8:-8, :3] - 0.5).max() < 0.05


def test_on_grey_hides_the_ground_only() -> None:
    square = np.zeros((4, 4, 4), np.float32)
    square[:2, :, 3] = 1
    grey = on_grey(square)
    assert (grey[:2, :, :3] == 0).all()
    assert (grey[2:, :, :3] == 0.5).all()


def test_names_load_neither_opencv_nor_torch() -> None:
    code = (
        "import sys, ml.garment.category, ml.garment.annotation; "
        "print(sorted({'cv2', 'torch', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_annotating_loads_torch_with_the_first_photo_only() -> None:
    code = "import sys, ml.garment.annotate; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_photo_in_grey_is_no_problem() -> None:
    drawn = draw("tee")
    grey = cv2.cvtColor(cv2.cvtColor(drawn.rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert categorise(np.asarray(grey, np.uint8), drawn.mask).group == "upper"
