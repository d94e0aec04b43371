"""VITON-HD's inference, step by step as the official code goes, and the same sooner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ml.tryon.engine import OnStage, ignore_stage
from ml.tryon.published import agnostic, generator, parsing
from ml.tryon.published.classes import LIP_TO_13, Class7, Class13
from ml.tryon.published.generator import Noise
from ml.tryon.published.generator_fast import FastGenerator
from ml.tryon.published.inputs import COARSE, SIZE, Garment, PersonInputs, one_hot, picture
from ml.tryon.published.spectral import fold
from ml.tryon.stages import timed
from ml.tryon.viton_hd.matcher import Matcher
from ml.tryon.viton_hd.segmenter import Segmenter

STAGES = ("segment", "match", "warp", "paint")
WEIGHTS = ("seg", "gmm", "alias")


@dataclass(frozen=True, slots=True)
class Person:
    """pose, agnostic: (N, 3, 1024, 768). parse: (N, 13, 1024, 768) one-hot, without clothes."""

    pose: Tensor
    agnostic: Tensor
    parse: Tensor


@dataclass(frozen=True, slots=True)
class Result:
    """Everything on the way; ``output`` is the picture in -1..1, ``labels`` (N, H, W) of the
    thirteen. The names are the reference's."""

    seg_input: Tensor
    parse_pred_down: Tensor
    labels: Tensor
    gmm_input: Tensor
    theta: Tensor
    warped_grid: Tensor
    warped_c: Tensor
    warped_cm: Tensor
    misalign_mask: Tensor
    output: Tensor


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The three networks and how labels are made of class maps."""

    segment: Callable[[Tensor], Tensor]
    match: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    paint: Callable[..., Tensor]
    smooth: Callable[[Tensor, tuple[int, int]], Tensor]
    highest: Callable[[Tensor], Tensor]
    device: str = "cpu"

    @torch.inference_mode()
    def __call__(
        self,
        person: Person,
        garment: Garment,
        speckle: Tensor,
        *,
        noise: Noise | None = None,
        on_stage: OnStage = ignore_stage,
    ) -> Result:
        """speckle: (N, 1, 256, 192), the segmenter's noise. noise: the generator's."""
        with timed("segment", on_stage):
            seg_input = torch.cat(
                [
                    _bilinear(garment.mask),
                    _bilinear(garment.picture * garment.mask),
                    _bilinear(person.parse),
                    _bilinear(person.pose),
                    speckle,
                ],
                dim=1,
            )
            down = self.segment(seg_input)
            labels = self.highest(self.smooth(down, SIZE))
            seven = parsing.seven(labels)
        upper = seven[:, Class7.UPPER, None]
        with timed("match", on_stage):
            gmm_input = torch.cat([_nearest(x) for x in (upper, person.pose, person.agnostic)], 1)
            theta, grid = self.match(gmm_input, _nearest(garment.picture))
        with timed("warp", on_stage):
            both = torch.cat([garment.picture, garment.mask], dim=1)
            warped = F.grid_sample(both, grid, padding_mode="border", align_corners=False)
            warped_c, warped_cm = warped[:, :3], warped[:, 3:]
            misalign = (upper - warped_cm).clamp_min(0)
            divided = torch.cat([seven, misalign], dim=1)
            divided[:, Class7.UPPER, None] -= misalign
        with timed("paint", on_stage):
            x = torch.cat([person.agnostic, person.pose, warped_c], dim=1)
            output = self.paint(x, seven, divided, misalign, noise=noise)
        return Result(
            seg_input,
            down,
            labels,
            gmm_input,
            theta,
            grid,
            warped_c,
            warped_cm,
            misalign,
            output,
        )


def plain(state_dicts: Mapping[str, Mapping[str, Tensor]]) -> Pipeline:
    """From official state dicts, named as :data:`WEIGHTS`; the operations in the official order."""
    segmenter, matcher = Segmenter().eval(), Matcher(SIZE, remember=False).eval()
    painter = generator.build(SIZE, masked=True)
    for network, name in ((segmenter, "seg"), (matcher, "gmm"), (painter, "alias")):
        network.load_state_dict(state_dicts[name], assign=True)
    return Pipeline(segmenter, matcher, painter, parsing.smooth_plain, parsing.highest_plain)


def fast(
    state_dicts: Mapping[str, Mapping[str, Tensor]],
    *,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Pipeline:
    """The same pictures sooner. The state dicts may be folded already. dtype: the generator's."""
    with torch.device("meta"):
        segmenter, matcher = Segmenter().eval(), Matcher(SIZE).eval()
    segmenter.load_state_dict(state_dicts["seg"], assign=True)
    matcher.load_state_dict(state_dicts["gmm"], assign=True)
    for network in (segmenter, matcher):
        network.to(device)
    settings = generator.config(SIZE, masked=True)
    painter = FastGenerator(fold(state_dicts["alias"]), settings, device=device, dtype=dtype)
    return Pipeline(segmenter, matcher, painter, parsing.smooth, parsing.highest, device)


def person_arrays(inputs: PersonInputs) -> dict[str, NDArray[np.uint8]]:
    """agnostic: the picture without clothes. parse: the thirteen classes without. pose. All
    1024 x 768. Raises CutOff."""
    parse = agnostic.parse_without_clothes(inputs.parse, inputs.pose)
    return {
        "agnostic": agnostic.viton_hd_picture(inputs.picture, inputs.parse, inputs.pose),
        "parse": LIP_TO_13[parse],
        "pose": inputs.pose_picture,
    }


def person_of(arrays: Mapping[str, NDArray[np.uint8]], device: str = "cpu") -> Person:
    """From :func:`person_arrays`."""
    parse = torch.from_numpy(arrays["parse"])[None].to(device)
    drawn, without = (picture(arrays[name]).to(device) for name in ("pose", "agnostic"))
    return Person(drawn, without, one_hot(parse, len(Class13)))


def _bilinear(x: Tensor) -> Tensor:
    return F.interpolate(x, COARSE, mode="bilinear")


def _nearest(x: Tensor) -> Tensor:
    return F.interpolate(x, COARSE, mode="nearest")
