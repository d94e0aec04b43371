"""Landmarks, cut and confidence of drawn garments; floors on labelled photos where there are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml import images
from ml.errors import NoGarment, NotSupported
from ml.garment.annotate import CUTS_OF, annotate, look_at
from ml.garment.annotation import LANDMARKS, Cut, GarmentAnnotation, Region
from ml.garment.category import CATEGORIES, Category
from tests.ml.garment.drawn import HALVES, Drawn, draw


def misses(annotation: GarmentAnnotation, drawn: Drawn) -> dict[str, float]:
    """Distance of each drawn landmark, in shares of the garment's size."""
    found = annotation.landmarks
    return {
        name: float(np.hypot(found[name].x - x, found[name].y - y)) / drawn.size
        for name, (x, y) in drawn.landmarks.items()
        if name in found
    }


@pytest.mark.parametrize("kind", [kind for kind in HALVES if kind != "vest"])  # none in the data
def test_the_cut_is_told_from_the_photo(kind: str) -> None:
    drawn = draw(kind)
    annotation = annotate(drawn.rgb)
    assert annotation.cut is drawn.cut
    assert annotation.cut in CUTS_OF[annotation.region]
    assert set(annotation.landmarks) == set(LANDMARKS[drawn.cut])


@pytest.mark.parametrize("tilt", [0.0, 12.0])
@pytest.mark.parametrize("kind", list(HALVES))
def test_landmarks_lie_where_they_were_drawn(kind: str, tilt: float) -> None:
    drawn = draw(kind, tilt=tilt)
    off = misses(annotate(drawn.rgb, cut=drawn.cut), drawn)
    assert off
    assert np.mean(list(off.values())) < 0.035, off
    assert max(off.values()) < 0.13, off


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("kind", ["trousers", "dress", "long sleeves"])
def test_a_garment_photographed_sideways(kind: str, turns: int) -> None:
    drawn = draw(kind)
    height, width = drawn.mask.shape
    annotation = annotate(np.ascontiguousarray(np.rot90(drawn.rgb, turns)), cut=drawn.cut)
    for name, (x, y) in drawn.landmarks.items():
        turned = (y, width - 1 - x) if turns == 1 else (height - 1 - y, x)
        found = annotation.landmarks[name]
        assert np.hypot(found.x - turned[0], found.y - turned[1]) / drawn.size < 0.13, name


def test_left_is_the_wearers() -> None:
    landmarks = annotate(draw("tee").rgb).landmarks
    for name, point in landmarks.items():
        if "left" in name:
            assert point.x > landmarks[name.replace("left", "right")].x


def test_without_sleeves_the_cuffs_do_not_exist() -> None:
    landmarks = annotate(draw("vest").rgb, cut=Cut.TOP).landmarks
    for side in ("left", "right"):
        outer, shoulder = landmarks[f"cuff_{side}_outer"], landmarks[f"shoulder_{side}"]
        assert outer.visibility == 0
        assert (outer.x, outer.y) == (shoulder.x, shoulder.y)
        assert landmarks[f"cuff_{side}_inner"].visibility == 0
    assert annotate(draw("tee").rgb).landmarks["cuff_left_outer"].visibility == 2


def test_a_sleeve_that_touches_the_body_still_has_its_armpit() -> None:
    drawn = draw("long sleeves")
    mask = drawn.mask
    closed = cv2.polylines(mask.copy(), [_cuff_to_body(drawn)], False, 255, 14)
    rgb = drawn.rgb.copy()
    rgb[(closed > 0) & (mask == 0)] = (170, 40, 50)
    annotation = annotate(rgb, cut=Cut.TOP)
    x, y = drawn.landmarks["armpit_left"]
    found = annotation.landmarks["armpit_left"]
    assert np.hypot(found.x - x, found.y - y) / drawn.size < 0.1


def _cuff_to_body(drawn: Drawn) -> np.ndarray:
    x, y = drawn.landmarks["cuff_left_inner"]
    return np.array([[x, y], [drawn.landmarks["hem_left"][0] - 10, y]], np.int32)


