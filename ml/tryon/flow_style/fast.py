"""The same pictures from less work.

Compared with :func:`ml.tryon.flow_style.pipeline.dress`, in exact arithmetic equal:

- what depends on the person alone, or on the cloth alone, is done once and kept
  (:meth:`Fast.person`, :meth:`Fast.cloth`);
- of each refinement's first convolution, over [cloth, person], the person's half is part of it;
- the style scales a modulated convolution's input and its norm scales the output, so that one
  kernel serves the whole batch; all scales come from one product each;
- batch norms are folded into the convolutions before them;
- a 3x3 convolution after nearest doubling is a 4x4 transposed one with stride 2: 4 products per
  output in place of 9;
- pixel grids are made once per level; kernels and maps lie channels last.

The tests hold it to 1e-3 of the plain path's spread in float32, and features kept in half precision
to one level of 255.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ml.tryon.flow_style.gen import GenNet
from ml.tryon.flow_style.gen import Residual as GenResidual
from ml.tryon.flow_style.pipeline import Composite, Pictures, composed, warped_edge
from ml.tryon.flow_style.warp import (
    FEATURES,
    STYLE,
    WIDTHS,
    Residual,
    StyleConv,
    WarpNet,
    activated,
    pixels,
    sample,
)

#: Named tensors of one person or one cloth, (N, ...), as a cache keeps them.
Features = Mapping[str, Tensor]
Net = TypeVar("Net", bound=nn.Module)
LEVELS = range(len(WIDTHS))


class Fast:
    """Takes the two networks over and changes them: build plain ones anew where both are wanted.

    precision: of the convolutions; flows and sampling stay in float32.
    """

    def __init__(
        self,
        warp: WarpNet,
        gen: GenNet,
        *,
        device: str = "cpu",
        precision: torch.dtype = torch.float32,
    ) -> None:
        self.device, self.precision = torch.device(device), precision
        for module in warp.modules():
            if isinstance(module, Residual):
                fold(module.block, 2)
        fold_all(gen)
        self.warp = _settled(warp, self.device)
        self.gen = _settled(gen, self.device)
        flows = self.warp.aflow_net
        self.refines = [_Refinement(cast(nn.Sequential, net)) for net in flows.netRefine]
        self.styles = _Styles(
            [
                conv
                for i in LEVELS
                for pair in (flows.netStyle[i], flows.netF[i])
                for conv in (cast(StyleConv, pair.conv0), cast(StyleConv, pair.conv1))
            ]
        )
        self._grids: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}

    @torch.inference_mode()
    def person(self, pictures: Tensor) -> dict[str, Tensor]:
        """(N, 3, 256, 192) -> what the person brings to every try-on."""
        with self._computing():
            levels = self.warp.cond_FPN(self.warp.cond_features(self._put(pictures)))
            made = {"style": self.warp.aflow_net.cond_style(levels[0]).flatten(1)}
            made |= {f"refine{i}": self.refines[i].person(levels[i]) for i in LEVELS}
        return made

    @torch.inference_mode()
    def cloth(self, pictures: Tensor) -> dict[str, Tensor]:
        """The same for cloths."""
        with self._computing():
            levels = self.warp.image_FPN(self.warp.image_features(self._put(pictures)))
            made = {"style": self.warp.aflow_net.image_style(levels[0]).flatten(1)}
        return made | {f"level{i}": levels[i] for i in LEVELS}

    @torch.inference_mode()
    def flow(self, person: Features, cloth: Features, *, align_corners: bool = False) -> Tensor:
        """(N, 2, 256, 192) float32."""
        with self._computing():
            style = torch.cat([self._put(person["style"]), self._put(cloth["style"])], 1)
            scales = self.styles.of(style.float())
            flow: Tensor | None = None
            for i in LEVELS:
                worn = self._put(cloth[f"level{i}"])
                now = worn if flow is None else sample(worn, flow, align_corners=align_corners)
                for step in range(4):
                    conv, scaled, norm = scales[4 * i + step]
                    now = conv2d(now * scaled.to(now.dtype), conv.weight, padding=1)
                    now = now * norm.to(now.dtype) + conv.bias
                    now = now if step == 3 else activated(now)
                flow = self._moved(flow, now, align_corners)
                now = sample(worn, flow, align_corners=align_corners)
                now = self.refines[i](now, self._put(person[f"refine{i}"]))
                flow = self._moved(flow, now, align_corners)
                flow = interpolate(flow, scale_factor=2, mode="bilinear", align_corners=False)
        return cast(Tensor, flow).float()

    @torch.inference_mode()
    def paint(self, given: Pictures, flow: Tensor, *, align_corners: bool = False) -> Composite:
        """The generator's half."""
        person, cloth, edge = (self._put(each) for each in given)
        warped = sample(cloth, flow, align_corners=align_corners)
        shown = warped_edge(edge, flow, align_corners=align_corners)
        with self._computing():
            painted = self.gen(torch.cat([person, warped, shown], 1))
        return composed(flow, warped, shown, painted.float())

    def dress(self, given: Pictures, *, align_corners: bool = False) -> Composite:
        """All of it, for pictures never seen before."""
        person, cloth = self.person(given.person), self.cloth(given.cloth)
        flow = self.flow(person, cloth, align_corners=align_corners)
        return self.paint(given, flow, align_corners=align_corners)

    def _computing(self) -> torch.autocast:
        mixed = self.precision != torch.float32
        return torch.autocast(self.device.type, self.precision, enabled=mixed)

    def _put(self, x: Tensor) -> Tensor:
        """Sampling wants float32: half precision places a pixel only to a tenth."""
        x = x.to(self.device).float()
        return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x

    def _moved(self, flow: Tensor | None, offsets: Tensor, align_corners: bool) -> Tensor:
        height, width = offsets.shape[2:]
        if (height, width) not in self._grids:
            half = torch.tensor([(width - 1) / 2, (height - 1) / 2], device=self.device)
            half = half.view(1, 2, 1, 1)
            self._grids[height, width] = (pixels(offsets.float()) / half - 1, 1 / half)
        home, scale = self._grids[height, width]
        step = torch.addcmul(home, offsets.float(), scale)
        return step if flow is None else sample(flow, step, align_corners=align_corners)


