"""From the network's logits to a parse: one person, no stray islands, the right left and right.

Everything is decided on the network's own coarse grid, where it is cheap; only then are the
logits enlarged to the photo, so that borders come out smooth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person import stance
from ml.person.annotation import BONES, Atr, Joint

if TYPE_CHECKING:
    from ml.person.forward import Seen

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Pieces this near the person belong to them (a bag on its strap, a shoe under a long hem), in
#: torso lengths.
NEAR = 0.12
#: Wide skirts and bags reach this far from the bones, in torso lengths; farther out, what is twice
#: as near to somebody else is theirs.
REACH = 0.3
#: Pieces of one label smaller than a square of this side are noise, in torso lengths.
ISLAND = 0.05
#: The grid's torso where joints do not tell, as a share of the person's height.
TORSO = 0.28
#: How much a torso length nearer counts against one nat of the network's own left or right.
PULL = 10.0
#: A piece whose cells agree this much on a side takes that side as a whole.
AGREED = 0.75
#: No garment of these is a speck, so even their only piece may be noise.
_LARGE = (Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS)
OUT = -30.0  # the logit of what cannot be
_LIMBS = (
    (Atr.LEFT_ARM, Atr.RIGHT_ARM, (Joint.L_SHOULDER, Joint.L_ELBOW, Joint.L_WRIST), 0.45),
    (Atr.LEFT_LEG, Atr.RIGHT_LEG, (Joint.L_HIP, Joint.L_KNEE, Joint.L_ANKLE), 0.35),
    (Atr.LEFT_SHOE, Atr.RIGHT_SHOE, (Joint.L_KNEE, Joint.L_ANKLE), 0.30),
)
_MIRROR = {
    Joint.L_SHOULDER: Joint.R_SHOULDER,
    Joint.L_ELBOW: Joint.R_ELBOW,
    Joint.L_WRIST: Joint.R_WRIST,
    Joint.L_HIP: Joint.R_HIP,
    Joint.L_KNEE: Joint.R_KNEE,
    Joint.L_ANKLE: Joint.R_ANKLE,
}


def main_piece(found: NDArray[np.integer], joints: NDArray[np.float64], near: float) -> Mask | None:
    """The connected piece of (h, w) labels that holds most of a person, with what lies within
    ``near`` cells of it. None where there is nothing but background.

    joints: (18, 3), x and y in cells; sure ones count for the piece they lie in.
    """
    person = (found != Atr.BACKGROUND).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(person, connectivity=8)
    if count < 2:
        return None
    share = stats[:, cv2.CC_STAT_AREA] / max(int(person.sum()), 1)
    at = np.round(joints[joints[:, 2] >= stance.SURE, :2]).astype(int)
    inside = (at >= 0).all(axis=1) & (at < np.array(found.shape[::-1])).all(axis=1)
    held = np.bincount(pieces[at[inside, 1], at[inside, 0]], minlength=count)
    main = pieces == 1 + int((held + share)[1:].argmax())
    radius = max(1, round(near))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    reached = np.unique(pieces[cv2.dilate(main.astype(np.uint8), kernel) > 0])
    return np.asarray(np.isin(pieces, reached[reached > 0]))


def tidy(
    logits: Floats, joints: NDArray[np.float64], others: Sequence[NDArray[np.float64]] = ()
) -> Floats:
    """(18, h, w) logits -> the same, cleaned. joints: (18, 3), x and y in cells.

    others: joints of those who must not be labelled.
    """
    logits = logits.copy()
    unit = unit_of(joints, logits)
    if others:
        own = _from_bones(joints, logits.shape[1:])
        theirs = np.min([_from_bones(other, logits.shape[1:]) for other in others], axis=0)
        logits[1:, (own > REACH * unit) & (theirs < own / 2)] = OUT
    person = main_piece(logits.argmax(0), joints, NEAR * unit)
    if person is not None:
        stray = (logits.argmax(0) != Atr.BACKGROUND) & ~person
        logits[1:, stray] = OUT
    for label, island in _islands(logits.argmax(0), (ISLAND * unit) ** 2):
        logits[label, island] = OUT
    for left, right, chain, reach in _LIMBS:
        _settle_sides(logits, joints, (left, right), chain, reach * unit, unit)
    return logits


def enlarge(logits: Floats, seen: Seen, size: tuple[int, ...]) -> NDArray[np.uint8]:
    """(H, W) uint8 labels of the whole photo; background outside the part that was seen.

    Labels are compared after bilinear enlargement, each only around where it could win.
    """
    parse = np.zeros(size[:2], np.uint8)
    top, left, bottom, right = seen.box
    window = parse[top:bottom, left:right]
    coarse = logits.argmax(0)
    best = _enlarged(logits[Atr.BACKGROUND], seen, (0, 0, *window.shape))
    for label in np.unique(coarse):
        if label == Atr.BACKGROUND:
            continue
        box = _around(coarse == label, seen, window.shape)
        values = _enlarged(logits[label], seen, box)
        part = (slice(box[0], box[2]), slice(box[1], box[3]))
        wins = values > best[part]
        best[part] = np.maximum(best[part], values)
        window[part][wins] = label
    return parse


def unit_of(joints: NDArray[np.float64], logits: Floats) -> float:
    """The torso's length in cells."""
    if (joints[list(stance.TRUNK), 2] >= stance.SURE).all():
        return stance.torso_length(joints[:, :2])
    rows = np.nonzero((logits.argmax(0) != Atr.BACKGROUND).any(1))[0]
    return TORSO * float(np.ptp(rows) + 1) if len(rows) else 1.0


