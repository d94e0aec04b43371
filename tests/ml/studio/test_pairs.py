"""Pairs: what is planned, and one small pair from the pattern to the files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.studio import pairs

GARMENT = "sunrise-graphic-tee-black"
SIZE = (160, 120)


def test_a_longer_plan_begins_like_a_shorter_one() -> None:
    short, long = list(pairs.plan(8, 5)), list(pairs.plan(20, 5))
    assert long[:2] == short
    numbers = [n for plan in long for n, _ in plan.wishes]
    assert numbers == list(range(20))
    first = [names[0] for plan in long for _, names in plan.wishes]
    assert len(set(first)) == len(first)  # nothing is worn twice before all was worn


def test_a_pair_that_is_there_is_kept(tmp_path: Path) -> None:
    plan = next(pairs.plan(1, 5))
    (tmp_path / "0000").mkdir()
    (tmp_path / "0000" / "pair.json").write_text("{}")
    assert pairs.make(plan, tmp_path, SIZE, samples=1) == []
    assert [p.name for p in (tmp_path / "0000").iterdir()] == ["pair.json"]


@pytest.mark.skipif(not pairs.BLENDER.exists(), reason="make studio installs the renderer")
def test_a_garment_is_sewn_and_worn_by_a_figure(tmp_path: Path) -> None:
    plan = next(pairs.plan(1, 5))
    wearer = replace(plan.wearer, top=("tank", "#e8e4dc"), bottom=("leggings", "#e8e4dc"))
    assert pairs.make(pairs.Plan(wearer, ((0, (GARMENT,)),)), tmp_path, SIZE, samples=1) == []
    folder = tmp_path / "0000"

    def image(name: str) -> np.ndarray:
        with Image.open(folder / name) as picture:
            return np.array(picture)

    told = json.loads((folder / "pair.json").read_text())
    assert told["garment"] == GARMENT
    before, after = image("person.webp").astype(int), image("worn.webp").astype(int)
    worn = image("worn_parse.png") == told["label"]
    assert before.shape == after.shape == (*SIZE, 3)
    assert worn.mean() > 0.03
    # black cloth where pale cloth was, and the studio around it as before
    assert np.median(after[worn]) < 90 < np.median(before[worn])
    bare = (image("person_parse.png") == 0) & (image("worn_parse.png") == 0)
    assert np.median(np.abs(before - after)[bare]) <= 3
    # the tee hangs from the shoulders and ends below the waist
    points = np.array(json.loads((folder / "worn_keypoints.json").read_text())["openpose18"])
    shoulders, hips = points[[2, 5], 1].mean(), points[[8, 11], 1].mean()
    rows = np.nonzero(worn.any(axis=1))[0]
    assert rows[0] < shoulders + 0.1 * (hips - shoulders)
    assert shoulders + 0.75 * (hips - shoulders) < rows[-1] < hips + 0.5 * (hips - shoulders)
