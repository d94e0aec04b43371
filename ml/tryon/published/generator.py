"""The picture generator of both papers, plain: the operations in the papers' order.

SPADE blocks (Park et al., "Semantic Image Synthesis with Spatially-Adaptive Normalization", 2019)
from a coarse grid to the full picture. VITON-HD's first five blocks also normalise inside and
outside of a mask apart, the region where the warped garment does not reach (its ALIAS
normalisation). :mod:`ml.tryon.published.generator_fast` gives the same pictures sooner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ml.tryon.published.spectral import SpectralConv2d

SLOPE = 0.2
EPS = 1e-5
SHARED = 128  # channels between labels and their modulation

#: (batch, height, width) -> (batch, 1, height, width) normal values. None: no noise is added.
Noise = Callable[[int, int, int], Tensor]


def noise_of(random: torch.Generator) -> Noise:
    """Normal values of a generator on the CPU, the same for each of a batch: it gives what single
    pictures give."""
    return lambda n, height, width: torch.randn(1, 1, height, width, generator=random).expand(
        n, -1, -1, -1
    )


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its name, what comes in and goes out, whether it sees the mask."""

    name: str
    inputs: int
    outputs: int
    masked: bool


@dataclass(frozen=True, slots=True)
class Config:
    """masked: VITON-HD's variant. latent: the coarsest grid, a 128th of the picture."""

    masked: bool
    latent: tuple[int, int] = (8, 6)
    picture: int = 9  # agnostic, pose or DensePose, warped garment
    classes: int = 7
    side: int = 16  # channels that the pictures give each block

    @property
    def blocks(self) -> tuple[Block, ...]:
        plan = (
            ("head_0", 1024, 1024),
            ("G_middle_0", 1024 + self.side, 1024),
            ("G_middle_1", 1024 + self.side, 1024),
            ("up_0", 1024 + self.side, 512),
            ("up_1", 512 + self.side, 256),
            ("up_2", 256 + self.side, 128),
            ("up_3", 128 + self.side, 64),
            ("up_4", 64 + self.side, 32),
        )
        return tuple(
            Block(name, inputs, outputs, self.masked and index < 5)
            for index, (name, inputs, outputs) in enumerate(plan)
        )

    def size(self, level: int) -> tuple[int, int]:
        """(height, width) of block number ``level``."""
        return self.latent[0] << level, self.latent[1] << level


