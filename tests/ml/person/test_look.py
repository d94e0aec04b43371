"""The shipped network on drawn people: what it sees, what it refuses, what it costs to import."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.errors import NoPerson
from ml.garment.annotation import Region
from ml.images import RGB
from ml.person import stance
from ml.person.annotate import VERSION, annotate
from ml.person.annotation import Atr, Joint
from ml.person.checks import Findings, Problem, check
from ml.person.look import look_at
from ml.person.version import WEIGHTS, version
from tests.ml.person import scenes

SKIN = (Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.LEFT_LEG, Atr.RIGHT_LEG, Atr.FACE)
#: Joints whose place on a drawn figure says whether the skeleton is right, and how far off (in
#: torso lengths) a good one may be.
PLACES = {
    Joint.R_SHOULDER: 0.2,
    Joint.L_SHOULDER: 0.2,
    Joint.R_ELBOW: 0.25,
    Joint.L_ELBOW: 0.25,
    Joint.R_WRIST: 0.25,
    Joint.L_WRIST: 0.25,
    Joint.R_HIP: 0.25,
    Joint.L_HIP: 0.25,
    Joint.R_KNEE: 0.25,
    Joint.L_KNEE: 0.25,
    Joint.R_ANKLE: 0.25,
    Joint.L_ANKLE: 0.25,
}


def judged(rgb: RGB) -> Findings:
    """As the product does: nobody found is a problem like the others."""
    try:
        return check(rgb, look_at(rgb))
    except NoPerson as error:
        return Findings(Problem(error.code), {})


def fatal(rgb: RGB) -> str | None:
    problem = judged(rgb).fatal
    return problem.code if problem else None


def off(
    found: NDArray[np.float32], truth: NDArray[np.float32], joints: tuple[Joint, ...] = ()
) -> NDArray[np.float64]:
    """Distances in torso lengths."""
    rows = list(joints or PLACES)
    gap = found[rows, :2].astype(float) - truth[rows, :2]
    return np.asarray(np.linalg.norm(gap, axis=1) / stance.torso_length(truth[:, :2].astype(float)))


@pytest.mark.parametrize("name", scenes.NAMES)
def test_a_drawn_figure_is_understood(name: str) -> None:
    rgb, truth = scenes.figure(name)
    look = look_at(rgb)
    found = look.annotation
    assert (look.people, look.facing) == (1, "front")
    assert found.version == VERSION
    assert found.parse.shape == rgb.shape[:2]
    person = scenes.iou(found.parse, truth.parse, *(label for label in Atr if label))
    assert person > 0.85
    assert scenes.iou(found.parse, truth.parse, Atr.UPPER, Atr.DRESS) > 0.6
    assert scenes.iou(found.parse, truth.parse, Atr.PANTS, Atr.SKIRT) > 0.5
    assert scenes.iou(found.parse, truth.parse, *SKIN) > 0.5


#: Measured .29 and .35 torso lengths: a hand held before the body is put too near the elbow.
HAND_IN_FRONT = pytest.mark.xfail(reason="wrist of a hand in front", strict=True)
FIGURES = [
    pytest.param(name, marks=HAND_IN_FRONT) if name in ("kofi", "noor") else name
    for name in scenes.NAMES
]


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawn_figures_joints_are_found(name: str) -> None:
    rgb, truth = scenes.figure(name)
    found = look_at(rgb).annotation
    assert (off(found.keypoints, truth.keypoints) < list(PLACES.values())).all()


@pytest.mark.parametrize("name", scenes.NAMES)
def test_it_can_be_dressed(name: str) -> None:
    found = judged(scenes.figure(name)[0])
    assert found.fatal is None
    assert not found.by_region


def test_grey_photos_work() -> None:
    rgb, truth = scenes.figure()
    look = look_at(scenes.grey(rgb))
    assert check(rgb, look).fatal is None
    assert off(look.annotation.keypoints, truth.keypoints).mean() < 0.2


@pytest.mark.parametrize("height", [320, 640])
def test_somebody_far_away_is_found(height: int) -> None:
    rgb, truth = scenes.far_away(height), scenes.figure("minjae")[1]
    found = look_at(rgb).annotation
    factor = height / 1046
    small = (round(1200 * factor), round(900 * factor))
    top, left = (rgb.shape[0] - small[0]) // 2, (rgb.shape[1] - small[1]) // 3
    there = truth.keypoints * np.array([factor, factor, 1]) + np.array([left, top, 0])
    assert off(found.keypoints, there).mean() < 0.2
    assert found.parse.shape == rgb.shape[:2]
    elsewhere = found.parse.copy()
    elsewhere[top : top + small[0], left : left + small[1]] = Atr.BACKGROUND
    assert not elsewhere.any()


def test_a_letterboxed_photo_is_seen_like_itself() -> None:
    """A tall photo between black bars, as screenshots are."""
    rgb, truth = scenes.figure("dohyun")
    bars = np.zeros((1200, 2130, 3), np.uint8)
    bars[:, 615:1515] = rgb
    found = look_at(bars).annotation
    there = truth.keypoints + np.array([615, 0, 0], np.float32)
    assert off(found.keypoints, there).mean() < 0.15


@pytest.mark.parametrize(
    "make",
    [
        scenes.landscape,
        scenes.garment,
        lambda: scenes.garment("straight-jeans"),
        lambda: np.full((400, 300, 3), 200, np.uint8),
        lambda: np.random.default_rng(0).integers(0, 255, (400, 300, 3)).astype(np.uint8),
    ],
    ids=["landscape", "shirt", "jeans", "wall", "noise"],
)
def test_nobody(make: object) -> None:
    assert fatal(make()) == "no_person"  # type: ignore[operator]


def test_two_people_side_by_side() -> None:
    assert fatal(scenes.side_by_side()) == "many_people"
    assert fatal(scenes.side_by_side("sora", "dohyun")) == "many_people"


@pytest.mark.parametrize("name", scenes.NAMES)
def test_the_back_of_a_head(name: str) -> None:
    assert fatal(scenes.from_behind(name)) == "back_view"


def test_a_face_alone() -> None:
    assert fatal(scenes.cropped(-0.1, 0.16)[0]) in ("cut_off", "no_person")


def test_legs_outside_the_photo() -> None:
    found = judged(scenes.cropped(-0.1, 0.66)[0])
    assert found.fatal is None
    assert Region.UPPER not in found.by_region
    assert found.by_region[Region.LOWER].code == "cut_off"
    assert "feet" in found.by_region[Region.LOWER].parts


def test_a_cropped_head_does_not_matter() -> None:
    rgb, truth = scenes.cropped(0.12, 1.05)
    look = look_at(rgb)
    assert check(rgb, look).fatal is None
    assert off(look.annotation.keypoints, truth.keypoints).mean() < 0.2


def test_tiny_dark_and_blurred() -> None:
    rgb, _ = scenes.figure()
    assert fatal(scenes.far_away(130, (480, 640))) in ("too_small", "no_person")
    assert fatal(scenes.darkened(rgb)) in ("too_dark", "no_person")
    assert fatal(scenes.blurred(rgb, 14)) in ("blurry", "no_person")


def test_small_pictures_of_any_shape_do_no_harm() -> None:
    for shape in ((32, 32), (32, 2000), (2000, 40), (97, 61)):
        rgb = np.random.default_rng(0).integers(0, 255, (*shape, 3)).astype(np.uint8)
        with contextlib.suppress(NoPerson):
            assert annotate(rgb).parse.shape == shape


def test_looking_is_repeatable_and_safe_in_threads() -> None:
    rgb, _ = scenes.figure("sora")
    first = annotate(rgb)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(annotate(rgb))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in found:
        assert np.array_equal(first.parse, other.parse)  # type: ignore[attr-defined]
        assert np.array_equal(first.keypoints, other.keypoints)  # type: ignore[attr-defined]


def test_the_version_follows_the_weights(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0\1")
    assert version(WEIGHTS) == VERSION != version(other)


def test_the_version_is_told_without_torch() -> None:
    code = (
        "import sys; from ml.person import checks, look; assert look.VERSION\n"
        "assert 'torch' not in sys.modules"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