def _islands(found: NDArray[np.integer], area: float) -> Iterator[tuple[int, Mask]]:
    """Each label's pieces smaller than ``area`` cells; a small thing's only piece stays."""
    for label in np.unique(found):
        if label == Atr.BACKGROUND:
            continue
        mask = (found == label).astype(np.uint8)
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        sizes = stats[1:count, cv2.CC_STAT_AREA]
        kept = area if label in _LARGE else min(area, float(sizes.max()))
        small = 1 + np.nonzero(sizes < kept)[0]
        if len(small):
            yield int(label), np.asarray(np.isin(pieces, small))


def _settle_sides(
    logits: Floats,
    joints: NDArray[np.float64],
    sides: tuple[Atr, Atr],
    chain: tuple[Joint, ...],
    reach: float,
    unit: float,
) -> None:
    """Give each piece of a pair of limbs to the side whose bones run through it, in place.

    A bone's distance and the network's own opinion are weighed. reach: how far beyond its last
    joint a limb goes on (hand, foot), in cells.
    """
    left, right = sides
    other = tuple(_MIRROR[j] for j in chain)
    sure = joints[:, 2] >= stance.SURE
    if not (sure[list(chain)].all() and sure[list(other)].all()):
        return
    mine = np.isin(logits.argmax(0), sides)
    if not mine.any():
        return
    shape = mine.shape
    nearer = _distance(joints[list(other), :2], reach, shape) - _distance(
        joints[list(chain), :2], reach, shape
    )
    score = logits[left] - logits[right] + np.float32(PULL / unit) * nearer
    is_left = score > 0
    count, pieces = cv2.connectedComponents(mine.astype(np.uint8), connectivity=8)
    for piece in range(1, count):
        cells = pieces == piece
        share = float(is_left[cells].mean())
        if share >= AGREED or share <= 1 - AGREED:
            is_left[cells] = share >= AGREED
    both = np.maximum(logits[left], logits[right])
    for label, cells in ((left, is_left), (right, ~is_left)):
        rival = right if label == left else left
        logits[label, mine & cells] = both[mine & cells]
        logits[rival, mine & cells] = OUT


def _from_bones(joints: NDArray[np.float64], shape: tuple[int, ...]) -> Floats:
    """(h, w) cells from the nearest sure bone of a skeleton."""
    canvas = np.full(shape, 255, np.uint8)
    at = np.round(joints[:, :2] * 16).astype(int).tolist()
    for start, end in BONES:
        if min(joints[start, 2], joints[end, 2]) >= stance.SURE:
            cv2.line(canvas, at[start], at[end], 0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.distanceTransform(canvas, cv2.DIST_L2, 5), np.float32)


def _distance(bones: NDArray[np.float64], reach: float, shape: tuple[int, ...]) -> Floats:
    """(h, w) cells from a chain of bones, the last one prolonged by ``reach``."""
    last = bones[-1] - bones[-2]
    tip = bones[-1] + last / max(float(np.linalg.norm(last)), 1e-6) * reach
    line = np.round(np.vstack([bones, tip]) * 16).astype(np.int32)
    canvas = np.full(shape, 255, np.uint8)
    cv2.polylines(canvas, [line.reshape(-1, 1, 2)], False, 0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.distanceTransform(canvas, cv2.DIST_L2, 5), np.float32)


def _around(mask: Mask, seen: Seen, size: tuple[int, ...]) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) in the seen part's pixels, one cell wider than the mask."""
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    wide, high = seen.cell
    return (
        max(int((rows[0] - 1) * high), 0),
        max(int((columns[0] - 1) * wide), 0),
        min(int(np.ceil((rows[-1] + 2) * high)), size[0]),
        min(int(np.ceil((columns[-1] + 2) * wide)), size[1]),
    )


def _enlarged(values: Floats, seen: Seen, box: tuple[int, int, int, int]) -> Floats:
    """Bilinear values at the pixels of ``box`` of the part that was seen."""
    top, left, bottom, right = box
    wide, high = seen.cell
    back = np.array(
        [[1 / wide, 0, (left + 0.5) / wide - 0.5], [0, 1 / high, (top + 0.5) / high - 0.5]]
    )
    return np.asarray(
        cv2.warpAffine(
            values,
            back,
            (right - left, bottom - top),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )
