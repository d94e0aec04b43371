"""The paired benchmark: what the figures mean, and that the committed pairs are consistent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.errors import InputError
from ml.garment.annotation import Region
from ml.person.annotation import Atr
from ml.training import tryon_pairs
from ml.training.__main__ import main
from ml.training.similarity import colour_difference, psnr, ssim_map
from ml.training.tryon_pairs import PAIRS, Pair, evaluate, load, names, score

NAMES = names(PAIRS)


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [load(PAIRS / name) for name in NAMES]


def test_the_same_picture_is_perfect() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
    everywhere = np.ones((40, 30), bool)
    assert ssim_map(picture, picture).mean() == pytest.approx(1)
    assert psnr(picture, picture) == 100
    assert colour_difference(picture, picture, everywhere) == 0


def test_known_differences() -> None:
    grey, lighter = (np.full((32, 32, 3), v, np.uint8) for v in (100, 110))
    assert psnr(grey, lighter) == pytest.approx(20 * np.log10(255 / 10))
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (64, 64, 3), np.uint8)
    other = rng.integers(0, 256, (64, 64, 3), np.uint8)
    assert abs(ssim_map(noise, other).mean()) < 0.1
    # flat pictures: luminance alone, (2ab + c) / (a^2 + b^2 + c)
    c = (0.01 * 255) ** 2
    expected = (2 * 100 * 110 + c) / (100**2 + 110**2 + c)
    assert ssim_map(grey, lighter).mean() == pytest.approx(expected)


def test_there_are_pairs_of_all_kinds() -> None:
    assert len(NAMES) >= 20
    size = sum(p.stat().st_size for p in PAIRS.rglob("*") if p.is_file())
    assert size <= 5e6
    told = [json.loads((PAIRS / n / "pair.json").read_text()) for n in NAMES]
    assert {t["region"] for t in told} == {"upper", "lower", "dress", "outer"}
    assert {t["wearer"]["sex"] for t in told} == {"woman", "man"}
    assert len({t["garment"] for t in told}) >= 0.8 * len(told)


def test_labels_of_pairs_fit_together(pairs: list[Pair]) -> None:
    for pair in pairs:
        shape = pair.person.shape
        assert shape == pair.worn.shape == pair.garment.shape
        for labels in (pair.person_labels, pair.worn_labels):
            assert labels.parse.shape == shape[:2]
            assert (labels.parse == Atr.HAIR).any()
        assert np.array_equal(pair.person_labels.keypoints, pair.worn_labels.keypoints), pair.name
        assert 0.02 < pair.region.mean() < 0.5, pair.name
        assert 0.05 < (pair.garment_labels.mask > 0).mean() < 0.9, pair.name
        joints = pair.person_labels.keypoints[:, :2].round().astype(int)
        assert ((joints >= 0) & (joints < (shape[1], shape[0]))).all(), pair.name
        body = pair.person_labels.parse > 0
        assert body[joints[:, 1], joints[:, 0]].mean() > 0.85, pair.name


def test_only_the_clothes_differ(pairs: list[Pair]) -> None:
    for pair in pairs:
        still = (pair.person_labels.parse == Atr.FACE) & (pair.worn_labels.parse == Atr.FACE)
        face = still.copy()
        face[int(pair.person_labels.keypoints[1, 1]) :] = False  # above the neck joint
        apart = np.abs(pair.person[face].astype(int) - pair.worn[face])
        assert np.median(apart) <= 6, pair.name


def test_garments_are_seen_in_their_colour(pairs: list[Pair]) -> None:
    """The worn garment looks like the flat one more than the base clothes do, on average."""
    closer = 0
    for pair in pairs:
        flat = np.median(pair.garment[pair.garment_labels.mask > 0].astype(float), axis=0)
        worn = np.median(pair.worn[pair.region].astype(float), axis=0)
        before = np.median(pair.person[pair.region].astype(float), axis=0)
        closer += np.linalg.norm(worn - flat) < np.linalg.norm(before - flat)
    assert closer >= 0.8 * len(pairs)


def test_a_copy_is_perfect_and_baselines_rank(pairs: list[Pair]) -> None:
    methods = {"copy": lambda pair: pair.worn, "unchanged": tryon_pairs.unchanged,
               "mean colour": tryon_pairs.mean_colour, "refuses": lambda pair: None}  # fmt: skip
    found = evaluate(iter(pairs[::4]), methods)["all"]
    assert found["copy"]["ssim"] == pytest.approx(1)
    assert found["copy"]["region ssim"] == pytest.approx(1)
    assert found["copy"]["colour"] == 0
    assert found["copy"]["psnr"] == 100
    assert found["mean colour"]["colour"] < found["unchanged"]["colour"]
    assert found["copy"]["ssim"] > found["mean colour"]["ssim"]
    assert found["refuses"]["refused"] == len(pairs[::4])
    assert found["refuses"]["ssim"] == found["unchanged"]["ssim"]


def test_the_mean_colour_does_not_look_at_the_answer(pairs: list[Pair]) -> None:
    pair = pairs[0]
    blind = replace(pair, worn=np.zeros_like(pair.worn),
                    worn_labels=replace(pair.worn_labels,
                                        parse=np.zeros_like(pair.worn_labels.parse)))  # fmt: skip
    assert np.array_equal(tryon_pairs.mean_colour(pair), tryon_pairs.mean_colour(blind))
    assert set(tryon_pairs.WORN) == set(Region)


def test_the_engine_is_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    few = tmp_path / "pairs"
    few.mkdir()
    for name in NAMES[:2]:
        (few / name).symlink_to(PAIRS / name)
    out = tmp_path / "found.json"
    assert main(["evaluate", "tryon-pairs", "--pairs", str(few), "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert found["pairs"] == 2
    assert found["all"]["drape"]["colour"] < found["all"]["unchanged"]["colour"]
    assert "all: drape" in capsys.readouterr().out


def test_bad_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "tryon-pairs", "--pairs", str(tmp_path)]) == 2
    assert "there are no pairs" in capsys.readouterr().err
    with pytest.raises(InputError, match="is not a pair"):
        load(tmp_path)
    assert main(["evaluate", "tryon-pairs", "--engine", "nobody"]) == 2


def test_score_falls_with_distance(pairs: list[Pair]) -> None:
    pair = pairs[0]
    darker = (pair.worn * 0.7).astype(np.uint8)
    assert score(pair, darker)["colour"] > score(pair, pair.worn)["colour"]
    assert score(pair, darker)["psnr"] < 100
