"""Cleaning and enlarging logits: on logits made from exact labels, without a network."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.person import joints, labels, stance
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.person.forward import Seen, show
from tests.ml.person import scenes

CELL = 6  # pixels of the photo per cell


def seen(parse: NDArray[np.uint8], box: tuple[int, int, int, int] | None = None) -> Seen:
    """What a perfect network would say: class shares per cell, as logits."""
    box = box or (0, 0, *parse.shape)
    part = parse[box[0] : box[2], box[1] : box[3]]
    rows, columns = part.shape[0] // CELL, part.shape[1] // CELL
    part = part[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL)
    shares = np.stack([(part == label).mean(axis=(1, 3)) for label in Atr])
    none = np.zeros(3, np.float32)
    # A cell is two pixels of the network's input.
    scale = (2 / CELL, 2 / CELL)
    logits = np.log(shares + 1e-4).astype(np.float32)
    return Seen(logits, np.zeros((18, 4, 4), np.float32), none, none[:2], box, scale)


def in_cells(look: Seen, annotation: PersonAnnotation) -> NDArray[np.float64]:
    points = annotation.keypoints.astype(float)
    points[:, :2] = look.photo_to_parse(points[:, :2])
    return points


def swapped(parse: NDArray[np.uint8], pairs: tuple[tuple[Atr, Atr], ...]) -> NDArray[np.uint8]:
    table = np.arange(len(Atr), dtype=np.uint8)
    for left, right in pairs:
        table[[left, right]] = right, left
    return np.asarray(table[parse], np.uint8)


@pytest.mark.parametrize("box", [None, (60, 126, 1140, 798)])
def test_enlarged_labels_lie_where_they_were(box: tuple[int, int, int, int] | None) -> None:
    _, annotation = scenes.figure()
    look = seen(annotation.parse, box)
    parse = labels.enlarge(look.parse, look, annotation.parse.shape)
    assert parse.shape == annotation.parse.shape
    assert (parse == annotation.parse).mean() > 0.993
    for label in (Atr.UPPER, Atr.PANTS, Atr.LEFT_ARM, Atr.FACE):
        assert scenes.iou(parse, annotation.parse, label) > 0.93, label


def test_sides_follow_the_skeleton() -> None:
    _, annotation = scenes.figure("sora")  # bare arms, bare legs
    pairs = (
        (Atr.LEFT_ARM, Atr.RIGHT_ARM),
        (Atr.LEFT_LEG, Atr.RIGHT_LEG),
        (Atr.LEFT_SHOE, Atr.RIGHT_SHOE),
    )
    wrong = seen(swapped(annotation.parse, pairs))
    # A network that is not sure of itself: the skeleton decides.
    doubt = np.full((18, *wrong.parse.shape[1:]), -9, np.float32)
    for left, right in pairs:
        both = np.maximum(wrong.parse[left], wrong.parse[right])
        doubt[left], doubt[right] = both + (wrong.parse[left] > wrong.parse[right]) * 0.5, both
    others = [label for label in Atr if label not in np.ravel(pairs)]
    doubt[others] = wrong.parse[others]
    tidy = labels.tidy(doubt, in_cells(wrong, annotation))
    parse = labels.enlarge(tidy, wrong, annotation.parse.shape)
    for label in np.ravel(pairs):
        assert scenes.iou(parse, annotation.parse, label) > 0.85, Atr(label)


def test_sides_stay_where_the_skeleton_is_unknown() -> None:
    _, annotation = scenes.figure("sora")
    look = seen(annotation.parse)
    unknown = np.zeros((18, 3))
    tidy = labels.tidy(look.parse, unknown)
    parse = labels.enlarge(tidy, look, annotation.parse.shape)
    assert scenes.iou(parse, annotation.parse, Atr.LEFT_LEG) > 0.9


def test_islands_go_and_bags_stay() -> None:
    _, annotation = scenes.figure()
    parse = annotation.parse.copy()
    hand = annotation.keypoints[Joint.L_WRIST, :2].astype(int)
    bag = (slice(hand[1] + 60, hand[1] + 180), slice(hand[0] + 10, hand[0] + 90))
    parse[bag] = Atr.BAG  # beside the hand that holds it
    parse[40:120, 20:80] = Atr.UPPER  # somebody's jacket on a hook
    parse[500:512, 440:452] = Atr.SKIRT  # a speck in the middle of the top
    look = seen(parse)
    tidy = labels.tidy(look.parse, in_cells(look, annotation))
    found = labels.enlarge(tidy, look, parse.shape)
    assert (found[bag] == Atr.BAG).mean() > 0.9
    assert not (found[:160, :120] != Atr.BACKGROUND).any()
    assert not (found == Atr.SKIRT).any()
    assert found[506, 446] != Atr.BACKGROUND


def test_nobody_has_no_main_piece() -> None:
    assert labels.main_piece(np.zeros((40, 30), np.uint8), np.zeros((18, 3)), 2) is None


def drawn(*people: NDArray[np.float64], shape: tuple[int, int] = (96, 144)) -> NDArray[np.float32]:
    """Heat maps with a peak per person."""
    ys, xs = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    heat = np.zeros((18, *shape), np.float32)
    for points in people:
        for k, (x, y, height) in enumerate(points):
            peak = height * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * 1.5**2))
            heat[k] = np.maximum(heat[k], peak)
    return heat


def standing(x: float, y: float, height: float, sure: float = 0.9) -> NDArray[np.float64]:
    """A drawn fitting model's joints, its neck there, that high from nose to ankles."""
    points = scenes.figure("minjae")[1].keypoints.astype(float)
    points[:, :2] -= points[Joint.NECK, :2]
    points[:, :2] *= height / (points[Joint.L_ANKLE, 1] - points[Joint.NOSE, 1])
    points[:, :2] += (x, y)
    points[:, 2] = sure
    return points