def config(load_size: tuple[int, int], *, masked: bool) -> Config:
    """For pictures of (height, width), both multiples of 128. Raises ValueError."""
    height, width = load_size
    if height < 128 or width < 128 or height % 128 or width % 128:
        raise ValueError(f"the generator needs multiples of 128, got {height} x {width}")
    return Config(masked=masked, latent=(height // 128, width // 128))


class Modulation(nn.Module):
    """Normalise, then scale and shift each pixel by what its surroundings' labels say."""

    def __init__(self, channels: int, labels: int) -> None:
        super().__init__()
        self.noise_scale = nn.Parameter(torch.zeros(channels))
        self.conv_shared = nn.Sequential(nn.Conv2d(labels, SHARED, 3, padding=1), nn.ReLU())
        self.conv_gamma = nn.Conv2d(SHARED, channels, 3, padding=1)
        self.conv_beta = nn.Conv2d(SHARED, channels, 3, padding=1)

    def forward(
        self, x: Tensor, labels: Tensor, mask: Tensor | None, noise: Noise | None
    ) -> Tensor:
        """x: (N, C, H, W). labels: (N, L, H, W). mask: (N, 1, H, W) in 0..1, or None."""
        if noise is not None:
            x = x + noise(x.shape[0], *x.shape[2:]) * self.noise_scale[:, None, None]
        x = F.instance_norm(x, eps=EPS) if mask is None else within(x, mask) + within(x, 1 - mask)
        shared = self.conv_shared(labels)
        modulated: Tensor = x * (1 + self.conv_gamma(shared)) + self.conv_beta(shared)
        return modulated


def within(x: Tensor, mask: Tensor) -> Tensor:
    """``x`` normalised by its values inside the mask, 0 outside of it."""
    region = x * mask
    pixels = mask.sum(dim=(2, 3), keepdim=True)
    pixels = torch.where(pixels == 0, torch.ones_like(pixels), pixels)
    mean = region.sum(dim=(2, 3), keepdim=True) / pixels
    whole = F.instance_norm(region + (1 - mask) * mean, eps=EPS)
    return whole * torch.sqrt(pixels / (mask.shape[2] * mask.shape[3]))


class ResidualBlock(nn.Module):
    """Two modulated convolutions beside a shortcut."""

    def __init__(self, block: Block, labels: int) -> None:
        super().__init__()
        middle = min(block.inputs, block.outputs)
        learned = block.inputs != block.outputs
        self.conv_0 = SpectralConv2d(block.inputs, middle, 3)
        self.conv_1 = SpectralConv2d(middle, block.outputs, 3)
        self.conv_s = (
            SpectralConv2d(block.inputs, block.outputs, 1, bias=False) if learned else None
        )
        self.norm_0 = Modulation(block.inputs, labels)
        self.norm_1 = Modulation(middle, labels)
        self.norm_s = Modulation(block.inputs, labels) if learned else None

    def forward(
        self, x: Tensor, labels: Tensor, mask: Tensor | None, noise: Noise | None
    ) -> Tensor:
        size = x.shape[2:]
        labels = F.interpolate(labels, size, mode="nearest")
        mask = None if mask is None else F.interpolate(mask, size, mode="nearest")
        short = x
        if self.conv_s is not None and self.norm_s is not None:
            short = self.conv_s(self.norm_s(x, labels, mask, noise))
        x = self.conv_0(F.leaky_relu(self.norm_0(x, labels, mask, noise), SLOPE))
        x = self.conv_1(F.leaky_relu(self.norm_1(x, labels, mask, noise), SLOPE))
        return short + x


class Generator(nn.Module):
    """Pictures and labels to the dressed picture."""

    def __init__(self, settings: Config) -> None:
        super().__init__()
        self.settings = settings
        blocks = settings.blocks
        for level, block in enumerate(blocks):
            outputs = block.inputs if level == 0 else settings.side
            self.add_module(f"conv_{level}", nn.Conv2d(settings.picture, outputs, 3, padding=1))
        for block in blocks:
            self.add_module(block.name, ResidualBlock(block, settings.classes + block.masked))
        self.conv_img = nn.Conv2d(blocks[-1].outputs, 3, 3, padding=1)

    def forward(
        self,
        x: Tensor,
        seg: Tensor,
        seg_div: Tensor | None = None,
        misalign: Tensor | None = None,
        *,
        noise: Noise | None = None,
    ) -> Tensor:
        """x: (N, 9, H, W). seg: (N, 7, H, W) one-hot. -> (N, 3, H, W) in -1..1.

        seg_div, misalign: the masked variant's eight maps and its mask (N, 1, H, W).
        """
        if self.settings.masked and (seg_div is None or misalign is None):
            raise ValueError("this generator needs seg_div and misalign")
        y = x
        for level, block in enumerate(self.settings.blocks):
            picture = F.interpolate(x, self.settings.size(level), mode="nearest")
            side = self.get_submodule(f"conv_{level}")(picture)
            if level:
                side = torch.cat([F.interpolate(y, scale_factor=2, mode="nearest"), side], dim=1)
            labels, mask = (seg_div, misalign) if block.masked else (seg, None)
            y = self.get_submodule(block.name)(side, labels, mask, noise)
        return torch.tanh(self.conv_img(F.leaky_relu(y, SLOPE)))


def build(load_size: tuple[int, int], *, masked: bool) -> Generator:
    """In eval mode, for pictures of (height, width)."""
    return Generator(config(load_size, masked=masked)).eval()
