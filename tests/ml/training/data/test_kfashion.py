"""K-Fashion labels, made by hand: boxes, outlines whose keys come in any order, words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.errors import BadAnnotation
from ml.garment.annotation import Region
from ml.garment.category import CATEGORIES
from ml.garment.pattern_names import PATTERNS
from ml.training.data import kfashion
from ml.training.data.coco import read as read_coco


def label(**more: Any) -> dict[str, Any]:
    """A top with an outline and a skirt with only its box."""
    corners = [(10, 10), (50, 10), (50, 40), (10, 40)]
    outline = {f"Y좌표{n}": y for n, (_, y) in enumerate(corners, 1)}
    outline |= {f"X좌표{n}": x for n, (x, _) in reversed(list(enumerate(corners, 1)))}
    details = {
        "렉트좌표": {
            "아우터": [{}],
            "상의": [{"X좌표": 10.0, "Y좌표": 10.0, "가로": 40, "세로": 30}],
            "하의": [{"X좌표": 12.0, "Y좌표": 40.0, "가로": 36, "세로": 50}],
            "원피스": [{}],
        },
        "폴리곤좌표": {"아우터": [{}], "상의": [outline], "하의": [{}], "원피스": [{}]},
        "라벨링": {
            "스타일": [{"스타일": "로맨틱"}],
            "아우터": [{}],
            "상의": [{"카테고리": "티셔츠", "소매기장": "긴팔", "프린트": ["스트라이프"]}],
            "하의": [{"카테고리": "스커트", "소재": ["데님"]}],
            "원피스": [{}],
        },
    }
    return {
        "이미지 정보": {
            "이미지 식별자": 77,
            "이미지 파일명": "LOOK_1_00.jpg",
            "이미지 높이": 100,
            "이미지 너비": 60,
        },
        "데이터셋 정보": {"파일 번호": 77, "데이터셋 상세설명": details},
        **more,
    }


def write(folder: Path, value: object) -> Path:
    path = folder / "로맨틱" / "77.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def test_a_picture_with_a_top_and_a_skirt(tmp_path: Path) -> None:
    write(tmp_path, label())
    (photo,) = kfashion.read(tmp_path)
    assert (photo.name, photo.size, photo.styles) == ("LOOK_1_00.jpg", (100, 60), ("로맨틱",))
    top, skirt = photo.items
    assert (top.region, top.category, top.patterns) == (Region.UPPER, "longsleeve", ("stripes",))
    assert (skirt.region, skirt.category, skirt.patterns) == (Region.LOWER, "skirt", ("denim",))
    assert (top.box, skirt.polygon) == ((10, 10, 40, 30), None)
    assert top.polygon is not None
    np.testing.assert_array_equal(top.polygon, [(10, 10), (50, 10), (50, 40), (10, 40)])
    assert top.labels["카테고리"] == "티셔츠"


def test_masks_take_the_box_where_there_is_no_outline(tmp_path: Path) -> None:
    (picture,) = kfashion.pictures(write(tmp_path, label()))
    assert [(one.label, int(one.mask.sum())) for one in picture.objects] == [
        ("longsleeve", 1200),
        ("skirt", 1800),
    ]


def test_the_command_makes_coco_of_it(tmp_path: Path) -> None:
    from ml.training.__main__ import main

    write(tmp_path / "in", label())
    out = tmp_path / "out.json"
    assert (
        main(["convert", "--from", "kfashion", "--to", "coco", str(tmp_path / "in"), str(out)]) == 0
    )
    (picture,) = read_coco(out)
    assert len(picture.objects) == 2


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ({"카테고리": "티셔츠", "소매기장": "반팔"}, "t-shirt"),
        ({"카테고리": "니트웨어", "소매기장": "긴팔"}, "longsleeve"),
        ({"카테고리": "팬츠", "기장": "미니"}, "shorts"),
        ({"카테고리": "청바지", "기장": "발목"}, "pants"),
        ({"카테고리": "새로운 말"}, ""),
    ],
)
def test_kinds(tmp_path: Path, words: dict[str, str], category: str) -> None:
    value = label()
    value["데이터셋 정보"]["데이터셋 상세설명"]["라벨링"]["상의"] = [words]
    (photo,) = kfashion.read(write(tmp_path, value))
    assert photo.items[0].category == category


def test_our_words_exist() -> None:
    assert set(kfashion.CATEGORY_OF.values()) <= set(CATEGORIES)
    assert set(kfashion.PATTERN_OF.values()) <= set(PATTERNS)


@pytest.mark.parametrize("broken", [{"이미지 정보": {}}, {"데이터셋 정보": {}}])
def test_other_json_is_refused_by_name(tmp_path: Path, broken: dict[str, Any]) -> None:
    path = write(tmp_path, label(**broken))
    with pytest.raises(BadAnnotation, match=r"77\.json"):
        list(kfashion.read(path))
