"""Show a part of a photo to the network. The only module that needs torch at run time."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.images import RGB
from ml.person import network
from ml.person.annotation import Atr, Joint
from ml.person.network import PersonNetwork, PersonOutput
from ml.person.version import WEIGHTS

Floats = NDArray[np.float32]
#: (top, left, bottom, right) in pixels of the photo.
Box = tuple[int, int, int, int]

_LAST = torch.channels_last
_lock = threading.Lock()
_loaded: list[PersonNetwork] = []


def _sides(names: type[IntEnum]) -> list[int]:
    """For each name its row in a mirror: left becomes right."""
    swapped = {"L": "R", "R": "L", "LEFT": "RIGHT", "RIGHT": "LEFT"}
    rows = []
    for name in names:
        side, _, rest = name.name.partition("_")
        rows.append(int(names[f"{swapped[side]}_{rest}"] if side in swapped else name))
    return rows


_PARSE_SIDES, _JOINT_SIDES = _sides(Atr), _sides(Joint)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the network says of the part ``box`` of a photo, as numpy.

    parse: (18, h, w) logits. heat: (18, h', w') 0..1. people, facing: shares of 1, see
    :mod:`ml.person.network`. scale: input pixels per pixel of the photo, x and y.
    """

    parse: Floats
    heat: Floats
    people: Floats
    facing: Floats
    box: Box
    scale: tuple[float, float]

    @property
    def cell(self) -> tuple[float, float]:
        """Pixels of the photo per cell of ``parse``, x and y."""
        return network.PARSE_STRIDE / self.scale[0], network.PARSE_STRIDE / self.scale[1]

    def parse_to_photo(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) places x, y in cells of ``parse`` (centres are whole) -> pixels of the photo."""
        top, left = self.box[:2]
        return np.asarray((cells + 0.5) * self.cell - 0.5 + np.array([left, top]))

    def photo_to_parse(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The reverse."""
        top, left = self.box[:2]
        return np.asarray((points - np.array([left, top]) + 0.5) / self.cell - 0.5)

    def heat_to_photo(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) places x, y in cells of ``heat`` -> pixels of the photo."""
        top, left = self.box[:2]
        at = (cells + 0.5) * network.HEATMAP_STRIDE / np.array(self.scale) - 0.5
        return np.asarray(at + np.array([left, top]))


def show(
    photo: RGB,
    box: Box | None = None,
    *,
    canvas: tuple[int, int] = network.CANVAS,
    mirror: bool = False,
) -> Seen:
    """Run the network on ``box`` of the photo (all of it by default), fitted to ``canvas``.

    mirror: average with what it says of the mirror image, for twice the time.
    Safe in threads. Raises FileNotFoundError where the weights are missing.
    """
    box = box or (0, 0, photo.shape[0], photo.shape[1])
    top, left, bottom, right = box
    image, scale = _fitted(photo[top:bottom, left:right], canvas)
    with torch.inference_mode():
        images = _tensor(image)
        parse, heat, people, facing = _shares(_network()(images))
        if mirror:
            other = _shares(_network()(images.flip(-1).contiguous(memory_format=_LAST)))
            parse = (parse + other[0].flip(-1)[_PARSE_SIDES]) / 2
            heat = (heat + other[1].flip(-1)[_JOINT_SIDES]) / 2
            people, facing = (people + other[2]) / 2, (facing + other[3]) / 2
    # What the network sees in its own padding is nowhere in the photo.
    inner = (bottom - top) * scale[1], (right - left) * scale[0]
    parse = parse[:, : _cells(inner[0], network.PARSE_STRIDE)]
    heat = heat[:, : _cells(inner[0], network.HEATMAP_STRIDE)]
    parse = parse[:, :, : _cells(inner[1], network.PARSE_STRIDE)]
    heat = heat[:, :, : _cells(inner[1], network.HEATMAP_STRIDE)]
    return Seen(_array(parse), _array(heat), _array(people), _array(facing), box, scale)


def _cells(length: float, stride: int) -> int:
    return -(-round(length) // stride)


def _shares(out: PersonOutput) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Logits of the parse, and everything else as shares of 1, of the only picture."""
    return (
        out.parse[0],
        out.heatmaps[0].sigmoid(),
        out.presence[0, network.PEOPLE].softmax(0),
        out.presence[0, network.FACING].softmax(0),
    )


def _fitted(part: RGB, canvas: tuple[int, int]) -> tuple[RGB, tuple[float, float]]:
    """Scaled to fit the canvas, and padded below and to the right to whole strides."""
    height, width = part.shape[:2]
    factor = min(canvas[0] / height, canvas[1] / width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(part, size, interpolation=how)
    below, beside = -size[1] % network.STRIDE, -size[0] % network.STRIDE
    if below or beside:
        small = cv2.copyMakeBorder(
            small, 0, below, 0, beside, cv2.BORDER_CONSTANT, value=network.PADDING
        )
    return np.asarray(small, np.uint8), (size[0] / width, size[1] / height)


def _tensor(image: RGB) -> Tensor:
    """(1, 3, H, W), normalised; a channels-last picture stays that way in memory."""
    mean = np.array(network.INPUT_MEAN, np.float32) * 255
    std = np.array(network.INPUT_STD, np.float32) * 255
    values = (image.astype(np.float32) - mean) / std
    return torch.from_numpy(values)[None].permute(0, 3, 1, 2)


def _network() -> PersonNetwork:
    """Loaded once per process."""
    with _lock:
        if not _loaded:
            # A second thread saves 50 ms on an idle machine; on a busy one the two wait for each
            # other, and 0.2 s become 1. OMP_NUM_THREADS says otherwise where that is known.
            if "OMP_NUM_THREADS" not in os.environ:
                torch.set_num_threads(1)
            _loaded.append(network.load(WEIGHTS))
        return _loaded[0]


def _array(values: Tensor) -> Floats:
    return np.ascontiguousarray(values.float().numpy())
