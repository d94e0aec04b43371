"""What of a flat garment is the inside of its back: drawn garments know, photos are labelled."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from ml.studio import wardrobe
from ml.studio.garment import finish
from ml.studio.paths import Warp
from ml.studio.table import Table
from ml.training import neckline
from ml.tryon.drape.warp_flat import flatten
from ml.tryon.drape.warp_neckline import split_back
from ml.tryon.drape.warp_neckline_search import choose, scores

DATASETS = os.environ.get("OTBANG_DATASETS")


@pytest.mark.parametrize(
    "slug",
    ["everyday-crew-tee", "oxford-shirt", "merino-vneck", "tailored-blazer", "floral-wrap-dress",
     "blossom-tea-dress", "gingham-shirt"],
)  # fmt: skip
def test_labels_and_linings_of_drawn_garments_stay_behind_the_wearer(slug: str) -> None:
    garment = next(g for g in wardrobe.GARMENTS if g.slug == slug)
    cloth = next(iter(garment.cloths.values()))
    table = Table(cloth.ground, garment.seed, Warp(garment.seed, 3.5, 0.006), 1)
    spots = wardrobe.lay(table, garment, cloth, garment.seed)
    marks = finish(table, garment.region, garment.kind, spots).annotation
    assert marks is not None
    flat = flatten(table.picture(), marks, height=9999.0)
    inside = neckline.inside_of(flat, table, marks) > 127
    front, back = (alpha > 127 for alpha in split_back(flat))
    assert inside.sum() > 500
    assert (front & inside).sum() < 0.16 * inside.sum()
    # collars turned over at the back belong there too, but nothing far below the neck
    rows = np.flatnonzero(inside.any(axis=1))
    assert not back[rows[-1] + 40 :].any()


@pytest.mark.skipif(not DATASETS, reason="OTBANG_DATASETS is not set: no labelled photos")
def test_necklines_of_photos_that_were_never_trained_on() -> None:
    cases = [c for c in islice(neckline.photographed(Path(DATASETS or "")), 45) if c.held_out]
    assert len(cases) == 24
    hits = sum(bool(c.right[choose(scores(c.told))]) for c in cases)
    assert hits >= 17
