"""``flow_style``: Flow-Style-VTON for tops, at the photo's own resolution.

The networks see 192 x 256 pixels and answer a flow, a mask and a painted person. The flow and the
mask are smooth, so the garment's own photo is warped by them at the size of the person's photo: a
print stays sharp. Only what the networks paint (uncovered skin, the garment's surroundings) has
their resolution, and only where something has changed does it replace the photo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.errors import InputError
from ml.garment.annotation import GarmentAnnotation
from ml.person.annotation import Atr, PersonAnnotation
from ml.tryon import frame
from ml.tryon.compose import compose
from ml.tryon.engine import (
    Dressed,
    DressRequest,
    OnStage,
    PreparedGarment,
    PreparedPerson,
    Refused,
    ignore_stage,
)
from ml.tryon.flow_style import pipeline
from ml.tryon.flow_style.fast import Fast
from ml.tryon.flow_style.gen import GenNet
from ml.tryon.flow_style.pipeline import Composite, Pictures, normalised
from ml.tryon.flow_style.warp import WarpNet
from ml.tryon.frame import Frame
from ml.tryon.requests import check_photo, only_top
from ml.tryon.stages import timed

#: The original's torch is not certain (see ``warp``); this is what its code does today.
ALIGN_CORNERS = False
#: What a top may replace. Else the photo stays, unless the warped garment lies there.
CLOTHES = (Atr.UPPER, Atr.DRESS, Atr.SCARF)
SKIN = (Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.FACE)
#: What the garment never covers.
ABOVE = (Atr.HAIR, Atr.HAT, Atr.SUNGLASSES, Atr.BAG, Atr.LEFT_SHOE, Atr.RIGHT_SHOE)
#: Painted skin replaces the photo's where it differs by more than this, in levels of 255; a fully
#: painted one by the second.
SKIN_CHANGES = (14.0, 40.0)
#: How far the old garment's edge reaches into its surroundings, of the frame's height.
RIM = 0.012

Tensors = Mapping[str, NDArray[np.generic]]


class FlowStyle:
    def __init__(self, nets: Fast, *, align_corners: bool = ALIGN_CORNERS) -> None:
        self.nets = nets
        self.align_corners = align_corners

    def prepare_person(
        self, photo: NDArray[np.uint8], annotation: PersonAnnotation
    ) -> PreparedPerson:
        """Raises BadAnnotation, NoPerson, CutOff or BackView."""
        check_photo(photo, annotation.parse.shape)
        place = frame.of_person(annotation)
        picture = place.seen(photo)
        features = self.nets.person(normalised(picture))
        return PreparedPerson(photo, annotation, _kept(place, features) | {"picture": picture})

    def prepare_garment(
        self, photo: NDArray[np.uint8], annotation: GarmentAnnotation
    ) -> PreparedGarment:
        """Raises BadAnnotation or NoGarment."""
        check_photo(photo, annotation.mask.shape)
        place = frame.of_garment(annotation.mask)
        picture = place.seen(photo)
        edge = place.seen(annotation.mask, border=cv2.BORDER_CONSTANT)
        given = pipeline.pictures(picture, picture, edge)
        features = self.nets.cloth(given.cloth)
        tensors = _kept(place, features) | {"picture": picture, "edge": edge}
        return PreparedGarment(photo, annotation, tensors)

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]:
        """One pass of the networks for all that can be dressed. Nothing here is random."""
        answers: dict[int, Dressed | Refused] = {}
        people: list[PreparedPerson] = []
        garments: list[PreparedGarment] = []
        chosen: list[int] = []
        with timed("prepare", on_stage):
            for i, request in enumerate(batch):
                try:
                    garment = only_top(request)
                    people.append(self._ready(request.person))
                    garments.append(garment)
                    chosen.append(i)
                except InputError as error:
                    answers[i] = Refused(error.code, str(error))
        if chosen:
            made = self._computed(people, garments, on_stage)
            with timed("compose", on_stage):
                for k, i in enumerate(chosen):
                    one = Composite(*(each[k : k + 1] for each in made))
                    answers[i] = self._finished(people[k], garments[k], one)
        return [answers[i] for i in range(len(batch))]

    def _ready(self, person: PreparedPerson) -> PreparedPerson:
        return person if person.tensors else self.prepare_person(person.photo, person.annotation)

    def _computed(
        self,
        people: Sequence[PreparedPerson],
        garments: Sequence[PreparedGarment],
        on_stage: OnStage,
    ) -> Composite:
        seen = [
            pipeline.pictures(
                np.asarray(person.tensors["picture"], np.uint8),
                np.asarray(garment.tensors["picture"], np.uint8),
                np.asarray(garment.tensors["edge"], np.uint8),
            )
            for person, garment in zip(people, garments, strict=True)
        ]
        given = Pictures(*(torch.cat(each) for each in zip(*seen, strict=True)))
        worn_by = _stacked([person.tensors for person in people])
        worn = _stacked([garment.tensors for garment in garments])
        with timed("warp", on_stage):
            flow = self.nets.flow(worn_by, worn, align_corners=self.align_corners)
        with timed("paint", on_stage):
            made = self.nets.paint(given, flow, align_corners=self.align_corners)
            return Composite(*(each.float().cpu() for each in made))

    def _finished(
        self, person: PreparedPerson, garment: PreparedGarment, made: Composite
    ) -> Dressed:
        place, of_garment = (Frame.of_box(x.tensors["box"]) for x in (person, garment))
        size = (place.height, place.width)
        shown = np.clip(_enlarged(made.m_composite, size)[..., 0], 0, 1)
        rendered = (_enlarged(made.p_rendered, size) + 1) * 127.5
        worn = _warped(garment, of_garment, made.flow, size, corners=self.align_corners)
        painted = worn * shown[..., None] + rendered * (1 - shown[..., None])
        parse = place.cut(person.annotation.parse, border=cv2.BORDER_CONSTANT)
        edit = _edit(place.cut(person.photo), rendered, shown, parse)
        canvas = place.placed(_levels(painted), person.photo)
        mask = place.placed(edit, np.zeros(person.photo.shape[:2], np.uint8))
        sure = garment.annotation.confidence
        return Dressed(
            image=compose(person.photo, canvas, mask),
            edit_mask=mask,
            confidence=float(np.clip(sure, 0.0, 1.0)),
            warnings=("low_mask_confidence",) if sure < 0.5 else (),
        )


def _edit(
    photo: NDArray[np.uint8],
    rendered: NDArray[np.float32],
    shown: NDArray[np.float32],
    parse: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """How much of what was painted replaces the photo, 0..255; all arrays are of the frame."""
    radius = max(1, round(RIM * len(photo)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    old = cv2.dilate(np.isin(parse, CLOTHES).astype(np.float32), kernel)
    low, high = SKIN_CHANGES
    changes = np.abs(rendered - photo).mean(2)
    skin = np.isin(parse, SKIN) * np.clip((changes - low) / (high - low), 0, 1)
    wanted = np.maximum(np.maximum(old, shown), skin.astype(np.float32))
    wanted[np.isin(parse, ABOVE)] = 0
    face = parse == Atr.FACE  # only the garment itself may lie over chin and neck
    wanted[face] = shown[face]
    # Soft inside its own border, so that nothing outside is touched.
    soft = np.minimum(wanted, cv2.blur(wanted, (radius | 1, radius | 1)))
    return _levels(soft * 255)


def _warped(
    garment: PreparedGarment, place: Frame, flow: Tensor, size: tuple[int, int], *, corners: bool
) -> NDArray[np.float32]:
    """The garment's own photo, as the flow says, at the size of the person's frame."""
    scale = min(1.0, size[0] / place.height)  # no finer than it will be seen
    small = (max(round(place.height * scale), 1), max(round(place.width * scale), 1))
    photo = place.seen(garment.photo, small)
    grid = _enlarged(flow, size)
    extent = np.array(small[::-1], np.float32)
    at = (grid + 1) / 2 * (extent - 1) if corners else ((grid + 1) * extent - 1) / 2
    x, y = np.asarray(at[..., 0], np.float32), np.asarray(at[..., 1], np.float32)
    made = cv2.remap(photo, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.float32)


def _enlarged(values: Tensor, size: tuple[int, int]) -> NDArray[np.float32]:
    """(1, C, h, w) -> (H, W, C)."""
    channels_last = np.ascontiguousarray(values[0].permute(1, 2, 0).numpy())
    made = cv2.resize(channels_last, size[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(made, np.float32).reshape(*size, -1)


def _levels(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _kept(place: Frame, features: Mapping[str, Tensor]) -> dict[str, NDArray[np.generic]]:
    """What a cache keeps: half precision is enough (see ``fast``) and half as large."""
    return {"box": place.box} | {
        f"net:{name}": each[0].half().contiguous().cpu().numpy() for name, each in features.items()
    }


def _stacked(batch: Sequence[Tensors]) -> dict[str, Tensor]:
    names = [name for name in batch[0] if name.startswith("net:")]
    return {
        name.removeprefix("net:"): torch.from_numpy(np.stack([one[name] for one in batch]))
        for name in names
    }


def load(device: str, folder: Path, *, align_corners: bool = ALIGN_CORNERS) -> FlowStyle:
    """folder: where ``warp.safetensors`` and ``gen.safetensors`` are. Raises OSError."""
    from safetensors.torch import load_file

    with torch.device("meta"):
        warp, gen = WarpNet(), GenNet()
    warp.load_state_dict(load_file(folder / "warp.safetensors"), assign=True)
    gen.load_state_dict(load_file(folder / "gen.safetensors"), assign=True)
    precision = torch.float16 if device == "cuda" else torch.float32
    return FlowStyle(
        Fast(warp, gen, device=device, precision=precision), align_corners=align_corners
    )
