"""Weights and inputs drawn from names: a published network runs, and can be checked, without its
checkpoint.

Every tensor is uniform noise of a generator that its own name seeds, so the values depend neither
on torch's version nor on the order of the tensors. The gains keep activations in range, so that
no output is constant or saturated; they hold for the networks of :mod:`ml.tryon.reference`, whose
expected numbers were made with the same recipe. A picture from such weights looks like noise.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, prod, sqrt

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]
Entry = tuple[str, Sequence[int], str]

#: Gains of matrices and kernels by name, the first that matches; divided by sqrt(fan in), except
#: RAW, whose layers scale themselves (equalised learning rate).
RAW = 0.0
OTHERS = 1.3
GAINS: tuple[tuple[str, float], ...] = (
    # VITON-HD and HR-VITON
    (r"^regression\.conv\.0\.weight$", 8.0),
    (r"^regression\.linear\.weight$", 0.35),
    (r"conv_(gamma|beta)\.weight$", 0.5),
    (r"^conv_img\.weight$", 0.5),
    (r"^flow_conv\.\d+\.weight$", 0.3),
    (r"^out_layer\.scale\.weight$", 6.0),
    (r"^(ClothEncoder|PoseEncoder|SegDecoder|conv|out_layer)\..*block\.3\.weight$", 0.5),
    # Flow-Style: flows of about a pixel
    (r"_FPN\.smooth\.\d+\.weight$", 0.3),
    (r"^aflow_net\.netRefine\.\d+\.6\.weight$", 0.3),
    (r"_features\.encoders\..*block\.5\.weight$", 0.5),
    (r"mlp_class_std\.linear\.weight_orig$", RAW),
    (r"^aflow_net\.net(Style|F)\.\d+\.conv[01]\.weight$", RAW),
    (r"^model\..*block\.3\.weight$", 0.5),
    (r"^model\.model\.6\.weight$", 0.9),
    # the student: flows of a few pixels, logits of about one
    (r"\.(depth|point)\.weight$", 0.6),
    (r"^(layout\.flow|refine_\w+\.change)\.weight$", 0.02),
    (r"^painter\.tell\.weight$", 0.3),
)
#: Kernels whose outputs must not be drowned by the mean of what comes in: theirs is taken away.
CENTRED = re.compile(r"^(regression\.conv\.0|conv9\.6|out_layer\.scale|model\.model\.6)\.weight$")
#: Added to some classes' biases, so that each class wins somewhere.
PUSHED: Mapping[str, Mapping[int, float]] = {
    # the student edits fewer pixels than it keeps: the planes of ``Worn.edit``
    "painter.tell.bias": dict.fromkeys(range(32, 48), -1.1),
    "conv9.6.bias": {3: 0.8},
    "out_layer.scale.bias": {3: 4.5, 1: 0.8, 5: 1.0, 11: -0.8, 12: -0.8},
}
#: This kernel hears its last inputs (the raw pictures) five times as well as the features.
HEARS_PICTURES, PICTURES, HUSHED = "out_layer.scale.weight", 20, 0.2
#: Pictures and masks are made of blocks of this many pixels.
BLOCK = 16
INPUT_KINDS = ("uniform", "image", "mask", "onehot", "bernoulli")


def weights(entries: Iterable[Entry], salt: str = "") -> dict[str, Tensor]:
    """A tensor for each (name, shape, dtype like "float32"), in order.

    Spectral norm: u and v come from two power iterations, so that they are usable and *not*
    converged, as in a checkpoint.
    """
    wanted = [(name, tuple(int(n) for n in shape), dtype) for name, shape, dtype in entries]
    drawn = {name: _tensor(name, shape, salt) for name, shape, _ in wanted}
    for name in [name for name in drawn if name.endswith(".weight_u")]:
        layer = name.removesuffix("weight_u")
        single = drawn[layer + "weight_orig"].astype(np.float32).astype(np.float64)
        u, v = _power(single.reshape(len(single), -1), drawn[name], rounds=2)
        drawn[name] = u
        if layer + "weight_v" in drawn:
            drawn[layer + "weight_v"] = v
    return {
        name: torch.from_numpy(drawn[name].astype(dtype.removeprefix("torch.")).reshape(shape))
        for name, shape, dtype in wanted
    }


def weights_like(state: Mapping[str, Tensor], salt: str = "") -> dict[str, Tensor]:
    """The same for a module's ``state_dict()``; tensors on the meta device will do."""
    return weights(((name, t.shape, str(t.dtype)) for name, t in state.items()), salt)