def test_a_peak_between_cells_is_found_there() -> None:
    truth = standing(30.3, 20.7, 60)
    (found,) = joints.skeletons(drawn(truth))
    np.testing.assert_allclose(found[:, :2], truth[:, :2], atol=0.05)
    assert (found[:, 2] > 0.7).all()


def test_two_people_have_two_skeletons_and_the_larger_is_first() -> None:
    small, large = standing(35, 30, 40), standing(80, 20, 66)
    for people in ((small, large), (large, small)):
        found = joints.skeletons(drawn(*people))
        assert len(found) == 2
        np.testing.assert_allclose(found[0][:, :2], large[:, :2], atol=0.3)
        np.testing.assert_allclose(found[1][:, :2], small[:, :2], atol=0.3)
        assert joints.size(found[0]) / joints.size(found[1]) == pytest.approx(66 / 40, rel=0.05)


def test_somebody_elses_limbs_are_not_borrowed() -> None:
    """The wrist that another person shows is not that of one who hides theirs."""
    one, other = standing(40, 20, 66, sure=0.95), standing(85, 20, 66, sure=0.6)
    one[[Joint.L_WRIST, Joint.R_ANKLE], 2] = 0.0
    first, second = joints.skeletons(drawn(one, other))
    assert (first[[Joint.L_WRIST, Joint.R_ANKLE], 2] < stance.SURE).all()
    np.testing.assert_allclose(second[:, :2], other[:, :2], atol=0.3)


def test_without_a_neck_every_joint_is_its_highest_peak() -> None:
    heat = np.zeros((18, 24, 18), np.float32)
    heat[:, 0, 17] = 0.5
    heat[Joint.NECK] = 0.01
    (found,) = joints.skeletons(heat)
    others = [joint for joint in Joint if joint != Joint.NECK]
    np.testing.assert_allclose(found[others], [[17, 0, 0.5]] * 17, atol=1e-6)


def test_grids_and_photo_share_their_places() -> None:
    look = Seen(*(np.zeros(0, np.float32),) * 4, box=(100, 40, 900, 640), scale=(0.4, 0.4))
    # The photo's place of an input pixel i is (i + 0.5) / scale - 0.5, moved by the box.
    assert look.parse_to_photo(np.array([10.0, 20.0])) == pytest.approx(
        [(2 * 10 + 1) / 0.4 - 0.5 + 40, (2 * 20 + 1) / 0.4 - 0.5 + 100]
    )
    assert look.heat_to_photo(np.array([5.0, 7.0])) == pytest.approx(
        [(4 * 5 + 2) / 0.4 - 0.5 + 40, (4 * 7 + 2) / 0.4 - 0.5 + 100]
    )
    there = look.parse_to_photo(np.array([3.3, 4.4]))
    assert look.photo_to_parse(there) == pytest.approx([3.3, 4.4])


def test_hidden_knees_are_guessed_and_cut_ones_are_not() -> None:
    _, annotation = scenes.figure()
    points = annotation.keypoints.astype(float)
    legs = [Joint.L_KNEE, Joint.R_KNEE, Joint.L_ANKLE, Joint.R_ANKLE]
    points[legs, 2] = 0.05  # below a long skirt
    guessed = stance.with_hidden(points, annotation.parse)
    assert (guessed[legs, 2] == stance.SURE).all()
    off = np.linalg.norm(guessed[legs, :2] - annotation.keypoints[legs, :2], axis=1)
    assert (off < 0.35 * stance.torso_length(points[:, :2])).all()
    short = annotation.parse.copy()
    short[round(points[Joint.L_HIP, 1]) + 90 :] = Atr.BACKGROUND
    assert (stance.with_hidden(points, short)[legs, 2] < stance.SURE).all()


def test_the_seen_part_is_scaled_to_the_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the weights, shapes and places fit the part that was shown."""
    from ml.person import forward
    from ml.person.network import PersonNetwork

    monkeypatch.setattr(forward, "_network", lambda: PersonNetwork().fuse())
    rgb, _ = scenes.figure()
    for box in ((0, 0, 1200, 900), (100, 300, 1100, 500), (5, 7, 60, 890)):
        found = show(rgb, box)
        rows, columns = found.parse.shape[1:]
        assert found.heat.shape == (18, -(-rows // 2), -(-columns // 2))
        end = found.photo_to_parse(np.array([box[3] - 1.0, box[2] - 1.0]))
        assert 0 < end[0] < columns
        assert 0 < end[1] < rows
        assert found.people.sum() == pytest.approx(1)


def test_what_is_told_without_torch_is_true() -> None:
    from ml.person import network, version

    assert (network.CANVAS, network.WEIGHTS) == (version.CANVAS, version.WEIGHTS)


def test_a_passer_by_who_touches_is_not_labelled() -> None:
    _, annotation = scenes.figure("sora")
    shift = 260  # their arms overlap
    both = annotation.parse.copy()
    both[:, shift:] = np.maximum(both[:, shift:], annotation.parse[:, :-shift])
    look = seen(both)
    other = annotation.keypoints.copy()
    other[:, 0] += shift
    points = in_cells(look, annotation)
    apart = in_cells(look, PersonAnnotation(annotation.parse, other))
    alone = labels.enlarge(labels.tidy(look.parse, points, [apart]), look, both.shape)
    person = [label for label in Atr if label]
    assert scenes.iou(alone, annotation.parse, *person) > 0.85
    together = labels.enlarge(labels.tidy(look.parse, points), look, both.shape)
    assert scenes.iou(together, annotation.parse, *person) < 0.65
