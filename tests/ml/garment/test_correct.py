"""Clicks on drawn garments do the obvious thing; landmarks follow the corrected mask."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml.errors import NoGarment
from ml.garment.annotation import LANDMARKS, Cut, Region
from ml.garment.correct import refine_mask, relandmark
from tests.ml.garment.drawn import Drawn, draw


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one > 127, other > 127
    return float((a & b).sum() / (a | b).sum())


def middle(region: np.ndarray) -> tuple[float, float]:
    """The point deepest inside a region."""
    deep = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, 3)
    y, x = np.unravel_index(int(deep.argmax()), deep.shape)
    return float(x), float(y)


@pytest.mark.parametrize("ground", ["plain", "wood", "checks"])
@pytest.mark.parametrize("kind", ["tee", "trousers"])
def test_a_click_adds_the_missing_part(kind: str, ground: str) -> None:
    drawn = draw(kind, ground=ground)
    lost = drawn.mask.copy()
    lost[:, : lost.shape[1] // 2 - 40] = 0
    missing = (drawn.mask > 0) & (lost == 0)
    better = refine_mask(drawn.rgb, lost, foreground=[middle(missing)], background=[])
    assert overlap(lost, drawn.mask) < 0.8
    assert overlap(better, drawn.mask) > 0.95


@pytest.mark.parametrize("ground", ["plain", "wood"])
def test_a_click_removes_the_floor_between_the_legs(ground: str) -> None:
    drawn = draw("trousers", ground=ground)
    hull = cv2.convexHull(np.argwhere(drawn.mask > 0)[:, ::-1].astype(np.int32))
    filled = np.zeros_like(drawn.mask)
    cv2.fillPoly(filled, [hull], 255)
    between = (filled > 0) & (drawn.mask == 0)
    x, y = drawn.landmarks["crotch"]
    click = (x, y + 0.4 * drawn.size)
    assert between[int(click[1]), int(click[0])]
    better = refine_mask(drawn.rgb, filled, foreground=[], background=[click])
    assert better[int(click[1]), int(click[0])] == 0
    assert overlap(better, drawn.mask) > overlap(filled, drawn.mask) + 0.08


def test_a_click_removes_a_hanger_and_nothing_else() -> None:
    drawn = draw("skirt")
    rgb, mask = drawn.rgb.copy(), drawn.mask.copy()
    y = int(drawn.landmarks["waist_left"][1]) - 8
    for picture, colour in ((rgb, (30, 30, 34)), (mask, 255)):
        cv2.rectangle(picture, (90, y - 8), (390, y + 4), colour, -1)
    better = refine_mask(rgb, mask, foreground=[], background=[(100.0, float(y))])
    assert overlap(better, drawn.mask) > 0.985


def test_clicks_alone_can_make_a_mask() -> None:
    drawn = draw("dress")
    nothing = np.zeros_like(drawn.mask)
    x, y = middle(drawn.mask > 0)
    made = refine_mask(drawn.rgb, nothing, foreground=[(x, y)], background=[])
    assert overlap(made, drawn.mask) > 0.9


def test_a_click_is_obeyed_where_it_is_even_without_any_edge() -> None:
    flat = np.full((200, 150, 3), 128, np.uint8)
    mask = np.zeros((200, 150), np.uint8)
    mask[50:150, 40:110] = 255
    better = refine_mask(flat, mask, foreground=[(5.0, 5.0)], background=[(75.0, 100.0)])
    assert better[5, 5] == 255
    assert better[100, 75] == 0


def test_without_clicks_nothing_changes() -> None:
    drawn = draw("tee")
    assert np.array_equal(
        refine_mask(drawn.rgb, drawn.mask, foreground=[], background=[]), drawn.mask
    )


def test_the_same_clicks_give_the_same_mask() -> None:
    drawn = draw("trousers", ground="checks")
    lost = drawn.mask.copy()
    lost[300:] = 0
    click = middle((drawn.mask > 0) & (lost == 0))
    one, two = (refine_mask(drawn.rgb, lost, foreground=[click], background=[]) for _ in range(2))
    assert np.array_equal(one, two)


def test_a_click_outside_the_photo_is_an_error() -> None:
    drawn = draw("tee")
    with pytest.raises(ValueError, match="outside"):
        refine_mask(drawn.rgb, drawn.mask, foreground=[(480.0, 3.0)], background=[])


def test_nothing_left_is_no_garment() -> None:
    flat = np.full((200, 150, 3), 128, np.uint8)
    mask = np.zeros((200, 150), np.uint8)
    mask[95:105, 70:80] = 255
    with pytest.raises(NoGarment):
        refine_mask(flat, mask, foreground=[], background=[(75.0, 100.0)])


def test_landmarks_follow_the_corrected_mask() -> None:
    drawn: Drawn = draw("skirt")
    shorter = drawn.mask.copy()
    shorter[380:] = 0
    before = relandmark(drawn.mask, Region.LOWER, Cut.SKIRT)
    after = relandmark(shorter, Region.LOWER, Cut.SKIRT)
    assert set(after) == set(LANDMARKS[Cut.SKIRT])
    assert after["hem_left"].y < 385 < before["hem_left"].y
    with pytest.raises(ValueError, match="cannot be cut"):
        relandmark(drawn.mask, Region.UPPER, Cut.SKIRT)
    with pytest.raises(NoGarment):
        relandmark(np.zeros((50, 50), np.uint8), Region.UPPER, Cut.TOP)
