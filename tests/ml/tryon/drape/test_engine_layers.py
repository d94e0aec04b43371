"""Who lies over whom, and what appears where clothes go: on people drawn with exact labels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.garment.annotation import Region
from ml.person.annotation import Atr, Joint
from ml.tryon.drape.engine import Drape
from ml.tryon.engine import Dressed, DressRequest, Refused
from tests.ml.tryon.mannequin import (
    L_ARM,
    POINTS,
    SKIN,
    Mannequin,
    background,
    flat_dress,
    flat_skirt,
    flat_top,
    flat_trousers,
    person,
)

RED, GREEN, BLUE = (200, 60, 50), (60, 120, 80), (40, 60, 160)


def wear(drawn: Mannequin, *garments: object) -> Dressed:
    engine = Drape()
    wearer = engine.prepare_person(drawn.photo, drawn.annotation())
    prepared = tuple(engine.prepare_garment(*garment) for garment in garments)
    (result,) = engine.dress([DressRequest(wearer, prepared)])
    assert isinstance(result, Dressed), result
    return result


def like(image: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Pixels of that hue, whatever the shading."""
    rgb = image.astype(float) + 1
    wanted = np.array(colour, float) + 1
    cosine = (rgb @ wanted) / np.linalg.norm(rgb, axis=2) / np.linalg.norm(wanted)
    ratio = np.linalg.norm(rgb, axis=2) / np.linalg.norm(wanted)
    return (cosine > 0.992) & (ratio > 0.6) & (ratio < 1.4)


def at(image: NDArray[np.uint8], x: float, y: float) -> NDArray[np.uint8]:
    return image[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]


def test_face_hair_and_hands_stay_bit_by_bit() -> None:
    drawn = person(hand_on_belly=True, sleeves="none")
    image = wear(drawn, flat_top(long=True)).image
    face = (drawn.parse == Atr.FACE) & (np.arange(512)[:, None] < 75)
    hair = (drawn.parse == Atr.HAIR) & (np.arange(512)[:, None] < 75)
    wrist = np.array(drawn.points[Joint.L_WRIST])
    ys, xs = np.mgrid[:512, :384]
    hand = (drawn.parse == Atr.LEFT_ARM) & (np.hypot(xs - wrist[0] + 10, ys - wrist[1]) < 7)
    assert hand.sum() > 80
    for kept in (face, hair, hand):
        assert (image[kept] == drawn.photo[kept]).all()


def test_a_hand_on_the_belly_lies_over_the_new_top() -> None:
    drawn = person(hand_on_belly=True, sleeves="none")
    image = wear(drawn, flat_top()).image
    elbow, wrist = (np.array(drawn.points[j]) for j in (Joint.L_ELBOW, Joint.L_WRIST))
    forearm = elbow * 0.4 + wrist * 0.6
    assert like(at(image, *forearm), SKIN).all()
    assert like(at(image, 192, 160), RED).all()


def test_a_short_sleeve_bares_the_forearm() -> None:
    image = wear(person(sleeves="long"), flat_top()).image
    for side in ((Joint.R_ELBOW, Joint.R_WRIST), (Joint.L_ELBOW, Joint.L_WRIST)):
        elbow, wrist = (np.array(POINTS[j]) for j in side)
        assert like(at(image, *(elbow * 0.3 + wrist * 0.7)), SKIN).all()
    below = np.arange(512)[:, None] > 95
    assert not (like(image, BLUE) & below).any()


def test_a_long_sleeve_covers_a_bare_arm_but_not_the_hand() -> None:
    drawn = person(sleeves="none")
    image = wear(drawn, flat_top(long=True)).image
    for elbow, wrist in ((Joint.R_ELBOW, Joint.R_WRIST), (Joint.L_ELBOW, Joint.L_WRIST)):
        middle = np.array(POINTS[elbow]) * 0.6 + np.array(POINTS[wrist]) * 0.4
        assert like(at(image, *middle), RED).mean() > 0.8


def test_a_cuff_reaches_the_hand() -> None:
    image = wear(person(sleeves="none"), flat_top(long=True)).image
    for elbow, wrist in ((Joint.R_ELBOW, Joint.R_WRIST), (Joint.L_ELBOW, Joint.L_WRIST)):
        x, y = np.array(POINTS[elbow]) * 0.08 + np.array(POINTS[wrist]) * 0.92
        assert like(image[round(y) :, round(x) :][:1, :1], RED).all(), "no skin above the cuff"


