"""Losses reward what is right and do not mind what nobody labelled."""

from __future__ import annotations

import torch
from torch import Tensor

from ml.training.person import losses
from ml.training.person.sources import UNKNOWN

CLASSES = 18


def _parse() -> Tensor:
    parse = torch.zeros(2, 12, 12, dtype=torch.long)
    parse[:, 3:9, 3:9] = 4
    return parse


def _logs(parse: Tensor, sure: float = 30.0) -> Tensor:
    chances = torch.nn.functional.one_hot(parse, CLASSES).permute(0, 3, 1, 2).float()
    return torch.log_softmax(sure * chances, 1)


def test_perfect_prediction_with_absent_classes_has_no_dice_loss() -> None:
    parse = _parse()
    assert losses.dice_loss(_logs(parse).exp(), parse) < 1e-3


def test_dice_of_a_missed_class_is_lost() -> None:
    parse = _parse()
    missed = losses.dice_loss(_logs(torch.zeros_like(parse)).exp(), parse)
    assert 0.5 < missed < 0.65  # one of the two classes present is lost


def test_perfect_parse_has_no_loss_and_a_wrong_one_much() -> None:
    parse = _parse()
    assert losses.parse_loss(_logs(parse), parse, smoothing=0.0) < 1e-3
    assert losses.parse_loss(_logs(torch.zeros_like(parse)), parse, smoothing=0.0) > 5


def test_unknown_pixels_do_not_matter() -> None:
    parse = _parse()
    logs = _logs(torch.zeros_like(parse))
    parse[:, 3:9, 3:9] = UNKNOWN
    assert losses.parse_loss(logs, parse, smoothing=0.0) < 1e-3
    assert losses.dice_loss(logs.exp(), parse) < 1e-3
    nothing = torch.full_like(parse, UNKNOWN)
    assert losses.parse_loss(logs, nothing) == 0
    assert losses.dice_loss(logs.exp(), nothing) == 0


def test_rare_classes_weigh_more_but_not_without_end() -> None:
    weights = losses.class_weights()
    assert weights[0] < weights[4] < weights[2] <= losses.HEAVIEST


def test_tags_bar_classes_where_nobody_labelled() -> None:
    unknown = torch.full((2, 12, 12), UNKNOWN)
    possible = torch.ones(2, CLASSES, dtype=torch.bool)
    logs = _logs(_parse(), sure=5.0)
    assert losses.impossible_loss(logs, unknown, possible) < 1e-5
    possible[:, 4] = False
    assert losses.impossible_loss(logs, unknown, possible) > 0.5
    assert losses.impossible_loss(logs, _parse(), possible) == 0


def _heat(points: Tensor, shape: tuple[int, int] = (24, 20)) -> Tensor:
    return torch.logit(losses.gaussians(points, shape).clamp(0.001, 0.999))


def test_pose_loss_is_lowest_at_the_joint() -> None:
    points = torch.tensor([[[8.0, 9.0, 1.0]] * 18])
    shown = torch.zeros(1, 18, dtype=torch.bool)
    right = losses.pose_loss(_heat(points), points, shown)
    wrong = losses.pose_loss(_heat(points + 4), points, shown)
    assert right < 0.5 * wrong


def test_pose_loss_skips_points_without_weight() -> None:
    points = torch.tensor([[[8.0, 9.0, 0.0]] * 18])
    shown = torch.zeros(1, 18, dtype=torch.bool)
    assert losses.pose_loss(_heat(points + 4), points, shown) == 0


def test_absent_joints_must_not_peak() -> None:
    points = torch.tensor([[[-50.0, 9.0, 0.9]] * 18])
    absent = torch.ones(1, 18, dtype=torch.bool)
    peak = _heat(torch.tensor([[[8.0, 9.0, 1.0]] * 18]))
    quiet = torch.full_like(peak, -7.0)
    assert losses.pose_loss(quiet, points, absent) < 0.2 * losses.pose_loss(peak, points, absent)


def test_presence_without_answers_costs_nothing() -> None:
    presence = torch.randn(2, 5)
    nobody_knows = torch.tensor([-1, -1])
    assert losses.presence_loss(presence, nobody_knows, nobody_knows) == 0
    known = losses.presence_loss(presence, torch.tensor([0, 2]), torch.tensor([-1, 4]))
    assert torch.isfinite(known)
    assert known > 0


def test_classes_that_nobody_knows_of_teach_nothing() -> None:
    kinds = torch.tensor([[5.0, -5.0, 5.0]])
    assert losses.kinds_loss(kinds, torch.tensor([[1, 0, -1]])) < 0.01
    assert losses.kinds_loss(kinds, torch.tensor([[1, 0, 0]])) > 1
    assert losses.kinds_loss(kinds, torch.full((1, 3), -1)) == 0
