"""From a photo and its annotation to what the published networks take, and back into the photo.

Engines of both papers see the same crop of a person and of a garment and differ in what they make
of it: that part is a :class:`Networks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.errors import CutOff, InputError, NoGarment
from ml.garment.annotation import NEEDS_ATTENTION, GarmentAnnotation
from ml.person.annotation import PersonAnnotation
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
from ml.tryon.frame import Frame
from ml.tryon.published import inputs, pose
from ml.tryon.published.agnostic import require_trunk
from ml.tryon.published.classes import LIP_TO_13, lip_from_atr
from ml.tryon.published.inputs import SIZE, GarmentInputs, PersonInputs
from ml.tryon.published.repaint import edit_mask
from ml.tryon.requests import check_photo, only_top
from ml.tryon.stages import timed

Arrays = Mapping[str, NDArray[np.uint8]]
_WHITE = 255
#: A change smaller than this many pixels of the crop is none.
_LEAST = 100


class Networks(Protocol):
    """One paper's part."""

    def person(self, given: PersonInputs) -> dict[str, NDArray[np.uint8]]:
        """What :meth:`run` takes of a person; ``agnostic``, the picture without clothes, is among
        it. Raises NotSupported where something is not known."""
        ...

    def run(
        self,
        people: Sequence[Arrays],
        garments: Sequence[GarmentInputs],
        *,
        seed: int,
        on_stage: OnStage,
    ) -> tuple[Tensor, Tensor]:
        """Pictures (N, 3, 1024, 768) in -1..1, and (N, 1024, 768) labels of the thirteen. What
        one gets does not depend on the others."""
        ...


class Dressing:
    """A try-on engine for tops, many at once."""

    def __init__(self, networks: Networks) -> None:
        self.networks = networks

    def prepare_person(
        self, photo: NDArray[np.uint8], annotation: PersonAnnotation
    ) -> PreparedPerson:
        """Raises BadAnnotation, NoPerson, CutOff, BackView or NotSupported."""
        check_photo(photo, annotation.parse.shape)
        place = frame.of_person(annotation)
        given = _person_inputs(photo, annotation, place)
        before = LIP_TO_13[given.parse]
        tensors: dict[str, NDArray[np.generic]] = {"box": place.box, "before": before}
        return PreparedPerson(photo, annotation, tensors | self.networks.person(given))

    def prepare_garment(
        self, photo: NDArray[np.uint8], annotation: GarmentAnnotation
    ) -> PreparedGarment:
        """Raises BadAnnotation or NoGarment."""
        check_photo(photo, annotation.mask.shape)
        place = frame.of_garment(annotation.mask)
        mask = place.seen(annotation.mask, SIZE, border=cv2.BORDER_CONSTANT)
        if not (mask > 127).any():
            raise NoGarment("the mask shows no garment")
        # Garments of the official data lie on white; the photo's own ground may be anything.
        share = mask[..., None].astype(np.float32) / 255
        picture = place.seen(photo, SIZE) * share + _WHITE * (1 - share)
        tensors = {
            "picture": np.rint(picture).astype(np.uint8),
            "mask": (mask > 127).astype(np.uint8),
        }
        return PreparedGarment(photo, annotation, tensors)

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]:
        """One pass of the networks for all that can be dressed; the rest is refused with a code.

        seed: of the networks' noise.
        """
        answers: dict[int, Dressed | Refused] = {}
        ready: dict[int, tuple[PreparedPerson, PreparedGarment]] = {}
        with timed("prepare", on_stage):
            for i, request in enumerate(batch):
                try:
                    ready[i] = self._ready(request)
                except InputError as error:
                    answers[i] = Refused(error.code, str(error))
        if ready:
            outputs, labels = self.networks.run(
                [_of_person(person) for person, _garment in ready.values()],
                [_of_garment(garment) for _person, garment in ready.values()],
                seed=seed,
                on_stage=on_stage,
            )
            with timed("compose", on_stage):
                for (i, (person, garment)), output, after in zip(
                    ready.items(), outputs, labels.to(torch.uint8).cpu().numpy(), strict=True
                ):
                    try:
                        answers[i] = _laid_in(person, garment, inputs.uint8(output), after)
                    except InputError as error:
                        answers[i] = Refused(error.code, str(error))
        return [answers[i] for i in range(len(batch))]

    def _ready(self, request: DressRequest) -> tuple[PreparedPerson, PreparedGarment]:
        person, garment = request.person, only_top(request)
        if not person.tensors:
            person = self.prepare_person(person.photo, person.annotation)
        if not garment.tensors:
            garment = self.prepare_garment(garment.photo, garment.annotation)
        return person, garment


def _of_person(person: PreparedPerson) -> Arrays:
    return {name: _bytes(person.tensors, name) for name in person.tensors if name != "box"}


def _of_garment(garment: PreparedGarment) -> GarmentInputs:
    return GarmentInputs(_bytes(garment.tensors, "picture"), _bytes(garment.tensors, "mask"))


def _person_inputs(
    photo: NDArray[np.uint8], annotation: PersonAnnotation, place: Frame
) -> PersonInputs:
    """The crop's (H, W) = SIZE. Raises CutOff."""
    scale = np.array([SIZE[1] / place.width, SIZE[0] / place.height])
    keypoints = annotation.keypoints.astype(np.float64)
    keypoints[:, :2] = (keypoints[:, :2] - (place.left, place.top) + 0.5) * scale - 0.5
    joints = pose.from_coco(keypoints)
    require_trunk(joints)
    parse = place.cut(lip_from_atr(annotation), border=cv2.BORDER_CONSTANT)
    parse = np.asarray(cv2.resize(parse, SIZE[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    densepose = None
    if annotation.densepose is not None:
        densepose = place.cut(annotation.densepose, border=cv2.BORDER_CONSTANT)
        densepose = np.asarray(
            cv2.resize(densepose, SIZE[::-1], interpolation=cv2.INTER_NEAREST), np.uint8
        )
    return PersonInputs(
        picture=place.seen(photo, SIZE),
        parse=parse,
        pose=joints,
        pose_picture=pose.draw(joints),
        densepose=densepose,
    )


def _laid_in(
    person: PreparedPerson,
    garment: PreparedGarment,
    painted: NDArray[np.uint8],
    after: NDArray[np.uint8],
) -> Dressed:
    """painted, after: of the crop. Raises CutOff where nothing has changed."""
    place = Frame.of_box(person.tensors["box"])
    crop = place.seen(person.photo, SIZE)
    hidden = (_bytes(person.tensors, "agnostic") != crop).any(axis=2)
    mask = edit_mask(_bytes(person.tensors, "before"), after, hidden)
    if int((mask > 127).sum()) < _LEAST:
        raise CutOff("the garment lies outside the photo")
    size = (place.width, place.height)
    how = cv2.INTER_AREA if place.height < SIZE[0] else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(painted, size, interpolation=how), np.uint8)
    mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    canvas = place.placed(image, person.photo)
    edit = place.placed(mask, np.zeros(person.photo.shape[:2], np.uint8))
    sure = garment.annotation.confidence
    return Dressed(
        image=compose(person.photo, canvas, edit),
        edit_mask=edit,
        confidence=float(np.clip(sure, 0.0, 1.0)),
        warnings=("low_mask_confidence",) if sure < NEEDS_ATTENTION else (),
    )


def _bytes(arrays: Mapping[str, NDArray[np.generic]], name: str) -> NDArray[np.uint8]:
    return np.ascontiguousarray(arrays[name], np.uint8)
