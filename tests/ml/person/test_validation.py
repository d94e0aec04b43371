"""Real photos that nothing was trained on: good ones pass, and bad copies of them do not."""

from __future__ import annotations

import os
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from ml.errors import NoPerson
from ml.garment.annotation import Region
from ml.images import RGB
from ml.person import stance
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.person.checks import Findings, Problem, check
from ml.person.look import look_at
from ml.training.data import ccp
from tests.ml.person import scenes

pytestmark = [
    pytest.mark.datasets,
    pytest.mark.skipif(not os.environ.get(ccp.DATASETS), reason=f"{ccp.DATASETS} is not set"),
]
REFUSED = 0.05  # at most, of good photos
CAUGHT = 0.9  # at least, of bad ones
Judged = list[tuple[ccp.Photo, RGB, PersonAnnotation | None, Findings]]


def judged(rgb: RGB) -> tuple[PersonAnnotation | None, Findings]:
    try:
        look = look_at(rgb)
    except NoPerson as error:
        problem = Problem(error.code)
        return None, Findings(problem, dict.fromkeys(Region, problem))
    return look.annotation, check(rgb, look)


@pytest.fixture(scope="module")
def photos() -> Judged:
    held = ccp.held_out()
    found = [photo for photo in ccp.photos(ccp.folder()) if photo.id in held]
    assert len(found) > 100
    pictures = [(photo, photo.rgb()) for photo in found]
    return [(photo, rgb, *judged(rgb)) for photo, rgb in pictures]


def frontal(photo: ccp.Photo) -> bool:
    """Whether the teacher sees a front, too: profiles are refused rightly."""
    return not photo.flagged and stance.turned(photo.points[:, :2].astype(float)) > 0.3


def test_good_photos_pass(photos: Judged) -> None:
    good = [(photo, found) for photo, _, _, found in photos if frontal(photo)]
    refused = [(photo.id, found.fatal) for photo, found in good if found.fatal]
    assert len(refused) <= REFUSED * len(good), refused
    for region in Region:
        never = [
            (photo.id, found.by_region[region])
            for photo, found in good
            if not found.fatal and region in found.by_region
        ]
        assert len(never) <= REFUSED * len(good), never


def test_most_joints_are_on_their_own_side(photos: Judged) -> None:
    """Left and right of arms and legs, where the teacher tells them apart clearly."""
    pairs = ((Joint.L_ELBOW, Joint.R_ELBOW), (Joint.L_KNEE, Joint.R_KNEE))
    right = wrong = 0
    for photo, _, found, _ in photos:
        if found is None or not frontal(photo):
            continue
        unit = stance.torso_length(photo.points[:, :2].astype(float))
        for left, other in pairs:
            truth = photo.points[left, 0] - photo.points[other, 0]
            if min(photo.points[[left, other], 2]) > 0.7 and abs(truth) > 0.3 * unit:
                same = (found.keypoints[left, 0] > found.keypoints[other, 0]) == (truth > 0)
                right, wrong = right + same, wrong + (not same)
    assert wrong <= 0.03 * (right + wrong), (right, wrong)


def test_the_parse_agrees_with_its_skeleton(photos: Judged) -> None:
    """Bare forearms and shins lie on the bones of their own side."""
    on = off = 0
    for _, _, found, _ in photos:
        if found is None:
            continue
        for label, other, start, end in (
            (Atr.LEFT_ARM, Atr.RIGHT_ARM, Joint.L_ELBOW, Joint.L_WRIST),
            (Atr.RIGHT_ARM, Atr.LEFT_ARM, Joint.R_ELBOW, Joint.R_WRIST),
            (Atr.LEFT_LEG, Atr.RIGHT_LEG, Joint.L_KNEE, Joint.L_ANKLE),
            (Atr.RIGHT_LEG, Atr.LEFT_LEG, Joint.R_KNEE, Joint.R_ANKLE),
        ):
            points = found.keypoints[[start, end]]
            if points[:, 2].min() < 0.5:
                continue
            line = np.zeros(found.parse.shape, np.uint8)
            ends = [(int(x), int(y)) for x, y, _ in points]
            cv2.line(line, *ends, 1, 1)
            on += int((found.parse[line > 0] == label).sum())
            off += int((found.parse[line > 0] == other).sum())
    assert off <= 0.06 * (on + off), (on, off)


def _beside(rgb: RGB) -> RGB:
    return np.hstack([rgb, rgb[:, ::-1]])


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (scenes.darkened, {"too_dark", "no_person"}),
        (lambda rgb: scenes.blurred(rgb, 8), {"blurry", "no_person"}),
        (lambda rgb: np.asarray(rgb[: rgb.shape[0] // 4]), {"cut_off", "no_person"}),
        (_beside, {"many_people"}),
        (
            lambda rgb: np.asarray(cv2.resize(rgb, None, fx=0.15, fy=0.15)),
            {"too_small", "no_person"},
        ),
    ],
    ids=["dark", "blurred", "head only", "two people", "tiny"],
)
def test_bad_copies_are_caught(
    photos: Judged, spoil: Callable[[RGB], RGB], codes: set[str]
) -> None:
    chosen = [(p, rgb) for p, rgb, _, found in photos if frontal(p) and not found.fatal][::5]
    missed = []
    for photo, rgb in chosen:
        fatal = judged(spoil(rgb))[1].fatal
        if fatal is None or fatal.code not in codes:
            missed.append((photo.id, fatal))
    assert len(missed) <= (1 - CAUGHT) * len(chosen), missed


def test_cut_legs_are_noticed(photos: Judged) -> None:
    chosen = [(p, rgb) for p, rgb, _, found in photos if frontal(p) and not found.fatal][::5]
    missed = []
    for photo, rgb in chosen:
        knee = photo.points[[Joint.L_KNEE, Joint.R_KNEE], 1].min()
        hip = photo.points[[Joint.L_HIP, Joint.R_HIP], 1].max()
        found = judged(rgb[: int(0.4 * knee + 0.6 * hip)])[1]
        problem = found.by_region.get(Region.LOWER)
        if problem is None or problem.code != "cut_off":
            missed.append((photo.id, found))
    assert len(missed) <= (1 - CAUGHT) * len(chosen), missed
