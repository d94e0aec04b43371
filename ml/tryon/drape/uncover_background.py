"""What stood behind the person: a photo with the person filled in from their surroundings.

Exemplar filling in the manner of PatchMatch (Barnes 2009) with coherent voting (Wexler 2007), at
small sizes only; the found offsets are then used to copy pixels of the full-size photo, so the
fill keeps its grain. Near known pixels this is hard to see; the middle of a body is plausible at
best, but a garment change seldom uncovers it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.tryon.drape.uncover_smooth import FloatImage, blur, box_of, push_pull, real, shrink, widen

LEVELS = (40, 80, 160)  # long side of the images that are searched, in pixels
PATCH = 2  # radius of a patch
ROUNDS = (6, 4, 2)  # search and vote rounds per level
EDGE_FADE = 30.0  # pixels over which the fill's tone leaves that of the hole's edge
UPHILL = 3.0  # cost of a vertical step against a horizontal one: walls and floors lie in bands
TRUST_DECAY = 1.6  # known pixels weigh this much more per pixel of depth in the hole
DISTANCE_COST = 0.15  # squared grey levels per squared pixel of offset

Offsets = NDArray[np.int32]  # (N, 2): dy, dx of each hole pixel's source


def background_plate(
    photo: NDArray[np.uint8],
    hole: NDArray[np.bool_],
    *,
    avoid: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """The photo (H, W, 3) with ``hole`` (H, W) filled; pixels outside the hole are unchanged.

    avoid: (H, W) pixels outside the hole that nothing may be copied from.
    """
    if not hole.any():
        return photo.copy()
    if hole.all():
        return np.full_like(photo, int(photo.mean()))
    rng = np.random.default_rng(seed)
    voted, holes, offsets, scale = _search(photo, hole, hole if avoid is None else avoid, rng)
    plate = _copy_full_size(photo, hole, voted, holes, offsets, scale)
    plate = _meet_the_edge(photo, plate, hole)
    return np.where(hole[..., None], plate, photo)


def _meet_the_edge(
    photo: NDArray[np.uint8], plate: NDArray[np.uint8], hole: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Shift the fill's tones so that it meets the photo at the hole's edge; fades inwards."""
    box = box_of(hole, margin=8)
    assert box is not None  # noqa: S101 - the caller has looked
    inside = hole[box]
    depth = real(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3))
    height = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3)
    ring, rim = inside & (depth < 4), ~inside & (height < 4)

    def mean(image: NDArray[np.uint8], band: NDArray[np.bool_]) -> tuple[FloatImage, FloatImage]:
        weight = shrink(band.astype(np.float32), 3)
        total = shrink(real(image[box] * band[..., None].astype(np.float32)), 3)
        weight, total = blur(weight, 1.0), blur(total, 1.0)
        return real(total / np.maximum(weight, 1e-3)[..., None]), weight

    (outer, outer_weight), (inner, inner_weight) = mean(photo, rim), mean(plate, ring)
    both = real((outer_weight > 0.02) & (inner_weight > 0.1))
    shift = widen(push_pull(real(outer - inner), both), inside.shape)
    shift = shift * np.exp(-depth / EDGE_FADE)[..., None]
    result = plate.copy()
    result[box] = np.clip(plate[box] + shift, 0, 255).astype(np.uint8)
    return result


