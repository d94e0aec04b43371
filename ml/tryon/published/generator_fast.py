"""The picture generator, sooner and in less memory: equal to the plain one but for rounding.

What is different, most helpful first:

- a modulation's scale and shift are computed once per different surrounding of labels
  (:mod:`ml.tryon.published.patches`), gamma and beta by one product; the surroundings are found
  once per block, for all of its norms;
- large blocks go strip by strip: neither the enlarged input nor any scale and shift is ever whole;
- instance norm's mean and variance are taken before enlarging, where they are the same;
- channels last, spectral norm folded into the weights.

A block's input and output are (N, H, W, C) here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ml.tryon.published import patches
from ml.tryon.published.generator import EPS, SLOPE, Block, Config, Noise
from ml.tryon.published.patches import Patches

#: Bytes of one strip's input to a convolution: on a processor few enough to stay in its cache, on
#: a GPU enough to keep it busy.
STRIPS = {"cpu": 8 << 20, "cuda": 256 << 20}
#: Bytes of what is summed up at once.
MOMENTS = 1 << 20
#: Bytes of what is worked out per surrounding at once.
CHUNK = 64 << 20

Rows = Callable[[int, int], Tensor]  # first row, end -> (N, rows, W, C), a new tensor


@dataclass(frozen=True, slots=True)
class Input:
    """What goes into a block: ``coarse`` (N, h, w, C), to be enlarged by ``factor``, and the
    pictures' ``side`` channels (N, H, W, S), if any."""

    coarse: Tensor
    side: Tensor | None
    factor: int

    @property
    def size(self) -> tuple[int, int]:
        return self.coarse.shape[1] * self.factor, self.coarse.shape[2] * self.factor

    @property
    def channels(self) -> int:
        return self.coarse.shape[3] + (0 if self.side is None else self.side.shape[3])

    def rows(self, start: int, end: int, rate: Tensor, shift: Tensor) -> Tensor:
        """Rows start..end of the whole input times rate plus shift, (N, end - start, W, C).

        rate, shift: (N, 1, 1, C).
        """
        n, _, narrow, deep = self.coarse.shape
        out = self.coarse.new_empty(n, end - start, self.size[1], self.channels)
        low = self.coarse[:, start // self.factor : (end - 1) // self.factor + 1]
        low = torch.addcmul(shift[..., :deep], low, rate[..., :deep])
        if self.factor == 1:
            out[..., :deep] = low
        else:
            at = torch.arange(start, end, device=out.device) // 2 - start // 2
            wide = out.view(n, end - start, narrow, 2, -1)
            wide[..., :deep] = low.index_select(1, at)[:, :, :, None]
        if self.side is not None:
            part = self.side[:, start:end]
            torch.addcmul(shift[..., deep:], part, rate[..., deep:], out=out[..., deep:])
        return out

    def whole(self) -> Tensor:
        """All of it, unchanged."""
        one = self.coarse.new_ones(1, 1, 1, self.channels)
        return self.rows(0, self.size[0], one, torch.zeros_like(one))


class Folded:
    """One modulation's weights: the first convolution's, and both second ones' side by side."""

    def __init__(self, state: Mapping[str, Tensor], name: str, dtype: torch.dtype) -> None:
        shared = state[f"{name}.conv_shared.0.weight"]
        self.shared = shared.permute(2, 3, 1, 0).flatten(0, 2).contiguous()  # (9 L, 128)
        self.shared_bias = state[f"{name}.conv_shared.0.bias"].clone()
        gamma, beta = (state[f"{name}.conv_{which}.weight"] for which in ("gamma", "beta"))
        both = torch.cat([gamma, beta]).permute(2, 3, 1, 0).flatten(0, 1)  # (9, 128, 2 C)
        self.both = both.contiguous()
        self.bias = torch.cat(
            [1 + state[f"{name}.conv_gamma.bias"], state[f"{name}.conv_beta.bias"]]
        )
        noise = state[f"{name}.noise_scale"].clone()
        self.noise = noise if bool(noise.any()) else None
        self.dtype = dtype

    def table(self, found: Patches) -> Tensor:
        """(U, 2 C): 1 + gamma, and beta, of each surrounding."""
        shared = torch.relu_(torch.addmm(self.shared_bias, found.patches, self.shared))
        shared[found.beyond] = 0  # the convolutions' padding
        m, u, outputs = len(shared), len(found.taps), self.both.shape[2]
        table = shared.new_empty(u, outputs)
        if m < 0.8 * u:  # what each patch gives at each tap, then nine of those per surrounding
            bags = found.taps + m * torch.arange(9, device=shared.device)
            step = max(16, CHUNK // (9 * m * 4))
            for start in range(0, outputs, step):
                some = slice(start, start + step)
                parts = (shared @ self.both[:, :, some]).flatten(0, 1)
                torch.add(
                    F.embedding_bag(bags, parts, mode="sum"), self.bias[some], out=table[:, some]
                )
        else:
            step = max(1, CHUNK // (self.both[..., 0].numel() * 4))
            for start in range(0, u, step):
                taps = found.taps[start : start + step]
                around = shared.index_select(0, taps.flatten()).view(len(taps), -1)
                whole = self.both.flatten(0, 1)
                torch.addmm(self.bias, around, whole, out=table[start : start + step])
        return table.to(self.dtype)


class FastGenerator:
    """The generator's weights, folded and laid out for speed."""

    def __init__(
        self,
        state: Mapping[str, Tensor],
        settings: Config,
        *,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """state: folded (:func:`ml.tryon.published.spectral.fold`). dtype: of the pictures on
        their way; means, variances and modulations are always worked out in float32."""
        self.settings, self.dtype, self.device = settings, dtype, device
        self._strip = STRIPS[torch.device(device).type]
        self._convs: dict[str, tuple[Tensor, Tensor | None]] = {}
        self._norms: dict[str, Folded] = {}
        state = {key: value.to(device) for key, value in state.items()}
        for key in state:
            name, _, kind = key.rpartition(".")
            if kind == "noise_scale":
                self._norms[name] = Folded(state, name, dtype)
            elif kind == "weight" and ".norm_" not in key:
                # Copies: the state may be one large mapped file, which a single view keeps alive.
                weight = state[key].to(dtype, copy=True, memory_format=torch.channels_last)
                bias = state.get(f"{name}.bias")
                self._convs[name] = weight, None if bias is None else bias.to(dtype, copy=True)

    def __call__(
        self,
        x: Tensor,
        seg: Tensor,
        seg_div: Tensor | None = None,
        misalign: Tensor | None = None,
        *,
        noise: Noise | None = None,
    ) -> Tensor:
        """As :meth:`ml.tryon.published.generator.Generator.forward`."""
        if self.settings.masked and (seg_div is None or misalign is None):
            raise ValueError("this generator needs seg_div and misalign")
        y = torch.empty(0)
        plain, divided = self._known(seg, masked=False), self._known(seg_div, masked=True)
        for level, block in enumerate(self.settings.blocks):
            size = self.settings.size(level)
            picture = F.interpolate(x, size, mode="nearest").to(self.dtype)
            side = self._conv(f"conv_{level}", picture).permute(0, 2, 3, 1)
            ids, colours = divided if block.masked else plain
            step = ids.shape[1] // size[0]
            found = patches.find(ids[:, ::step, ::step], colours)
            mask = None
            if block.masked and misalign is not None:
                mask = F.interpolate(misalign.float(), size, mode="nearest").permute(0, 2, 3, 1)
            given = Input(y, side, 2) if level else Input(side, None, 1)
            y = self._block(block, given, found, mask, noise)
        out = self._conv("conv_img", F.leaky_relu_(y, SLOPE).permute(0, 3, 1, 2))
        return torch.tanh_(out.float()).contiguous()

    def _known(self, labels: Tensor | None, *, masked: bool) -> tuple[Tensor, Tensor]:
        """The different pixels of ``labels``, as fine as the last block that asks for them."""
        asking = [i for i, block in enumerate(self.settings.blocks) if block.masked == masked]
        if labels is None or not asking:
            return torch.empty(0), torch.empty(0)
        size = self.settings.size(asking[-1])
        return patches.distinct(F.interpolate(labels.float(), size, mode="nearest"))

    def _conv(self, name: str, x: Tensor, padding: int | tuple[int, int] = 1) -> Tensor:
        weight, bias = self._convs[name]
        return F.conv2d(
            x.contiguous(memory_format=torch.channels_last), weight, bias, padding=padding
        )

    def _block(
        self, block: Block, x: Input, found: Patches, mask: Tensor | None, noise: Noise | None
    ) -> Tensor:
        short = None
        if f"{block.name}.norm_s" in self._norms:
            modulated = self._modulated(f"{block.name}.norm_s", x, found, mask, noise)
            short = self._strips(f"{block.name}.conv_s", modulated, x, 0)
        modulated = self._modulated(f"{block.name}.norm_0", x, found, mask, noise)
        middle = Input(self._strips(f"{block.name}.conv_0", modulated, x, 1), None, 1)
        modulated = self._modulated(f"{block.name}.norm_1", middle, found, mask, noise)
        if short is None:
            short = x.whole()
        return self._strips(f"{block.name}.conv_1", modulated, middle, 1, short)

    def _strips(
        self, conv: str, rows: Rows, x: Input, reach: int, into: Tensor | None = None
    ) -> Tensor:
        """Convolve what ``rows`` gives of ``x``'s size, strip by strip; add it to ``into``.

        reach: how far the kernel does; a reach of 1 also stands for the activation before it.
        """
        (height, width), n = x.size, x.coarse.shape[0]
        outputs = self._convs[conv][0].shape[0]
        out = x.coarse.new_empty(n, height, width, outputs) if into is None else into
        step = max(4, self._strip // (n * width * x.channels * 4))
        for start in range(0, height, step):
            end = min(start + step, height)
            first, last = max(start - reach, 0), min(end + reach, height)
            strip = rows(first, last)
            if reach:
                strip = F.leaky_relu_(strip, SLOPE)
                top, bottom = first - start + reach, end + reach - last
                if top or bottom:
                    strip = F.pad(strip, (0, 0, 0, 0, top, bottom))
                done = self._conv(conv, strip.permute(0, 3, 1, 2), (0, 1)).permute(0, 2, 3, 1)
            else:
                weight, bias = self._convs[conv]
                done = F.linear(strip, weight[:, :, 0, 0], bias)
            if into is None:
                out[:, start:end] = done
            else:
                out[:, start:end] += done
        return out

    def _modulated(
        self, name: str, x: Input, found: Patches, mask: Tensor | None, noise: Noise | None
    ) -> Rows:
        """``x`` normalised and modulated, to be asked for rows."""
        folded = self._norms[name]
        drawn = None
        if noise is not None:
            drawn = noise(x.coarse.shape[0], *x.size).permute(0, 2, 3, 1).to(self.device)
        if folded.noise is None:
            drawn = None
        if mask is None:
            normal = _instance(x, drawn, folded.noise)
        else:
            normal = _masked(x, mask, drawn, folded.noise)
        table = folded.table(found)
        channels = x.channels

        def rows(start: int, end: int) -> Tensor:
            strip = normal(start, end)
            index = found.index[:, start:end]
            both = table.index_select(0, index.flatten()).view(*index.shape, 2 * channels)
            return torch.addcmul(both[..., channels:], strip, both[..., :channels], out=strip)

        return rows


def _instance(x: Input, noise: Tensor | None, scale: Tensor | None) -> Rows:
    """Instance norm of x + noise * scale. noise: (N, H, W, 1), scale: (C,)."""
    means, variances = [], []
    for part, factor in ((x.coarse, x.factor), (x.side, 1)):
        if part is None:
            continue
        flat = part.flatten(1, 2)
        mean, variance = moments(flat)
        if noise is not None and scale is not None:
            own = scale[: part.shape[3]] if factor == x.factor else scale[-part.shape[3] :]
            level = F.avg_pool2d(noise[..., 0], factor).flatten(1)  # enlarged pixels are equal
            level = level - level.mean(dim=1, keepdim=True)
            together = (level[:, None] @ flat.float())[:, 0] / flat.shape[1]
            spread = noise.flatten(1).var(dim=1, correction=0)[:, None]
            variance = variance + 2 * own * together + own.square() * spread
            mean = mean + own * noise.flatten(1).mean(dim=1, keepdim=True)
        means.append(mean)
        variances.append(variance)
    rate = torch.rsqrt(torch.cat(variances, dim=1) + EPS)[:, None, None]
    shift = -torch.cat(means, dim=1)[:, None, None] * rate
    rate, shift = rate.to(x.coarse.dtype), shift.to(x.coarse.dtype)

    def rows(start: int, end: int) -> Tensor:
        strip = x.rows(start, end, rate, shift)
        if noise is not None and scale is not None:
            strip.addcmul_(noise[:, start:end].to(strip), rate * scale.to(strip))
        return strip

    return rows


def moments(flat: Tensor) -> tuple[Tensor, Tensor]:
    """(N, P, C) -> float32 mean and variance over P, (N, C) each, read piece by piece."""
    n, pixels, channels = flat.shape
    pivot = flat[:, : pixels // 64 + 1].float().mean(dim=1, keepdim=True)  # squares stay small
    first, second = (torch.zeros(n, channels, device=flat.device) for _ in range(2))
    for piece in torch.split(flat, max(1, MOMENTS // (n * channels * 4)), dim=1):
        piece = piece - pivot
        first += piece.sum(dim=1)
        second += piece.square_().sum(dim=1)
    off = first / pixels
    return pivot[:, 0] + off, (second / pixels - off.square()).clamp_min_(0)


def _masked(x: Input, mask: Tensor, noise: Tensor | None, scale: Tensor | None) -> Rows:
    """Norm inside and outside of ``mask`` (N, H, W, 1) apart, their sum. Small grids only."""
    whole = x.whole().float()
    if noise is not None and scale is not None:
        whole.addcmul_(noise, scale)
    pixels = mask.shape[1] * mask.shape[2]
    result = torch.zeros_like(whole)
    for inside in (mask, 1 - mask):
        count = inside.sum(dim=(1, 2), keepdim=True)
        count = torch.where(count == 0, torch.ones_like(count), count)
        mean = (whole * inside).sum(dim=(1, 2), keepdim=True) / count
        part = (whole - mean).mul_(inside)
        # region + (1 - mask) * mean has the mean mean * (count + pixels - sum) / pixels = mean
        variance = part.square().sum(dim=(1, 2), keepdim=True) / pixels
        part.mul_(torch.rsqrt(variance + EPS) * torch.sqrt(count / pixels))
        result += part
    normal = result.to(x.coarse.dtype)
    return lambda start, end: normal[:, start:end].clone()
