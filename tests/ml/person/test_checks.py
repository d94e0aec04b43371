"""What is wrong with a photo: judged on drawn figures and their exact labels, without a network."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from ml import errors
from ml.errors import InputError
from ml.garment.annotation import Region
from ml.images import RGB
from ml.person import measures
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.person.checks import Findings, Problem, check
from ml.person.look import Look, facing_of
from ml.tryon.drape import body, uncover_body
from tests.ml.person import scenes


def seen(labels: PersonAnnotation, **more: object) -> Look:
    plain = Look(labels, people=1, facing="front", nobody=0.0, several=0.0, back=0.0)
    return dataclasses.replace(plain, **more)


def findings(rgb: RGB, labels: PersonAnnotation, **more: object) -> Findings:
    return check(rgb, seen(labels, **more))


@pytest.mark.parametrize("name", scenes.NAMES)
def test_a_good_photo_passes(name: str) -> None:
    assert findings(*scenes.figure(name)) == Findings(None, {})


def test_so_does_a_grey_one() -> None:
    rgb, labels = scenes.figure()
    assert findings(scenes.grey(rgb), labels) == Findings(None, {})


def test_a_half_body_photo_is_for_tops() -> None:
    found = findings(*scenes.cropped(0.0, 0.62))
    assert found.fatal is None
    cut = Problem("cut_off", ("knees", "feet"))
    assert found.by_region == {Region.LOWER: cut, Region.DRESS: cut}


def test_dresses_need_no_feet() -> None:
    found = findings(*scenes.cropped(0.0, 0.83))
    assert found.by_region == {Region.LOWER: Problem("cut_off", ("feet",))}


def test_a_head_is_never_needed() -> None:
    rgb, labels = scenes.cropped(0.13, 1.0)
    assert labels.keypoints[Joint.NOSE, 2] == 0
    assert findings(rgb, labels) == Findings(None, {})


def test_a_face_alone_is_too_little() -> None:
    found = findings(*scenes.cropped(-0.1, 0.16))
    assert found.fatal == Problem("cut_off", ("shoulders", "hips"))
    assert set(found.by_region) == set(Region)


def test_what_the_network_says_is_told() -> None:
    rgb, labels = scenes.figure()
    assert findings(rgb, labels, people=2).fatal == Problem("many_people")
    assert findings(rgb, labels, facing="back").fatal == Problem("back_view")
    assert findings(rgb, labels, facing="side").fatal == Problem("back_view")


def test_dark_photos_are_refused_and_dark_clothes_are_not() -> None:
    rgb, labels = scenes.figure()
    assert findings(scenes.darkened(rgb), labels).fatal == Problem("too_dark")
    assert findings(scenes.darkened(rgb, 0.33), labels).advice == (Problem("too_dark"),)
    black = rgb.copy()
    black[np.isin(labels.parse, (Atr.UPPER, Atr.PANTS, Atr.FACE, Atr.HAIR))] = (12, 12, 14)
    assert findings(black, labels) == Findings(None, {})


def test_blur_is_measured_on_the_person() -> None:
    rgb, labels = scenes.figure()
    unit = measures.torso_length(labels)
    assert findings(scenes.blurred(rgb, 0.04 * unit), labels).fatal == Problem("blurry")
    assert Problem("blurry") in findings(scenes.blurred(rgb, 0.013 * unit), labels).advice
    kernel = np.zeros((int(0.16 * unit) | 1,) * 2, np.float32)
    kernel[len(kernel) // 2] = 1 / len(kernel)
    assert findings(cv2.filter2D(rgb, -1, kernel), labels).fatal == Problem("blurry")
    # A sharp street behind somebody who moved does not help, a soft one does not harm.
    street = np.random.default_rng(0).integers(0, 255, rgb.shape).astype(np.uint8)
    person = cv2.dilate((labels.parse != 0).astype(np.uint8), np.ones((31, 31)))[..., None] > 0
    moved = np.where(person, scenes.blurred(rgb, 0.04 * unit), street)
    assert findings(moved, labels).fatal == Problem("blurry")
    portrait = np.where(person, rgb, scenes.blurred(rgb, 0.04 * unit))
    assert findings(portrait, labels) == Findings(None, {})


@pytest.mark.parametrize(("height", "code"), [(140, "fatal"), (260, "advice"), (700, "")])
def test_size(height: int, code: str) -> None:
    rgb, labels = scenes.figure()
    factor = height / 1046
    small = np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    parse = cv2.resize(labels.parse, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    keypoints = labels.keypoints * np.array([factor, factor, 1], np.float32)
    found = findings(small, PersonAnnotation(np.asarray(parse, np.uint8), keypoints))
    problem = Problem("too_small")
    assert (found.fatal == problem, problem in found.advice) == (code == "fatal", code == "advice")


def test_a_bag_before_the_clothes() -> None:
    rgb, labels = scenes.figure()
    shoulders, hips = labels.keypoints[Joint.NECK, :2], labels.keypoints[Joint.R_HIP, :2]
    parse = labels.parse.copy()
    torso = (slice(round(shoulders[1]) + 40, round(hips[1]) - 40), slice(330, 560))
    parse[torso] = np.where(parse[torso] == Atr.UPPER, Atr.BAG, parse[torso])
    found = findings(rgb, PersonAnnotation(parse, labels.keypoints))
    hidden = Problem("arms_cover")
    assert found.by_region == dict.fromkeys((Region.UPPER, Region.DRESS, Region.OUTER), hidden)
    assert found.fatal is None
    below = labels.parse.copy()
    below[below == Atr.PANTS] = Atr.BAG
    found = findings(rgb, PersonAnnotation(below, labels.keypoints))
    assert found.by_region == {Region.LOWER: hidden}


def test_folded_arms_in_sleeves_are_seen_by_their_bones() -> None:
    rgb, labels = scenes.figure()
    keypoints = labels.keypoints.copy()
    (rx, ry), (lx, ly) = keypoints[[Joint.R_SHOULDER, Joint.L_SHOULDER], :2]
    keypoints[Joint.R_ELBOW, :2], keypoints[Joint.L_ELBOW, :2] = (rx, ry + 150), (lx, ly + 150)
    keypoints[Joint.R_WRIST, :2], keypoints[Joint.L_WRIST, :2] = (
        (lx - 10, ly + 120),
        (rx + 10, ry + 180),
    )
    found = findings(rgb, PersonAnnotation(labels.parse, keypoints))
    assert Problem("arms_cover") in (*found.advice, *found.by_region.values())


def test_bare_skin_is_not_beige_cloth() -> None:
    rgb, labels = scenes.figure("sora")  # shorts: the legs are bare below them
    tone = np.median(rgb[labels.parse == Atr.FACE], axis=0)
    nude = rgb.copy()
    clothes = np.isin(labels.parse, (Atr.UPPER, Atr.PANTS))
    nude[clothes] = tone
    assert findings(nude, labels).fatal == Problem("not_clothed")
    beige = rgb.copy()
    beige[clothes] = np.clip(tone + np.array([44, 52, 40]), 0, 255)
    assert findings(beige, labels).fatal is None
    shirtless = rgb.copy()
    shirtless[labels.parse == Atr.UPPER] = tone
    assert findings(shirtless, labels).fatal is None


@pytest.mark.parametrize("height", [0.42, 0.5, 0.62, 0.7, 0.83, 1.0])
@pytest.mark.parametrize("turn", [1.0, 0.4, 0.1, -1.0])
def test_what_passes_the_check_passes_the_engine(height: float, turn: float) -> None:
    """The engine refuses no pose, for any region, that the check let through."""
    rgb, labels = scenes.cropped(0.0, height)
    keypoints = labels.keypoints.copy()
    middle = float(keypoints[Joint.NECK, 0])
    keypoints[:, 0] = middle + (keypoints[:, 0] - middle) * turn
    labels = PersonAnnotation(labels.parse, keypoints)
    found = findings(rgb, labels, facing=facing_of(labels.keypoints.astype(float)))
    if found.fatal is None:
        body.measure(labels, legs=Region.LOWER not in found.by_region)
        uncover_body.measure(labels)
    else:
        assert found.fatal.code in ("cut_off", "back_view")


@pytest.mark.parametrize("name", scenes.NAMES)
def test_hair_where_the_face_should_be(name: str) -> None:
    """The drawn people of all skin tones have faces; repainted, they turn their backs."""
    rgb, labels = scenes.figure(name)
    assert not measures.hair_over_face(rgb, labels)
    assert not measures.hair_over_face(scenes.grey(rgb), labels)
    assert measures.hair_over_face(scenes.from_behind(name), labels)
    hair = labels.parse.copy()
    nose = labels.keypoints[Joint.NOSE, 1]
    hair[: int(nose) + 40][hair[: int(nose) + 40] == Atr.FACE] = Atr.HAIR
    assert measures.hair_over_face(rgb, PersonAnnotation(hair, labels.keypoints))
    phone = rgb.copy()  # a dark phone before the face, labelled as what it is: nothing worn
    there = labels.parse.copy()
    spot = (slice(int(nose) - 60, int(nose) + 60), slice(400, 500))
    phone[spot], there[spot] = (15, 15, 16), Atr.BACKGROUND
    assert not measures.hair_over_face(phone, PersonAnnotation(there, labels.keypoints))


def test_each_problem_is_an_error_of_its_own() -> None:
    codes = (
        *("no_person", "many_people", "back_view", "cut_off", "arms_cover"),
        *("too_dark", "blurry", "too_small", "not_clothed"),
    )
    kinds = {code: Problem(code).error() for code in codes}
    assert all(isinstance(error, InputError) for error in kinds.values())
    assert {code: error.code for code, error in kinds.items()} == {code: code for code in codes}
    assert len({str(error) for error in kinds.values()}) == len(codes)
    assert isinstance(kinds["back_view"], errors.BackView)
    assert str(Problem("cut_off", ("knees", "feet"))) == "outside the photo: knees, feet"
