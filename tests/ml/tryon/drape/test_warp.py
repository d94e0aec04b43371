"""Where a flat garment goes on a body: on people and garments drawn with exact labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.errors import BackView, CutOff, NoGarment, NoPerson
from ml.garment.annotation import GarmentAnnotation, Landmark, Region
from ml.person.annotation import Joint
from ml.tryon.drape.pieces import Part, Worn
from ml.tryon.drape.warp import drape, plan
from ml.tryon.engine import PreparedGarment, PreparedPerson
from tests.ml.tryon.mannequin import (
    Mannequin,
    flat_dress,
    flat_skirt,
    flat_top,
    flat_trousers,
    person,
)

Flat = tuple[NDArray[np.uint8], GarmentAnnotation]
ALL: dict[str, Callable[[], Flat]] = {
    "t-shirt": flat_top,
    "jumper": lambda: flat_top(long=True),
    "coat": lambda: flat_top(long=True, region=Region.OUTER),
    "dress": flat_dress,
    "trousers": flat_trousers,
    "shorts": lambda: flat_trousers(short=True),
    "skirt": flat_skirt,
}
UNIT = 100.0  # the mannequin's torso


def wear(drawn: Mannequin, flat: Flat) -> Worn:
    return drape(PreparedPerson(drawn.photo, drawn.annotation()), PreparedGarment(flat[0], flat[1]))


def pose(**moved: tuple[int, int]) -> Mannequin:
    drawn = person(sleeves="none")
    for name, point in moved.items():
        drawn.points[Joint[name]] = point
    return drawn


POSES = {
    "hanging": {},
    "on hips": {
        "L_ELBOW": (290, 160), "L_WRIST": (236, 205), "R_ELBOW": (94, 160), "R_WRIST": (150, 205),
    },
    "crossed": {
        "L_ELBOW": (246, 165), "L_WRIST": (165, 160), "R_ELBOW": (138, 165), "R_WRIST": (218, 155),
    },
    "raised": {
        "L_ELBOW": (275, 85), "L_WRIST": (262, 35), "R_ELBOW": (105, 110), "R_WRIST": (55, 105),
    },
    "walking": {
        "L_KNEE": (196, 292), "L_ANKLE": (176, 372), "R_KNEE": (176, 300), "R_ANKLE": (204, 380),
    },
    "leaning": {"L_SHOULDER": (236, 122), "R_SHOULDER": (170, 102), "NECK": (203, 112)},
}  # fmt: skip


@pytest.mark.parametrize("stance", POSES)
@pytest.mark.parametrize("kind", ALL)
def test_no_fold_over_and_little_stretch(kind: str, stance: str) -> None:
    drawn = pose(**POSES[stance])
    photo, garment = ALL[kind]()
    layers = plan(drawn.annotation(), photo, garment).layers
    assert sum(mesh.folds() for _, mesh in layers) == 0
    worn = wear(drawn, (photo, garment))
    # Sleeves that hang on the bed are pulled across the armpit when an arm is lifted.
    assert worn.stretch < (5.5 if stance in ("raised", "on hips") else 2.7)
    assert ("stretched" in worn.warnings) == (worn.stretch > 2.5)


@pytest.mark.parametrize("kind", ALL)
def test_the_same_bytes_every_time(kind: str) -> None:
    first, second = wear(person(), ALL[kind]()), wear(person(), ALL[kind]())
    for name in ("colour", "alpha", "back_colour", "back_alpha", "parts"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("kind", ALL)
def test_no_background_of_the_garments_photo_comes_along(kind: str) -> None:
    photo, garment = ALL[kind]()
    fabric = tuple(photo[garment.mask > 0][0])
    photo[garment.mask == 0] = (0, 255, 0)
    worn = wear(person(), (photo, garment))
    seen = worn.colour[cv2.dilate(worn.alpha, np.ones((3, 3))) > 0].astype(int)
    assert np.abs(seen - fabric).max() <= 6


def test_left_and_right_are_not_swapped() -> None:
    photo, garment = flat_top(long=True)
    photo[:, 210:][garment.mask[:, 210:] > 0] = (20, 40, 220)  # the wearer's left is blue
    worn = wear(person(sleeves="none"), (photo, garment))
    blue = (worn.colour[..., 2] > 150) & (worn.alpha > 128)
    red = (worn.colour[..., 0] > 150) & (worn.alpha > 128)
    assert np.nonzero(blue)[1].mean() > 192 + 15
    assert np.nonzero(red)[1].mean() < 192 - 15
    assert np.nonzero(worn.parts == Part.LEFT)[1].mean() > 192
    assert np.nonzero(worn.parts == Part.RIGHT)[1].mean() < 192


def test_a_top_meets_shoulders_and_covers_the_torso() -> None:
    worn = wear(person(sleeves="none"), flat_top())
    solid = worn.alpha > 128
    for x, y in ((192, 150), (170, 130), (214, 130), (175, 190), (209, 190)):
        assert solid[y, x], (x, y)
    top = np.nonzero(solid[:, 226])[0].min()
    assert 90 < top < 110  # above the left shoulder joint, not on the neck


def test_longer_on_the_bed_is_longer_on_the_body() -> None:
    photo, garment = flat_top()
    hem = lowest(wear(person(), (photo, garment)))
    short = garment.mask.copy()
    short[250:] = 0
    marks = dict(garment.landmarks)
    for name in ("hem_left", "hem_right"):
        marks[name] = Landmark(marks[name].x, 249.0)
    cropped = dataclasses.replace(garment, mask=short, landmarks=marks)
    assert lowest(wear(person(), (photo, cropped))) < hem - 0.3 * UNIT


def lowest(worn: Worn) -> int:
    return int(np.nonzero((worn.alpha > 128).any(axis=1))[0].max())


def test_hems_of_trousers_and_shorts_end_where_they_should() -> None:
    drawn = person()
    knee, ankle = drawn.points[Joint.L_KNEE][1], drawn.points[Joint.L_ANKLE][1]
    assert abs(lowest(wear(drawn, flat_trousers())) - ankle) < 0.15 * UNIT
    assert lowest(wear(drawn, flat_trousers(short=True))) < knee


def test_trousers_have_two_legs_and_no_hole_at_the_crotch() -> None:
    worn = wear(person(), flat_trousers())
    solid = worn.alpha > 128
    seat = solid[185:222, 165:219]
    assert seat.all()
    shin = np.flatnonzero(np.diff(solid[350].astype(int)))
    assert len(shin) == 4  # into and out of each of two legs
    assert worn.parts[350, 216] == Part.LEFT
    assert worn.parts[350, 168] == Part.RIGHT


def test_trousers_legs_follow_the_knees() -> None:
    drawn = pose(L_KNEE=(240, 296), L_ANKLE=(226, 380))
    worn = wear(drawn, flat_trousers())
    row = np.flatnonzero((worn.parts[296] == Part.LEFT) & (worn.alpha[296] > 128))
    assert abs(row.mean() - 240) < 6


@pytest.mark.parametrize("stance", ["hanging", "on hips", "crossed", "raised"])
def test_a_long_sleeve_follows_the_arm_to_the_wrist(stance: str) -> None:
    drawn = pose(**POSES[stance])
    worn = wear(drawn, flat_top(long=True))
    for side, part in (("L", Part.LEFT), ("R", Part.RIGHT)):
        shoulder, elbow, wrist = (
            np.array(drawn.points[Joint[f"{side}_{name}"]], float)
            for name in ("SHOULDER", "ELBOW", "WRIST")
        )
        where = [elbow, (shoulder + elbow) / 2, (elbow + wrist) / 2, elbow + 0.92 * (wrist - elbow)]
        for x, y in where:
            assert worn.alpha[round(y), round(x)] > 200, (stance, side, x, y)
        if stance != "crossed":
            x, y = (elbow + wrist) / 2
            assert worn.parts[round(y), round(x)] == part
        past = wrist + 0.25 * (wrist - elbow)
        if stance == "raised":
            assert worn.alpha[round(past[1]), round(past[0])] < 50


def test_a_short_sleeve_leaves_the_forearm_bare() -> None:
    drawn = pose(**POSES["raised"])
    worn = wear(drawn, flat_top())
    elbow, wrist = drawn.points[Joint.L_ELBOW], drawn.points[Joint.L_WRIST]
    x, y = (elbow[0] + wrist[0]) // 2, (elbow[1] + wrist[1]) // 2
    assert worn.alpha[y, x] == 0


def test_the_sleeve_hangs_on_the_torso_without_a_gap() -> None:
    worn = wear(person(sleeves="none"), flat_top())
    for side in (1, -1):
        x, y = 192 + side * 34, 115
        window = worn.alpha[y - 4 : y + 12, x - 8 : x + 9]
        assert window.min() > 200


def test_the_inside_of_the_back_is_not_in_the_front_layer() -> None:
    photo, garment = flat_top()
    # A lining shows between the back edge (the mask's) and the front neckline below it.
    lining = np.zeros(garment.mask.shape, np.uint8)
    cv2.ellipse(lining, (210, 64), (33, 28), 0, 0, 180, 255, -1)
    photo[(lining > 0) & (garment.mask > 0)] = (20, 220, 40)
    marks = dict(garment.landmarks)
    mask = garment.mask.copy()
    mask[60:80, 178:242] = 255  # the back edge is nearly straight
    photo[60:80, 178:242] = np.where(
        lining[60:80, 178:242, None] > 0, (20, 220, 40), photo[60:80, 178:242]
    )
    worn = wear(person(), (photo, dataclasses.replace(garment, mask=mask, landmarks=marks)))
    green = (worn.colour[..., 1] > 150) & (worn.colour[..., 0] < 110)
    behind = (worn.back_colour[..., 1] > 150) & (worn.back_alpha > 128)
    assert behind.sum() > 100
    assert (green & (worn.alpha > 128)).sum() < 0.10 * behind.sum()
    # It shows where the neck is.
    ys, xs = np.nonzero(behind)
    assert abs(xs.mean() - 192) < 5
    assert 85 < ys.mean() < 125


def test_a_dress_covers_torso_and_hips() -> None:
    drawn = person(dress=True, bottoms="none", sleeves="none")
    worn = wear(drawn, flat_dress())
    solid = worn.alpha > 128
    assert solid[140, 172:212].all()
    assert solid[215, 160:225].all()
    assert lowest(worn) > 260
    assert set(np.unique(worn.parts)) == {Part.NONE, Part.BODY}  # no sleeves


def test_a_skirt_sits_on_the_waist_and_flares() -> None:
    worn = wear(person(), flat_skirt())
    solid = worn.alpha > 128
    waist = int(np.nonzero(solid.any(axis=1))[0].min())
    assert 165 < waist < 190
    widths = solid.sum(axis=1)
    assert widths[waist + 75] > 1.2 * widths[waist + 8]


def test_a_wide_coat_underneath_does_not_make_a_t_shirt_wide() -> None:
    slim = wear(person(top_width=36, sleeves="none"), flat_top())
    wide = wear(person(top_width=90, sleeves="none"), flat_top())
    row = slice(140, 190)
    assert abs(int((slim.alpha[row] > 128).sum()) - int((wide.alpha[row] > 128).sum())) < 100


def test_outerwear_is_wider_than_a_top() -> None:
    top = wear(person(), flat_top(long=True))
    coat = wear(person(), flat_top(long=True, region=Region.OUTER))
    assert (coat.alpha[150] > 128).sum() > (top.alpha[150] > 128).sum()


def test_landmarks_may_be_off_by_a_twentieth_of_the_box() -> None:
    rng = np.random.default_rng(7)
    drawn = person(sleeves="none")
    for make in ALL.values():
        photo, garment = make()
        exact = wear(drawn, (photo, garment)).alpha > 128
        reach = 0.05 * 300
        marks = {
            name: Landmark(
                mark.x + float(rng.uniform(-reach, reach)),
                mark.y + float(rng.uniform(-reach, reach)),
                mark.visibility,
            )
            for name, mark in garment.landmarks.items()
        }
        worn = wear(drawn, (photo, dataclasses.replace(garment, landmarks=marks)))
        rough = worn.alpha > 128
        assert (exact & rough).sum() / (exact | rough).sum() > 0.72, garment.cut


def test_a_person_cut_off_is_refused() -> None:
    drawn = person()
    annotation = drawn.annotation()
    keypoints = annotation.keypoints.copy()
    keypoints[Joint.L_HIP] = (211, 700, 0.9)
    keypoints[Joint.R_HIP] = (173, 700, 0.9)
    cut = dataclasses.replace(annotation, keypoints=keypoints)
    with pytest.raises(CutOff):
        drape(PreparedPerson(drawn.photo, cut), PreparedGarment(*flat_top()))


def test_trousers_need_knees_and_tops_do_not() -> None:
    drawn = person()
    annotation = drawn.annotation()
    keypoints = annotation.keypoints.copy()
    for joint in (Joint.L_KNEE, Joint.R_KNEE, Joint.L_ANKLE, Joint.R_ANKLE):
        keypoints[joint, 2] = 0
    half = PreparedPerson(drawn.photo, dataclasses.replace(annotation, keypoints=keypoints))
    with pytest.raises(CutOff):
        drape(half, PreparedGarment(*flat_trousers()))
    assert (drape(half, PreparedGarment(*flat_top())).alpha > 128).any()


def test_nobody_and_nothing_are_refused() -> None:
    drawn = person()
    annotation = drawn.annotation()
    nobody = dataclasses.replace(annotation, keypoints=np.zeros((18, 3), np.float32))
    with pytest.raises(NoPerson):
        drape(PreparedPerson(drawn.photo, nobody), PreparedGarment(*flat_top()))
    mirrored = annotation.keypoints.copy()
    mirrored[:, 0] = 384 - mirrored[:, 0]
    behind = dataclasses.replace(annotation, keypoints=mirrored)
    with pytest.raises(BackView):
        drape(PreparedPerson(drawn.photo, behind), PreparedGarment(*flat_top()))
    photo, garment = flat_top()
    empty = dataclasses.replace(garment, mask=np.zeros_like(garment.mask))
    with pytest.raises(NoGarment):
        wear(drawn, (photo, empty))


def test_a_hem_below_the_photo_is_reported() -> None:
    drawn = person()
    photo, garment = drawn.photo[:330], drawn.annotation()
    keypoints = garment.keypoints.copy()
    cut = dataclasses.replace(garment, parse=garment.parse[:330], keypoints=keypoints)
    worn = drape(PreparedPerson(photo, cut), PreparedGarment(*flat_trousers()))
    assert "hem_out_of_frame" in worn.warnings
    assert worn.alpha.shape == (330, 384)


def test_unknown_arms_hang_and_are_reported() -> None:
    drawn = person(sleeves="none")
    annotation = drawn.annotation()
    keypoints = annotation.keypoints.copy()
    keypoints[[Joint.L_ELBOW, Joint.L_WRIST], 2] = 0
    worn = drape(
        PreparedPerson(drawn.photo, dataclasses.replace(annotation, keypoints=keypoints)),
        PreparedGarment(*flat_top(long=True)),
    )
    assert "arm_guessed" in worn.warnings
    assert (worn.parts == Part.LEFT).sum() > 0.6 * (worn.parts == Part.RIGHT).sum()
