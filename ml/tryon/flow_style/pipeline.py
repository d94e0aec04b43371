"""From pictures to composites, as the official inference does it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import grid_sample

from ml.tryon.flow_style.gen import GenNet
from ml.tryon.flow_style.warp import SIZE, WarpNet


class Pictures(NamedTuple):
    """person, cloth: (N, 3, 256, 192) in [-1, 1], the cloth 0 outside of it. edge: (N, 1, ...) in
    {0, 1}."""

    person: Tensor
    cloth: Tensor
    edge: Tensor


class Composite(NamedTuple):
    """Names as in the official script; all (N, C, 256, 192).

    p_tryon = warped_cloth * m_composite + p_rendered * (1 - m_composite), pictures in [-1, 1].
    """

    flow: Tensor
    warped_cloth: Tensor
    warped_edge: Tensor
    p_rendered: Tensor
    m_composite: Tensor
    p_tryon: Tensor


def read(folder: Path) -> Pictures:
    """image.png, cloth.png and cloth_mask.png of 192 x 256 pixels. Raises ValueError."""
    with Image.open(folder / "image.png") as image, Image.open(folder / "cloth.png") as cloth:
        person, worn = np.asarray(image.convert("RGB")), np.asarray(cloth.convert("RGB"))
    with Image.open(folder / "cloth_mask.png") as mask:
        return pictures(person, worn, np.asarray(mask.convert("L")))


def pictures(
    person: NDArray[np.uint8], cloth: NDArray[np.uint8], mask: NDArray[np.uint8]
) -> Pictures:
    """(256, 192[, 3]) uint8 arrays -> a batch of one."""
    for array in (person, cloth, mask):
        if array.shape[:2] != SIZE:
            raise ValueError(f"Flow-Style takes pictures of {SIZE}, got {array.shape[:2]}")
    edge = torch.from_numpy(mask.astype(np.float32) / 255 > 0.5).float()[None, None]
    return Pictures(normalised(person), normalised(cloth) * edge, edge)


def normalised(picture: NDArray[np.uint8]) -> Tensor:
    """(H, W, 3) uint8 -> (1, 3, H, W) in [-1, 1]."""
    values = torch.from_numpy(picture.astype(np.float32) / 255)
    return ((values - 0.5) / 0.5).permute(2, 0, 1)[None].contiguous()


def dress(warp: WarpNet, gen: GenNet, given: Pictures, *, align_corners: bool = False) -> Composite:
    """The plain path: every operation in the official order."""
    warped, flow = warp(given.person, given.cloth, align_corners=align_corners)
    edge = warped_edge(given.edge, flow, align_corners=align_corners)
    return composed(flow, warped, edge, gen(torch.cat([given.person, warped, edge], 1)))


def warped_edge(edge: Tensor, flow: Tensor, *, align_corners: bool) -> Tensor:
    """Nothing of the cloth lies outside its picture: sampled with zeros around."""
    return grid_sample(
        edge,
        flow.permute(0, 2, 3, 1),
        mode="bilinear",
        padding_mode="zeros",
        align_corners=align_corners,
    )


def composed(flow: Tensor, warped: Tensor, edge: Tensor, painted: Tensor) -> Composite:
    """painted: the generator's four channels."""
    rendered = painted[:, :3].tanh()
    shown = painted[:, 3:].sigmoid() * edge
    tryon = warped * shown + rendered * (1 - shown)
    return Composite(flow, warped, edge, rendered, shown, tryon)
