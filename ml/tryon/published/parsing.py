"""From the coarse networks' class maps to the labels that the generators paint by.

The maps are enlarged to the picture, smoothed by a Gaussian of 15 x 15, sigma 3, with zeros
outside, and each pixel takes its highest class. The plain way does that step by step. The other
knows that enlarging and smoothing are one linear map for rows and one for columns.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from ml.tryon.published.classes import THIRTEEN_TO_7
from ml.tryon.published.inputs import one_hot

_WIDTH, _SIGMA = 15, 3.0


def smooth_plain(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """(N, C, h, w) -> (N, C, H, W)."""
    large = F.interpolate(maps, size, mode="bilinear")
    line = _gaussian().to(maps)
    kernel = torch.outer(line, line).expand(maps.shape[1], 1, -1, -1)
    return F.conv2d(large, kernel, padding=_WIDTH // 2, groups=maps.shape[1])


def smooth(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """The same."""
    rows, columns = (
        _matrix(few, many).to(maps) for few, many in zip(maps.shape[2:], size, strict=True)
    )
    return rows @ (maps @ columns.T)


def highest_plain(maps: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H, W), the first of equals."""
    return maps.argmax(dim=1)


def highest(maps: Tensor) -> Tensor:
    """The same, class by class."""
    best = maps[:, 0].clone()
    labels = torch.zeros_like(best, dtype=torch.uint8)
    for number in range(1, maps.shape[1]):
        labels[maps[:, number] > best] = number
        torch.maximum(best, maps[:, number], out=best)
    return labels.long()


def seven(labels: Tensor) -> Tensor:
    """(N, H, W) of the thirteen -> (N, 7, H, W) one-hot."""
    table = torch.from_numpy(THIRTEEN_TO_7).to(labels.device)
    return one_hot(table[labels], 7)


def _gaussian() -> Tensor:
    away = torch.arange(_WIDTH) - _WIDTH // 2
    line = torch.exp(-(away**2) / (2 * _SIGMA**2))
    return line / line.sum()


@cache
def _matrix(few: int, many: int) -> Tensor:
    """(many, few): enlarge a line of ``few`` values to ``many`` and smooth it."""
    one_by_one = torch.eye(few)[:, None, None]
    large = F.interpolate(one_by_one, (1, many), mode="bilinear")
    kernel = _gaussian()[None, None, None]
    return F.conv2d(large, kernel, padding=(0, _WIDTH // 2))[:, 0, 0].T.contiguous()
