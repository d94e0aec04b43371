"""Flow-Style as :mod:`ml.tryon.reference` runs it: the plain path, nothing cached or fused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.tryon.flow_style import pipeline
from ml.tryon.flow_style.gen import GenNet
from ml.tryon.flow_style.warp import WarpNet, sample

#: Both convolve whatever they get: no size to be configured for.
NETWORKS: Mapping[str, Callable[[tuple[int, int]], nn.Module]] = {
    "warp": lambda load_size: WarpNet().eval(),
    "gen": lambda load_size: GenNet().eval(),
}
#: Ends the names of what was made with align_corners=True.
TRUE = "_ac1"


def forward(name: str, module: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """warp: person, cloth -> warped_cloth, flow, under both conventions. gen: x -> out."""
    if name == "gen":
        return {"out": module(inputs["x"])}
    assert isinstance(module, WarpNet)  # noqa: S101 (by NETWORKS)
    worn_by = module.cond_FPN(module.cond_features(inputs["person"]))
    worn = module.image_FPN(module.image_features(inputs["cloth"]))
    outputs = {}
    for ending, corners in (("", False), (TRUE, True)):
        flow = module.aflow_net(worn, worn_by, align_corners=corners)
        outputs["warped_cloth" + ending] = sample(inputs["cloth"], flow, align_corners=corners)
        outputs["flow" + ending] = flow
    return outputs


def run_pipeline(
    inputs_dir: Path,
    state_dicts: Mapping[str, Mapping[str, Tensor]],
    *,
    align_corners: bool = False,
) -> dict[str, NDArray[np.generic]]:
    """What the official script makes of a folder. With align_corners also under the names that end
    with _ac1."""
    warp, gen = WarpNet().eval(), GenNet().eval()
    warp.load_state_dict(state_dicts["warp"])
    gen.load_state_dict(state_dicts["gen"])
    with torch.inference_mode():
        made = pipeline.dress(
            warp, gen, pipeline.read(inputs_dir), align_corners=align_corners
        )._asdict()
    found: dict[str, NDArray[np.generic]] = {name: each.numpy() for name, each in made.items()}
    if align_corners:
        found |= {name + TRUE: each for name, each in found.items()}
    return found
