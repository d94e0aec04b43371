"""The order in which photos are seen, and weights as files."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn


def cycle(count: int, size: int, seed: int) -> Callable[[int], list[int]]:
    """step -> the indices of its batch, each epoch in an order of its own."""

    def indices(step: int) -> list[int]:
        picked: list[int] = []
        while len(picked) < size:
            epoch, offset = divmod(step * size + len(picked), count)
            picked += _order(count, seed + epoch)[offset : offset + size - len(picked)]
        return picked

    return indices


@lru_cache(maxsize=8)
def _order(count: int, seed: int) -> tuple[int, ...]:
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randperm(count, generator=generator).tolist())


def export(network: nn.Module, path: Path) -> None:
    """Weights in half precision, without what only training counts."""
    tensors = {
        name: tensor.detach().cpu().half().contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(tensors, part)
    part.chmod(0o644)  # safetensors makes files that only their owner reads
    part.replace(path)
