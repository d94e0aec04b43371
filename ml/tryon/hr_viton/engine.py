"""``hr_viton``: HR-VITON for tops, at 768 x 1024. It needs a person's DensePose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.tryon.engine import OnStage
from ml.tryon.hr_viton import pipeline
from ml.tryon.published import generator
from ml.tryon.published.dressing import Arrays, Dressing
from ml.tryon.published.inputs import GarmentInputs, PersonInputs, garment_of, stacked

STAGES = ("prepare", *pipeline.STAGES, "compose")


class HrViton:
    """The pipeline, between arrays."""

    def __init__(self, networks: pipeline.Pipeline) -> None:
        self.networks = networks

    def person(self, given: PersonInputs) -> dict[str, NDArray[np.uint8]]:
        return pipeline.person_arrays(given)

    def run(
        self,
        people: Sequence[Arrays],
        garments: Sequence[GarmentInputs],
        *,
        seed: int,
        on_stage: OnStage,
    ) -> tuple[Tensor, Tensor]:
        device = self.networks.device
        random = torch.Generator().manual_seed(seed)
        made = self.networks(
            stacked([pipeline.person_of(person, device) for person in people]),
            stacked([garment_of(garment, device) for garment in garments]),
            noise=generator.noise_of(random),
            on_stage=on_stage,
        )
        return made.output, made.labels


def load(device: str, folder: Path) -> Dressing:
    """folder: where the networks' safetensors files are. Raises OSError.

    On a GPU the generator computes in half precision: it is nearly all of the work.
    """
    from safetensors.torch import load_file

    states = {name: load_file(folder / f"{name}.safetensors") for name in pipeline.WEIGHTS}
    dtype = torch.float16 if device == "cuda" else torch.float32
    return Dressing(HrViton(pipeline.fast(states, device=device, dtype=dtype)))
