"""How close garments lie to the body: shoulders, arms, knees, and necklines on the flat."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.garment.annotation import Cut, GarmentAnnotation, Landmark, Region
from ml.person.annotation import Atr, Joint
from ml.tryon.drape.body import measure
from ml.tryon.drape.pieces import Part, Worn
from ml.tryon.drape.warp import drape
from ml.tryon.drape.warp_arms import arms_beside
from ml.tryon.drape.warp_flat import flatten
from ml.tryon.drape.warp_neckline import split_back
from ml.tryon.engine import PreparedGarment, PreparedPerson
from tests.ml.tryon.mannequin import Mannequin, flat_dress, flat_top, flat_trousers, person

Flat = tuple[NDArray[np.uint8], GarmentAnnotation]
UNIT = 100.0  # the mannequin's torso


def wear(drawn: Mannequin, flat: Flat) -> Worn:
    return drape(PreparedPerson(drawn.photo, drawn.annotation()), PreparedGarment(flat[0], flat[1]))


def outside_arm(drawn: Mannequin, worn: Worn, side: str, low: int, high: int) -> float:
    """How far the sleeve reaches beyond the arm's bone in rows low..high, in pixels."""
    shoulder, elbow = (drawn.points[Joint[f"{side}_{n}"]] for n in ("SHOULDER", "ELBOW"))
    most = 0.0
    for y in range(low, high):
        x = np.interp(y, (shoulder[1], elbow[1]), (shoulder[0], elbow[0]))
        row = np.flatnonzero(worn.alpha[y] > 128)
        most = max(most, float(row.max() - x if side == "L" else x - row.min()))
    return most


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("side", ["L", "R"])
def test_a_sleeve_lies_on_the_shoulder(side: str, long: bool) -> None:
    drawn = person(sleeves="none")
    worn = wear(drawn, flat_top(long=long))
    assert 0.06 * UNIT < outside_arm(drawn, worn, side, 100, 125) < 0.135 * UNIT
    assert outside_arm(drawn, worn, side, 125, 160) < 0.15 * UNIT


def test_a_cuff_closes_round_the_wrist() -> None:
    drawn = person(sleeves="none")
    worn = wear(drawn, flat_top(long=True))
    sleeve = (worn.parts == Part.LEFT) & (worn.alpha > 128)
    row = drawn.points[Joint.L_WRIST][1] - 3
    assert 0.08 * UNIT < sleeve[row].sum() < 0.22 * UNIT


def test_no_gap_between_torso_and_a_hanging_arm() -> None:
    drawn = person(sleeves="none", top_width=60)
    for side in ("L", "R"):  # arms close to the body, over an older wide top
        sign = 1 if side == "L" else -1
        drawn.points[Joint[f"{side}_ELBOW"]] = (192 + sign * 38, 168)
        drawn.points[Joint[f"{side}_WRIST"]] = (192 + sign * 40, 218)
    worn = wear(drawn, flat_top())
    for y in range(135, 185, 5):
        for sign in (1, -1):
            ends = sorted((192, 192 + sign * 34))
            assert (worn.alpha[y, ends[0] : ends[1]] > 128).all(), (y, sign)


def test_a_real_gap_beside_the_waist_stays_open() -> None:
    drawn = person(sleeves="none")
    drawn.parse[150:200, 213:240] = Atr.BACKGROUND
    drawn.points[Joint.L_ELBOW], drawn.points[Joint.L_WRIST] = (229, 168), (232, 218)
    annotation = drawn.annotation()
    arms = arms_beside(measure(annotation), annotation.parse)
    heights = np.array([0.25, 0.55])
    half = np.array([28.0, 25.0])
    assert arms[1].reach(heights, half)[1] == pytest.approx(25.0, abs=0.5)
    drawn.parse[150:200, 213:240] = Atr.UPPER
    annotation = drawn.annotation()
    arms = arms_beside(measure(annotation), annotation.parse)
    assert arms[1].reach(heights, half)[1] > 30.0


