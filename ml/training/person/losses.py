"""What the person annotator is trained to lower."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    max_pool2d,
)

from ml.person.network import FACING, FACING_FRONT, PEOPLE, PersonOutput
from ml.training.person.batch import Batch
from ml.training.person.sources import UNKNOWN

#: Share of pixels per class in the training labels; rare classes weigh more.
SHARES = (
    *(0.7682, 0.0010, 0.0126, 0.0007, 0.0800, 0.0087, 0.0382, 0.0305, 0.0007),
    *(0.0055, 0.0053, 0.0107, 0.0063, 0.0061, 0.0044, 0.0045, 0.0141, 0.0025),
)
#: Weight = share to the minus this. The square root finds rare classes sooner, but paints them too
#: large in the end.
POWER = 0.1
#: No class weighs more than this; the mean over pixels is one.
HEAVIEST = 1.5


def class_weights() -> Tensor:
    weights = torch.tensor(SHARES) ** -POWER
    weights = weights / (weights * torch.tensor(SHARES)).sum()
    return weights.clamp(max=HEAVIEST)


def person_losses(out: PersonOutput, batch: Batch, smoothing: float = 0.05) -> Mapping[str, Tensor]:
    """Named terms of one batch, weighed against each other."""
    logs = log_softmax(out.parse.float(), 1)
    return {
        "parse": parse_loss(logs, batch.parse, smoothing),
        "dice": 0.5 * dice_loss(logs.exp(), batch.parse),
        "tags": 0.5 * impossible_loss(logs, batch.parse, batch.possible),
        "pose": 0.5 * pose_loss(out.heatmaps.float(), batch.points, batch.absent),
        "front": 0.2 * front_loss(out.front.float(), batch.front),
        "kinds": 0.5 * kinds_loss(out.kinds.float(), batch.kinds),
        "presence": 0.1 * presence_loss(out.presence.float(), batch.people, batch.facing),
    }


def parse_loss(logs: Tensor, parse: Tensor, smoothing: float = 0.05) -> Tensor:
    """Weighted cross entropy; pixels at a border between labels count half (borders are ragged)."""
    weights = class_weights().to(logs)
    known = parse != UNKNOWN
    label = parse.clamp(max=len(SHARES) - 1)
    right = logs.gather(1, label[:, None])[:, 0]
    loss = -(1 - smoothing) * right - smoothing * logs.mean(1)
    labels = label.float()[:, None]
    high = max_pool2d(labels, 3, 1, 1)
    border = (high != -max_pool2d(-labels, 3, 1, 1))[:, 0]
    weight = weights[label] * known * (1 - 0.5 * border.float())
    return (loss * weight).sum() / weight.sum().clamp(min=1.0)


def dice_loss(chances: Tensor, parse: Tensor) -> Tensor:
    """1 - soft Dice, averaged over the classes present in the batch (absent ones say nothing)."""
    known = (parse != UNKNOWN).float()
    label = parse.clamp(max=chances.shape[1] - 1)
    right = (chances.gather(1, label[:, None])[:, 0] * known).reshape(-1)
    where = label.reshape(-1)
    zeros = chances.new_zeros(chances.shape[1])
    overlap = zeros.index_add(0, where, right)
    count = zeros.index_add(0, where, known.reshape(-1))
    total = (chances * known[:, None]).sum((0, 2, 3))
    present = count > 0
    dice = 2 * overlap / (total + count).clamp(min=1e-6)
    return ((1 - dice) * present).sum() / present.sum().clamp(min=1)


def impossible_loss(logs: Tensor, parse: Tensor, possible: Tensor) -> Tensor:
    """How much chance unlabelled pixels give to classes that the photo's tags exclude."""
    unknown = parse == UNKNOWN
    if not bool(unknown.any()):
        return logs.sum() * 0
    barred = logs.masked_fill(~possible[:, :, None, None], float("-inf"))
    allowed = torch.logsumexp(barred, 1).clamp(max=0)
    return -(allowed * unknown).sum() / unknown.sum()


def kinds_loss(kinds: Tensor, shown: Tensor) -> Tensor:
    """Which classes occur; ``shown`` is 1, 0 or -1 where nobody knows."""
    known = (shown >= 0).float()
    loss = binary_cross_entropy_with_logits(kinds, shown.clamp(min=0).float(), reduction="none")
    return (loss * known).sum() / known.sum().clamp(min=1.0)


def pose_loss(heatmaps: Tensor, points: Tensor, absent: Tensor) -> Tensor:
    """Joints in the picture by their weight; absent ones (``absent``) must show no peak.

    points: (N, 18, 3) x, y in pixels of the heatmap, weight. Two terms: every pixel's own chance,
    the pixels near the joint weighing more, and where the peak is (a softmax over the picture).
    """
    count, joints, height, width = heatmaps.shape
    target = gaussians(points, (height, width)) * (~absent)[:, :, None, None]
    weight = torch.where(absent, torch.ones_like(points[..., 2]), points[..., 2])
    each = binary_cross_entropy_with_logits(heatmaps, target, reduction="none")
    each = (each * (1 + 20 * target)).mean((2, 3)) * weight
    flat = log_softmax(heatmaps.reshape(count, joints, -1), -1)
    shape = target.reshape(count, joints, -1)
    shape = shape / shape.sum(-1, keepdim=True).clamp(min=1e-6)
    place = -(shape * flat).sum(-1) * weight
    present = (weight * ~absent).sum().clamp(min=1.0)
    return 10 * each.sum() / weight.sum().clamp(min=1.0) + 0.1 * place.sum() / present


def gaussians(points: Tensor, shape: tuple[int, int], sigma: float = 1.5) -> Tensor:
    """(N, 18, H, W): a bump of height one at each point."""
    ys = torch.arange(shape[0], device=points.device, dtype=torch.float32)
    xs = torch.arange(shape[1], device=points.device, dtype=torch.float32)
    across = torch.exp(-((xs - points[..., 0:1]) ** 2) / (2 * sigma * sigma))
    down = torch.exp(-((ys - points[..., 1:2]) ** 2) / (2 * sigma * sigma))
    return down[..., :, None] * across[..., None, :]


def front_loss(front: Tensor, target: Tensor) -> Tensor:
    known = (target != UNKNOWN).float()
    loss = binary_cross_entropy_with_logits(
        front[:, 0], (target == 1).float(), reduction="none", pos_weight=front.new_tensor(3.0)
    )
    return (loss * known).sum() / known.sum().clamp(min=1.0)


def presence_loss(presence: Tensor, people: Tensor, facing: Tensor) -> Tensor:
    """Cross entropies; -1 means that nobody knows."""
    loss = presence.sum() * 0
    if bool((people >= 0).any()):
        weights = presence.new_tensor((2.0, 0.7, 2.0))
        loss = loss + cross_entropy(presence[:, PEOPLE], people, weights, ignore_index=-1)
    if bool((facing >= 0).any()):
        side = torch.where(facing >= 0, facing - FACING_FRONT, facing)
        weights = presence.new_tensor((1.0, 3.0))
        loss = loss + cross_entropy(presence[:, FACING], side, weights, ignore_index=-1)
    return loss
