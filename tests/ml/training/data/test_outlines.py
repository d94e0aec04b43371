"""Outlines and run lengths of masks: exact both ways, and as COCO's tools write them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml.errors import BadAnnotation
from ml.training.data import outlines


def blobs(seed: int, size: tuple[int, int] = (46, 61)) -> np.ndarray:
    """Blotches with holes, islands in holes and corners that touch."""
    noise = np.random.default_rng(seed).normal(0, 1, size)
    return cv2.GaussianBlur(noise, (0, 0), 0.5 + seed % 4) > 0.02


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


@pytest.mark.parametrize("seed", range(8))
def test_a_traced_mask_fills_to_itself(seed: int) -> None:
    mask = blobs(seed)
    back = np.zeros_like(mask)
    for loops in outlines.trace(mask):
        back |= outlines.fill_even_odd(loops, mask.shape)
    np.testing.assert_array_equal(back, mask)


@pytest.mark.parametrize("seed", range(8))
def test_holes_survive_being_joined(seed: int) -> None:
    mask = blobs(seed)
    polygons = [outlines.joined(loops) for loops in outlines.trace(mask)]
    np.testing.assert_array_equal(outlines.fill(polygons, mask.shape), mask)


def test_a_square_has_four_corners_and_its_area() -> None:
    mask = np.zeros((10, 12), np.bool_)
    mask[2:7, 3:9] = True
    ((square,),) = outlines.trace(mask)
    assert {tuple(corner) for corner in square.astype(int).tolist()} == {
        (3, 2),
        (9, 2),
        (9, 7),
        (3, 7),
    }
    assert abs(outlines.area_of(square)) == 30
    assert outlines.box_of(mask) == (3, 2, 6, 5)


def test_pixels_that_touch_by_a_corner_are_two_pieces() -> None:
    mask = np.eye(2, dtype=np.bool_)
    pieces = outlines.trace(mask)
    assert [len(loops) for loops in pieces] == [1, 1]


def test_polygons_between_pixels_follow_the_pixel_centres() -> None:
    triangle = np.array([(0.0, 0.0), (8.0, 0.0), (0.0, 8.0)])
    mask = outlines.fill([triangle], (8, 8))
    y, x = np.mgrid[:8, :8]
    np.testing.assert_array_equal(mask, (x + 0.5) + (y + 0.5) <= 8 - 1e-9)


def test_polygons_may_leave_the_picture() -> None:
    big = np.array([(-5.0, -5.0), (20.0, -5.0), (20.0, 20.0), (-5.0, 20.0)])
    assert outlines.fill([big], (6, 7)).all()


def test_fewer_corners_stay_close() -> None:
    y, x = np.mgrid[:120, :120]
    disc = np.hypot(x - 60, y - 60) < 45
    ((loop,),) = outlines.trace(disc)
    fewer = outlines.simplified(loop, 1.0)
    assert len(fewer) < len(loop) / 3
    assert overlap(outlines.fill([fewer], disc.shape), disc) > 0.97


@pytest.mark.parametrize("seed", range(8))
def test_run_lengths_come_back(seed: int) -> None:
    mask = blobs(seed)
    runs = outlines.to_runs(mask)
    np.testing.assert_array_equal(outlines.from_runs(runs, mask.shape), mask)
    assert outlines.unpack(outlines.pack(runs)) == runs


def test_run_lengths_as_coco_writes_them() -> None:
    """Both values were written by COCO's own tools for the same masks."""
    ring = np.zeros((6, 7), np.bool_)
    ring[1:5, 2:6] = True
    ring[2, 3] = False
    assert outlines.to_runs(ring) == [13, 4, 2, 1, 1, 2, 2, 4, 2, 4, 7]
    assert outlines.pack(outlines.to_runs(ring)) == "=42MO112005"
    large = np.zeros((300, 400), np.bool_)
    large[20:290, 30:390] = True
    large[100:130, 50:300] = False
    packed = outlines.pack(outlines.to_runs(large))
    assert packed.startswith("li8^8n000000000")
    assert "RJ0`20`M0`20`M0" in packed


def test_a_mask_that_begins_full_starts_with_no_zeros() -> None:
    assert outlines.to_runs(np.ones((2, 3), np.bool_)) == [0, 6]


@pytest.mark.parametrize("runs", [[3, 4], [5, -1, 2], []])
def test_runs_that_do_not_fill_the_picture_are_refused(runs: list[int]) -> None:
    with pytest.raises(BadAnnotation, match="run lengths"):
        outlines.from_runs(runs, (2, 3))


@pytest.mark.parametrize("text", ["5\x01", "o"])
def test_broken_compressed_runs_are_refused(text: str) -> None:
    with pytest.raises(BadAnnotation, match="run lengths"):
        outlines.unpack(text)
