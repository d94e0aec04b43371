"""Run the network on a photo as it is used: scaled into the canvas, labels back at full size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import interpolate

from ml.person.network import (
    CANVAS,
    HEATMAP_STRIDE,
    PADDING,
    STRIDE,
    PersonNetwork,
    PersonOutput,
)
from ml.training.person.batch import normalise
from ml.training.person.samples import SWAPPED_JOINTS, SWAPPED_PARSE


@dataclass(slots=True)
class Prediction:
    """chances: (18, H, W) float32 at the photo's size. points: (18, 3). presence: (5,) logits."""

    chances: NDArray[np.float32]
    points: NDArray[np.float32]
    presence: NDArray[np.float32]

    @property
    def parse(self) -> NDArray[np.uint8]:
        return np.asarray(self.chances.argmax(0), np.uint8)


@torch.inference_mode()
def predict(
    network: PersonNetwork,
    rgb: NDArray[np.uint8],
    *,
    flip: bool = False,
    canvas: tuple[int, int] = CANVAS,
) -> Prediction:
    """``flip``: average with what the network says of the mirror image."""
    image, scale = _on_canvas(rgb, canvas)
    out = network(normalise(image[None]))
    parse, heat, presence = _values(out)
    if flip:
        other = network(normalise(np.ascontiguousarray(image[None, :, ::-1])))
        mirrored = _values(other)
        parse = (parse + mirrored[0].flip(-1)[:, SWAPPED_PARSE[:18].tolist()]) / 2
        heat = (heat + mirrored[1].flip(-1)[:, SWAPPED_JOINTS.tolist()]) / 2
        presence = (presence + mirrored[2]) / 2
    height, width = image.shape[:2]
    # Bilinear to the canvas, without its padding, then to the photo.
    whole = interpolate(parse, size=(height, width), mode="bilinear", align_corners=False)
    inner_height, inner_width = round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)
    whole = interpolate(
        whole[..., :inner_height, :inner_width],
        size=rgb.shape[:2],
        mode="bilinear",
        align_corners=False,
    )
    points = peaks(heat[0].numpy())
    points[:, :2] = (points[:, :2] + 0.5) / scale - 0.5
    return Prediction(whole[0].numpy(), points, presence[0].numpy())


def peaks(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    """(J, 3): x, y in pixels of the input, height of the peak. Sub-pixel by the local mean."""
    found = np.zeros((len(heat), 3), np.float32)
    for row, plane in zip(found, heat, strict=True):
        smooth = cv2.GaussianBlur(plane, (3, 3), 0)
        y, x = np.unravel_index(int(smooth.argmax()), plane.shape)
        y0, x0 = max(int(y) - 2, 0), max(int(x) - 2, 0)
        window = plane[y0 : int(y) + 3, x0 : int(x) + 3]
        weight = window / max(float(window.sum()), 1e-9)
        ys, xs = np.mgrid[y0 : y0 + window.shape[0], x0 : x0 + window.shape[1]]
        row[:] = (weight * xs).sum(), (weight * ys).sum(), plane.max()
    found[:, :2] = found[:, :2] * HEATMAP_STRIDE + (HEATMAP_STRIDE - 1) / 2
    return found


def _values(out: PersonOutput) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return out.parse.float().softmax(1), out.heatmaps.float().sigmoid(), out.presence.float()


def _on_canvas(rgb: NDArray[np.uint8], canvas: tuple[int, int]) -> tuple[NDArray[np.uint8], float]:
    """Scaled to fit ``canvas``, padded right and below to a multiple of the stride."""
    scale = min(canvas[0] / rgb.shape[0], canvas[1] / rgb.shape[1])
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(rgb, size, interpolation=method)
    below, beside = -size[1] % STRIDE, -size[0] % STRIDE
    padded = cv2.copyMakeBorder(
        small, 0, below, 0, beside, cv2.BORDER_CONSTANT, value=[float(v) for v in PADDING]
    )
    return np.asarray(padded, np.uint8), scale