def test_legs_that_lie_together_get_an_estimated_crotch() -> None:
    drawn = draw("trousers")
    waist, hem = drawn.landmarks["waist_left"], drawn.landmarks["hem_left_outer"]
    rgb = drawn.rgb.copy()
    xs = [waist[0], hem[0], 480 - hem[0], 480 - waist[0]]
    ys = [waist[1], hem[1], hem[1], waist[1]]
    cv2.fillPoly(rgb, [np.stack([xs, ys], axis=1).astype(np.int32)], (170, 40, 50))
    crotch = annotate(rgb, cut=Cut.TROUSERS).landmarks["crotch"]
    assert crotch.visibility == 1
    assert waist[1] < crotch.y < (waist[1] + hem[1]) / 2 + 0.1 * drawn.size


def test_what_the_caller_says_is_kept() -> None:
    rgb = draw("long sleeves").rgb
    assert annotate(rgb, region=Region.OUTER).region is Region.OUTER
    assert annotate(rgb, region=Region.OUTER).cut is Cut.TOP
    assert annotate(rgb).region is Region.UPPER
    assert annotate(draw("skirt").rgb, region=Region.LOWER).cut is Cut.SKIRT
    assert annotate(draw("skirt").rgb, region=Region.LOWER, cut=Cut.TROUSERS).cut is Cut.TROUSERS
    with pytest.raises(ValueError, match="upper cannot be cut as skirt"):
        annotate(rgb, region=Region.UPPER, cut=Cut.SKIRT)


def test_shoes_have_no_landmarks_unless_somebody_says_they_are_a_garment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shares = dict.fromkeys(CATEGORIES, 0.02) | {"shoes": 0.82}
    monkeypatch.setattr("ml.garment.annotate.categorise_upright", lambda *_: Category.of(shares))
    rgb = draw("tee").rgb
    with pytest.raises(NotSupported, match="shoes"):
        annotate(rgb)
    assert look_at(rgb).category.group == "shoes"
    told = annotate(rgb, region=Region.UPPER)
    assert told.region is Region.UPPER
    assert told.category == "shoes"


def test_the_category_tells_an_outer_garment_from_a_top(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = dict.fromkeys(CATEGORIES, 0.02) | {"outwear": 0.82}
    monkeypatch.setattr("ml.garment.annotate.categorise_upright", lambda *_: Category.of(shares))
    annotation = annotate(draw("long sleeves").rgb)
    assert annotation.region is Region.OUTER
    assert annotation.cut is Cut.TOP
    assert annotation.probabilities == shares


def test_confidence_falls_when_the_ground_is_like_the_garment() -> None:
    clear = annotate(draw("tee").rgb, cut=Cut.TOP).confidence
    assert clear > 0.7
    try:
        hidden = annotate(draw("tee", colour=(222, 218, 212)).rgb, cut=Cut.TOP).confidence
    except NoGarment:
        hidden = 0.0
    assert hidden < clear - 0.2


needs_photos = pytest.mark.skipif(
    "OTBANG_DATASETS" not in os.environ, reason="OTBANG_DATASETS is not set"
)


@pytest.mark.datasets
@needs_photos
def test_floor_on_labelled_photos() -> None:
    """The train half of garment_gold: mask IoU, landmarks within a tenth of the garment."""
    folder = Path(os.environ["OTBANG_DATASETS"]) / "garment_gold"
    items = json.loads((folder / "landmarks.json").read_text())["items"]
    cuts = {"dress": Cut.DRESS, "skirt": Cut.SKIRT, "pants": Cut.TROUSERS, "shorts": Cut.TROUSERS}
    overlaps, hits, told = [], [], []
    for name in json.loads((folder / "splits.json").read_text())["train"]:
        item = items[name]
        cut = cuts.get(item["cls"], Cut.TOP)
        picture = images.read(folder / item["image"])
        told.append(annotate(picture).cut is cut)
        annotation = annotate(picture, cut=cut)
        truth = cv2.imread(str(folder / item["mask"]), cv2.IMREAD_GRAYSCALE) > 127
        mask = annotation.mask > 127
        overlaps.append((mask & truth).sum() / (mask | truth).sum())
        ys, xs = np.nonzero(truth)
        size = max(np.ptp(xs), np.ptp(ys))
        for point, (x, y, visibility) in item["landmarks"].items():
            if visibility:
                found = annotation.landmarks[point]
                hits.append(np.hypot(found.x - x, found.y - y) < 0.1 * size)
    assert np.mean(overlaps) > 0.965
    assert min(overlaps) > 0.8
    assert np.mean(hits) > 0.93
    assert np.mean(told) > 0.92
