"""The garment annotator's networks. Imports torch: load this module only where one runs."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

Network = TypeVar("Network", bound=nn.Module)


def _conv(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class _Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut (He et al. 2016), the sum weighted by channel
    (squeeze and excite, Hu et al. 2018)."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _conv(inside, outside, stride)
        self.second = nn.Sequential(
            nn.Conv2d(outside, outside, 3, 1, 1, bias=False), nn.BatchNorm2d(outside)
        )
        squeezed = max(8, outside // 8)
        self.excite = nn.Sequential(
            nn.Linear(outside, squeezed), nn.ReLU(inplace=True), nn.Linear(squeezed, outside)
        )
        self.shortcut: nn.Module = nn.Identity()
        if inside != outside or stride > 1:
            pool = nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity()
            self.shortcut = nn.Sequential(
                pool, nn.Conv2d(inside, outside, 1, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x: Tensor) -> Tensor:
        deep = self.second(self.first(x))
        share = torch.sigmoid(self.excite(deep.mean(dim=(2, 3))))
        return F.relu(self.shortcut(x) + deep * share[:, :, None, None])


class _Encoder(nn.Module):
    """Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input."""

    def __init__(self, channels: int, width: tuple[int, int, int, int]) -> None:
        super().__init__()
        a, b, c, d = width
        self.stem = _conv(channels, a, 2)
        self.quarter = nn.Sequential(_conv(a, b, 2), _Block(b, b))
        self.eighth = nn.Sequential(_Block(b, c, 2), _Block(c, c))
        self.sixteenth = nn.Sequential(_Block(c, d, 2), _Block(d, d))
        self.last = _Block(d, d, 2)

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for stage in (self.stem, self.quarter, self.eighth, self.sixteenth, self.last):
            x = stage(x)
            features.append(x)
        return features


class MaskNetwork(nn.Module):
    """(N, 3, S, S) photo, stretched to a square, 0..1 -> mask logits (N, S, S) and class logits
    (N, classes). S: a multiple of 32."""

    def __init__(self, classes: int, width: tuple[int, int, int, int] = (20, 40, 80, 160)) -> None:
        super().__init__()
        a, b, c, d = width
        self.encoder = _Encoder(3, width)
        self.lateral = nn.ModuleList(
            nn.Conv2d(i, o, 1) for i, o in ((a, 16), (b, 32), (c, 64), (d, 96), (d, 96))
        )
        self.narrow = nn.ModuleList(
            nn.Conv2d(i, o, 1) for i, o in ((32, 16), (64, 32), (96, 64), (96, 96))
        )
        self.merge = nn.ModuleList(_conv(o, o) for o in (16, 32, 64, 96))
        self.out = nn.Conv2d(16, 4, 3, 1, 1)
        self.classify = nn.Sequential(nn.Dropout(0.2), nn.Linear(d, classes))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.encoder((x - 0.5) * 4)
        classes = self.classify(features[-1].mean(dim=(2, 3)))
        up = self.lateral[4](features[4])
        for level in (3, 2, 1, 0):
            size = features[level].shape[2:]
            wide = F.interpolate(self.narrow[level](up), size=size, mode="nearest")
            up = self.merge[level](wide + self.lateral[level](features[level]))
        return F.pixel_shuffle(self.out(up), 2)[:, 0], classes


class CategoryNetwork(nn.Module):
    """(N, 4, S, S): garment turned upright, colour and mask in 0..1 -> (N, classes) logits."""

    def __init__(self, classes: int, width: tuple[int, int, int, int] = (20, 40, 80, 160)) -> None:
        super().__init__()
        self.encoder = _Encoder(4, width)
        self.classify = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * width[3], classes))

    def forward(self, x: Tensor) -> Tensor:
        features = self.encoder((x - 0.5) * 4)
        pooled = torch.cat([f.mean(dim=(2, 3)) for f in features[-2:]], dim=1)
        answer: Tensor = self.classify(pooled)
        return answer


def load(network: Network, weights: Path) -> Network:
    """Weights from a safetensors file (stored in half precision) into a network that answers."""
    tensors = load_file(weights)
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return network.eval()
