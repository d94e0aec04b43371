"""The published networks and pipelines, bare: run them and nothing else.

For checking a re-implementation against numbers of the official code, and for nothing at run time:
no caching, no fusing, float32 on the CPU, every operation in the official order.

    module = build("viton_hd/seg")
    module.load_state_dict(...)                       # the official keys, strictly
    outputs = forward("viton_hd/seg", module, {"x": x})
    pictures = run_pipeline("viton_hd", folder, {"seg": ..., "gmm": ..., "alias": ...})
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.generic]
#: Each has a module ``reference`` with ``NETWORKS``, ``forward`` and ``run_pipeline``.
ENGINES: Mapping[str, tuple[str, ...]] = {
    "viton_hd": ("seg", "gmm", "alias"),
    "hr_viton": ("tocg", "gen"),
    "flow_style": ("warp", "gen"),
}
NETWORKS = tuple(f"{engine}/{name}" for engine, names in ENGINES.items() for name in names)


def build(network: str, load_size: tuple[int, int] = (1024, 768)) -> nn.Module:
    """One of :data:`NETWORKS` with the official parameter names, in eval mode.

    load_size: (height, width) of the pictures that the model is configured for; it matters only
    where a network cannot tell from its inputs (alias, gen of HR-VITON, gmm). Its weights are
    random. Raises ValueError.
    """
    engine, name = _parts(network)
    builder: Callable[[tuple[int, int]], nn.Module] = _module(engine).NETWORKS[name]
    return builder((int(load_size[0]), int(load_size[1]))).eval()


def forward(network: str, module: nn.Module, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments and outputs by their official names.

    inputs: (N, C, H, W) float32, tensors or arrays; the outputs are of the same kind.
    """
    engine, name = _parts(network)
    as_tensors = any(isinstance(value, Tensor) for value in inputs.values())
    given = {
        key: torch.as_tensor(value, dtype=torch.float32, device="cpu")
        for key, value in inputs.items()
    }
    with torch.inference_mode():
        made: dict[str, Tensor] = _module(engine).forward(name, module, given)
    if as_tensors:
        return {key: value.detach().clone() for key, value in made.items()}
    return {key: value.numpy() for key, value in made.items()}


def run_pipeline(
    engine: str,
    inputs_dir: str | os.PathLike[str],
    state_dicts: Mapping[str, Mapping[str, Tensor]],
    align_corners: bool = False,
) -> dict[str, Array]:
    """The whole official inference of the one person in a folder.

    state_dicts: by network, ``"warp"`` or ``"flow_style/warp"``, under the official names.
    align_corners: how ``grid_sample`` is meant; only Flow-Style leaves that open. Then the
    outputs also come under the names that end with ``_ac1``.

    Floating-point outputs under their official names; label maps (class indices) and agnostic
    pictures (RGB) as uint8 (H, W[, 3]). Raises ValueError, OSError.
    """
    if engine not in ENGINES:
        raise ValueError(f"no engine {engine!r}; there are: {', '.join(ENGINES)}")
    given = {name.rpartition("/")[2]: state for name, state in state_dicts.items()}
    missing = sorted(set(ENGINES[engine]) - set(given))
    if missing:
        raise ValueError(f"state dicts are missing for {engine}: {', '.join(missing)}")
    options = {"align_corners": True} if align_corners else {}
    if align_corners and engine != "flow_style":
        raise ValueError(f"{engine} was trained with align_corners=False")
    found: dict[str, Array] = _module(engine).run_pipeline(Path(inputs_dir), given, **options)
    return found


def _parts(network: str) -> tuple[str, str]:
    if network not in NETWORKS:
        raise ValueError(f"no network {network!r}; there are: {', '.join(NETWORKS)}")
    engine, _, name = network.partition("/")
    return engine, name


def _module(engine: str) -> ModuleType:
    return import_module(f"ml.tryon.{engine}.reference")
