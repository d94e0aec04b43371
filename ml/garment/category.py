"""What a garment is: ten classes from its photo and mask, by a small network.

The network sees the garment turned upright in the middle of a square, with and without its
background and mirrored; the answers are averaged. torch is loaded with the first photo.
Trained by ``python -m ml.training garment``; the card is ``ml/models/garment_category.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, Region

if TYPE_CHECKING:  # web processes read the names and load neither OpenCV nor torch
    from ml.garment.networks import CategoryNetwork
    from ml.garment.outline import Upright

#: The data set's classes, in the network's order.
CATEGORIES: tuple[str, ...] = (
    "dress",
    "hat",
    "longsleeve",
    "outwear",
    "pants",
    "shirt",
    "shoes",
    "shorts",
    "skirt",
    "t-shirt",
)
#: What part of the body a class dresses; None where nothing of ours can dress it.
REGION_OF: Mapping[str, Region | None] = {
    "dress": Region.DRESS,
    "hat": None,
    "longsleeve": Region.UPPER,
    "outwear": Region.OUTER,
    "pants": Region.LOWER,
    "shirt": Region.UPPER,
    "shoes": None,
    "shorts": Region.LOWER,
    "skirt": Region.LOWER,
    "t-shirt": Region.UPPER,
}
#: How a class is cut, where it has landmarks.
CUT_OF: Mapping[str, Cut | None] = {
    "dress": Cut.DRESS,
    "hat": None,
    "longsleeve": Cut.TOP,
    "outwear": Cut.TOP,
    "pants": Cut.TROUSERS,
    "shirt": Cut.TOP,
    "shoes": None,
    "shorts": Cut.TROUSERS,
    "skirt": Cut.SKIRT,
    "t-shirt": Cut.TOP,
}
#: Six groups: the four regions, "shoes" and "hat".
GROUP_OF: Mapping[str, str] = {
    name: region.value if region is not None else name for name, region in REGION_OF.items()
}
GROUPS: tuple[str, ...] = ("upper", "lower", "dress", "outer", "shoes", "hat")

#: The network's input, and how much larger than the garment's frame it is.
SIDE = 112
ROOM = 1.06
_GREY = (128, 128, 128, 0)

WEIGHTS = Path(__file__).parent.parent / "models" / "garment_category.safetensors"


@dataclass(frozen=True, slots=True)
class Category:
    """probabilities: of every class of ``CATEGORIES``, sum 1. name: the likeliest class.

    group: its group. (Summing the probabilities of each group's classes is right less often:
    many classes of small shares add up to "upper".)
    """

    probabilities: Mapping[str, float]
    name: str
    group: str

    @classmethod
    def of(cls, probabilities: Mapping[str, float]) -> Category:
        name = max(CATEGORIES, key=lambda name: probabilities[name])
        return cls(probabilities=probabilities, name=name, group=GROUP_OF[name])


def group_shares(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Summed probability of each of ``GROUPS``."""
    shares = dict.fromkeys(GROUPS, 0.0)
    for name, share in probabilities.items():
        shares[GROUP_OF[name]] += share
    return shares


def categorise(photo_rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Category:
    """The class of the garment under a mask.

    photo_rgb: (H, W, 3) uint8 sRGB. mask: (H, W) uint8, 255 = garment, not empty.
    """
    from ml.garment.orientation import turn

    return categorise_upright(photo_rgb, mask, turn(mask)[0])


def categorise_upright(
    photo_rgb: NDArray[np.uint8], mask: NDArray[np.uint8], upright: Upright
) -> Category:
    """The same where it is known which way up the garment lies."""
    import torch

    square = view(photo_rgb, mask, upright.to_photo, upright.mask.shape, SIDE, ROOM)
    views = [square, on_grey(square)]
    views += [picture[:, ::-1] for picture in views]
    x = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).contiguous()
    with torch.inference_mode():
        shares = torch.softmax(_network()(x).float(), dim=1).mean(dim=0)
    return Category.of(dict(zip(CATEGORIES, shares.tolist(), strict=True)))


def view(
    rgb: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    to_photo: NDArray[np.float64],
    frame: tuple[int, ...],
    side: int,
    room: float,
) -> NDArray[np.float32]:
    """(side, side, 4) float32 0..1: the garment upright in the middle, colour and mask.

    to_photo, frame: of :class:`ml.garment.outline.Upright`. room: the square's side, in longer
    sides of the frame.
    """
    import cv2

    height, width = frame[:2]
    scale = room * max(height, width) / side
    centre = np.array([width, height]) / 2 - scale * side / 2
    inside = np.array([[scale, 0, centre[0]], [0, scale, centre[1]], [0, 0, 1]])
    matrix = np.asarray(to_photo, np.float64) @ inside
    step = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    both = np.dstack([rgb, mask])
    if step > 1.5:  # warpAffine does not average: shrink first
        size = (max(1, round(both.shape[1] / step)), max(1, round(both.shape[0] / step)))
        matrix = np.diag([size[0] / both.shape[1], size[1] / both.shape[0]]) @ matrix
        both = np.asarray(cv2.resize(both, size, interpolation=cv2.INTER_AREA), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    square = cv2.warpAffine(
        both, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=_GREY
    )
    return np.asarray(square, np.float32) / np.float32(255)


def on_grey(square: NDArray[np.float32]) -> NDArray[np.float32]:
    """The garment without its background."""
    mask = square[:, :, 3:]
    return np.concatenate([square[:, :, :3] * mask + 0.5 * (1 - mask), mask], axis=2)


@cache
def _network() -> CategoryNetwork:
    from ml.garment.networks import CategoryNetwork, load

    return load(CategoryNetwork(len(CATEGORIES)), WEIGHTS)
