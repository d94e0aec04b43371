"""Masks as polygons and run lengths, and back.

Polygons are in the frame of pixel borders: the top-left pixel covers 0..1, so that an outline
traced here and filled again gives the same mask, hole by hole. A pixel belongs to a polygon whose
inside, by the even-odd rule, holds the pixel's centre.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation

Bool = NDArray[np.bool_]
Points = NDArray[np.float64]


def fill(polygons: Iterable[Points], size: tuple[int, int]) -> Bool:
    """(H, W) mask of polygons (n, 2), each filled on its own, together. size: (height, width)."""
    mask = np.zeros(size, np.bool_)
    for polygon in polygons:
        mask |= fill_even_odd([polygon], size)
    return mask


def fill_even_odd(loops: Iterable[Points], size: tuple[int, int]) -> Bool:
    """(H, W) mask of loops that together bound one shape: holes are loops inside others."""
    height, width = size
    crossings = np.zeros((height, width + 1), np.int32)
    for loop in loops:
        for (x0, y0), (x1, y1) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
            if y0 > y1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            rows = np.arange(max(0, int(np.ceil(y0 - 0.5))), min(height, int(np.ceil(y1 - 0.5))))
            if len(rows):
                at = x0 + (rows + 0.5 - y0) * ((x1 - x0) / (y1 - y0))
                columns = np.clip(np.ceil(at - 0.5), 0, width).astype(np.int64)
                np.add.at(crossings, (rows, columns), 1)
    return np.asarray(np.cumsum(crossings[:, :-1], axis=1) % 2 == 1)


def trace(mask: Bool) -> list[list[Points]]:
    """The pieces of a mask (4-connected), largest first; of each its outline, then its holes.

    Corners only, closed without repeating the first; integer coordinates.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable") + 1
    pieces = []
    for label in order:
        x, y, wide, high = stats[label, : cv2.CC_STAT_AREA]
        piece = labels[y : y + high, x : x + wide] == label
        loops = [loop + np.array([x, y]) for loop in _loops(piece)]
        loops.sort(key=lambda loop: -abs(area_of(loop)))
        pieces.append(loops)
    return pieces


def simplified(loop: Points, tolerance: float) -> Points:
    """Fewer corners, none farther than ``tolerance`` pixels from the loop (Douglas-Peucker)."""
    if tolerance <= 0:
        return loop
    fewer = cv2.approxPolyDP(loop.astype(np.float32)[:, None], tolerance, True)[:, 0]
    return fewer.astype(np.float64) if len(fewer) >= 3 else loop


def joined(loops: Sequence[Points]) -> Points:
    """An outline and its holes as one polygon, for formats that know no holes: cuts without
    width lead to each hole and back, and change nothing of what is filled."""
    whole = loops[0]
    for hole in loops[1:]:
        far = ((whole[:, None] - hole[None]) ** 2).sum(axis=2)
        i, j = np.unravel_index(int(far.argmin()), far.shape)
        round_trip = np.roll(hole, -int(j), axis=0)
        whole = np.concatenate([whole[: i + 1], round_trip, round_trip[:1], whole[i:]])
    return whole


def area_of(loop: Points) -> float:
    """Signed area inside a loop."""
    x, y = loop[:, 0], loop[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def box_of(mask: Bool) -> tuple[int, int, int, int]:
    """(x, y, width, height), all 0 for an empty mask."""
    ys, xs = np.nonzero(mask)
    if not len(xs):
        return 0, 0, 0, 0
    left, top = int(xs.min()), int(ys.min())
    return left, top, int(xs.max()) + 1 - left, int(ys.max()) + 1 - top


def to_runs(mask: Bool) -> list[int]:
    """Run lengths down the columns, as COCO has them: first of zeros (maybe 0), then of ones."""
    flat = mask.ravel(order="F")
    changes = np.flatnonzero(np.diff(flat.astype(np.int8))) + 1
    runs = np.diff(np.concatenate([[0], changes, [flat.size]])).tolist()
    return [0, *runs] if flat.size and flat[0] else runs


def from_runs(runs: Sequence[int], size: tuple[int, int]) -> Bool:
    """What :func:`to_runs` wrote. Raises BadAnnotation where the runs do not fill the picture."""
    counts = np.asarray(runs, np.int64)
    if counts.ndim != 1 or (counts < 0).any() or int(counts.sum()) != size[0] * size[1]:
        raise BadAnnotation(f"run lengths do not fill {size[1]} x {size[0]} pixels")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape(size, order="F")


def pack(runs: Sequence[int]) -> str:
    """COCO's compressed counts: from the third on as differences to the last but one, in groups
    of five bits, the lowest first, as characters from "0" on."""
    text = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            text.append(chr(48 + group + (0x20 if more else 0)))
    return "".join(text)


def unpack(text: str) -> list[int]:
    """What :func:`pack` wrote. Raises BadAnnotation."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64:
            raise BadAnnotation(f"{letter!r} is no character of compressed run lengths")
        value |= (code & 0x1F) << shift
        shift += 5
        if not code & 0x20:
            if code & 0x10:
                value -= 1 << shift
            runs.append(value + runs[-2] if len(runs) > 2 else value)
            value = shift = 0
    if shift:
        raise BadAnnotation("compressed run lengths end in the middle")
    return runs


def _loops(piece: Bool) -> list[Points]:
    """Borders between inside and outside as closed loops, inside always on the right hand."""
    padded = np.pad(piece, 1)
    after: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for (dy, dx), (start, end) in {
        (-1, 0): ((0, 0), (1, 0)),  # nothing above: along the top, to the right
        (0, 1): ((1, 0), (1, 1)),
        (1, 0): ((1, 1), (0, 1)),
        (0, -1): ((0, 1), (0, 0)),
    }.items():
        outside = ~np.roll(padded, (-dy, -dx), (0, 1))
        ys, xs = np.nonzero(padded & outside)
        for x, y in zip((xs - 1).tolist(), (ys - 1).tolist(), strict=True):
            key = (x + start[0], y + start[1])
            after.setdefault(key, []).append((x + end[0], y + end[1]))
    loops = []
    while after:
        first = min(after)
        at, came = first, (0, 0)
        corners: list[tuple[int, int]] = []
        while True:
            nexts = after[at]
            pick = 0
            if len(nexts) > 1:  # two corners meet here: turn right, pieces stay apart
                turns = [came[0] * (n[1] - at[1]) - came[1] * (n[0] - at[0]) for n in nexts]
                pick = int(np.argmax(turns))
            to = nexts.pop(pick)
            if not nexts:
                del after[at]
            way = (to[0] - at[0], to[1] - at[1])
            if way != came:
                corners.append(at)
            at, came = to, way
            if at == first:
                break
        loops.append(np.array(corners, np.float64))
    return loops