def test_hems_fall_over_shoes() -> None:
    drawn = person()
    for label, ankle in ((Atr.RIGHT_SHOE, Joint.R_ANKLE), (Atr.LEFT_SHOE, Joint.L_ANKLE)):
        drawn.paint(label, (235, 235, 240), drawn.disc(*POINTS[ankle], 16))  # boots
    image = wear(drawn, flat_trousers()).image
    shoes = np.isin(drawn.parse, (Atr.LEFT_SHOE, Atr.RIGHT_SHOE))
    kept = shoes & (image == drawn.photo).all(axis=2)
    for ankle in (Joint.R_ANKLE, Joint.L_ANKLE):
        column = POINTS[ankle][0]
        assert kept[:, column].any(), "the boot is still there"
        assert not kept[:377, column].any(), "its shaft is inside the trousers"


def test_nothing_shines_through_between_sleeve_and_torso() -> None:
    """The sleeve's border is soft; under it the torso's cloth goes on."""
    image = wear(person(sleeves="long", top_width=90), flat_top(long=True)).image
    x, y = POINTS[Joint.L_SHOULDER]
    box = image[y + 8 : y + 36, 200 : x + 8].astype(int)
    assert (box[..., 0] - box[..., 2] > 0.7 * box[..., 0]).all(), "all of it is red cloth"


def test_an_old_garment_that_was_wider_gives_the_wall_back() -> None:
    image = wear(person(top_width=90), flat_top()).image
    freed = np.zeros((512, 384), bool)
    freed[185:203, 104:116] = freed[185:203, 268:280] = True
    gap = np.abs(image[freed].astype(int) - background()[freed])
    assert gap.mean() < 3
    assert gap.max() < 14


def test_neck_back_lies_behind_the_neck() -> None:
    drawn = person()
    image = wear(drawn, flat_top()).image
    assert like(at(image, 192, 88), SKIN).all()


