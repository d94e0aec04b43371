"""The warping network of Flow-Style: where each pixel of the worn garment comes from.

Two feature pyramids (person, cloth) of five levels, 8 x 6 to 128 x 96. Their coarsest maps become
one style vector; from the coarsest level on, each level first estimates a flow that is the same
for all places in style (modulated convolutions over the cloth's features), then refines it where
cloth and person meet. Section 3 of the paper; parameter names and shapes are the checkpoint's.

Flows are absolute sampling grids, (N, 2, H, W), x then y in [-1, 1], from output to input.
``align_corners`` is an argument because it is open which one the checkpoint was trained with: the
official code names a torch where sampling meant True, and runs with False today.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, grid_sample, interpolate, leaky_relu, linear

#: Height and width of both inputs; the style layers hold for no other size.
SIZE = (256, 192)
#: Channels of the encoders, finest level first.
WIDTHS = (64, 128, 256, 256, 256)
#: Of every level of a pyramid.
FEATURES = 256
#: Of each half of the style vector.
STYLE = 128
#: Of the modulated layers between a level's features and its offsets.
COARSE, FINE = 49, 128


class WarpNet(nn.Module):
    """person, cloth: (N, 3, 256, 192) in [-1, 1] -> (warped cloth, flow)."""

    def __init__(self) -> None:
        super().__init__()
        self.image_features = Encoder()
        self.cond_features = Encoder()
        self.image_FPN = Pyramid()
        self.cond_FPN = Pyramid()
        self.aflow_net = FlowNet()

    def forward(
        self, person: Tensor, cloth: Tensor, *, align_corners: bool = False
    ) -> tuple[Tensor, Tensor]:
        worn_by = self.cond_FPN(self.cond_features(person))
        worn = self.image_FPN(self.image_features(cloth))
        flow = self.aflow_net(worn, worn_by, align_corners=align_corners)
        return sample(cloth, flow, align_corners=align_corners), flow


class Encoder(nn.Module):
    """A picture -> its features at 1/2, 1/4 ... 1/32 of its size, finest first."""

    def __init__(self) -> None:
        super().__init__()
        inputs = (3, *WIDTHS[:-1])
        self.encoders = nn.ModuleList(
            nn.Sequential(Halve(before, width), Residual(width), Residual(width))
            for before, width in zip(inputs, WIDTHS, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for level in self.encoders:
            x = level(x)
            levels.append(x)
        return levels


class Halve(nn.Module):
    """Norm, ReLU, 3x3 convolution with stride 2."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.block(x))


class Residual(nn.Module):
    """x plus two times norm, ReLU, 3x3 convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + cast(Tensor, self.block(x))


class Pyramid(nn.Module):
    """An encoder's levels -> as many of FEATURES channels, coarsest first."""

    def __init__(self) -> None:
        super().__init__()
        self.adaptive = nn.ModuleList(nn.Conv2d(width, FEATURES, 1) for width in WIDTHS[::-1])
        self.smooth = nn.ModuleList(nn.Conv2d(FEATURES, FEATURES, 3, padding=1) for _ in WIDTHS)

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        made: list[Tensor] = []
        for adapt, smooth, level in zip(self.adaptive, self.smooth, levels[::-1], strict=True):
            x = adapt(level)
            if made:
                x = x + interpolate(made[-1], scale_factor=2, mode="nearest")
            made.append(smooth(x))
        return made


class FlowNet(nn.Module):
    """Cloth's and person's pyramids, coarsest first -> the flow at twice the finest level."""

    def __init__(self) -> None:
        super().__init__()
        levels = range(len(WIDTHS))
        self.netRefine = nn.ModuleList(_refinement() for _ in levels)
        self.netStyle = nn.ModuleList(StylePair(FEATURES, COARSE, COARSE) for _ in levels)
        self.netF = nn.ModuleList(StylePair(COARSE, FINE, 2, bare=True) for _ in levels)
        self.cond_style = _style()
        self.image_style = _style()

    def forward(
        self, cloth: list[Tensor], person: list[Tensor], *, align_corners: bool = False
    ) -> Tensor:
        style = torch.cat([self.cond_style(person[0]), self.image_style(cloth[0])], 1).flatten(1)
        flow: Tensor | None = None
        for i, (worn, worn_by) in enumerate(zip(cloth, person, strict=True)):
            now = worn if flow is None else sample(worn, flow, align_corners=align_corners)
            offsets = self.netF[i](self.netStyle[i](now, style), style)
            flow = moved(flow, offsets, align_corners=align_corners)
            now = sample(worn, flow, align_corners=align_corners)
            offsets = self.netRefine[i](torch.cat([now, worn_by], 1))
            flow = moved(flow, offsets, align_corners=align_corners)
            flow = interpolate(flow, scale_factor=2, mode="bilinear", align_corners=False)
        return cast(Tensor, flow)


