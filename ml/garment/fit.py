"""Fit a template's vertices to an outline by dynamic programming.

The outline is walked clockwise from the top of the axis; the vertices follow each other in a known
order. Each pays for its distance from the template's place and earns by the corner it stands on;
each stretch between two vertices that is straight in cloth pays for not being straight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut
from ml.garment.outline import Outline
from ml.garment.templates import TEMPLATES, XY, Sleeves, Template, side_name


@dataclass(frozen=True, slots=True)
class _Vertex:
    """spread: how far from the template, in garment sizes (x, y). corner: expected turning's sign.

    straight: weight of a straight line from the vertex before. width: how far the step from the
    vertex before may differ from the template's, in garment sizes; 0 = any step will do.
    """

    name: str
    spread: XY
    corner: float = 0.0
    straight: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """points: landmark name -> (2,) in the outline's frame. cost: lower fits better."""

    points: dict[str, NDArray[np.float64]]
    cost: float
    template: Template


#: From the neck down the wearer's left; the right follows mirrored.
_SLEEVED = (
    _Vertex("neck", (0.07, 0.06), 0.0),
    _Vertex("shoulder", (0.09, 0.07), 0.25, 0.4),
    _Vertex("cuff_outer", (0.16, 0.20), 1.0, 1.0),
    _Vertex("cuff_inner", (0.16, 0.20), 1.0, 1.0, 0.07),
    _Vertex("armpit", (0.09, 0.12), -1.0, 1.0),
    _Vertex("hem", (0.11, 0.14), 1.0, 0.7),
)
_CLOSED = tuple(vertex for vertex in _SLEEVED if vertex.name != "armpit")
_SLEEVELESS = (
    _Vertex("neck", (0.09, 0.06), 0.0),
    _Vertex("shoulder", (0.09, 0.06), 0.6, 0.4),
    _Vertex("armpit", (0.09, 0.12), 0.3, 0.4),
    _Vertex("hem", (0.12, 0.14), 1.0, 0.5),
)
_LEGS = (
    _Vertex("waist", (0.12, 0.06), 1.0),
    _Vertex("hem_outer", (0.16, 0.12), 1.0, 0.6),
    _Vertex("hem_inner", (0.16, 0.12), 1.0, 1.0, 0.12),
    _Vertex("crotch", (0.10, 0.20), -1.0, 1.0),
)
_SKIRT = (
    _Vertex("waist", (0.14, 0.06), 1.0),
    _Vertex("hem", (0.14, 0.16), 1.0, 0.4),
)
_CORNER_REWARD = 1.6
_STRAIGHTNESS = 900.0
_HEMLINE = 0.15
_ASPECT = 1.5


#: A template whose box is this much longer or wider (logarithm) is not tried.
_ASPECT_REACH = 0.6


def fit_best(outline: Outline, cut: Cut) -> Fitted:
    """The template of a cut that fits best, and its vertices on the outline."""
    _, _, width, height = outline.box
    aspect = height / max(width, 1.0)
    near = sorted(TEMPLATES[cut], key=lambda t: abs(np.log(aspect / t.aspect)))
    tried = [t for t in near if abs(np.log(aspect / t.aspect)) < _ASPECT_REACH] or near[:2]
    pairs = _Pairs.of(outline)
    return min((_fit(outline, pairs, cut, t) for t in tried), key=lambda fitted: fitted.cost)


