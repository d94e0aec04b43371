"""Samples stacked into tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.person.network import HEATMAP_STRIDE, INPUT_MEAN, INPUT_STD
from ml.training.person.samples import Sample


class Batch(NamedTuple):
    """images: (N, 3, H, W) normalised, channels last. parse, front: (N, H/2, W/2) int64.

    points: (N, 18, 3) x, y in pixels of the heatmap, weight. absent: (N, 18) no peak wanted.
    possible: (N, 18) classes that may occur. people, facing: (N,) int64, -1 unknown.
    kinds: (N, 18) int64, whether a class occurs, -1 unknown.
    """

    images: Tensor
    parse: Tensor
    front: Tensor
    points: Tensor
    absent: Tensor
    possible: Tensor
    people: Tensor
    facing: Tensor
    kinds: Tensor


def normalise(images: NDArray[np.uint8]) -> Tensor:
    """(N, H, W, 3) uint8 -> (N, 3, H, W) float32 in channels-last order."""
    values = torch.from_numpy(np.ascontiguousarray(images)).float().div_(255)
    values = (values - torch.tensor(INPUT_MEAN)) / torch.tensor(INPUT_STD)
    return values.permute(0, 3, 1, 2)


def collate(samples: Sequence[Sample], device: torch.device | str = "cpu") -> Batch:
    height, width = samples[0].rgb.shape[:2]
    points = np.stack([sample.points for sample in samples])
    hidden = np.stack([sample.hidden for sample in samples])
    outside = (points[..., 0] < 0) | (points[..., 1] < 0)
    outside |= (points[..., 0] >= width) | (points[..., 1] >= height)
    # A teacher's guess far outside is still surely not inside.
    absent = (outside & (points[..., 2] > 0.05)) | hidden
    offset = (HEATMAP_STRIDE - 1) / 2
    points = points.copy()
    points[..., :2] = (points[..., :2] - offset) / HEATMAP_STRIDE
    batch = Batch(
        images=normalise(np.stack([sample.rgb for sample in samples])),
        parse=torch.from_numpy(np.stack([sample.parse for sample in samples])).long(),
        front=torch.from_numpy(np.stack([sample.front for sample in samples])).long(),
        points=torch.from_numpy(points.astype(np.float32)),
        absent=torch.from_numpy(absent),
        possible=torch.from_numpy(np.stack([sample.possible for sample in samples])),
        people=torch.tensor([sample.people for sample in samples]),
        facing=torch.tensor([sample.facing for sample in samples]),
        kinds=torch.from_numpy(np.stack([sample.kinds for sample in samples])).long(),
    )
    return Batch(*(value.to(device) for value in batch))