@pytest.mark.parametrize("straps", [152, 172])
def test_a_knee_length_dress_ends_near_the_knee(straps: int) -> None:
    # 43 cm wide and 92 cm long when laid flat: ends at the knee, whatever its straps' distance.
    half = [(180, 30), (straps, 36), (162, 95), (166, 150), (160, 190), (158, 240)]
    outline = np.array([*half, *((420 - x, y) for x, y in reversed(half))], np.int32)
    mask = np.zeros((420, 420), np.uint8)
    cv2.fillPoly(mask, [outline], 255)
    photo = np.where(mask[..., None] > 0, (60, 120, 80), (245, 245, 245)).astype(np.uint8)
    spots = {
        "neck": (180, 30), "shoulder": (straps, 36), "armpit": (162, 95),
        "cuff_outer": (straps, 36), "cuff_inner": (162, 95), "waist": (166, 150),
        "hem": (158, 240),
    }  # fmt: skip
    marks: dict[str, Landmark] = {}
    for name, (x, y) in spots.items():
        kind, _, which = name.partition("_")
        seen = 0 if kind == "cuff" else 2
        tail = f"_{which}" if which else ""
        marks[f"{kind}_right{tail}"] = Landmark(x, y, seen)
        marks[f"{kind}_left{tail}"] = Landmark(420 - x, y, seen)
    dress = GarmentAnnotation(mask, Region.DRESS, Cut.DRESS, marks, 0.9, "drawn")
    drawn = person(dress=True, bottoms="none", sleeves="none")
    worn = wear(drawn, (photo, dress))
    hem = int(np.nonzero((worn.alpha > 128).any(axis=1))[0].max())
    assert abs(hem - drawn.points[Joint.L_KNEE][1]) < 0.15 * UNIT


def test_hems_follow_the_wearers_own_legs() -> None:
    hems = []
    for low in (380, 350):
        drawn = person(dress=True, bottoms="none", sleeves="none")
        for side in ("L", "R"):
            knee, ankle = Joint[f"{side}_KNEE"], Joint[f"{side}_ANKLE"]
            drawn.points[knee] = (drawn.points[knee][0], 210 + round((low - 210) * 0.52))
            drawn.points[ankle] = (drawn.points[ankle][0], low)
        worn = wear(drawn, flat_dress())
        hem = int(np.nonzero((worn.alpha > 128).any(axis=1))[0].max())
        hems.append((hem - 210) / (low - 210))
    assert hems[0] == pytest.approx(hems[1], abs=0.06)


def test_shorts_reach_down_the_thigh() -> None:
    drawn = person()
    worn = wear(drawn, flat_trousers(short=True))
    hem = int(np.nonzero((worn.alpha > 128).any(axis=1))[0].max())
    hip, knee = drawn.points[Joint.L_HIP][1], drawn.points[Joint.L_KNEE][1]
    assert 0.5 < (hem - hip) / (knee - hip) < 1.0


def scooped(kind: str) -> tuple[Flat, NDArray[np.bool_]]:
    """A top whose back shows, darker, with a seam and a label, through a deep front neckline."""
    photo, garment = flat_top()
    shape = np.zeros(garment.mask.shape, np.uint8)
    if kind == "scoop":
        cv2.ellipse(shape, (210, 62), (44, 62), 0, 0, 180, 255, -1)
    else:
        cv2.fillPoly(shape, [np.array([(170, 62), (250, 62), (210, 165)], np.int32)], 255)
    mask = garment.mask.copy()
    mask[60:80, 176:244] = 255  # the back's edge is nearly straight
    photo[mask > 0] = (200, 60, 50)
    inside = (shape > 0) & (mask > 0)
    photo[inside] = (110, 32, 28)
    photo[72:74][inside[72:74]] = (60, 16, 14)
    photo[74:88, 200:220] = (230, 230, 220)
    marks = dict(garment.landmarks)
    return (
        (photo, GarmentAnnotation(mask, garment.region, garment.cut, marks, 0.9, "drawn")),
        inside,
    )


@pytest.mark.parametrize("kind", ["scoop", "v"])
def test_deep_necklines_are_found_below_the_label(kind: str) -> None:
    (photo, garment), inside = scooped(kind)
    flat = flatten(photo, garment, height=300)
    _, back = split_back(flat)
    rows, columns = np.nonzero(garment.mask)
    left, top = columns.min() - 12 - 3, rows.min() - 12 - 3  # the crop's margin and frame
    found = back > 127
    truth = np.zeros(found.shape, bool)
    part = inside[top : top + found.shape[0], left : left + found.shape[1]]
    truth[: part.shape[0], : part.shape[1]] = part
    assert (found & truth).sum() > 0.85 * truth.sum()
    assert (found & ~truth).sum() < 0.25 * truth.sum()


def test_background_in_the_end_of_an_armpits_slit_is_not_worn() -> None:
    photo, garment = flat_top()
    mask = garment.mask.copy()
    slit = np.array([(132, 166), (124, 178), (132, 178)], np.int32)
    cv2.fillPoly(mask, [slit], 255)  # the mask closes the slit, the photo shows the bed
    assert (photo[mask > 0].min(axis=1) > 200).any()
    closed = GarmentAnnotation(mask, garment.region, garment.cut, garment.landmarks, 0.9, "drawn")
    flat = flatten(photo, closed, height=300)
    assert int(flat.colour.min(axis=2).max()) < 100
