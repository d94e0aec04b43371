"""What the network sees is the photo, not the padding around it."""

from __future__ import annotations

import numpy as np
import pytest

from ml.person.forward import show


@pytest.mark.parametrize("size", [(207, 550), (550, 207), (97, 301), (288, 224)])
def test_cells_cover_the_photo_and_nothing_beyond_it(size: tuple[int, int]) -> None:
    photo = np.full((*size, 3), 90, np.uint8)
    seen = show(photo, mirror=True)
    for layer, to_photo in ((seen.parse, seen.parse_to_photo), (seen.heat, seen.heat_to_photo)):
        rows, columns = layer.shape[1:]
        last = to_photo(np.array([columns - 1.0, rows - 1.0]))
        beyond = to_photo(np.array([float(columns), float(rows)]))
        assert (last < np.array(size[::-1])).all(), "the last cell shows a part of the photo"
        assert (beyond > np.array(size[::-1]) - 1 - 1.5 * np.array(seen.cell)).all()
