"""``python -m ml classify`` as a subprocess: order, errors in their place, what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ml.garment.annotation import LANDMARKS
from ml.garment.category import CATEGORIES, GROUPS
from ml.garment.colour_names import NAMES
from ml.garment.pattern_names import PATTERNS
from ml.images import encode

ROOT = Path(__file__).resolve().parents[2]
GARMENTS = ROOT / "fixtures" / "demo" / "garments"
KEYS = [
    "path",
    "category",
    "probabilities",
    "region",
    "colours",
    "pattern",
    "landmarks",
    "mask_confidence",
]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ml", "classify", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "wall.png").write_bytes(encode(np.full((200, 200, 3), 200, np.uint8), "png"))
    (folder / "invoice.jpg").write_bytes(b"%PDF-1.7 not a photo")
    return folder


@pytest.fixture(scope="module")
def answer(bad: Path) -> tuple[list[Path], subprocess.CompletedProcess[str]]:
    """One run over drawn garments and files that are none: networks load once."""
    paths = [
        GARMENTS / "oxford-shirt.webp",
        bad / "wall.png",
        GARMENTS / "straight-jeans.webp",
        bad / "nobody.png",
        GARMENTS / "breton-long-tee.webp",
        bad / "invoice.jpg",
    ]
    return paths, run("--json", *paths)


def entries(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    value = json.loads(done.stdout)
    assert isinstance(value, list)
    return value


def test_one_entry_per_photo_in_their_order(answer) -> None:  # type: ignore[no-untyped-def]
    paths, done = answer
    assert [entry["path"] for entry in entries(done)] == [str(path) for path in paths]


def test_every_entry_has_the_promised_shape(answer) -> None:  # type: ignore[no-untyped-def]
    _, done = answer
    good = [entry for entry in entries(done) if "error" not in entry]
    assert len(good) == 3
    for entry in good:
        assert list(entry) == KEYS
        assert set(entry["probabilities"]) == set(CATEGORIES)
        assert sum(entry["probabilities"].values()) == pytest.approx(1, abs=0.002)
        assert entry["category"] == max(entry["probabilities"], key=entry["probabilities"].get)
        assert entry["region"] in GROUPS
        assert entry["pattern"] in PATTERNS
        assert 0 <= entry["mask_confidence"] <= 1
        assert 1 <= len(entry["colours"]) <= 5
        assert sum(colour["share"] for colour in entry["colours"]) == pytest.approx(1, abs=0.002)
        for colour in entry["colours"]:
            assert colour["name"] in NAMES
            assert len(colour["lab"]) == 3


def test_what_cannot_be_read_is_told_in_its_place(answer) -> None:  # type: ignore[no-untyped-def]
    _, done = answer
    found = entries(done)
    assert done.returncode == 2
    codes = [found[index]["error"]["code"] for index in (1, 3, 5)]
    assert codes == ["no_garment", "cannot_read", "not_an_image"]
    assert all(set(found[index]) == {"path", "error"} for index in (1, 3, 5))
    assert all(found[index]["error"]["message"] for index in (1, 3, 5))
    assert "Traceback" not in done.stderr


def test_a_drawn_shirt(answer) -> None:  # type: ignore[no-untyped-def]
    paths, done = answer
    shirt = entries(done)[0]
    assert shirt["region"] in ("upper", "outer")
    assert shirt["colours"][0]["name"] == "sky_blue"
    assert shirt["pattern"] in ("plain", "denim")
    width, height = Image.open(paths[0]).size
    truth = json.loads(paths[0].with_suffix(".json").read_text())["landmarks"]
    assert set(shirt["landmarks"]) in [set(names) for names in LANDMARKS.values()]
    for name in ("hem_left", "hem_right", "cuff_left_outer"):
        x, y, visibility = shirt["landmarks"][name]
        assert visibility in (0, 1, 2)
        assert abs(x - truth[name][0]) < 0.1 * width, name
        assert abs(y - truth[name][1]) < 0.1 * height, name


def test_drawn_jeans_and_a_striped_tee(answer) -> None:  # type: ignore[no-untyped-def]
    found = entries(answer[1])
    jeans, tee = found[2], found[4]
    assert jeans["region"] == "lower"
    assert jeans["pattern"] in ("denim", "plain")
    assert jeans["colours"][0]["name"] in ("denim_blue", "navy")
    assert tee["pattern"] == "stripes"
    assert {colour["name"] for colour in tee["colours"][:2]} == {"ivory", "navy"}


def test_a_table_to_read(bad: Path) -> None:
    done = run(GARMENTS / "crew-sweatshirt.webp", bad / "invoice.jpg")
    assert done.returncode == 2
    head, row = done.stdout.splitlines()
    assert head.split() == ["photo", "category", "sure", "region", "pattern", "mask", "colours"]
    assert "burgundy 100%" in row
    assert row.index("burgundy") == head.index("colours")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "invoice.jpg" in line