def _search(
    photo: NDArray[np.uint8],
    hole: NDArray[np.bool_],
    avoid: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[FloatImage, NDArray[np.bool_], Offsets, float]:
    """Fill small copies, coarse to fine: (filled image, its hole, offsets of the hole, scale)."""
    height, width = hole.shape
    field: NDArray[np.float32] | None = None
    filled: FloatImage | None = None
    small_hole = hole
    offsets = np.zeros((0, 2), np.int32)
    scale = 1.0
    for level, rounds in zip(LEVELS, ROUNDS, strict=True):
        scale = min(1.0, level / max(height, width))
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        small_hole = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.02
        image = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        start = push_pull(image, (~small_hole).astype(np.float32))
        if filled is not None:
            start = np.where(
                small_hole[..., None],
                cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR),
                image,
            ).astype(np.float32)
        else:
            start = np.where(small_hole[..., None], start, image).astype(np.float32)
        banned = cv2.resize(avoid.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.02
        search = _Level(start, small_hole, banned, rng)
        if search.sources.sum() < 16:  # the person fills the picture: nothing to copy from
            return start, small_hole, np.zeros((int(small_hole.sum()), 2), np.int32), scale
        if field is not None:
            up = cv2.resize(field, size, interpolation=cv2.INTER_NEAREST)
            ratio = np.array([size[1] / field.shape[0], size[0] / field.shape[1]], np.float32)
            search.set_offsets(np.rint(up[small_hole] * ratio).astype(np.int32))
        for step in range(rounds):
            search.improve(reach=max(4, max(size) // 2 >> step))
            search.vote()
        filled, offsets = search.image, search.offsets
        field = np.zeros((*small_hole.shape, 2), np.float32)
        field[small_hole] = offsets
    assert filled is not None  # noqa: S101 - LEVELS is not empty
    return filled, small_hole, offsets, scale


class _Level:
    """One size of the search: an image whose hole is being rewritten."""

    def __init__(
        self,
        image: FloatImage,
        hole: NDArray[np.bool_],
        banned: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> None:
        self._show(image)
        self.hole = hole
        self.rng = rng
        self.height, self.width = hole.shape
        self.y: NDArray[np.int64]
        self.x: NDArray[np.int64]
        self.y, self.x = np.nonzero(hole)
        pad = np.pad(~(hole | banned), PATCH, constant_values=False)
        whole = cv2.erode(pad.astype(np.uint8), np.ones((2 * PATCH + 1,) * 2, np.uint8))
        self.sources = whole[PATCH:-PATCH, PATCH:-PATCH].astype(bool)
        if not self.sources.any():
            self.sources = ~hole
        self.index = np.full(hole.shape, -1, np.int64)
        self.index[self.y, self.x] = np.arange(len(self.y))
        depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)
        trust = np.pad(np.power(TRUST_DECAY, -depth).astype(np.float32), PATCH, mode="edge")
        near = np.arange(-PATCH, PATCH + 1)
        self.dy, self.dx = (a.ravel() for a in np.meshgrid(near, near, indexing="ij"))
        weights = trust[self.y[:, None] + self.dy + PATCH, self.x[:, None] + self.dx + PATCH]
        self.weights = weights / weights.sum(1, keepdims=True)
        self.trust = trust[self.y + PATCH, self.x + PATCH]
        source_y, source_x = np.nonzero(self.sources)
        pick = rng.integers(0, max(len(source_y), 1), len(self.y))
        if len(source_y):
            self.offsets = np.stack(
                [source_y[pick] - self.y, source_x[pick] - self.x], axis=1
            ).astype(np.int32)
        else:
            self.offsets = np.zeros((len(self.y), 2), np.int32)
        self.cost = np.full(len(self.y), np.inf, np.float32)
        self._nearest_in_row()

    def _nearest_in_row(self) -> None:
        """Start from the nearest source on either side of the hole in the same row."""
        columns = np.arange(self.width)
        for side in (-1, 1):
            last = np.where(self.sources, columns, -1 if side < 0 else 10**6)
            if side < 0:
                last = np.maximum.accumulate(last, axis=1)
            else:
                last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
            found = last[self.y, self.x]
            dx = np.clip(found, 0, self.width - 1) - self.x
            self._offer(np.stack([np.zeros_like(dx), dx], 1).astype(np.int32))

    def set_offsets(self, offsets: Offsets) -> None:
        """Offer the offsets of a coarser level."""
        self._offer(offsets)

    def _offer(self, candidate: Offsets) -> None:
        sy = self.y + candidate[:, 0]
        sx = self.x + candidate[:, 1]
        ok = (sy >= 0) & (sy < self.height) & (sx >= 0) & (sx < self.width)
        ok[ok] = self.sources[sy[ok], sx[ok]]
        if not ok.any():
            return
        mine = np.nonzero(ok)[0]
        cost = self._cost(mine, candidate[mine])
        better = cost < self.cost[mine]
        chosen = mine[better]
        self.offsets[chosen] = candidate[chosen]
        self.cost[chosen] = cost[better]

    def _patches(self, y: NDArray[np.int64], x: NDArray[np.int64]) -> FloatImage:
        padded = self.padded
        index = (y + PATCH) * padded.shape[1] + x + PATCH
        steps = self.dy * padded.shape[1] + self.dx
        flat = padded.reshape(-1, 3)
        return real(flat[index[:, None] + steps])

    def _show(self, image: FloatImage) -> None:
        self.image = image
        self.padded = real(
            cv2.copyMakeBorder(image, PATCH, PATCH, PATCH, PATCH, cv2.BORDER_REPLICATE)
        )

    def _cost(self, mine: NDArray[np.int64], offsets: Offsets) -> NDArray[np.float32]:
        here = self._patches(self.y[mine], self.x[mine])
        there = self._patches(self.y[mine] + offsets[:, 0], self.x[mine] + offsets[:, 1])
        gap = here - there
        colour = np.einsum("npc,npc,np->n", gap, gap, self.weights[mine])
        length = UPHILL * offsets[:, 0] ** 2 + offsets[:, 1] ** 2
        return real(colour + DISTANCE_COST * length)

    def improve(self, reach: int) -> None:
        """One round: refresh costs, take over neighbours' offsets, look around at random."""
        self.cost = self._cost(np.arange(len(self.y)), self.offsets)
        for step in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            down = np.clip(self.y + step[0], 0, self.height - 1)
            right = np.clip(self.x + step[1], 0, self.width - 1)
            other = self.index[down, right]
            self._offer(np.where((other >= 0)[:, None], self.offsets[other], self.offsets))
        while reach >= 1:
            size = len(self.y)
            down = self.rng.integers(-reach // 2, reach // 2 + 1, size)
            right = self.rng.integers(-reach, reach + 1, size)
            self._offer((self.offsets + np.stack([down, right], 1)).astype(np.int32))
            reach //= 3

    def vote(self) -> None:
        """Rewrite the hole: each pixel is the weighted mean of what its patches propose."""
        total = np.zeros((self.height + 2 * PATCH, self.width + 2 * PATCH, 3), np.float32)
        count = np.zeros(total.shape[:2], np.float32)
        fit = self.trust * np.exp(-self.cost / (2.0 * max(float(np.median(self.cost)), 25.0)))
        fit = np.maximum(fit, 1e-5).astype(np.float32)
        there = self._patches(self.y + self.offsets[:, 0], self.x + self.offsets[:, 1])
        for k, (dy, dx) in enumerate(zip(self.dy, self.dx, strict=True)):
            yy, xx = self.y + dy + PATCH, self.x + dx + PATCH
            total[yy, xx] += there[:, k] * fit[:, None]  # (yy, xx) are unique per step
            count[yy, xx] += fit
        inner = (slice(PATCH, -PATCH), slice(PATCH, -PATCH))
        mean = total[inner] / np.maximum(count[inner], 1e-9)[..., None]
        self._show(real(np.where(self.hole[..., None], mean, self.image)))


def _copy_full_size(
    photo: NDArray[np.uint8],
    hole: NDArray[np.bool_],
    voted: FloatImage,
    small_hole: NDArray[np.bool_],
    offsets: Offsets,
    scale: float,
) -> NDArray[np.uint8]:
    """Copy full-size pixels along the small offsets; keep the voted picture's broad tones."""
    height, width = hole.shape
    field = np.zeros((*small_hole.shape, 2), np.float32)
    field[small_hole] = offsets / scale
    ys, xs = np.nonzero(hole)
    cell_x = real((xs + 0.5) * (small_hole.shape[1] / width) - 0.5)
    cell_y = real((ys + 0.5) * (small_hole.shape[0] / height) - 0.5)
    floor_x, floor_y = np.floor(cell_x), np.floor(cell_y)
    total = np.zeros((len(ys), 3), np.float32)
    count = np.full(len(ys), 1e-6, np.float32)
    moved = np.zeros((len(ys), 2), np.float32)
    squares = np.zeros(len(ys), np.float32)
    for step_y, step_x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        cy = np.clip(floor_y + step_y, 0, small_hole.shape[0] - 1).astype(np.intp)
        cx = np.clip(floor_x + step_x, 0, small_hole.shape[1] - 1).astype(np.intp)
        share = 1 - np.abs(cell_y - floor_y - step_y)
        share *= 1 - np.abs(cell_x - floor_x - step_x)
        weight = share * share * small_hole[cy, cx]
        move = np.rint(field[cy, cx])
        source_y = np.clip(ys + move[:, 0].astype(np.intp), 0, height - 1)
        source_x = np.clip(xs + move[:, 1].astype(np.intp), 0, width - 1)
        total += photo[source_y, source_x] * weight[:, None]
        count += weight
        moved += move * weight[:, None]
        squares += np.square(move).sum(1) * weight
    moved /= count[:, None]
    # Where neighbours come from different places their mixture is noise: keep the broad tone.
    uneven = np.maximum(squares / count - np.square(moved).sum(1), 0.0)
    box = box_of(hole)
    assert box is not None  # noqa: S101 - the caller has looked
    known = photo[box].astype(np.float32)
    inside = hole[box]
    known[inside] = total / count[:, None]
    coherent = np.ones(inside.shape, np.float32)
    coherent[inside] = np.exp(-uneven * np.square(scale))
    coherent = blur(coherent, 0.6 / scale)
    sigma = 1.2 / scale
    broad = real(cv2.GaussianBlur(voted, (0, 0), 1.2))
    broad = real(cv2.resize(broad, (width, height), interpolation=cv2.INTER_CUBIC))[box]
    detail = known - blur(known, sigma)
    result = photo.copy()
    result[box] = np.clip(broad + detail * coherent[..., None], 0, 255).astype(np.uint8)
    return result
