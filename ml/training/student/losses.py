"""How far the student is from its teacher."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, binary_cross_entropy_with_logits

from ml.training.student.samples import Batch
from ml.tryon.student.network import Flow, Worn

#: Weight of each flow, coarse to fine.
STEPS = (0.6, 0.8, 1.2)
#: What lies in the edit counts so much more than the rest of the picture.
EDITED = 6.0


def flow_losses(flow: Flow, batch: Batch) -> Mapping[str, Tensor]:
    """Each step of the flow against the teacher's, where that is known; and its bends."""
    known = batch.cloth * batch.traced
    total = known.new_zeros(())
    for weight, grid in zip(STEPS, flow.grids, strict=True):
        size = (grid.shape[-2], grid.shape[-1])
        share = adaptive_avg_pool2d(known, size)
        meant = adaptive_avg_pool2d(known * batch.places, size) / share.clamp(min=1e-3)
        apart = (grid.float() - meant).abs().sum(1, keepdim=True)
        total = total + weight * (apart * share).sum() / share.sum().clamp(min=1.0)
    fine = flow.grids[-1].float()
    bends = _bent(fine, 2) + _bent(fine, 3)
    return {"flow": 4.0 * total, "bends": 2.0 * bends}


def _bent(grid: Tensor, axis: int) -> Tensor:
    """Mean second difference: even stretching is free."""
    first = grid.narrow(axis, 1, grid.shape[axis] - 1) - grid.narrow(axis, 0, grid.shape[axis] - 1)
    second = first.narrow(axis, 1, first.shape[axis] - 1) - first.narrow(
        axis, 0, first.shape[axis] - 1
    )
    return second.abs().mean()


def picture_losses(made: Worn, batch: Batch) -> Mapping[str, Tensor]:
    """Colours, edges and masks."""
    weight = 1 + EDITED * batch.edit
    weight = weight / weight.mean()
    apart = made.dressed - batch.dressed
    worn = (made.warped * made.light).clamp(0, 1)
    cloth = ((worn - batch.dressed).abs() * batch.cloth).sum() / batch.cloth.sum().clamp(min=1.0)
    bare = batch.edit * (1 - batch.cloth)
    beside = ((made.painted - batch.dressed).abs() * bare).sum() / bare.sum().clamp(min=1.0)
    across = (apart[..., 1:] - apart[..., :-1]).abs() * weight[..., 1:]
    down = (apart[..., 1:, :] - apart[..., :-1, :]).abs() * weight[..., 1:, :]
    return {
        "colour": 8.0 * (apart.abs() * weight).mean(),
        "edges": 3.0 * (across.mean() + down.mean()),
        "cloth": 1.0 * cloth,
        "beside": 0.5 * beside,
        "shown": 0.6 * _mask(made.shown, batch.cloth),
        "edit": 0.6 * _mask(made.edit, batch.edit),
        "even": 0.2 * (made.light[..., 1:, :] - made.light[..., :-1, :]).abs().mean(),
    }


def _mask(logits: Tensor, meant: Tensor) -> Tensor:
    """Cross entropy, and Dice so that small garments count."""
    cross = binary_cross_entropy_with_logits(logits.float(), meant)
    found = torch.sigmoid(logits.float())
    both = (found * meant).sum((1, 2, 3))
    dice = 1 - (2 * both + 1) / (found.sum((1, 2, 3)) + meant.sum((1, 2, 3)) + 1)
    return cross + 0.5 * dice.mean()
