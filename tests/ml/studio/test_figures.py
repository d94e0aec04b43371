"""The committed fitting models and their labels; the renderer itself where Blender is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ml.person import store
from ml.person.annotation import Atr, Joint
from ml.studio import figures
from ml.studio.blender.spec import SIZES

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "demo" / "fitting_models"
LOOKS = {look.slug: look for look in figures.LOOKS}
FACTS: dict[str, dict[str, Any]] = json.loads((FOLDER / "figures.json").read_text())
SLUGS = sorted(LOOKS)
CLOTHED = (Atr.UPPER, Atr.PANTS)


def png(folder: str, slug: str) -> NDArray[Any]:
    values = cv2.imread(str(FOLDER / folder / f"{slug}.png"), cv2.IMREAD_UNCHANGED)
    assert values is not None, f"{folder}/{slug}.png"
    return np.asarray(values)


def test_every_figure_is_committed_with_all_its_labels() -> None:
    assert len(SLUGS) >= 12
    assert sorted(FACTS) == SLUGS
    for folder, ending in (
        ("photos", "webp"), ("parse_atr", "png"), ("alpha", "png"), ("iuv", "png"),
        ("depth", "png"),
    ):  # fmt: skip
        assert sorted(p.name for p in (FOLDER / folder).iterdir()) == [
            f"{slug}.{ending}" for slug in SLUGS
        ]
    assert sum(p.stat().st_size for p in (FOLDER / "photos").iterdir()) < 4_000_000
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()) < 8_000_000


def test_bodies_differ_in_everything_that_matters_to_a_buyer() -> None:
    for sex in ("woman", "man"):
        mine = [facts for facts in FACTS.values() if facts["sex"] == sex]
        assert {facts["size_worn"] for facts in mine} == {"S", "M", "L", "XL", "XXL"}
        heights = sorted(facts["height_cm"] for facts in mine)
        assert heights[-1] - heights[0] >= 15
        assert {facts["pose"] for facts in mine} == {
            "relaxed", "hand on hip", "one hand in front"
        }  # fmt: skip
    assert {facts["framing"] for facts in FACTS.values()} == {"full", "three-quarter"}
    assert len({look.skin for look in LOOKS.values()}) >= 8


@pytest.mark.parametrize("slug", SLUGS)
def test_the_facts_are_the_bodys(slug: str) -> None:
    look, facts = LOOKS[slug], FACTS[slug]
    assert (facts["height_cm"], facts["size_worn"]) == (look.height, look.size)
    assert (facts["pose"], facts["framing"]) == (look.pose, look.framing)
    taped = np.array(facts["girths_cm"]) - np.array(SIZES[look.sex][look.size])
    assert np.abs(taped).max() < 1.0, "taped around the body, not copied from the table"


@pytest.mark.parametrize("slug", SLUGS)
def test_labels_fit_the_picture(slug: str) -> None:
    with Image.open(FOLDER / "photos" / f"{slug}.webp") as image:
        photo = np.array(image.convert("RGB")).astype(float)
    parse = store.read_folder(FOLDER, slug).parse
    assert photo.shape[:2] == parse.shape == (1200, 900)
    whole = LOOKS[slug].framing == "full"
    wanted = {Atr.HAIR, Atr.UPPER, Atr.PANTS, Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM}
    wanted |= {Atr.LEFT_SHOE, Atr.RIGHT_SHOE} if whole else set()
    assert {int(v) for v in wanted} <= set(np.unique(parse).tolist())
    rows = np.nonzero((parse > 0).any(axis=1))[0]
    assert rows[0] > 10, "the head has room above it"
    assert (rows[-1] < 1190) == whole
    # hair, trousers and limbs have another colour than the paper behind; tops may be as pale
    distinct = np.isin(parse, (Atr.HAIR, Atr.PANTS, Atr.LEFT_ARM, Atr.RIGHT_ARM))
    inside = cv2.erode(distinct.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    around = cv2.dilate((parse > 0).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    paper = cv2.GaussianBlur(photo * around[..., None], (0, 0), 60)
    weight = cv2.GaussianBlur(around.astype(float), (0, 0), 60)[..., None]
    gap = np.abs(photo - paper / np.maximum(weight, 1e-6)).max(axis=2)
    assert (gap[inside] > 12).mean() > 0.97
    assert (gap[around] > 40).mean() < 0.01
    for label in CLOTHED:  # a garment is of one cloth
        cloth = photo[cv2.erode((parse == label).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0]
        hue = cloth / np.maximum(cloth.sum(axis=1, keepdims=True), 1)
        assert np.abs(hue - np.median(hue, axis=0)).max(axis=1).mean() < 0.03


@pytest.mark.parametrize("slug", SLUGS)
def test_joints_lie_in_the_figure(slug: str) -> None:
    annotation = store.read_folder(FOLDER, slug)
    hidden = FACTS[slug]["hidden_joints"]
    near = cv2.dilate((annotation.parse > 0).astype(np.uint8), np.ones((5, 5), np.uint8))
    for joint in Joint:
        x, y, sure = annotation.keypoints[joint]
        if sure and joint not in hidden:
            assert near[round(float(y)), round(float(x))], joint.name
    points = annotation.keypoints[:, :2]
    assert points[Joint.L_SHOULDER, 0] > points[Joint.R_SHOULDER, 0], "left is the figure's own"
    assert points[Joint.NOSE, 1] < points[Joint.NECK, 1] < points[Joint.L_HIP, 1]
    if LOOKS[slug].framing == "full":
        assert (annotation.keypoints[:, 2] == 1).all()
    else:
        feet = [Joint.L_ANKLE, Joint.R_ANKLE]
        assert (annotation.keypoints[feet, 2] == 0).all(), "what is cut off is not known"


@pytest.mark.parametrize("slug", SLUGS)
def test_alpha_depth_and_body_coordinates_agree_with_the_parse(slug: str) -> None:
    parse = store.read_folder(FOLDER, slug).parse
    alpha, depth, iuv = (png(folder, slug) for folder in ("alpha", "depth", "iuv"))
    assert alpha.shape == parse.shape
    assert (alpha[parse > 0] > 0).all()
    assert alpha[parse == 0].max() <= 128
    small = parse[::2, ::2]
    assert depth.dtype == np.uint16
    assert ((depth > 0) == (small > 0)).all()
    seen = depth[small > 0].astype(float) / 1000
    assert 5.0 < seen.min() < seen.max() < 7.0, "metres from a camera six metres away"
    part = iuv[..., 2]  # OpenCV reads blue, green, red; the file's red is the part
    assert ((part > 0) == (small > 0)).all()
    assert part.max() <= 24
    assert set(np.unique(part[small == Atr.LEFT_ARM])) <= {2, 4, 15, 17, 19, 21}
    assert set(np.unique(part[small == Atr.RIGHT_ARM])) <= {2, 3, 16, 18, 20, 22}
    assert np.isin(part[small == Atr.HAIR], (23, 24)).all()


@pytest.mark.skipif(not figures.PYTHON.exists(), reason="make studio installs the renderer")
def test_a_figure_rendered_small_is_the_committed_one() -> None:
    look = LOOKS["yuna"]
    drawn = figures.draw(look, (120, 90), samples=1)
    committed = store.read_folder(FOLDER, "yuna")
    np.testing.assert_allclose(
        (drawn.annotation.keypoints[:, :2] + 0.5) * 10 - 0.5, committed.keypoints[:, :2], atol=0.5
    )
    parse = committed.parse[5::10, 5::10]
    person = (parse > 0) | (drawn.annotation.parse > 0)
    assert (parse == drawn.annotation.parse)[person].mean() > 0.9


def test_without_blender_the_command_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "PYTHON", Path("/nowhere/python"))
    with pytest.raises(figures.NoBlender, match="make studio"):
        figures.draw(figures.LOOKS[0])
