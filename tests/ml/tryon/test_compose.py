"""Nothing outside the edit mask changes, whatever an engine painted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.tryon.compose import compose


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16), height=st.integers(1, 20), width=st.integers(1, 20))
def test_zero_keeps_and_full_replaces_bit_by_bit(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    photo, painted = rng.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    mask = rng.choice(np.array([0, 128, 255], np.uint8), (height, width))
    result = compose(photo, painted, mask)
    assert (result[mask == 0] == photo[mask == 0]).all()
    assert (result[mask == 255] == painted[mask == 255]).all()
    low, high = np.minimum(photo, painted), np.maximum(photo, painted)
    assert ((result >= low) & (result <= high)).all()


def test_between_is_a_rounded_mix() -> None:
    photo = np.full((1, 1, 3), 10, np.uint8)
    painted = np.full((1, 1, 3), 110, np.uint8)
    assert compose(photo, painted, np.full((1, 1), 51, np.uint8)).tolist() == [[[30, 30, 30]]]


def test_inputs_stay_as_they_were() -> None:
    photo, painted = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 9, np.uint8)
    compose(photo, painted, np.full((4, 4), 255, np.uint8))
    assert photo.max() == 0


def test_wrong_sizes_are_named() -> None:
    photo = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match=r"\(4, 4, 3\).*\(3, 4\)"):
        compose(photo, photo, np.zeros((3, 4), np.uint8))
