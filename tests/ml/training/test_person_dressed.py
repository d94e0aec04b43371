"""People in other clothes: what is known of them, and what is not."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml import images
from ml.errors import InputError
from ml.garment.annotate import annotate
from ml.garment.annotation import Cut, Region
from ml.person.annotation import Atr
from ml.training.person import dressed
from ml.training.person.sources import UNKNOWN, Source
from ml.tryon.drape.engine import Drape
from tests import drawings

SKIRT = Path("fixtures/demo/garments/pleated-midi-skirt.webp")


@pytest.fixture(scope="module")
def source() -> Source:
    rgb = np.array(Image.open(io.BytesIO(drawings.person_photo())).convert("RGB"))
    parse = np.array(Image.open(io.BytesIO(drawings.person_parse())))
    points = np.array(drawings.KEYPOINTS, np.float32)
    box = (68.0, 16.0, 172.0, 310.0)
    return Source("drawn", rgb, parse, points, np.ones(len(Atr), bool), box)


def test_a_skirt_is_labelled_where_it_hangs_and_the_legs_below_it_are_unknown(
    source: Source,
) -> None:
    engine = Drape()
    photo = images.on_white(images.read(SKIRT))
    garment = engine.prepare_garment(photo, annotate(photo, region=Region.LOWER, cut=Cut.SKIRT))
    worn = dressed.put_on(source, garment, "skirt", engine)
    assert worn is not None
    assert worn.parse is not None
    assert source.parse is not None
    skirt = worn.parse == Atr.SKIRT
    assert skirt.sum() > 0.5 * (source.parse == Atr.PANTS).sum()
    assert (worn.rgb[skirt] != source.rgb[skirt]).any(-1).mean() > 0.9
    kept = (worn.parse != Atr.SKIRT) & (worn.parse != UNKNOWN)
    assert (worn.parse[kept] == source.parse[kept]).all()
    assert (
        worn.parse[: int(source.points[0, 1])] == source.parse[: int(source.points[0, 1])]
    ).all()


def test_nobody_gets_half_a_dress(source: Source) -> None:
    engine = Drape()
    photo = images.on_white(images.read(SKIRT))
    garment = engine.prepare_garment(photo, annotate(photo, region=Region.LOWER, cut=Cut.SKIRT))
    assert source.parse is not None
    parse = np.where(source.parse == Atr.UPPER, np.uint8(Atr.DRESS), source.parse)
    wearing = Source("d", source.rgb, parse, source.points, source.possible, source.box)
    assert dressed.put_on(wearing, garment, "skirt", engine) is None


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        dressed.load(tmp_path)
