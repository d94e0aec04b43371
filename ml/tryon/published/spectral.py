"""Spectral normalisation as the official checkpoint files store it, and how to get rid of it.

Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018. A file holds
the weight and one estimate of its largest singular value's vectors u and v. When a network runs,
the weight is divided by exactly u W v; estimating again gives other pictures.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_WEIGHT = "weight_orig"


def normalised(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """weight / (u W v), W = weight as (out, rest)."""
    return weight / torch.dot(u, weight.flatten(1) @ v)


class SpectralConv2d(nn.Module):
    """A convolution that normalises its weight each time it runs, as the official code does."""

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, inputs: int, outputs: int, size: int, *, bias: bool = True) -> None:
        super().__init__()
        self.padding = size // 2
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.weight_orig = nn.Parameter(torch.empty(outputs, inputs, size, size))
        nn.init.xavier_normal_(self.weight_orig, gain=0.02)
        self.register_buffer("weight_u", F.normalize(torch.ones(outputs), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.ones(inputs * size**2), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        weight = normalised(self.weight_orig, self.weight_u, self.weight_v)
        return F.conv2d(x, weight, self.bias, padding=self.padding)


def fold(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict with plain weights: each ``weight_orig``, ``_u`` and ``_v`` becomes ``weight``.

    What is folded already stays as it is.
    """
    folded: dict[str, Tensor] = {}
    for key, value in state.items():
        stem, _, last = key.rpartition(".")
        if last == _WEIGHT:
            u, v = state[f"{stem}.weight_u"], state[f"{stem}.weight_v"]
            folded[f"{stem}.weight"] = normalised(value, u, v)
        elif not (last in ("weight_u", "weight_v") and f"{stem}.{_WEIGHT}" in state):
            folded[key] = value
    return folded
