"""HR-VITON's inference, step by step as the official code goes, and the same sooner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ml.errors import NotSupported
from ml.tryon.engine import OnStage, ignore_stage
from ml.tryon.hr_viton.conditioner import Condition, Conditioner, grid, quicken, sample
from ml.tryon.published import agnostic, generator, parsing
from ml.tryon.published.classes import LIP_TO_13, Class13
from ml.tryon.published.generator import Noise
from ml.tryon.published.generator_fast import FastGenerator
from ml.tryon.published.inputs import COARSE, SIZE, Garment, PersonInputs, one_hot, picture
from ml.tryon.published.spectral import fold
from ml.tryon.stages import timed

STAGES = ("condition", "parse", "warp", "paint")
WEIGHTS = ("tocg", "gen")
#: What lies in front of a garment: everything of a person but the garment and what is below it.
_IN_FRONT = [Class13.HAIR, Class13.FACE, *range(Class13.LEFT_ARM, len(Class13))]


@dataclass(frozen=True, slots=True)
class Person:
    """parse: (N, 13, 256, 192) one-hot, without clothes. agnostic, densepose: (N, 3, 1024, 768)."""

    parse: Tensor
    agnostic: Tensor
    densepose: Tensor


@dataclass(frozen=True, slots=True)
class Result:
    """Everything on the way; ``output`` is the picture in -1..1, ``labels`` (N, H, W) of the
    thirteen. The names are the reference's."""

    input1: Tensor
    input2: Tensor
    flows: tuple[Tensor, ...]
    tocg_warped_mask: Tensor
    seg_composed: Tensor
    labels: Tensor
    warped_cloth: Tensor
    warped_clothmask: Tensor
    output: Tensor


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The two networks and how labels are made of class maps."""

    condition: Callable[[Tensor, Tensor], Condition]
    paint: Callable[..., Tensor]
    smooth: Callable[[Tensor, tuple[int, int]], Tensor]
    highest: Callable[[Tensor], Tensor]
    device: str = "cpu"

    @torch.inference_mode()
    def __call__(
        self,
        person: Person,
        garment: Garment,
        *,
        noise: Noise | None = None,
        on_stage: OnStage = ignore_stage,
    ) -> Result:
        """noise: the generator's."""
        with timed("condition", on_stage):
            small = F.interpolate(garment.picture, COARSE, mode="bilinear")
            input1 = torch.cat([small, F.interpolate(garment.mask, COARSE)], dim=1)
            dense = F.interpolate(person.densepose, COARSE, mode="bilinear")
            input2 = torch.cat([person.parse, dense], dim=1)
            found = self.condition(input1, input2)
            composed = found.classes.clone()
            composed[:, Class13.UPPER, None] *= found.mask
        with timed("parse", on_stage):
            maps = self.smooth(composed, SIZE)
            labels = self.highest(maps)
            seven = parsing.seven(labels)
        with timed("warp", on_stage):
            flow = found.flows[-1].permute(0, 3, 1, 2)
            flow = F.interpolate(flow, SIZE, mode="bilinear").permute(0, 2, 3, 1)
            both = torch.cat([garment.picture, garment.mask], dim=1)
            warped = sample(both, grid(flow, COARSE))
            warped_mask = warped[:, 3:]
            warped_mask = warped_mask - _in_front(maps) * warped_mask
            cloth = warped[:, :3] * warped_mask + (1 - warped_mask)
        del maps, warped
        with timed("paint", on_stage):
            x = torch.cat([person.agnostic, person.densepose, cloth], dim=1)
            output = self.paint(x, seven, noise=noise)
        return Result(
            input1, input2, found.flows, found.mask, composed, labels, cloth, warped_mask, output
        )


def plain(state_dicts: Mapping[str, Mapping[str, Tensor]]) -> Pipeline:
    """From official state dicts, named as :data:`WEIGHTS`; the operations in the official order."""
    conditioner = Conditioner().eval()
    conditioner.load_state_dict(state_dicts["tocg"], assign=True)
    painter = generator.build(SIZE, masked=False)
    painter.load_state_dict(state_dicts["gen"], assign=True)
    return Pipeline(conditioner, painter, parsing.smooth_plain, parsing.highest_plain)


def fast(
    state_dicts: Mapping[str, Mapping[str, Tensor]],
    *,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Pipeline:
    """The same pictures sooner. The state dicts may be folded already. dtype: the generator's."""
    with torch.device("meta"):
        conditioner = Conditioner().eval()
    conditioner.to_empty(device="cpu")  # filled by copies: quickening makes new weights anyway
    conditioner.load_state_dict(state_dicts["tocg"])
    conditioner = quicken(conditioner)
    conditioner.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    settings = generator.config(SIZE, masked=False)
    painter = FastGenerator(fold(state_dicts["gen"]), settings, device=device, dtype=dtype)
    return Pipeline(conditioner, painter, parsing.smooth, parsing.highest, device)


def person_arrays(inputs: PersonInputs) -> dict[str, NDArray[np.uint8]]:
    """agnostic: the picture without clothes. parse: the twenty classes without. densepose. All
    1024 x 768. Raises CutOff, and NotSupported without a DensePose picture."""
    if inputs.densepose is None:
        raise NotSupported("HR-VITON needs the person's DensePose, and there is none")
    return {
        "agnostic": agnostic.hr_viton_picture(inputs.picture, inputs.parse, inputs.pose),
        "parse": agnostic.parse_without_clothes(inputs.parse, inputs.pose),
        "densepose": inputs.densepose,
    }


def person_of(arrays: Mapping[str, NDArray[np.uint8]], device: str = "cpu") -> Person:
    """From :func:`person_arrays`."""
    parse = torch.from_numpy(LIP_TO_13[arrays["parse"]])[None].to(device)
    small = F.interpolate(one_hot(parse, len(Class13)), COARSE, mode="nearest")
    return Person(small, *(picture(arrays[name]).to(device) for name in ("agnostic", "densepose")))


def _in_front(maps: Tensor) -> Tensor:
    """(N, 13, H, W) smoothed class maps -> (N, 1, H, W), how sure something hides the garment."""
    return torch.softmax(maps, dim=1)[:, _IN_FRONT].sum(dim=1, keepdim=True)
