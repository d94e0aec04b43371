"""The segmentation network: where each class will be once the garment is worn.

A U-Net (VITON-HD, section 3.2): person without clothes, pose and garment to 13 classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

INPUTS = 21  # garment's mask 1 and picture 3, agnostic parse 13, pose 3, noise 1
CLASSES = 13
WIDTHS = (64, 128, 256, 512, 1024)


def _twice(inputs: int, outputs: int, last: int = 0) -> nn.Sequential:
    """Two times convolution, instance norm, ReLU; ``last`` adds a bare convolution to so many."""
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1),
            nn.InstanceNorm2d(outputs),
            nn.ReLU(),
        ]
    if last:
        layers.append(nn.Conv2d(outputs, last, 3, padding=1))
    return nn.Sequential(*layers)


def _up(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(inputs, outputs, 3, padding=1),
        nn.InstanceNorm2d(outputs),
        nn.ReLU(),
    )


class Segmenter(nn.Module):
    """``conv1`` to ``conv5`` go down, ``up6`` to ``conv9`` up again."""

    def __init__(self) -> None:
        super().__init__()
        inputs = INPUTS
        for number, width in enumerate(WIDTHS, 1):
            self.add_module(f"conv{number}", _twice(inputs, width))
            inputs = width
        for number, width in enumerate(reversed(WIDTHS[:-1]), 6):
            self.add_module(f"up{number}", _up(inputs, width))
            last = CLASSES if number == 9 else 0
            self.add_module(f"conv{number}", _twice(2 * width, width, last))
            inputs = width

    def forward(self, x: Tensor) -> Tensor:
        """(N, 21, H, W), multiples of 16 -> (N, 13, H, W) in 0..1."""
        kept: list[Tensor] = []
        for number in range(1, 6):
            x = self.get_submodule(f"conv{number}")(x if number == 1 else F.max_pool2d(x, 2))
            kept.append(x)
        kept.pop()
        for number in range(6, 10):
            up = self.get_submodule(f"up{number}")(x)
            x = self.get_submodule(f"conv{number}")(torch.cat([kept.pop(), up], dim=1))
        return torch.sigmoid(x)