def test_shorts_bare_the_legs_and_shoes_stay() -> None:
    drawn = person()
    image = wear(drawn, flat_trousers(short=True)).image
    for knee, ankle in ((Joint.R_KNEE, Joint.R_ANKLE), (Joint.L_KNEE, Joint.L_ANKLE)):
        middle = (np.array(POINTS[knee]) + np.array(POINTS[ankle])) / 2
        assert like(at(image, *middle), SKIN).all()
    shoes = np.isin(drawn.parse, (Atr.LEFT_SHOE, Atr.RIGHT_SHOE))
    inner = cv2.erode(shoes.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    assert (image[inner] == drawn.photo[inner]).all()


def test_trousers_cover_bare_legs_under_an_old_skirt() -> None:
    image = wear(person(bottoms="skirt"), flat_trousers()).image
    old = like(image, (120, 40, 60))
    assert not old.any()
    gap = np.abs(at(image, 246, 280).astype(int) - at(background(), 246, 280))
    assert gap.max() < 14


def test_top_on_a_dress_keeps_its_lower_half_as_a_skirt() -> None:
    drawn = person(dress=True, bottoms="none")
    image = wear(drawn, flat_top()).image
    assert like(at(image, 192, 160), RED).all()
    assert (at(image, 192, 270) == at(drawn.photo, 192, 270)).all()
    assert not like(image[95:190], BLUE).any()


def test_trousers_on_a_dress_keep_its_upper_half_with_sleeves() -> None:
    drawn = person(dress=True, bottoms="none")
    image = wear(drawn, flat_trousers()).image
    assert (at(image, 192, 140) == at(drawn.photo, 192, 140)).all()
    sleeve = np.array(POINTS[Joint.R_ELBOW]) * 0.5 + np.array(POINTS[Joint.R_WRIST]) * 0.5
    assert like(at(image, *sleeve), BLUE).all()
    assert not like(image[240:360], BLUE).any()


def test_a_dress_replaces_top_and_trousers() -> None:
    drawn = person()
    image = wear(drawn, flat_dress()).image
    assert like(at(image, 192, 240), GREEN).all()
    assert not like(image[95:], BLUE).any()


def test_a_torso_is_never_bare() -> None:
    """A skirt on a dress wearer whose top goes too short: an undershirt shows, not skin."""
    drawn = person(bottoms="none", dress=True)
    crop, notes = flat_top()
    image = wear(drawn, (crop, notes), flat_skirt()).image
    torso = image[130:205, 176:208]
    assert not like(torso, SKIN).any()


def test_an_outfit_is_layered_inside_out() -> None:
    image = wear(person(), flat_top(long=True, region=Region.OUTER), flat_dress()).image
    assert like(at(image, 192, 160), RED).all()
    assert like(at(image, 192, 290), GREEN).all()


@pytest.mark.parametrize(
    "garments", [(flat_top, flat_top), (flat_dress, flat_top), (flat_dress, flat_skirt)]
)
def test_impossible_outfits_are_refused(garments: tuple[object, ...]) -> None:
    drawn = person()
    engine = Drape()
    wearer = engine.prepare_person(drawn.photo, drawn.annotation())
    outfit = tuple(engine.prepare_garment(*make()) for make in garments)
    (result,) = engine.dress([DressRequest(wearer, outfit)])
    assert isinstance(result, Refused)
    assert result.code == "not_supported"


def test_an_outer_garment_goes_over_the_old_top() -> None:
    drawn = person(sleeves="none")
    image = wear(drawn, flat_top(long=True, region=Region.OUTER)).image
    assert like(at(image, 192, 160), RED).all()
    opening = like(image[94:112], BLUE)
    assert opening.any()  # the old top shows in the neck of the new one


def test_hips_do_not_stick_out_beside_a_top() -> None:
    drawn = person(top_width=36)
    image = wear(drawn, flat_trousers()).image
    beside = np.r_[130:152, 233:250]
    assert not like(image[150:195][:, beside], (90, 110, 150)).any()


def test_bare_arms_are_left_alone_by_a_skirt() -> None:
    drawn = person(sleeves="none")
    result = wear(drawn, flat_skirt())
    for elbow in (POINTS[Joint.R_ELBOW], POINTS[Joint.L_ELBOW]):
        x, y = elbow
        assert not result.edit_mask[y - 15 : y + 15, x - 15 : x + 15].any()


def test_a_hood_around_the_face_stays() -> None:
    drawn = person()
    hood = drawn.disc(192, 52, 32) & (drawn.parse != Atr.FACE) & (np.arange(512)[:, None] < 60)
    drawn.paint(Atr.UPPER, BLUE, hood)
    image = wear(drawn, flat_top()).image
    inner = hood & (np.arange(512)[:, None] < 50)
    assert (image[inner] == drawn.photo[inner]).all()


def tone(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The mean Lab colour of a region."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab[mask].mean(axis=0), np.float32)


@pytest.mark.parametrize("hand", [SKIN, (190, 130, 110), (226, 188, 170)])
def test_painted_arms_meet_real_hands_in_their_tone(hand: tuple[int, int, int]) -> None:
    drawn = person(sleeves="long")
    drawn.photo[np.isin(drawn.parse, (Atr.LEFT_ARM, Atr.RIGHT_ARM))] = hand
    # The old cuff throws a shadow on the hand.
    cloth = (drawn.parse == Atr.UPPER).astype(np.uint8)
    dark = cv2.dilate(cloth, np.ones((5, 5), np.uint8)).astype(bool) & (drawn.parse == Atr.LEFT_ARM)
    drawn.photo[dark] = (np.array(hand) * 0.7).astype(np.uint8)
    image = wear(drawn, flat_top()).image
    real = (drawn.parse == Atr.LEFT_ARM) & ~dark
    around = cv2.dilate(real.astype(np.uint8), np.ones((25, 25), np.uint8)).astype(bool)
    painted = around & (drawn.parse == Atr.UPPER) & drawn.bones(L_ARM, 8)
    assert painted.sum() > 40
    assert np.linalg.norm(tone(image, painted) - tone(image, real)) < 6


def test_a_high_collar_leaves_a_neck_behind() -> None:
    drawn = person()
    collar = drawn.polygon((176, 76), (208, 76), (210, 106), (174, 106)) & ~drawn.disc(192, 62, 22)
    drawn.paint(Atr.UPPER, BLUE, collar)
    image = wear(drawn, flat_top()).image
    neck = drawn.polygon((184, 86), (200, 86), (200, 98), (184, 98))
    assert like(image, SKIN)[neck].mean() > 0.95


def test_skin_far_from_the_change_stays_bit_by_bit() -> None:
    drawn = person(sleeves="none")
    result = wear(drawn, flat_trousers())
    upper = np.arange(512)[:, None] < 160
    skin = np.isin(drawn.parse, (Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM)) & upper
    assert (result.image[skin] == drawn.photo[skin]).all()
