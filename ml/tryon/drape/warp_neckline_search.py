"""Which line across a flat garment is its front neckline.

Some two thousand V, round and square lines from one side of the neck to the other are tried. A
small network, trained on drawn and photographed garments (``ml.training.neckline``), says which of
them looks most like a neckline, from the edges along it and the colours on both sides. Lengths are
half neck widths: x to the wearer's left, y down from between the sides of the neck.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml.tryon.drape.warp_flat import Flat

Points = NDArray[np.float64]
Floats = NDArray[np.float64]

WEIGHTS = Path(__file__).parents[2] / "models" / "neckline.safetensors"
COUNT = 64  # points along a line
POWERS = (0.85, 1.0, 1.4, 2.0, 3.0)  # V, round, square
DEPTHS = (0.22, 6.0)  # from boat necks to blazers
#: The sides of the neck lie on the back collar: fronts may be cut wider, and a collar's own fronts
#: narrow them.
WIDTHS = (0.7, 0.85, 1.0, 1.15, 1.3, 1.45)
STEP = 0.035  # how far beside a line its two sides are looked at
#: Where the back's inside and the front are looked for, past bands and collars.
WITHIN, BESIDE, BEYOND = (-0.12, -0.25, -0.4), (0.1, 0.2), (0.25, 0.4, 0.55)
OUTER = 0.25  # share of the lightest and of the darkest colours that is left out: labels, buttons
STRONG = 4.0  # an edge / the usual one up to which it counts
NEAR = 0.15  # logarithm of depths that count as about the same
STRAY = 0.14  # how far the edge may lie beside the line found for it
#: What of a line the network is told, in this order; distances and shade in Lab.
FEATURES = (
    "edge", "edge_quarter", "edge_tenth", "darker_within", "edge_absolute", "within_to_front",
    "beyond_to_front", "within_to_beyond", "beside_to_front", "shade", "on_cloth", "log_depth",
    "log_depth_squared", "off_width", "width", "v", "square", "round",
)  # fmt: skip


def search(flat: Flat, middle: Points, frame: Points) -> Points:
    """(COUNT, 2) the neckline from the wearer's right to left. middle, frame: as
    ``warp_neckline.neck`` tells them."""
    look = _Look(flat, middle, frame)
    lines, ways, *_ = family()
    best = choose(scores(look.features()))
    # follow the edge itself, close to the line
    line, way = lines[best], ways[best]
    shifts = np.linspace(-STRAY, STRAY, 15)
    beside = line + shifts[:, None, None] * way
    inner, outer, there = look.sides(beside, np.broadcast_to(way, beside.shape))
    edge = np.where(there, np.linalg.norm(outer - inner, axis=-1), 0.0).T
    near = np.minimum(edge / max(float(np.median(edge)), 1.5), STRONG)
    stray = shifts[_best_path(near - 12.0 * np.abs(shifts))]
    soft = np.convolve(np.pad(stray, 3, mode="edge"), np.full(7, 1 / 7), "valid")
    return np.asarray(line + soft[:, None] * way)


def features(flat: Flat, middle: Points, frame: Points) -> NDArray[np.float32]:
    """(n, len(FEATURES)) of all lines of :func:`family` on a garment."""
    return _Look(flat, middle, frame).features()


def scores(told: NDArray[np.float32], weights: Path = WEIGHTS) -> NDArray[np.float32]:
    """(n,) how much each line looks like a neckline, from its features."""
    w = _load(weights)
    hidden = np.tanh((told - w["mean"]) / w["deviation"] @ w["hidden"].T + w["hidden_bias"])
    return np.asarray(hidden @ w["out"])


def choose(score: NDArray[np.float32]) -> int:
    """The likeliest line about as deep as the neckline probably is: half of the likelihood lies
    with shallower lines. A deep print that looks a little more like a neckline than the neckline
    itself would cost most of the front."""
    depths = family()[3]
    likely = np.exp(score - score.max())
    order = np.argsort(depths)
    below = np.cumsum(likely[order])
    middle = depths[order[int(np.searchsorted(below, below[-1] / 2))]]
    near = np.abs(np.log(depths / middle)) < NEAR
    return int(np.argmax(np.where(near, score, -np.inf)))


@cache
def _load(weights: Path) -> dict[str, NDArray[np.float32]]:
    return {name: value.astype(np.float32) for name, value in load_file(weights).items()}


@cache
def family() -> tuple[Points, Points, Floats, Floats, Floats]:
    """All lines that are tried: their points and ways out (n, COUNT, 2), and (n,) powers, depths
    and widths."""
    grid = np.meshgrid(POWERS, np.geomspace(*DEPTHS, 60), WIDTHS, indexing="ij")
    lines, ways = zip(*(_line(*one) for one in np.stack(grid, -1).reshape(-1, 3)), strict=True)
    powers, depths, widths = (g.ravel() for g in grid)
    return np.stack(lines), np.stack(ways), powers, depths, widths


def _line(power: float, depth: float, width: float) -> tuple[Points, Points]:
    """(COUNT, 2) points at equal distances along |x / width|^power + (y / depth)^power = 1, without
    its very ends, and the unit ways out of it."""
    t = np.linspace(0, np.pi, 400)
    x = -np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power) * width
    y = np.sin(t) ** (2 / power) * depth
    at = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    where = np.linspace(0.02, 0.98, COUNT) * at[-1]
    line = np.stack([np.interp(where, at, x), np.interp(where, at, y)], axis=1)
    along = np.gradient(line, axis=0)
    out = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return line, out / np.linalg.norm(out, axis=1, keepdims=True)


class _Look:
    """A garment's colours by places in half neck widths."""

    def __init__(self, flat: Flat, middle: Points, frame: Points) -> None:
        half = float(np.linalg.norm(frame[0]))
        lab = cv2.cvtColor(flat.colour, cv2.COLOR_RGB2LAB).astype(np.float32)
        self.lab = cv2.GaussianBlur(lab, (0, 0), max(0.8, 0.02 * half))
        self.cloth = cv2.erode(flat.alpha, np.ones((3, 3)))
        self.middle, self.frame = middle, frame
        self.step = max(STEP, 1.5 / half)
        self.front = _usual(self.lab[flat.alpha > 200][None])[0]

    def at(self, picture: NDArray[Any], points: Points) -> NDArray[Any]:
        x, y = np.moveaxis(points @ self.frame + self.middle, -1, 0).astype(np.float32)
        return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def sides(
        self, lines: Points, ways: Points
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Colours just within and beyond lines, and where both lie on cloth: its rim is not an
        edge between two fabrics."""
        inner, outer = lines - self.step * ways, lines + self.step * ways
        there = np.minimum(self.at(self.cloth, inner), self.at(self.cloth, outer)) > 200
        return self.at(self.lab, inner), self.at(self.lab, outer), there

    def features(self) -> NDArray[np.float32]:
        lines, ways, powers, depths, widths = family()
        inner, outer, there = self.sides(lines, ways)
        change = np.where(there, np.minimum(np.linalg.norm(outer - inner, axis=-1), 40.0), 0.0)
        usual = max(float(np.median(change[change > 0])) if change.any() else 1.0, 1.5)
        edge = np.minimum(change / usual, STRONG)
        darker = np.where(there, np.clip((outer - inner)[..., 0] / usual, -STRONG, STRONG), 0.0)
        within, beside, beyond = (self._band(o) for o in (WITHIN, BESIDE, BEYOND))

        def far(a: NDArray[Any], b: NDArray[Any], most: float = 20.0) -> Floats:
            gap = np.nan_to_num(np.linalg.norm(a - b, axis=1))
            return np.asarray(np.minimum(gap, most) / 10, np.float64)

        shade = np.nan_to_num(beyond[:, 0] - within[:, 0])
        return np.stack([
            edge.mean(1), np.percentile(edge, 25, axis=1), np.percentile(edge, 10, axis=1),
            darker.mean(1), np.log1p(change.mean(1)), far(within, self.front),
            far(beyond, self.front), far(within, beyond, 30.0), far(beside, self.front),
            np.clip(shade, -30, 30) / 10, there.mean(1), np.log(depths), np.log(depths) ** 2,
            np.abs(widths - 1), widths - 1, powers <= 1, powers == 3, powers == 1.4,
        ], axis=1).astype(np.float32)  # fmt: skip

    def _band(self, offsets: Sequence[float]) -> NDArray[Any]:
        """(n, 3) the usual colour at some distances beside each line; NaN where little is cloth."""
        lines, ways, *_ = family()
        points = np.stack([lines + s * ways for s in offsets], axis=1).reshape(-1, COUNT, 2)
        seen = self.at(self.lab, points)
        seen[self.at(self.cloth, points) < 200] = np.nan
        seen = seen.reshape(len(lines), -1, 3)
        enough = np.isfinite(seen[..., 0]).mean(axis=1) > 0.3
        out = np.full((len(lines), 3), np.nan)
        out[enough] = _usual(seen[enough])
        return np.asarray(out)


def _usual(colours: NDArray[Any]) -> Floats:
    """(n, 3) means of (n, points, 3) without the darkest and lightest. NaN does not count."""
    ranked = np.sort(colours, axis=1)
    count = np.isfinite(ranked[..., :1]).sum(axis=1, keepdims=True)
    at = (np.arange(ranked.shape[1])[:, None] + 0.5) / count
    inner = (at >= OUTER) & (at <= 1 - OUTER)
    return np.asarray(np.where(inner, ranked, 0).sum(axis=1) / inner.sum(axis=1), np.float64)


def _best_path(score: NDArray[np.float64]) -> NDArray[np.int64]:
    """Per row the column of the best path whose column moves by at most two per row."""
    rows, columns = score.shape
    total = score.copy()
    came = np.zeros((rows, columns), np.int64)
    for row in range(1, rows):
        best = np.full(columns, -np.inf)
        for move in (0, -1, 1, -2, 2):
            shifted = np.full(columns, -np.inf)
            if move >= 0:
                shifted[move:] = total[row - 1, : columns - move]
            else:
                shifted[:move] = total[row - 1, -move:]
            shifted = shifted - 0.25 * abs(move)
            better = shifted > best
            best = np.where(better, shifted, best)
            came[row] = np.where(better, np.arange(columns) - move, came[row])
        total[row] += best
    path = np.zeros(rows, np.int64)
    path[-1] = int(np.argmax(total[-1]))
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