def _settled(net: Net, device: torch.device) -> Net:
    net = net.eval().requires_grad_(False).to(device)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


class _Refinement:
    """netRefine in two: the person's half of its first convolution, and the rest."""

    def __init__(self, net: nn.Sequential) -> None:
        first = cast(nn.Conv2d, net[0])
        last = torch.channels_last
        self.of_cloth = first.weight[:, :FEATURES].contiguous(memory_format=last)
        self.of_person = first.weight[:, FEATURES:].contiguous(memory_format=last)
        self.bias = first.bias
        self.rest = net[1:]

    def person(self, level: Tensor) -> Tensor:
        return conv2d(level, self.of_person, self.bias, padding=1)

    def __call__(self, cloth: Tensor, person: Tensor) -> Tensor:
        return cast(Tensor, self.rest(conv2d(cloth, self.of_cloth, padding=1) + person))


class _Styles:
    """Every modulated convolution's scales from one product, and its norms from another each."""

    def __init__(self, convs: list[StyleConv]) -> None:
        self.convs = convs
        layers = [conv.mlp_class_std.linear for conv in convs]
        gain = sqrt(2 / (2 * STYLE))
        self.weight = torch.cat([cast(Tensor, layer.weight_orig) for layer in layers]).t() * gain
        self.bias = torch.cat([cast(Tensor, layer.bias) for layer in layers])
        self.sizes = [conv.weight.shape[1] for conv in convs]
        self.squares = []
        for conv in convs:
            conv.weight.mul_(conv.gain)  # the equalised rate, once
            self.squares.append(conv.weight.square().sum((2, 3)).t().contiguous())

    def of(self, style: Tensor) -> list[tuple[StyleConv, Tensor, Tensor]]:
        """For each convolution the factors of its inputs and of its outputs, (N, C, 1, 1)."""
        with torch.autocast(style.device.type, enabled=False):
            scales = torch.split(torch.addmm(self.bias, style, self.weight), self.sizes, 1)
            norms = [
                (scale.square() @ squares + 1e-5).rsqrt()
                for scale, squares in zip(scales, self.squares, strict=True)
            ]
        return [
            (conv, scale[:, :, None, None], norm[:, :, None, None])
            for conv, scale, norm in zip(self.convs, scales, norms, strict=True)
        ]


def fold(layers: nn.Sequential, at: int) -> None:
    """Fold the norm at ``at + 1`` into the convolution at ``at``, in place."""
    conv, norm = cast(nn.Conv2d, layers[at]), cast(nn.BatchNorm2d, layers[at + 1])
    layers[at] = fuse_conv_bn_eval(conv.eval(), norm.eval())
    layers[at + 1] = nn.Identity()


def fold_all(gen: GenNet) -> None:
    """The generator's norms, and its doublings, in place."""
    for module in gen.modules():
        if isinstance(module, GenResidual):
            fold(module.block, 0)
            fold(module.block, 3)
    for module in list(gen.modules()):
        if not (isinstance(module, nn.Sequential) and len(module) > 5):
            continue
        for at in range(len(module) - 1):
            if isinstance(module[at + 1], nn.BatchNorm2d):
                fold(module, at)
        for at in range(len(module) - 1):
            if isinstance(module[at], nn.Upsample):
                module[at] = nn.Identity()
                module[at + 1] = doubled(cast(nn.Conv2d, module[at + 1]))


def doubled(conv: nn.Conv2d) -> nn.ConvTranspose2d:
    """A 3x3 convolution with padding 1 after nearest doubling, as one layer.

    Each input pixel reaches the 4x4 outputs around it: the kernel, turned, spread over 2x2.
    """
    made = nn.ConvTranspose2d(
        conv.in_channels, conv.out_channels, 4, stride=2, padding=1, bias=conv.bias is not None
    )
    turned = conv.weight.detach().flip(2, 3).transpose(0, 1)
    spread = torch.zeros_like(made.weight)
    for y in (0, 1):
        for x in (0, 1):
            spread[:, :, y : y + 3, x : x + 3] += turned
    made.weight = nn.Parameter(spread)
    if conv.bias is not None:
        made.bias = conv.bias
    return made
