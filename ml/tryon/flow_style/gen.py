"""The generator of Flow-Style: a residual U-Net that paints the person in the warped cloth.

[person, warped cloth, its edge] (N, 7, H, W) -> (N, 4, H, W): the rendered person (before tanh)
and how much of the warped cloth shows (before sigmoid). H and W are multiples of 32.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

INPUTS, OUTPUTS = 7, 4
#: Channels of the five levels, finest first.
WIDTHS = (64, 128, 256, 512, 512)


class GenNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        level: Level | None = None
        for i in reversed(range(len(WIDTHS))):
            level = Level(WIDTHS[i - 1] if i else INPUTS, WIDTHS[i], level, outermost=i == 0)
        self.model = cast(Level, level)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.model(x))


class Level(nn.Module):
    """Halve, two residual blocks, the levels below, double, two residual blocks.

    Answers [its input, what it made], so that a level's input reaches the same size again; the
    outermost answers what it made alone, and ends with its bare convolution.
    """

    def __init__(
        self, inputs: int, width: int, below: Level | None, *, outermost: bool = False
    ) -> None:
        super().__init__()
        self.outermost = outermost
        innermost = below is None
        down: list[nn.Module] = [_conv(inputs, width, stride=2)]
        if not (outermost or innermost):
            down.append(nn.BatchNorm2d(width))
        down += [nn.ReLU(), Residual(width), Residual(width)]
        made = width if innermost else 2 * width
        outputs = OUTPUTS if outermost else inputs
        up: list[nn.Module] = [nn.Upsample(scale_factor=2, mode="nearest"), _conv(made, outputs)]
        if not outermost:
            up += [nn.BatchNorm2d(outputs), nn.ReLU(), Residual(outputs), Residual(outputs)]
        self.model = nn.Sequential(*down, *([] if below is None else [below]), *up)

    def forward(self, x: Tensor) -> Tensor:
        made = cast(Tensor, self.model(x))
        return made if self.outermost else torch.cat([x, made], 1)


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            _conv(width, width),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            _conv(width, width),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return relu(x + self.block(x))


def _conv(inputs: int, outputs: int, *, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
