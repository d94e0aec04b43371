"""``student``: one small network dresses from pictures alone; your own fine-tuned one, too.

The network sees the whole photo at 256 x 192 (or what its weights say) and answers a flow, masks
and pixels of its own. Flow and masks are smooth, so the garment's own photo is warped at the size
of the person's: a print stays as sharp as it was. What the network painted is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.errors import BadAnnotation, InputError, NoPerson, NotSupported
from ml.garment.annotation import GarmentAnnotation
from ml.person.annotation import PersonAnnotation
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
from ml.tryon.stages import timed
from ml.tryon.student.frames import garment_picture, of_garment, of_photo
from ml.tryon.student.network import (
    REGIONS,
    Features,
    Flow,
    Student,
    Worn,
    channels_last,
    load_unfused,
)

FILE = "student.safetensors"
#: Half of an edit's soft edge, as shares of 1: the network's own is several pixels wide.
CRISP = (0.3, 0.7)
#: A garment annotation below this confidence earns a warning.
UNSURE_MASK = 0.5

Tensors = Mapping[str, NDArray[np.generic]]
Floats = NDArray[np.float32]


class StudentEngine:
    def __init__(self, network: Student, device: str = "cpu") -> None:
        self.network = network.to(device)
        self.device = device

    @torch.inference_mode()
    def prepare_person(
        self, photo: NDArray[np.uint8], annotation: PersonAnnotation
    ) -> PreparedPerson:
        """The annotation is not used, but believed where it found nobody.

        Raises BadAnnotation, NoPerson.
        """
        _check(photo, annotation.parse.shape)
        if not annotation.parse.any() and not (annotation.keypoints[:, 2] > 0).any():
            raise NoPerson("nobody was found in the photo")
        picture = of_photo(photo.shape).seen(photo, self.network.size)
        features = self.network.see_person(self._planes([picture]))
        return PreparedPerson(photo, annotation, _kept(features) | {"picture": picture})

    @torch.inference_mode()
    def prepare_garment(
        self, photo: NDArray[np.uint8], annotation: GarmentAnnotation
    ) -> PreparedGarment:
        """Raises BadAnnotation or NoGarment."""
        _check(photo, annotation.mask.shape)
        picture, mask = garment_picture(photo, annotation.mask, self.network.size)
        region = torch.tensor([[float(annotation.region is one) for one in REGIONS]])
        features = self.network.see_garment(
            self._planes([picture]), self._planes([mask]), region.to(self.device)
        )
        tensors = _kept(features) | {"picture": picture, "mask": mask}
        return PreparedGarment(photo, annotation, tensors)

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]:
        """One pass of the network for all that can be dressed. Nothing here is random."""
        answers: dict[int, Dressed | Refused] = {}
        chosen: dict[int, tuple[PreparedPerson, PreparedGarment]] = {}
        with timed("prepare", on_stage):
            for i, request in enumerate(batch):
                try:
                    garment = _only(request)
                    chosen[i] = (self._ready(request.person), garment)
                except InputError as error:
                    answers[i] = Refused(error.code, str(error))
        if chosen:
            pairs = list(chosen.values())
            flow, made = self._computed(pairs, on_stage)
            with timed("compose", on_stage):
                for k, i in enumerate(chosen):
                    answers[i] = _finished(*pairs[k], flow.grids[-1][k], _one(made, k))
        return [answers[i] for i in range(len(batch))]

    def _ready(self, person: PreparedPerson) -> PreparedPerson:
        return person if person.tensors else self.prepare_person(person.photo, person.annotation)

    @torch.inference_mode()
    def _computed(
        self, pairs: Sequence[tuple[PreparedPerson, PreparedGarment]], on_stage: OnStage
    ) -> tuple[Flow, Worn]:
        people = [person.tensors for person, _ in pairs]
        garments = [garment.tensors for _, garment in pairs]
        with timed("warp", on_stage):
            features = self._features(people)
            flow = self.network.flow(features, self._features(garments))
        with timed("paint", on_stage):
            made = self.network.wear(
                self._planes([each["picture"] for each in people]),
                self._planes([each["picture"] for each in garments]),
                self._planes([each["mask"] for each in garments]),
                features,
                flow,
            )
            cpu = Worn(*(each.float().cpu() for each in made))
            return Flow(tuple(each.float().cpu() for each in flow.grids), ()), cpu

    def _features(self, batch: Sequence[Tensors]) -> Features:
        return Features(
            *(
                torch.from_numpy(np.stack([one[f"net:{name}"] for one in batch]))
                .to(self.device)
                .float()
                .contiguous(memory_format=torch.channels_last)
                for name in Features._fields
            )
        )

    def _planes(self, pictures: Sequence[NDArray[np.generic]]) -> Tensor:
        """(H, W[, 3]) of 0..255 -> (N, C, H, W) in 0..1."""
        stacked = torch.from_numpy(np.stack(pictures)).to(self.device).float() / 255
        stacked = stacked[..., None] if stacked.dim() == 3 else stacked
        return stacked.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def _finished(
    person: PreparedPerson, garment: PreparedGarment, grid: Tensor, made: Worn
) -> Dressed:
    place = of_photo(person.photo.shape)
    size = (place.height, place.width)
    worn, cover = _warped(garment, grid, size)
    seen = _enlarged(torch.sigmoid(made.shown), size) * cover
    edit = _crisp(_enlarged(torch.sigmoid(made.edit), size))[..., 0]
    lit = np.clip(worn * _enlarged(made.light, size), 0, 255)
    painted = lit * seen + _enlarged(made.painted, size) * 255 * (1 - seen)
    canvas = place.placed(_levels(painted), person.photo)
    mask = place.placed(_levels(edit * 255), np.zeros(person.photo.shape[:2], np.uint8))
    sure = garment.annotation.confidence
    return Dressed(
        image=compose(person.photo, canvas, mask),
        edit_mask=mask,
        confidence=float(np.clip(sure, 0.0, 1.0)),
        warnings=("low_mask_confidence",) if sure < UNSURE_MASK else (),
    )


def _warped(garment: PreparedGarment, grid: Tensor, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """The garment's own photo and its mask (0..1), as the flow says, (H, W, 3) and (H, W, 1)."""
    place = of_garment(garment.annotation.mask)
    scale = min(1.0, size[0] / place.height)  # no finer than it will be seen
    small = (max(round(place.height * scale), 1), max(round(place.width * scale), 1))
    picture, mask = garment_picture(garment.photo, garment.annotation.mask, small)
    at = (_enlarged(grid, size) + 1) / 2 * np.array(small[::-1], np.float32) - 0.5
    x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
    linear = cv2.INTER_LINEAR
    worn = cv2.remap(picture, x, y, linear, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(mask, x, y, linear, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(worn, np.float32), np.asarray(cover[..., None] / 255, np.float32)


def _crisp(edit: Floats) -> Floats:
    low, high = CRISP
    return np.asarray(np.clip((edit - low) / (high - low), 0, 1), np.float32)


def _one(made: Worn, index: int) -> Worn:
    return Worn(*(each[index] for each in made))


def _enlarged(values: Tensor, size: tuple[int, int]) -> Floats:
    """(C, h, w) -> (H, W, C)."""
    channels_last_array = np.ascontiguousarray(values.permute(1, 2, 0).numpy())
    made = cv2.resize(channels_last_array, size[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(made, np.float32).reshape(*size, -1)


def _levels(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _only(request: DressRequest) -> PreparedGarment:
    if len(request.garments) != 1:
        raise NotSupported("the student puts on one garment at a time")
    return request.garments[0]


def _check(photo: NDArray[np.uint8], size: tuple[int, ...]) -> None:
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8:
        raise BadAnnotation(f"a photo is (H, W, 3) uint8, got {photo.shape} {photo.dtype}")
    if photo.shape[:2] != size:
        raise BadAnnotation(f"the annotation is {size}, its photo {photo.shape[:2]}")


def _kept(features: Features) -> dict[str, NDArray[np.generic]]:
    """What a cache keeps: half precision is enough."""
    return {
        f"net:{name}": value[0].half().contiguous().cpu().numpy()
        for name, value in zip(Features._fields, features, strict=True)
    }


def load(device: str, folder: Path) -> StudentEngine:
    """folder: where ``student.safetensors`` is. Raises OSError, BadCheckpoint."""
    network = load_unfused(folder / FILE).fuse().requires_grad_(False)
    return StudentEngine(channels_last(network), device)
