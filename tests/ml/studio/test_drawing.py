"""The committed pictures are what the drawer draws today."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.studio import figures, sdf, wardrobe
from ml.studio.__main__ import main
from ml.studio.scene import Camera, Scene

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "demo"
SAMPLES = ("pocket-tee", "straight-jeans", "pleated-midi-skirt", "knit-long-sleeve-dress")


@pytest.mark.parametrize("slug", SAMPLES)
def test_a_garment_drawn_again_is_the_committed_one(slug: str) -> None:
    garment = next(g for g in wardrobe.GARMENTS if g.slug == slug)
    cloth = next(iter(garment.cloths.values()))
    drawn = wardrobe.draw(garment, cloth, scale=1)
    mark = json.loads((FIXTURES / "garments" / f"{slug}.json").read_text())
    found = {k: [p.x, p.y, p.visibility] for k, p in drawn.annotation.landmarks.items()}
    assert found == mark["landmarks"]
    with Image.open(FIXTURES / "garments" / f"{slug}.mask.png") as image:
        mask = np.array(image.convert("L")) > 0
    ours = drawn.annotation.mask > 0
    assert (ours & mask).sum() / (ours | mask).sum() > 0.985
    with Image.open(FIXTURES / "garments" / f"{slug}.webp") as image:
        picture = np.array(image.convert("RGB")).astype(float)
    # the grain differs with the scale, the cloth's colour must not
    gap = np.abs(picture[mask].mean(axis=0) - drawn.picture[mask].astype(float).mean(axis=0))
    assert gap.max() < 4


def test_drawing_is_deterministic(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        main(["draw", "--out", str(tmp_path / folder), "--only", "garments", "--items",
              "pocket-tee", "--scale", "1"])  # fmt: skip
    files = [sorted((tmp_path / folder).rglob("*.*")) for folder in ("a", "b")]
    assert [f.name for f in files[0]] == [
        "pocket-tee.detail.webp", "pocket-tee.json", "pocket-tee.mask.png", "pocket-tee.webp"
    ]  # fmt: skip
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_small_figure_has_the_committed_parse_and_keypoints() -> None:
    look = figures.LOOKS[0]
    groups, pose = figures.build(look)
    full = figures.camera(look, 1)
    lines = (FIXTURES / "fitting_models" / "keypoints.jsonl").read_text().splitlines()
    line = next(x for x in map(json.loads, lines) if x["id"] == look.slug)
    np.testing.assert_allclose(
        figures.keypoints(pose, full), np.array(line["openpose18"]), atol=0.02
    )
    small = Camera(90, 120, full.scale / 10, full.eye, full.floor_row / 10)
    hits = Scene(groups, small).trace()
    parse = np.zeros((120, 90), dtype=np.uint8)
    parse[hits.rows, hits.cols] = hits.label
    with Image.open(FIXTURES / "fitting_models" / "parse_atr" / f"{look.slug}.png") as image:
        committed = np.array(image)[5::10, 5::10]
    person = (parse > 0) | (committed > 0)
    assert (parse == committed)[person].mean() > 0.9


def test_distances_are_right_for_a_round_tube() -> None:
    tube = sdf.loft(1, 0, (0, 0, 0), (0, 10, 0), [(0, 2, 2, 2), (1, 2, 2, 2)])
    points = sdf.vec([(5, 5, 0), (0, 5, 1), (0, 15, 0), (0, 5, -2)])
    np.testing.assert_allclose(tube.distance(points), [3, -1, 3, 0], atol=0.03)
    square = sdf.loft(1, 0, (0, 0, 0), (0, 10, 0), [(0, 2, 2, 2), (1, 2, 2, 2)], flat=(True, True))
    np.testing.assert_allclose(
        square.distance(sdf.vec([(0, 13, 0), (1, 13, 0)])), [3, 3], atol=0.03
    )


def test_smooth_union_is_never_farther_than_its_parts() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 500)).astype(np.float32)
    joined = sdf.smooth_min(a, b, 0.8)
    assert (joined <= np.minimum(a, b) + 1e-6).all()
    assert (np.minimum(a, b) - joined <= 0.2 + 1e-6).all()
