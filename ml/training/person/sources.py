"""Photos kept in memory for training, small enough that a batch costs little to make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ml.person.annotation import Atr, Joint
from ml.training.data import ccp

#: Parse label of pixels that nobody labelled.
UNKNOWN = 255
#: How much more often photos with these are drawn.
_RARE = {Atr.SKIRT: 0.5, Atr.DRESS: 0.5, Atr.HAT: 0.7, Atr.SCARF: 0.7}


@dataclass(slots=True)
class Source:
    """A photo of one person.

    rgb: (H, W, 3). parse: (H, W), UNKNOWN where nobody knows; None without any label.
    points: (18, 3) x, y, weight 0..1 (all weights 0 where the teacher is not to be trusted).
    possible: (18,) classes that may occur. box: x0, y0, x1, y1 of the person.
    """

    id: str
    rgb: NDArray[np.uint8]
    parse: NDArray[np.uint8] | None
    points: NDArray[np.float32]
    possible: NDArray[np.bool_]
    box: tuple[float, float, float, float]


@dataclass(slots=True)
class Pool:
    """What samples are made of. ``rooms``: pictures without a person."""

    labelled: list[Source]
    tagged: list[Source] = field(default_factory=list)
    rooms: list[NDArray[np.uint8]] = field(default_factory=list)
    #: Labelled photos in other clothes, see :mod:`ml.training.person.dressed`.
    dressed: list[Source] = field(default_factory=list)
    #: How often each labelled photo is drawn: more often if it shows a rare garment.
    shares: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        worth = np.array([_worth(source) for source in self.labelled], float)
        self.shares = worth / max(float(worth.sum()), 1e-9)

    def at_height(self, height: int) -> Pool:
        """Smaller copies, so that warping them to a small canvas does not alias."""
        return Pool(
            labelled=[shrink(source, height) for source in self.labelled],
            tagged=[shrink(source, height) for source in self.tagged],
            dressed=[shrink(source, height) for source in self.dressed],
            rooms=[_fit(room, height) for room in self.rooms],
        )


def load(photo: ccp.Photo, height: int) -> Source:
    """``photo`` at most ``height`` pixels high."""
    rgb = photo.rgb()
    parse = photo.mended_parse() if photo.labelled else None
    points = photo.points.copy()
    if photo.flagged:
        points[:, 2] = 0
    source = Source(photo.id, rgb, parse, points, photo.possible(), _box(photo, parse))
    return shrink(source, height)


def shrink(source: Source, height: int) -> Source:
    """A copy at most ``height`` pixels high."""
    scale = height / source.rgb.shape[0]
    if scale >= 1:
        return source
    size = (max(1, round(source.rgb.shape[1] * scale)), height)
    across, down = size[0] / source.rgb.shape[1], height / source.rgb.shape[0]
    parse = source.parse
    if parse is not None:
        parse = np.asarray(cv2.resize(parse, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    x0, y0, x1, y1 = source.box
    return replace(
        source,
        rgb=np.asarray(cv2.resize(source.rgb, size, interpolation=cv2.INTER_AREA), np.uint8),
        parse=parse,
        points=np.asarray(source.points * (across, down, 1), np.float32),
        box=(x0 * across, y0 * down, x1 * across, y1 * down),
    )


def load_pool(root: Path, height: int, limit: int | None = None) -> Pool:
    """Everything that may be trained on: CCP without the held-out photos, and rooms."""
    held = ccp.held_out()
    found = [photo for photo in ccp.photos(root) if photo.id not in held]
    loaded = [load(photo, height) for photo in tqdm(found[:limit], desc="photos", leave=False)]
    paths = sorted((root.parent / "clothing" / "train").glob("*/*.webp"))
    gold = {path.stem for path in (root.parent / "garment_gold").rglob("*") if path.is_file()}
    paths = [path for path in paths if path.stem not in gold][:: 8 if limit is None else 200]
    rooms = []
    for path in tqdm(paths, desc="rooms", leave=False):
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if bgr is not None:
            rooms.append(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8))
    labelled = [source for source in loaded if source.parse is not None]
    tagged = [source for source in loaded if source.parse is None]
    return Pool(labelled, tagged, rooms)


def _worth(source: Source) -> float:
    if source.parse is None:
        return 1.0
    shown = set(np.unique(source.parse[::4, ::4]).tolist())
    return 1.0 + sum(more for label, more in _RARE.items() if label in shown)


def _fit(rgb: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    scale = height / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _box(photo: ccp.Photo, parse: NDArray[np.uint8] | None) -> tuple[float, float, float, float]:
    """Around the label where there is one, else around the joints with room for head and feet."""
    if parse is not None and (parse != Atr.BACKGROUND).any():
        return around(parse)
    seen = photo.points[photo.points[:, 2] > 0.3]
    seen = seen if len(seen) > 3 else photo.points
    x0, y0 = seen[:, :2].min(0)
    x1, y1 = seen[:, :2].max(0)
    head = 0.8 * abs(float(photo.points[Joint.NECK, 1] - photo.points[Joint.NOSE, 1]))
    return float(x0 - head), float(y0 - head), float(x1 + head), float(y1 + head)


def around(parse: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """The box of whom the labels show, without stray pixels."""
    ys, xs = np.nonzero(parse != Atr.BACKGROUND)
    low = np.percentile(xs, 0.5), np.percentile(ys, 0.2)
    high = np.percentile(xs, 99.5), np.percentile(ys, 99.8)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def sample_of(items: Sequence[Source], random: np.random.Generator) -> Source:
    return items[int(random.integers(len(items)))]