def _fit(outline: Outline, pairs: _Pairs, cut: Cut, template: Template) -> Fitted:
    """One template's vertices on the outline."""
    names, vertices = _chain(cut, template)
    points, scale = outline.points, outline.scale
    left, top, width, height = outline.box
    places = [
        np.array([left + width * x, top + height * y])
        for x, y in (template.place(name) for name in names)
    ]
    cost = np.zeros(len(points))
    came_from: list[NDArray[np.intp]] = []
    for i, (vertex, place) in enumerate(zip(vertices, places, strict=True)):
        off = (((points - place) / scale / vertex.spread) ** 2).sum(axis=1)
        own = 0.5 * np.minimum(off, 16.0 + 0.1 * off)
        if vertex.corner:
            sharp = np.clip(np.sign(vertex.corner) * outline.turning, -0.5, 1.4)
            own = own - _CORNER_REWARD * abs(vertex.corner) * sharp
        if i > 0:
            joined = cost[:, None] + vertex.straight * pairs.bends
            if vertex.width:
                joined += pairs.wrong_steps((place - places[i - 1]) / scale, vertex.width)
            came_from.append(np.argmin(joined, axis=0))
            cost = joined.min(axis=0)
        cost = cost + own
    index = [int(np.argmin(cost))]
    for best in reversed(came_from):
        index.append(int(best[index[-1]]))
    index.reverse()
    aspect = float(np.log((height / max(width, 1.0)) / template.aspect))
    return Fitted(
        points={name: points[i] for name, i in zip(names, index, strict=True)},
        cost=float(cost.min()) / len(names) + _ASPECT * aspect**2,
        template=template,
    )


def _chain(cut: Cut, template: Template) -> tuple[list[str], list[_Vertex]]:
    """Full names and vertices in clockwise order from the top."""
    if cut in (Cut.TOP, Cut.DRESS):
        half = {Sleeves.APART: _SLEEVED, Sleeves.ON_BODY: _CLOSED, Sleeves.NONE: _SLEEVELESS}[
            template.sleeves
        ]
    else:
        half = _LEGS if cut is Cut.TROUSERS else _SKIRT
    right = [vertex for vertex in reversed(half) if vertex.name != "crotch"]
    names = [side_name(vertex.name, "left") for vertex in half]
    names += [side_name(vertex.name, "right") for vertex in right]
    # A stretch belongs to the vertex at its far end, which mirrored is the next one of the half.
    following = {near.name: far for near, far in pairwise(half)}
    mirrored = []
    for vertex in right:
        far = following.get(vertex.name)
        straight, width = (far.straight, far.width) if far else (_HEMLINE, 0.0)
        mirrored.append(replace(vertex, straight=straight, width=width))
    return names, [*half, *mirrored]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """What all templates share: (N, N) matrices over pairs of outline points i (row), j (column).

    bends: how far the outline between i and j is from straight; inf where j <= i.
    steps_x, steps_y: j minus i in garment sizes.
    """

    bends: NDArray[np.float64]
    steps_x: NDArray[np.float64]
    steps_y: NDArray[np.float64]

    @classmethod
    def of(cls, outline: Outline) -> _Pairs:
        x, y = ((outline.points - outline.points.mean(axis=0)) / outline.scale).T
        steps_x, steps_y = x[None, :] - x[:, None], y[None, :] - y[:, None]
        return cls(_STRAIGHTNESS * _squared_distances(x, y, steps_x, steps_y), steps_x, steps_y)

    def wrong_steps(self, wanted: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
        off_x, off_y = self.steps_x - wanted[0], self.steps_y - wanted[1]
        return np.asarray((off_x * off_x + off_y * off_y) * (0.5 / spread**2))


def _squared_distances(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    steps_x: NDArray[np.float64],
    steps_y: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Summed squared distance of the points i..j to the chord i-j, divided by N.

    From running sums of moments, so that all pairs cost no more than one matrix each.
    """
    count = len(x)
    sums = np.cumsum(np.stack([np.ones(count), x, y, x * x, y * y, x * y]), axis=1)
    sums = np.concatenate([np.zeros((6, 1)), sums], axis=1)
    n, sx, sy, sxx, syy, sxy = sums[:, None, 1:] - sums[:, :-1, None]
    length = np.maximum(np.hypot(steps_x, steps_y), 1e-9)
    nx, ny = -steps_y / length, steps_x / length
    c = nx * x[:, None] + ny * y[:, None]
    squared = (
        nx * nx * sxx + ny * ny * syy + 2 * nx * ny * sxy - 2 * c * (nx * sx + ny * sy) + c * c * n
    )
    squared = np.maximum(squared, 0) / count
    squared[np.tril_indices(count)] = np.inf
    return np.asarray(squared)
