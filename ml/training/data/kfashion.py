"""K-Fashion (AI Hub): people in clothes, with boxes, outlines and Korean labels per garment.

One JSON file per picture, in folders by style::

    {"이미지 정보": {"이미지 식별자", "이미지 파일명", "이미지 너비", "이미지 높이"},
     "데이터셋 정보": {"파일 번호", "데이터셋 상세설명": {
         "렉트좌표":   {"상의": [{"X좌표", "Y좌표", "가로", "세로"}], "하의": [{}], ...},
         "폴리곤좌표": {"상의": [{"X좌표1", "Y좌표1", "X좌표2", ...}], ...},
         "라벨링":     {"스타일": [{"스타일", "서브스타일"}],
                       "상의": [{"카테고리", "색상", "프린트": [...], "소재": [...]}], ...}}}}

The garments are in four groups: 아우터 (outer), 상의 (top), 하의 (bottom), 원피스 (dress); what is
not worn is an empty object. The data may be used under AI Hub's terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation
from ml.garment.annotation import Region
from ml.images import LIMITS
from ml.training.data.coco import rectangle
from ml.training.data.labelled import Labelled, LabelledPicture, read_json
from ml.training.data.outlines import fill

REGIONS: Mapping[str, Region] = {
    "아우터": Region.OUTER,
    "상의": Region.UPPER,
    "하의": Region.LOWER,
    "원피스": Region.DRESS,
}
#: Their kinds -> our classes, where one fits.
CATEGORY_OF: Mapping[str, str] = {
    "티셔츠": "t-shirt",
    "블라우스": "shirt",
    "셔츠": "shirt",
    "니트웨어": "longsleeve",
    "후드티": "longsleeve",
    "팬츠": "pants",
    "청바지": "pants",
    "조거팬츠": "pants",
    "래깅스": "pants",
    "스커트": "skirt",
    "드레스": "dress",
    "점프수트": "dress",
}
#: Their prints and cloths -> our patterns, where one fits.
PATTERN_OF: Mapping[str, str] = {
    "무지": "plain",
    "스트라이프": "stripes",
    "체크": "check",
    "하운즈 투스": "check",
    "깅엄": "check",
    "도트": "dots",
    "플로럴": "floral",
    "페이즐리": "floral",
    "카무플라쥬": "floral",
    "지브라": "floral",
    "호피": "floral",
    "그래픽": "graphic",
    "레터링": "graphic",
}
_SHORT_TROUSERS = ("미니",)  # how they call the length of shorts and short skirts
_BARE_ARMS = ("반팔", "민소매", "캡")
_CORNER = re.compile(r"X좌표(\d+)")


@dataclass(frozen=True, slots=True)
class Item:
    """region and, where one fits, our class ("" if not). box: (x, y, width, height) or None.

    polygon: (n, 2) or None. patterns: ours. labels: theirs, unchanged (카테고리, 색상, ...).
    """

    region: Region
    category: str
    box: tuple[float, float, float, float] | None
    polygon: NDArray[np.float64] | None
    patterns: tuple[str, ...] = ()
    labels: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Photo:
    """name: the picture's file name. size: (height, width). styles: theirs."""

    name: str
    size: tuple[int, int]
    styles: tuple[str, ...]
    items: tuple[Item, ...]


def read(path: Path) -> Iterator[Photo]:
    """One label file, or all below a folder by name. Raises BadAnnotation naming the file."""
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    if not files:
        raise BadAnnotation(f"{path} has no label files (*.json)")
    for file in files:
        value = read_json(file)
        try:
            yield _photo(value)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise BadAnnotation(f"{file} is not of K-Fashion: {error!r}") from error


