"""Backgrounds and bodies that a garment hid."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml.errors import NoPerson
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.tryon.drape.engine_scene import look, pack, tidy, unpack
from ml.tryon.drape.layers import edge_line, is_tucked, soft_mask
from ml.tryon.drape.uncover_background import background_plate
from ml.tryon.drape.uncover_body import measure
from ml.tryon.drape.uncover_smooth import blur, push_pull, spread
from tests.ml.tryon.mannequin import POINTS, background, person


def hole_of(height: int = 300, width: int = 220) -> np.ndarray:
    hole = np.zeros((height, width), np.uint8)
    cv2.ellipse(hole, (width // 2, height // 2), (40, 110), 0, 0, 360, 255, -1)
    return hole > 0


def test_push_pull_keeps_what_is_known_and_stays_within_it() -> None:
    rng = np.random.default_rng(0)
    image = rng.uniform(50, 90, (33, 47, 3)).astype(np.float32)
    weight = (rng.random((33, 47)) > 0.6).astype(np.float32)
    image[weight == 0] = -999
    filled = push_pull(image, weight)
    assert (filled[weight == 1] == image[weight == 1]).all()
    assert filled.min() >= 49
    assert filled.max() <= 91


def test_a_gradient_wall_comes_back() -> None:
    wall = background()
    hole = np.zeros(wall.shape[:2], bool)
    hole[60:480, 110:280] = True
    broken = wall.copy()
    broken[hole] = (200, 0, 200)
    plate = background_plate(broken, hole)
    assert (plate[~hole] == wall[~hole]).all()
    edge = hole & ~cv2.erode(hole.astype(np.uint8), np.ones((41, 41))).astype(bool)
    assert np.abs(plate[edge].astype(int) - wall[edge]).mean() < 3
    assert np.abs(plate[hole].astype(int) - wall[hole]).max() < 40


def test_stripes_are_continued_not_smeared() -> None:
    rows = np.where(np.arange(300) // 15 % 2, 200, 80).astype(np.uint8)
    wall = np.repeat(np.tile(rows[:, None], (1, 220))[..., None], 3, axis=2)
    hole = hole_of()
    broken = wall.copy()
    broken[hole] = 0
    plate = background_plate(broken, hole)
    assert np.abs(plate[hole].astype(int) - wall[hole]).mean() < 15


def test_nothing_is_copied_from_what_is_avoided() -> None:
    wall = np.full((300, 220, 3), 180, np.uint8)
    hole = hole_of()
    avoid = cv2.dilate(hole.astype(np.uint8), np.ones((25, 25))).astype(bool)
    broken = wall.copy()
    rim = cv2.dilate(hole.astype(np.uint8), np.ones((13, 13))).astype(bool)
    broken[avoid & ~rim] = (220, 30, 30)
    plate = background_plate(broken, hole, avoid=avoid)
    middle = cv2.erode(hole.astype(np.uint8), np.ones((41, 41))).astype(bool)
    assert np.abs(plate[middle].astype(int) - 180).mean() < 30


def test_whole_and_empty_holes() -> None:
    wall = background()[:60, :60]
    nothing = np.zeros((60, 60), bool)
    assert (background_plate(wall, nothing) == wall).all()
    assert background_plate(wall, ~nothing).shape == wall.shape


def test_limb_coordinates() -> None:
    body = measure(person().annotation())
    field = body.fields[0]
    for joint, along in ((Joint.L_SHOULDER, 0.0), (Joint.L_ELBOW, 0.5), (Joint.L_WRIST, 1.0)):
        x, y = POINTS[joint]
        assert field.along[y, x] == pytest.approx(along, abs=0.03)
        assert abs(field.across[y, x]) < 0.15
    x, y = POINTS[Joint.R_WRIST]
    assert abs(field.across[y, x]) > 1


def test_nobody_is_refused() -> None:
    parse = np.zeros((100, 100), np.uint8)
    with pytest.raises(NoPerson):
        measure(PersonAnnotation(parse, np.zeros((18, 3), np.float32)))


def test_scene_survives_its_packing() -> None:
    drawn = person()
    scene = look(drawn.photo, drawn.annotation())
    again = unpack(drawn.photo, drawn.annotation(), pack(scene))
    assert again.box == scene.box
    assert (again.photo == scene.photo).all()
    assert np.abs(again.doll.below - scene.doll.below).max() <= 0.5
    assert np.abs(again.fronts.head - scene.fronts.head).max() < 0.003
    assert again.tones.light == pytest.approx(scene.tones.light)


def test_a_dress_under_a_top_is_a_skirt() -> None:
    drawn = person(bottoms="skirt")
    drawn.parse[drawn.parse == Atr.SKIRT] = Atr.DRESS
    assert not (tidy(drawn.annotation()).parse == Atr.DRESS).any()
    real = person(dress=True, bottoms="none").annotation()
    assert tidy(real) is real


def test_a_top_that_alone_covers_the_thighs_is_a_dress() -> None:
    tunic = person(dress=True, bottoms="none")
    tunic.parse[tunic.parse == Atr.DRESS] = Atr.UPPER
    assert (tidy(tunic.annotation()).parse == Atr.DRESS).any()
    top = person(bottoms="none").annotation()
    assert tidy(top) is top


def test_blur_is_the_same_large_or_small() -> None:
    image = np.zeros((200, 200), np.float32)
    image[60:140, 60:140] = 1
    wide, exact = blur(image, 12.0), cv2.GaussianBlur(image, (0, 0), 12.0)
    assert np.abs(wide - exact).max() < 0.02


def test_colours_spread_from_what_is_known() -> None:
    image = np.zeros((60, 60, 3), np.uint8)
    known = np.zeros((60, 60), bool)
    known[10:20, 10:20] = True
    image[known] = (200, 100, 50)
    assert spread(image, known, 4.0) == pytest.approx(np.full((60, 60, 3), (200, 100, 50)), abs=1)


def test_tucked_in_or_not() -> None:
    loose = person()
    assert not is_tucked(loose.parse, measure(loose.annotation()))
    tucked = person()
    tucked.paint(Atr.PANTS, (50, 50, 55), tucked.polygon((154, 160), (230, 160), (232, 225),
                                                         (152, 225)))  # fmt: skip
    assert is_tucked(tucked.parse, measure(tucked.annotation()))


def test_soft_masks_grow_and_shrink() -> None:
    mask = np.zeros((21, 41), bool)
    mask[:, 20:] = True
    grown, shrunk = soft_mask(mask, 4, 1.5), soft_mask(mask, -4, 1.5)
    assert grown[10, 17] == 1
    assert grown[10, 14] == 0
    assert shrunk[10, 22] == 0
    assert shrunk[10, 26] == 1
    assert not soft_mask(np.zeros((5, 5), bool), 3, 1).any()


def test_edge_lines() -> None:
    mask = np.zeros((40, 60), bool)
    mask[10:30, 20:50] = True
    assert (edge_line(mask, lowest=True) == 29).all()
    assert (edge_line(mask, lowest=False) == 10).all()


def test_labels_without_a_person_are_refused() -> None:
    drawn = person()
    empty = PersonAnnotation(np.zeros_like(drawn.parse), drawn.annotation().keypoints)
    with pytest.raises(NoPerson, match="labels"):
        look(drawn.photo, empty)
