"""HR-VITON as :mod:`ml.tryon.reference` runs it: networks by name, and the whole inference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.tryon.hr_viton.conditioner import Condition, Conditioner
from ml.tryon.hr_viton.pipeline import WEIGHTS, fast, person_arrays, person_of, plain
from ml.tryon.published import generator
from ml.tryon.published.classes import LIP_TO_13
from ml.tryon.published.inputs import garment_of, read_garment, read_person

#: Name -> build for pictures of (height, width), in eval mode, with the official keys.
NETWORKS: Mapping[str, Callable[[tuple[int, int]], nn.Module]] = {
    "tocg": lambda load_size: Conditioner().eval(),
    "gen": lambda load_size: generator.build(load_size, masked=False),
}


@torch.inference_mode()
def forward(name: str, module: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """gen: x, seg -> out.

    tocg: input1, input2 -> flow0 to flow4, seg, warped_cloth, warped_mask.
    """
    if name == "gen":
        return {"out": module(inputs["x"], inputs["seg"])}
    found: Condition = module(inputs["input1"], inputs["input2"])
    return _flows(found.flows) | {
        "seg": found.classes,
        "warped_cloth": found.garment,
        "warped_mask": found.mask,
    }


def run_pipeline(
    inputs_dir: Path, state_dicts: Mapping[str, Mapping[str, Tensor]], *, sooner: bool = False
) -> dict[str, NDArray[np.generic]]:
    """What the official script makes of a folder. sooner: the way that engines go."""
    person = person_arrays(read_person(inputs_dir))
    pipeline = (fast if sooner else plain)({name: state_dicts[name] for name in WEIGHTS})
    result = pipeline(person_of(person), garment_of(read_garment(inputs_dir)))
    tensors = _flows(result.flows) | {
        field.name: getattr(result, field.name)
        for field in dataclasses.fields(result)
        if field.name not in ("flows", "labels")
    }
    found: dict[str, NDArray[np.generic]] = {name: x.numpy() for name, x in tensors.items()}
    return found | {
        "fake_parse": result.labels[0].numpy().astype(np.uint8),
        "agnostic": person["agnostic"],
        "parse_agnostic": LIP_TO_13[person["parse"]],
        "parse_agnostic_lip": person["parse"],
    }


def _flows(flows: tuple[Tensor, ...]) -> dict[str, Tensor]:
    return {f"flow{number}": flow for number, flow in enumerate(flows)}
