"""Meshes: the inverse map is exact, whole and unfolded, and stretch means what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.tryon.drape.warp_mesh import Mesh, rasterise, sample, stretch


def grid(rows: int, columns: int, width: float, height: float) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, width, columns), np.linspace(0, height, rows))
    return np.stack([x, y], axis=-1)


def test_the_identity_finds_every_pixel_where_it_is() -> None:
    same = grid(5, 7, 60, 40)
    found = rasterise(Mesh(same, same, 1.0), (41, 61))
    assert found is not None
    assert found.cover.all()
    x, y = np.meshgrid(np.arange(61), np.arange(41))
    assert np.allclose(found.where, np.stack([x, y], axis=-1), atol=1e-3)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0.4, 2.5),
    st.floats(0.4, 2.5),
    st.floats(-3.0, 3.0),
    st.floats(-0.5, 0.5),
)
def test_an_affine_map_is_inverted_exactly_and_without_holes(
    a: float, b: float, turn: float, shear: float
) -> None:
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = rotate @ np.array([[a, shear], [0.0, b]])
    source = grid(9, 6, 50, 80)
    middle = np.array([150.0, 150.0])
    target = (source - [25, 40]) @ matrix.T + middle
    found = rasterise(Mesh(source, target, 1.0), (300, 300))
    assert found is not None
    ys, xs = np.nonzero(found.cover)
    pixels = np.stack([xs + found.left, ys + found.top], axis=-1)
    back = (pixels - middle) @ np.linalg.inv(matrix).T + [25, 40]
    assert np.abs(found.where[ys, xs] - back).max() < 0.02
    # As many pixels as the parallelogram has area, but for its rim.
    area = abs(np.linalg.det(matrix)) * 50 * 80
    rim = 2 * (np.linalg.norm(matrix[:, 0]) * 50 + np.linalg.norm(matrix[:, 1]) * 80)
    assert abs(found.cover.sum() - area) <= rim


def test_what_lies_outside_the_photo_is_left_out() -> None:
    source = grid(4, 4, 30, 30)
    assert rasterise(Mesh(source, source + 500, 1.0), (100, 100)) is None
    found = rasterise(Mesh(source, source - 10, 1.0), (100, 100))
    assert found is not None
    assert (found.left, found.top) == (0, 0)
    assert found.cover.shape == (21, 21)


def test_folds_are_counted() -> None:
    source = grid(4, 4, 30, 30)
    target = source.copy()
    assert Mesh(source, target, 1.0).folds() == 0
    target[1, 1] = [25, 25]
    assert Mesh(source, target, 1.0).folds() > 0


def test_stretch_is_relative_to_the_fabrics_own_scale() -> None:
    source = grid(4, 4, 30, 30)
    assert stretch([Mesh(source, source * 2, 2.0)]) == pytest.approx(1.0)
    assert stretch([Mesh(source, source * [2, 6], 2.0)]) == pytest.approx(3.0)


def test_sampling_repeats_the_edge_or_says_outside() -> None:
    picture = np.full((10, 10, 3), 200, np.uint8)
    wide = grid(3, 3, 30, 9)
    found = rasterise(Mesh(wide, wide, 1.0), (10, 31))
    assert found is not None
    assert (sample(found, picture)[:, 20:] == 200).all()
    assert (sample(found, picture[..., 0], outside=0)[:, 20:] == 0).all()


def test_a_broken_mesh_is_refused() -> None:
    source = grid(3, 3, 1, 1)
    with pytest.raises(ValueError, match="unlike"):
        Mesh(source, source[:2], 1.0)
    with pytest.raises(ValueError, match="finite"):
        Mesh(source, source * np.nan, 1.0)
