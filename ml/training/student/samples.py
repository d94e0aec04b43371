"""Lessons as batches: moved, mirrored, dyed, and the same for whoever learns from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.training.student.lessons import Lesson
from ml.tryon.student.frames import GROUND
from ml.tryon.student.network import REGIONS

Floats = NDArray[np.float32]
#: Luma and two differences of colour, after NTSC's YIQ: turning the last two changes the hue.
_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


@dataclass(frozen=True, slots=True)
class Mix:
    """How lessons are varied."""

    mirrored: float = 0.5  # share
    dyed: float = 0.5
    moved: float = 0.06  # of the picture
    scale: tuple[float, float] = (0.92, 1.35)
    turned: float = 4.0  # degrees
    garment_scale: tuple[float, float] = (0.93, 1.04)
    garment_turned: float = 3.0
    light: float = 0.15


class Batch(NamedTuple):
    """Planes (N, C, 256, 192) in 0..1; region (N, 4). places: (N, 2, ...) in -1..1, known where
    ``traced`` (N, 1, 1, 1) is 1 and ``cloth`` is more than a little."""

    person: Tensor
    garment: Tensor
    mask: Tensor
    region: Tensor
    dressed: Tensor
    edit: Tensor
    cloth: Tensor
    places: Tensor
    traced: Tensor


def collate(lessons: Sequence[Lesson], device: torch.device | str = "cpu") -> Batch:
    def planes(arrays: Sequence[NDArray[np.uint8]]) -> Tensor:
        stacked = torch.from_numpy(np.stack(arrays)).to(device).float() / 255
        stacked = stacked[..., None] if stacked.dim() == 3 else stacked
        return stacked.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    cloth = planes([each.cloth for each in lessons])
    region = torch.tensor([[float(each.region is one) for one in REGIONS] for each in lessons])
    traced = torch.tensor([float(each.traced) for each in lessons]).view(-1, 1, 1, 1)
    return Batch(
        person=planes([each.person for each in lessons]),
        garment=planes([each.garment for each in lessons]),
        mask=planes([each.mask for each in lessons]),
        region=region.to(device),
        dressed=planes([each.dressed for each in lessons]),
        edit=planes([each.edit for each in lessons]),
        cloth=cloth[:, 2:],
        places=cloth[:, :2] * 2 - 1,
        traced=traced.to(device),
    )


def vary(lesson: Lesson, random: np.random.Generator, mix: Mix) -> Lesson:
    """A lesson like this one: everything that belongs together changes together."""
    lesson = _moved(lesson, random, mix)
    if random.random() < mix.mirrored:
        lesson = _mirrored(lesson)
    if random.random() < mix.dyed:
        lesson = _dyed(lesson, random)
    return _lit(lesson, random, mix)


def _mirrored(lesson: Lesson) -> Lesson:
    def flip(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.ascontiguousarray(picture[:, ::-1])

    cloth = flip(lesson.cloth)
    cloth[..., 0] = 255 - cloth[..., 0]
    return replace(
        lesson,
        person=flip(lesson.person),
        garment=flip(lesson.garment),
        mask=flip(lesson.mask),
        dressed=flip(lesson.dressed),
        edit=flip(lesson.edit),
        cloth=cloth,
    )


def _moved(lesson: Lesson, random: np.random.Generator, mix: Mix) -> Lesson:
    height, width = lesson.mask.shape
    about = _transform(random, (height, width), mix.scale, mix.turned, mix.moved)
    pieces = _transform(random, (height, width), mix.garment_scale, mix.garment_turned, 0.02)

    def place(
        picture: NDArray[np.uint8], matrix: NDArray[np.float64], how: int, border: int, value: int
    ) -> NDArray[np.uint8]:
        made = cv2.warpAffine(
            picture, matrix, (width, height), flags=how, borderMode=border, borderValue=(value,) * 3
        )
        return np.asarray(made, np.uint8)

    smooth, nothing, on = cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE
    cover = place(np.ascontiguousarray(lesson.cloth[..., 2]), about, smooth, nothing, 0)
    places = place(np.ascontiguousarray(lesson.cloth[..., :2]), about, cv2.INTER_NEAREST, on, 0)
    return replace(
        lesson,
        person=place(lesson.person, about, smooth, on, 0),
        dressed=place(lesson.dressed, about, smooth, on, 0),
        edit=place(lesson.edit, about, smooth, nothing, 0),
        cloth=np.dstack([_followed(places, pieces, (height, width)), cover]),
        garment=place(lesson.garment, pieces, smooth, nothing, GROUND),
        mask=place(lesson.mask, pieces, smooth, nothing, 0),
    )


def _transform(
    random: np.random.Generator,
    size: tuple[int, int],
    scale: tuple[float, float],
    turned: float,
    moved: float,
) -> NDArray[np.float64]:
    height, width = size
    factor = float(np.exp(random.uniform(np.log(scale[0]), np.log(scale[1]))))
    angle = float(random.uniform(-turned, turned))
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), angle, factor))
    room = moved + 0.5 * max(factor - 1, 0)  # what is enlarged may be moved further
    matrix[:, 2] += random.uniform(-room, room, 2) * np.array([width, height])
    return matrix.astype(np.float64)


def _followed(
    places: NDArray[np.uint8], matrix: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Coordinates of a garment whose picture was moved."""
    height, width = size
    x = places[..., 0].astype(np.float32) / 255 * width - 0.5
    y = places[..., 1].astype(np.float32) / 255 * height - 0.5
    across = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + 0.5) / width
    down = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + 0.5) / height
    both = np.stack([across, down], 2) * 255
    return np.asarray(np.clip(np.rint(both), 0, 255), np.uint8)


def _dyed(lesson: Lesson, random: np.random.Generator) -> Lesson:
    """Another colour for the same garment, flat and worn: light on it stays as it was."""
    angle = random.uniform(-np.pi, np.pi)
    turn = np.eye(3)
    about = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[1:, 1:] = about * random.uniform(0.3, 1.4)
    matrix = np.linalg.inv(_YIQ) @ turn @ _YIQ * random.uniform(0.6, 1.25)

    def dyed(picture: NDArray[np.uint8], share: NDArray[np.uint8]) -> NDArray[np.uint8]:
        new = np.clip(picture.astype(np.float32) @ matrix.T.astype(np.float32), 0, 255)
        weight = share[..., None].astype(np.float32) / 255
        return np.asarray(picture * (1 - weight) + new * weight + 0.5, np.uint8)

    return replace(
        lesson,
        garment=dyed(lesson.garment, lesson.mask),
        dressed=dyed(lesson.dressed, lesson.cloth[..., 2]),
    )


def _lit(lesson: Lesson, random: np.random.Generator, mix: Mix) -> Lesson:
    """The photo as another camera would have taken it, before and after."""
    gain = np.exp(random.uniform(-mix.light, mix.light) + random.normal(0, mix.light / 4, 3))
    table = np.clip(np.arange(256)[:, None] * gain + 0.5, 0, 255).astype(np.uint8)

    def lit(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.dstack([table[picture[..., i], i] for i in range(3)])

    return replace(lesson, person=lit(lesson.person), dressed=lit(lesson.dressed))