def install(engine: str) -> None:
    """Put such weights where an engine's installed ones are looked for: into a folder of your own
    (``OTBANG_HOME``), for measuring and testing."""
    from safetensors.torch import save_file

    from ml import weights as installed
    from ml.tryon.published.spectral import fold
    from ml.tryon.reference import build
    from ml.tryon.student.network import Student

    if engine == "student":
        path = installed.folder() / "student" / "student.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights_like(Student().state_dict()), path)
        return
    for checkpoint in installed.of_engine(engine):
        with torch.device("meta"):
            state = build(checkpoint.network).state_dict()
        made = weights_like(state)
        path = installed.folder() / checkpoint.stored
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(fold(made) if checkpoint.spectral else made, path)
    installed.acknowledge(engine, by="nobody: these are no official weights")


def picture(name: str, shape: Sequence[int], kind: str) -> NDArray[np.float32]:
    """A float32 input of (N, C, H, W), one of :data:`INPUT_KINDS`.

    uniform: noise in [-1, 1). image: 0.7 of coloured blocks + 0.3 of such noise. mask: blocks of
    0 and 1. onehot: one of C classes per block. bernoulli: single pixels, 1 with P = 0.16.
    """
    count, channels, height, width = shape
    random = _random(f"{kind}:{name}").random

    def blocks(channels: int) -> Floats:
        coarse = random((count, channels, ceil(height / BLOCK), ceil(width / BLOCK)))
        fine = np.kron(coarse, np.ones((1, 1, BLOCK, BLOCK)))[:, :, :height, :width]
        return np.asarray(fine, np.float64)

    made: NDArray[np.generic]
    if kind == "uniform":
        made = 2.0 * random(tuple(shape)) - 1.0
    elif kind == "image":
        coarse = 2.0 * blocks(channels) - 1.0
        made = 0.7 * coarse + 0.3 * (2.0 * random(tuple(shape)) - 1.0)
    elif kind == "mask":
        made = blocks(channels) >= 0.5
    elif kind == "onehot":
        made = np.floor(blocks(1) * channels) == np.arange(channels)[:, None, None]
    elif kind == "bernoulli":
        made = random(tuple(shape)) < 0.16
    else:
        raise ValueError(f"no kind {kind!r}; there are: {', '.join(INPUT_KINDS)}")
    return np.ascontiguousarray(made, np.float32)


def _random(name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def _noise(name: str, shape: tuple[int, ...]) -> Floats:
    """Uniform, mean 0, variance 1."""
    return np.asarray((2.0 * _random(name).random(shape) - 1.0) * 3.0**0.5)


def _tensor(name: str, shape: tuple[int, ...], salt: str) -> Floats:
    last = name.rpartition(".")[2]
    seed = salt + name
    if last in ("num_batches_tracked", "noise_scale"):  # no random noise in the networks
        return np.zeros(shape)
    if last == "running_var":
        return 0.5 + _random(seed).random(shape)
    if last == "running_mean":
        return 0.1 * _noise(seed, shape)
    if last == "bias":
        if name.endswith("mlp_class_std.linear.bias"):  # a scale, about 1
            return 1.0 + 0.1 * _noise(seed, shape)
        bias = 0.05 * _noise(seed, shape)
        for channel, push in PUSHED.get(name, {}).items():
            bias[channel] += push
        return bias
    if last in ("weight_u", "weight_v"):
        return _unit(_noise(seed, shape))
    if len(shape) < 2:  # of a norm layer
        return 1.0 + 0.1 * _noise(seed, shape)
    kernel = _noise(seed, shape)
    if name == HEARS_PICTURES:
        kernel[:, :-PICTURES] *= HUSHED
    if CENTRED.search(name):
        kernel = kernel - kernel.mean(axis=tuple(range(1, kernel.ndim)), keepdims=True)
    gain = next((gain for pattern, gain in GAINS if re.search(pattern, name)), OTHERS)
    return kernel if gain == RAW else kernel * (gain / float(prod(shape[1:])) ** 0.5)


def _power(matrix: Floats, u: Floats, *, rounds: int) -> tuple[Floats, Floats]:
    for _ in range(rounds):
        v = _unit(matrix.T @ u)
        u = _unit(matrix @ v)
    return u, v


def _unit(vector: Floats) -> Floats:
    return vector / sqrt((vector * vector).sum())
