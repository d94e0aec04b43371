"""The sheet of samples: its layout always, real samples where the data sets are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.training import preview
from ml.training.__main__ import main

DATA = os.environ.get("OTBANG_DATASETS")


def tile(colour: int, shape: tuple[int, int] = (120, 80)) -> preview.Tile:
    return np.full((*shape, 3), colour, np.uint8), "caption"


def test_every_sample_has_its_place_and_a_caption() -> None:
    page = preview.sheet([tile(40), tile(80), tile(120), tile(160), tile(200)])
    shown = [int(v) for v in np.unique(page) if (page == v).all(axis=2).sum() > 3000]
    assert set(shown) >= {40, 80, 120, 160, 200, 255}
    assert (page < 20).any()  # letters


def test_samples_keep_their_proportions() -> None:
    square = np.full((60, 60, 3), 50, np.uint8)
    page = preview.sheet([(square, ""), (square, "")])
    ys, xs = np.nonzero((page == 50).all(axis=2)[:, : page.shape[1] // 2])
    assert abs((ys.max() - ys.min()) - (xs.max() - xs.min())) <= 1


def test_a_masks_border_is_drawn_and_its_inside_left() -> None:
    rgb = np.full((40, 40, 3), 128, np.uint8)
    mask = np.zeros((40, 40), np.bool_)
    mask[10:30, 10:30] = True
    shown = preview.outlined(rgb.copy(), mask)
    assert (shown[10, 10:30] != 128).any()
    assert (shown[15:25, 15:25] == 128).all()


@pytest.mark.parametrize("option", [("--count", "0"), ("--out", "sheet.txt")])
def test_options_that_make_no_sense(option: tuple[str, str], tmp_path: Path) -> None:
    arguments = ["preview", "person", "--data", str(tmp_path), "--out", str(tmp_path / "s.png")]
    assert main([*arguments, *option]) == 2


@pytest.mark.datasets
@pytest.mark.skipif(DATA is None, reason="OTBANG_DATASETS is not set")
@pytest.mark.parametrize("what", ["person", "pattern"])
def test_the_same_seed_gives_the_same_sheet(what: str, tmp_path: Path) -> None:
    sheets = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / f"{name}.png"
        options = ["--count", "2", "--seed", str(seed), "--cache", str(tmp_path / "masks")]
        assert main(["preview", what, "--out", str(out), *options]) == 0
        sheets.append(np.array(Image.open(out)))
    assert (sheets[0] == sheets[1]).all()
    assert sheets[0].shape != sheets[2].shape or (sheets[0] != sheets[2]).any()
