"""The try-on condition generator: where the garment goes and where each class will be, together.

HR-VITON, section 3.2. One encoder reads the garment, one the person; a decoder goes from coarse to
fine and lets a flow of the garment's features and the map of classes inform each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

GARMENT = 4  # picture 3, mask 1
PERSON = 16  # agnostic parse 13, DensePose 3
CLASSES = 13
WIDTH = 96
WIDTHS = (WIDTH, 2 * WIDTH, 4 * WIDTH, 4 * WIDTH, 4 * WIDTH)
DEEP = 4 * WIDTH


@dataclass(frozen=True, slots=True)
class Condition:
    """flows: five of (N, H, W, 2), coarsest first, x and y in pixels of their own grid.
    classes: (N, 13, H, W), not below 0. garment, mask: both warped, (N, 3 or 1, H, W)."""

    flows: tuple[Tensor, ...]
    classes: Tensor
    garment: Tensor
    mask: Tensor


class ResBlock(nn.Module):
    """Change the size ("down", "up" or "same"), then add two convolutions."""

    def __init__(self, inputs: int, outputs: int, scale: str) -> None:
        super().__init__()
        one = nn.Conv2d(inputs, outputs, 1)
        self.scale: nn.Module
        if scale == "down":
            self.scale = nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)
        elif scale == "up":
            self.scale = nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), one)
        else:
            self.scale = one
        self.block = nn.Sequential(
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.scale(x)
        return F.relu(x + self.block(x))


def _encoder(inputs: int) -> nn.Sequential:
    stages = zip((inputs, *WIDTHS), WIDTHS, strict=False)
    return nn.Sequential(*(ResBlock(before, after, "down") for before, after in stages))


def _stages(encoder: nn.Module, x: Tensor) -> list[Tensor]:
    found: list[Tensor] = []
    for stage in encoder.children():
        x = stage(x)
        found.append(x)
    return found


def double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear")


def grid(flow: Tensor, size: tuple[int, int] | None = None) -> Tensor:
    """(N, H, W, 2) flow in pixels -> where to sample, in -1..1 counted from a grid that reaches
    the edges. size: (height, width) whose pixels the flow counts, if not its own."""
    height, width = flow.shape[1:3]
    high, wide = size or (height, width)
    y = torch.linspace(-1, 1, height, dtype=flow.dtype, device=flow.device)
    x = torch.linspace(-1, 1, width, dtype=flow.dtype, device=flow.device)
    moved = flow / flow.new_tensor([(wide / 2 - 1) / 2, (high / 2 - 1) / 2])
    return moved + torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=2)


def sample(x: Tensor, where: Tensor) -> Tensor:
    """Bilinear, the edge goes on outside."""
    return F.grid_sample(x, where, padding_mode="border", align_corners=False)


class Conditioner(nn.Module):
    """``conv2`` is in the official files and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.ClothEncoder = _encoder(GARMENT)
        self.PoseEncoder = _encoder(PERSON)
        self.conv = ResBlock(DEEP, 2 * DEEP, "same")
        widths = (DEEP, DEEP, 2 * WIDTH, WIDTH, WIDTH)
        inputs = (2 * DEEP, *(x + e + DEEP for x, e in zip(widths, WIDTHS[3::-1], strict=False)))
        pairs = zip(inputs, widths, strict=True)
        self.SegDecoder = nn.Sequential(*(ResBlock(a, b, "up") for a, b in pairs))
        self.out_layer = ResBlock(WIDTH + PERSON + GARMENT, CLASSES, "same")
        self.conv1 = nn.Sequential(*(nn.Conv2d(width, DEEP, 1) for width in WIDTHS[:4]))
        self.conv2 = nn.Sequential(*(nn.Conv2d(width, DEEP, 1) for width in WIDTHS[:4]))
        self.flow_conv = nn.ModuleList(nn.Conv2d(2 * DEEP, 2, 3, padding=1) for _ in range(5))
        self.bottleneck = nn.Sequential(
            *(nn.Sequential(nn.Conv2d(w, DEEP, 3, padding=1), nn.ReLU()) for w in widths[:4])
        )

    def forward(self, input1: Tensor, input2: Tensor) -> Condition:
        """(N, 4, H, W) the garment, (N, 16, H, W) the person; multiples of 32."""
        return self.decide(
            input1, input2, _stages(self.ClothEncoder, input1), _stages(self.PoseEncoder, input2)
        )

    def decide(
        self, input1: Tensor, input2: Tensor, garment: list[Tensor], person: list[Tensor]
    ) -> Condition:
        """The same, from what the two encoders found, finest first."""
        cloth = garment[4]
        flows = [self._flow(0, cloth, person[4])]
        x = self.SegDecoder[0](self.conv(person[4]))
        for level in range(1, 5):
            finer = 4 - level
            cloth = double(cloth) + self.conv1[finer](garment[finer])
            coarse = double(flows[-1].permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
            warped = sample(cloth, grid(coarse))
            flows.append(coarse + self._flow(level, warped, self.bottleneck[level - 1](x)))
            x = self.SegDecoder[level](torch.cat([x, person[finer], warped], dim=1))
        full = double(flows[-1].permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        worn = sample(input1, grid(full))
        classes = self.out_layer(torch.cat([x, input2, worn], dim=1))
        return Condition(tuple(flows), classes, worn[:, :-1], worn[:, -1:])

    def _flow(self, level: int, one: Tensor, other: Tensor) -> Tensor:
        found: Tensor = self.flow_conv[level](torch.cat([one, other], dim=1))
        return found.permute(0, 2, 3, 1)


def quicken(network: Conditioner) -> Conditioner:
    """The same network in eval mode with less to do, in place.

    Batch norms become part of the convolutions before them. A 1 x 1 convolution and bilinear
    enlarging may change places: it goes first, on a quarter of the pixels.
    """
    for block in network.modules():
        if isinstance(block, ResBlock):
            first, second = (
                fuse_conv_bn_eval(
                    cast(nn.Conv2d, block.block[at]), cast(nn.BatchNorm2d, block.block[at + 1])
                )
                for at in (0, 3)
            )
            block.block = nn.Sequential(first, nn.ReLU(inplace=True), second)
            if isinstance(block.scale, nn.Sequential):
                block.scale = nn.Sequential(*reversed(block.scale))
    return network
