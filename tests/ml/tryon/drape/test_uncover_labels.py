"""Slivers of old clothes under other labels, and what must not be taken for them."""

from __future__ import annotations

import numpy as np
import pytest

from ml.person.annotation import Atr
from ml.tryon.drape.uncover_labels import settle
from tests.ml.tryon.mannequin import METRE, SKIN, person

BLUE = (40, 60, 160)


@pytest.mark.parametrize("label", [Atr.FACE, Atr.HAIR, Atr.BACKGROUND])
def test_cloth_under_another_label_is_cloth(label: Atr) -> None:
    drawn = person(top=BLUE, sleeves="none")
    sliver = np.zeros(drawn.parse.shape, bool)
    sliver[97:100, 194:204] = drawn.parse[97:100, 194:204] == Atr.UPPER
    if label == Atr.BACKGROUND:
        sliver[:] = False
        rows = slice(180, 200)
        for y in range(rows.start, rows.stop):
            left = int(np.nonzero(drawn.parse[y] == Atr.UPPER)[0][0])
            sliver[y, left : left + 2] = True
    assert sliver.sum() > 10
    drawn.parse[sliver] = label
    settled = settle(drawn.photo, drawn.parse, METRE)
    assert (settled[sliver] == Atr.UPPER).mean() > 0.9


def test_a_strap_keeps_its_own_pixels_only() -> None:
    drawn = person(top=BLUE)
    wide = np.zeros(drawn.parse.shape, bool)
    wide[120:190, 180:190] = True
    drawn.parse[wide] = Atr.BAG
    strap = np.zeros_like(wide)
    strap[120:190, 182:186] = True
    drawn.photo[strap] = (150, 90, 40)
    settled = settle(drawn.photo, drawn.parse, METRE)
    assert (settled[strap] == Atr.BAG).all()
    assert (settled[wide & ~strap] == Atr.UPPER).mean() > 0.8


def test_a_thick_bag_of_the_coats_colour_is_a_bag() -> None:
    drawn = person(top=BLUE)
    bag = drawn.disc(120, 190, 16)
    drawn.paint(Atr.BAG, BLUE, bag)
    drawn.paint(Atr.BAG, (150, 90, 40), drawn.disc(120, 200, 8))
    middle = drawn.disc(120, 186, 9) & bag
    settled = settle(drawn.photo, drawn.parse, METRE)
    assert (settled[middle] == Atr.BAG).all()


def test_a_clean_edge_stays_and_a_mixed_one_goes() -> None:
    drawn = person(top=BLUE, sleeves="none")
    assert (settle(drawn.photo, drawn.parse, METRE) == drawn.parse).all()
    neck = drawn.parse == Atr.FACE
    touching = neck & np.roll(drawn.parse == Atr.UPPER, -1, axis=0)
    assert touching.sum() > 10
    half = (np.array(SKIN) + BLUE) // 2
    drawn.photo[touching] = half
    settled = settle(drawn.photo, drawn.parse, METRE)
    assert (settled[touching] == Atr.UPPER).mean() > 0.8
    assert (settled[neck & ~touching] == Atr.FACE).mean() > 0.97


def test_no_clothes_no_change() -> None:
    drawn = person()
    parse = np.where(np.isin(drawn.parse, (Atr.UPPER, Atr.PANTS)), 0, drawn.parse)
    parse = parse.astype(np.uint8)
    assert settle(drawn.photo, parse, METRE) is parse


def test_a_shadow_beside_dark_trousers_is_no_cloth() -> None:
    drawn = person()
    shadow = np.zeros(drawn.parse.shape, bool)
    shadow[300:350, 186:198] = drawn.parse[300:350, 186:198] == Atr.BACKGROUND
    assert shadow.sum() > 100
    drawn.photo[shadow] = (52, 52, 58)
    settled = settle(drawn.photo, drawn.parse, METRE)
    assert (settled[shadow] == Atr.BACKGROUND).all()
