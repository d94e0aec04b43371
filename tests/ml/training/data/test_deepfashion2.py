"""A DeepFashion2 folder, drawn: kinds, sides of landmarks, masks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ml.errors import BadAnnotation
from ml.garment.annotation import LANDMARKS
from ml.garment.category import CATEGORIES
from ml.training.data import deepfashion2


def item(kind: int, points: list[float], **more: Any) -> dict[str, Any]:
    square = [10, 10, 60, 10, 60, 90, 10, 90]
    return {
        "category_id": kind,
        "category_name": deepfashion2.KINDS[kind].name,
        "bounding_box": [10, 10, 60, 90],
        "segmentation": [square],
        "landmarks": points,
        "viewpoint": 2,
        "style": 1,
        **more,
    }


def numbered(count: int) -> list[float]:
    """Point n lies at (n, 100 + n), all visible."""
    return [value for n in range(1, count + 1) for value in (n, 100 + n, 2)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "image").mkdir()
    (tmp_path / "annos").mkdir()
    Image.new("RGB", (70, 100), "grey").save(tmp_path / "image" / "000001.jpg")
    value = {
        "source": "shop",
        "pair_id": 12,
        "item2": item(8, numbered(14)),
        "item1": item(1, numbered(25)),
    }
    (tmp_path / "annos" / "000001.json").write_text(json.dumps(value))
    return tmp_path


def test_a_photo_with_two_garments(folder: Path) -> None:
    (photo,) = deepfashion2.read(folder)
    assert (photo.path.name, photo.source, photo.pair) == ("000001.jpg", "shop", 12)
    assert [found.category for found in photo.items] == ["t-shirt", "pants"]
    assert photo.items[0].box == (10, 10, 50, 80)


def test_every_kind_gives_our_class_and_all_our_landmarks() -> None:
    assert sum(kind.count for kind in deepfashion2.KINDS.values()) == 294
    for number, kind in deepfashion2.KINDS.items():
        found = deepfashion2.read_item(item(number, numbered(kind.count)))
        assert found.category in CATEGORIES
        assert set(found.landmarks) == set(LANDMARKS[kind.cut]), kind.name


def test_the_pictures_left_is_the_wearers_right() -> None:
    marks = deepfashion2.read_item(item(2, numbered(33))).landmarks
    assert [marks[f"{name}_right"].x for name in ("neck", "shoulder", "armpit", "hem")] == [
        2,
        7,
        16,
        19,
    ]
    assert [marks[f"cuff_{side}_outer"].x for side in ("right", "left")] == [11, 29]
    legs = deepfashion2.read_item(item(8, numbered(14))).landmarks
    assert (legs["crotch"].x, legs["hem_right_outer"].x, legs["hem_left_inner"].x) == (9, 6, 11)


def test_mirrored_points_lie_opposite_each_other() -> None:
    """A symmetric garment: points with the same name on both sides must mirror."""
    for number, kind in deepfashion2.KINDS.items():
        points = np.zeros((kind.count, 3))
        for index, (a, b) in enumerate((*kind.pairs.values(), *kind.waists)):
            points[a - 1], points[b - 1] = (40 - index, 5 * index, 2), (60 + index, 5 * index, 2)
        if kind.crotch:
            points[kind.crotch - 1] = (50, 50, 2)
        marks = deepfashion2.read_item(item(number, points.ravel().tolist())).landmarks
        for name, mark in marks.items():
            if "left" in name:
                other = marks[name.replace("left", "right")]
                assert mark.x + other.x == 100, (kind.name, name)
                assert (mark.x > other.x, mark.y) == (True, other.y)


def test_hidden_and_missing_points() -> None:
    points = np.array(numbered(25)).reshape(-1, 3)
    points[6, 2], points[24] = 1, 0  # shoulders
    marks = deepfashion2.read_item(item(1, points.ravel().tolist())).landmarks
    assert marks["shoulder_right"].visibility == 1
    assert "shoulder_left" not in marks


def test_the_narrowest_place_is_the_waist() -> None:
    points = np.array(numbered(29)).reshape(-1, 3)
    points[12, 0], points[22, 0] = 10, 50
    points[13, 0], points[21, 0] = 15, 45
    marks = deepfashion2.read_item(item(10, points.ravel().tolist())).landmarks
    assert (marks["waist_right"].x, marks["waist_left"].x) == (15, 45)
    assert marks["waist_left"].visibility == 1


def test_masks(folder: Path) -> None:
    (picture,) = deepfashion2.pictures(folder)
    assert picture.size == (100, 70)
    assert [one.label for one in picture.objects] == ["t-shirt", "pants"]
    assert picture.objects[0].mask.sum() == 50 * 80


@pytest.mark.parametrize(
    "change",
    [{"landmarks": [1, 2, 3]}, {"category_id": 14}, {"segmentation": [[1, 2, 3]]}],
)
def test_what_does_not_fit_is_refused_by_name(folder: Path, change: dict[str, Any]) -> None:
    path = folder / "annos" / "000001.json"
    value = json.loads(path.read_text())
    value["item1"] |= change
    path.write_text(json.dumps(value))
    with pytest.raises(BadAnnotation, match=r"000001\.json|landmarks"):
        list(deepfashion2.read(folder))


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAnnotation, match="annos"):
        list(deepfashion2.read(tmp_path))
