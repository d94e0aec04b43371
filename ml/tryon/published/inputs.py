"""What the official inference reads of a person and a garment, and how it becomes tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ml.errors import BadAnnotation
from ml.tryon.published import pose as poses
from ml.tryon.published.classes import Labels
from ml.tryon.published.pose import Pose

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: Pictures' (height, width), and that of the networks which decide labels and warps.
SIZE = (1024, 768)
COARSE = (256, 192)
#: A garment's mask is where its file is at least this.
_GARMENT = 128
_SUFFIXES = (".png", ".jpg", ".jpeg")

Picture = NDArray[np.uint8]
T = TypeVar("T", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class PersonInputs:
    """All 1024 x 768: picture and pose_picture (H, W, 3), parse (H, W) of classes.Lip, pose in
    pixels; densepose (H, W, 3), the picture that DensePose's ``dp_segm`` draws on black."""

    picture: Picture
    parse: Labels
    pose: Pose
    pose_picture: Picture
    densepose: Picture | None = None


@dataclass(frozen=True, slots=True)
class GarmentInputs:
    """Both 1024 x 768: picture (H, W, 3), mask (H, W) of 0 and 1."""

    picture: Picture
    mask: Labels


@dataclass(frozen=True, slots=True)
class Garment:
    """What the networks see of it: picture (N, 3, 1024, 768) in -1..1, mask (N, 1, 1024, 768) of
    0 and 1."""

    picture: Tensor
    mask: Tensor


def read_person(folder: Path) -> PersonInputs:
    """image, parse, pose, keypoints.json and, if there is one, densepose.

    Raises BadAnnotation, and FileNotFoundError.
    """
    densepose = None
    if any((folder / f"densepose{suffix}").is_file() for suffix in _SUFFIXES):
        densepose = _read(folder, "densepose", "RGB")
    return PersonInputs(
        picture=_read(folder, "image", "RGB"),
        parse=_read(folder, "parse", None),
        pose=poses.read(folder / "keypoints.json"),
        pose_picture=_read(folder, "pose", "RGB"),
        densepose=densepose,
    )


def read_garment(folder: Path) -> GarmentInputs:
    """cloth and cloth_mask. Raises BadAnnotation, and FileNotFoundError."""
    mask = _read(folder, "cloth_mask", "L") >= _GARMENT
    return GarmentInputs(_read(folder, "cloth", "RGB"), mask.astype(np.uint8))


def _read(folder: Path, stem: str, mode: str | None) -> NDArray[np.uint8]:
    """A picture of any size, its shorter side brought to ours. mode None: the file's own numbers
    (a palette's indices), which are never mixed; nor is a mask."""
    names = [stem + suffix for suffix in _SUFFIXES]
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise FileNotFoundError(f"{folder} has none of {', '.join(names)}")
    with Image.open(path) as opened:
        image = opened if mode is None else opened.convert(mode)
        width, height = image.size
        if (height, width) != SIZE:
            scale = SIZE[1] / min(width, height)
            size = int(width * scale), int(height * scale)
            mixed = Image.Resampling.BILINEAR if mode == "RGB" else Image.Resampling.NEAREST
            image = image.resize(size, mixed)
        values = np.array(image, np.uint8)
    if values.shape[:2] != SIZE:
        raise BadAnnotation(f"{path.name} is {width} x {height}, not of the shape 3 : 4")
    return values


def picture(values: Picture) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) in -1..1."""
    scaled = torch.from_numpy(values).permute(2, 0, 1)[None].float().div_(255)
    return scaled.sub_(0.5).div_(0.5)


def mask(values: Labels) -> Tensor:
    """(H, W) of 0 and 1 -> (1, 1, H, W)."""
    return torch.from_numpy(values)[None, None].float()


def garment_of(inputs: GarmentInputs, device: str = "cpu") -> Garment:
    return Garment(picture(inputs.picture).to(device), mask(inputs.mask).to(device))


def stacked(items: Sequence[T]) -> T:
    """One of many: dataclasses of tensors (1, ...), field by field."""
    first = items[0]
    parts = (torch.cat([getattr(item, each.name) for item in items]) for each in fields(first))
    return type(first)(*parts)


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """(N, H, W) -> (N, classes, H, W) of 0 and 1."""
    return torch.stack([labels == label for label in range(classes)], dim=1).float()


def uint8(values: Tensor) -> Picture:
    """(3, H, W) in -1..1 -> (H, W, 3), rounded as the official code does."""
    scaled = values.permute(1, 2, 0).add(1).mul_(127.5).clamp_(0, 255)
    return np.ascontiguousarray(scaled.to(torch.uint8).cpu().numpy())