def pictures(path: Path) -> Iterator[LabelledPicture]:
    """The same as masks (boxes where there is no outline), labelled by our classes or regions."""
    for photo in read(path):
        objects = []
        for item in photo.items:
            outline = rectangle(*item.box) if item.polygon is None and item.box else item.polygon
            if outline is not None:
                label = item.category or str(item.region)
                objects.append(Labelled(label, fill([outline], photo.size)))
        yield LabelledPicture(photo.name, photo.size, tuple(objects))


def _photo(value: Mapping[str, Any]) -> Photo:
    about = value["이미지 정보"]
    size = int(about["이미지 높이"]), int(about["이미지 너비"])
    if size[0] * size[1] > LIMITS.pixels or min(size) < 1:
        raise BadAnnotation(f"it claims {size[1]} x {size[0]} pixels")
    details = value["데이터셋 정보"]["데이터셋 상세설명"]
    labels = details.get("라벨링", {})
    items = []
    for group, region in REGIONS.items():
        rects, outlines, told = (
            _entries(part, group) for part in (details.get("렉트좌표", {}),
                                               details.get("폴리곤좌표", {}), labels)
        )  # fmt: skip
        for index in range(max(len(rects), len(outlines))):
            rect = rects[index] if index < len(rects) else {}
            outline = outlines[index] if index < len(outlines) else {}
            if rect or outline:
                items.append(_item(region, rect, outline, told[index] if index < len(told) else {}))
    styles = [entry["스타일"] for entry in labels.get("스타일", []) if entry.get("스타일")]
    name = about.get("이미지 파일명") or f"{about['이미지 식별자']}.jpg"
    return Photo(str(name), size, tuple(styles), tuple(items))


def _entries(part: Mapping[str, Any], group: str) -> list[Mapping[str, Any]]:
    return list(part.get(group) or [])


def _item(
    region: Region,
    rect: Mapping[str, Any],
    outline: Mapping[str, Any],
    labels: Mapping[str, Any],
) -> Item:
    box = None
    if rect:
        x, y, width, height = (float(rect[key]) for key in ("X좌표", "Y좌표", "가로", "세로"))
        box = (x, y, width, height)
    return Item(
        region=region,
        category=_category(region, labels),
        box=box,
        polygon=_polygon(outline),
        patterns=_patterns(labels),
        labels=labels,
    )


def _polygon(outline: Mapping[str, Any]) -> NDArray[np.float64] | None:
    """Corners in the order of their numbers: the keys come in any order."""
    numbers = sorted(int(m[1]) for key in outline if (m := _CORNER.fullmatch(key)))
    if len(numbers) < 3:
        return None
    return np.array([(float(outline[f"X좌표{n}"]), float(outline[f"Y좌표{n}"])) for n in numbers])


def _category(region: Region, labels: Mapping[str, Any]) -> str:
    if region is Region.OUTER:
        return "outwear"
    if region is Region.DRESS:
        return "dress"
    name = str(labels.get("카테고리", ""))
    category = CATEGORY_OF.get(name, "")
    sleeves, length = str(labels.get("소매기장", "")), str(labels.get("기장", ""))
    if name == "티셔츠" and sleeves == "긴팔":
        return "longsleeve"
    if category == "longsleeve" and sleeves in _BARE_ARMS:
        return "t-shirt"
    if category == "pants" and length in _SHORT_TROUSERS:
        return "shorts"
    return category


def _patterns(labels: Mapping[str, Any]) -> tuple[str, ...]:
    """Of the print, then of the cloth: knit and denim are cloths."""
    found = [PATTERN_OF[name] for name in _words(labels, "프린트") if name in PATTERN_OF]
    cloths = _words(labels, "소재")
    if "니트" in cloths or labels.get("카테고리") == "니트웨어":
        found.append("knit")
    if "데님" in cloths or labels.get("카테고리") == "청바지":
        found.append("denim")
    return tuple(dict.fromkeys(found))


def _words(labels: Mapping[str, Any], key: str) -> list[str]:
    value = labels.get(key) or []
    return [value] if isinstance(value, str) else [str(word) for word in value]