def _style() -> nn.Sequential:
    """One value per channel for the whole coarsest level, 8 x 6."""
    return nn.Sequential(nn.Conv2d(FEATURES, STYLE, (8, 6)), nn.LeakyReLU(0.1))


def _refinement() -> nn.Sequential:
    """[warped cloth, person] -> offsets."""
    widths = (2 * FEATURES, 128, 64, 32, 2)
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers[:-1])


class StylePair(nn.Module):
    """Two modulated convolutions, each followed by an activation; bare: not the last."""

    def __init__(self, inputs: int, middle: int, outputs: int, *, bare: bool = False) -> None:
        super().__init__()
        self.conv0 = StyleConv(inputs, middle)
        self.conv1 = StyleConv(middle, outputs)
        self.bare = bare

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x = activated(self.conv0(x, style))
        x = self.conv1(x, style)
        return x if self.bare else activated(x)


class StyleConv(nn.Module):
    """A 3x3 convolution whose kernel is scaled per input channel by the style, then normalised per
    output channel (StyleGAN2, section 2.2), with an equalised learning rate."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.gain = sqrt(2 / (inputs * 9))
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(1, outputs, 1, 1))
        self.mlp_class_std = _Wrapped(EqualLinear(2 * STYLE, inputs))

    def scales(self, style: Tensor) -> Tensor:
        """(N, inputs) from (N, 256)."""
        return cast(Tensor, self.mlp_class_std.linear(style))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """As the paper says it: one kernel per picture."""
        count, _, height, width = x.shape
        kernels = self.weight * self.gain * self.scales(style)[:, None, :, None, None]
        kernels = kernels * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-5).rsqrt()
        one_picture = x.reshape(1, -1, height, width)
        made = conv2d(one_picture, kernels.flatten(0, 1), padding=1, groups=count)
        return made.view(count, -1, height, width) + self.bias


class EqualLinear(nn.Module):
    """A linear layer whose weights are scaled when used."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.gain = sqrt(2 / inputs)
        self.bias = nn.Parameter(torch.ones(outputs))
        self.weight_orig = nn.Parameter(torch.randn(outputs, inputs))

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight_orig * self.gain, self.bias)


class _Wrapped(nn.Module):
    """A level of names that the checkpoint has."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.linear = layer


def activated(x: Tensor) -> Tensor:
    return leaky_relu(x, 0.2) * sqrt(2)


def sample(x: Tensor, flow: Tensor, *, align_corners: bool) -> Tensor:
    """x at the places that ``flow`` names; the border goes on outside."""
    return grid_sample(
        x,
        flow.permute(0, 2, 3, 1),
        mode="bilinear",
        padding_mode="border",
        align_corners=align_corners,
    )


def moved(flow: Tensor | None, offsets: Tensor, *, align_corners: bool) -> Tensor:
    """The flow after a step of ``offsets`` pixels; None: that step alone."""
    step = absolute(offsets, pixels(offsets))
    return step if flow is None else sample(flow, step, align_corners=align_corners)


def pixels(like: Tensor) -> Tensor:
    """(1, 2, H, W): every pixel's own x and y."""
    height, width = like.shape[2:]
    ys, xs = torch.meshgrid(
        torch.arange(height, device=like.device, dtype=like.dtype),
        torch.arange(width, device=like.device, dtype=like.dtype),
        indexing="ij",
    )
    return torch.stack([xs, ys])[None]


def absolute(offsets: Tensor, home: Tensor) -> Tensor:
    """Offsets in pixels -> places in [-1, 1], -1 and 1 being the outermost pixels' centres (also
    where sampling takes them otherwise: the original does not keep the two apart)."""
    height, width = offsets.shape[2:]
    half = offsets.new_tensor([(width - 1) / 2, (height - 1) / 2]).view(1, 2, 1, 1)
    return (home + offsets) / half - 1
