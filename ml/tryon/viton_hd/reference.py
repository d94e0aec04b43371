"""VITON-HD as :mod:`ml.tryon.reference` runs it: networks by name, and the whole inference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.tryon.filled import picture
from ml.tryon.published import generator
from ml.tryon.published.classes import Class7
from ml.tryon.published.inputs import COARSE, garment_of, read_garment, read_person
from ml.tryon.viton_hd.matcher import Matcher
from ml.tryon.viton_hd.pipeline import WEIGHTS, fast, person_arrays, person_of, plain
from ml.tryon.viton_hd.segmenter import Segmenter

#: Name -> build for pictures of (height, width), in eval mode, with the official keys.
NETWORKS: Mapping[str, Callable[[tuple[int, int]], nn.Module]] = {
    "seg": lambda load_size: Segmenter().eval(),
    "gmm": lambda load_size: Matcher(load_size).eval(),
    "alias": lambda load_size: generator.build(load_size, masked=True),
}
#: The segmenter's noise in the expected numbers, unless a folder brings its own (1, 1, 256, 192).
NOISE, NOISE_FILE = "viton_hd/pipeline:noise", "noise.npy"


@torch.inference_mode()
def forward(name: str, module: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """seg: x -> out. gmm: inputA, inputB -> theta, grid. alias: x, seg, mask -> out.

    alias takes seg_div and misalign, too; without them they are made of seg and mask.
    """
    if name == "gmm":
        theta, grid = module(inputs["inputA"], inputs["inputB"])
        return {"theta": theta, "grid": grid}
    if name == "seg":
        return {"out": module(inputs["x"])}
    seg = inputs["seg"]
    if "seg_div" in inputs:
        return {"out": module(inputs["x"], seg, inputs["seg_div"], inputs["misalign"])}
    misalign = inputs["mask"] * seg[:, Class7.UPPER, None]
    divided = torch.cat([seg, misalign], dim=1)
    divided[:, Class7.UPPER, None] -= misalign
    return {"out": module(inputs["x"], seg, divided, misalign)}


def run_pipeline(
    inputs_dir: Path, state_dicts: Mapping[str, Mapping[str, Tensor]], *, sooner: bool = False
) -> dict[str, NDArray[np.generic]]:
    """What the official script makes of a folder. sooner: the way that engines go."""
    person = person_arrays(read_person(inputs_dir))
    file = inputs_dir / NOISE_FILE
    noise = np.load(file) if file.is_file() else picture(NOISE, (1, 1, *COARSE), "bernoulli")
    pipeline = (fast if sooner else plain)({name: state_dicts[name] for name in WEIGHTS})
    speckle = torch.from_numpy(noise.astype(np.float32))
    result = pipeline(person_of(person), garment_of(read_garment(inputs_dir)), speckle)
    found: dict[str, NDArray[np.generic]] = {
        field.name: getattr(result, field.name).numpy()
        for field in dataclasses.fields(result)
        if field.name != "labels"
    }
    return found | {
        "parse_pred": result.labels[0].numpy().astype(np.uint8),
        "parse_agnostic": person["parse"],
        "img_agnostic": person["agnostic"],
    }
