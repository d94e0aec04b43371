"""Named landmarks of a garment from its mask: outline, template fit, and what the outline hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import LANDMARKS, Cut, Landmark
from ml.garment.fit import Fitted, fit_best
from ml.garment.outline import Outline, Upright, trace
from ml.garment.templates import Sleeves, side_name

Point = NDArray[np.float64]
SIDES = ("left", "right")

#: Where a dress's waist is looked for, as shares of armpit to hem, and where it usually is.
_WAIST_RANGE = (0.12, 0.5)
_WAIST_USUAL = 0.27
#: A gap between the legs shorter than this share of the garment's height shows no crotch.
_LEAST_GAP = 0.06
#: Seat: the crotch of trousers lies at about this share of the waist's width below the waist.
_RISE = 0.95


@dataclass(frozen=True, slots=True)
class Found:
    """landmarks: in pixels of the photo. cost: of the fit, lower is better, good below -0.5."""

    landmarks: Mapping[str, Landmark]
    cost: float
    template: str


def find_landmarks(upright: Upright, cut: Cut) -> Found:
    """All landmarks that a cut has; visibility 1 where estimated, 0 where there is none."""
    outline = trace(upright)
    fitted = fit_best(outline, cut)
    points = dict(fitted.points)
    visibility = dict.fromkeys(points, 2)
    if cut in (Cut.TOP, Cut.DRESS):
        _add_hidden_armpits(points, visibility, fitted, outline)
        _add_missing_cuffs(points, visibility, fitted)
    if cut is Cut.DRESS:
        _add_waist(points, visibility, fitted, upright, outline)
    if cut is Cut.TROUSERS:
        _mend_crotch(points, visibility, upright, outline)
    names = LANDMARKS[cut]
    in_photo = upright.photo_points(np.array([points[name] for name in names]))
    return Found(
        landmarks={
            name: Landmark(float(x), float(y), visibility[name])
            for name, (x, y) in zip(names, in_photo, strict=True)
        },
        cost=fitted.cost,
        template=fitted.template.name,
    )


def _add_hidden_armpits(
    points: dict[str, Point], visibility: dict[str, int], fitted: Fitted, outline: Outline
) -> None:
    """Under sleeves that lie on the body: as far down from shoulder to hem as usual."""
    if fitted.template.sleeves is not Sleeves.ON_BODY:
        return
    left, _, width, _ = outline.box
    place = fitted.template.place
    for side in SIDES:
        name, shoulder, hem = (side_name(kind, side) for kind in ("armpit", "shoulder", "hem"))
        share = (place(name)[1] - place(shoulder)[1]) / (place(hem)[1] - place(shoulder)[1])
        y = points[shoulder][1] + share * (points[hem][1] - points[shoulder][1])
        points[name] = np.array([left + place(name)[0] * width, y])
        visibility[name] = 1


def _add_missing_cuffs(
    points: dict[str, Point], visibility: dict[str, int], fitted: Fitted
) -> None:
    """Without sleeves the cuffs fall on shoulder and armpit."""
    if fitted.template.sleeves is not Sleeves.NONE:
        return
    for side in SIDES:
        for end, twin in (("cuff_outer", "shoulder"), ("cuff_inner", "armpit")):
            name = side_name(end, side)
            points[name] = points[side_name(twin, side)]
            visibility[name] = 0


def _add_waist(
    points: dict[str, Point],
    visibility: dict[str, int],
    fitted: Fitted,
    upright: Upright,
    outline: Outline,
) -> None:
    """The narrowest place between armpits and hips, near where waists usually are."""
    top = (points["armpit_left"][1] + points["armpit_right"][1]) / 2
    bottom = (points["hem_left"][1] + points["hem_right"][1]) / 2
    rows = np.arange(
        round(top + _WAIST_RANGE[0] * (bottom - top)), round(top + _WAIST_RANGE[1] * (bottom - top))
    )
    middle = (points["armpit_left"][0] + points["armpit_right"][0]) / 2
    spans = [_span(upright.mask[row], middle) for row in rows if 0 <= row < len(upright.mask)]
    hidden = fitted.template.sleeves is Sleeves.ON_BODY
    if not spans or hidden:
        for side in SIDES:
            name = side_name("waist", side)
            armpit, hem = points[f"armpit_{side}"], points[f"hem_{side}"]
            points[name] = armpit + _WAIST_USUAL * (hem - armpit)
            visibility[name] = 1
        return
    left, right = np.array(spans, np.float64).T
    share = (rows[: len(spans)] - top) / max(bottom - top, 1.0)
    cost = (right - left) / outline.scale + 1.2 * (share - _WAIST_USUAL) ** 2
    best = int(np.argmin(cost))
    points["waist_right"] = np.array([left[best], rows[best]])
    points["waist_left"] = np.array([right[best], rows[best]])
    seen = 2 if cost[best] < cost[0] - 0.01 else 1
    visibility["waist_left"] = visibility["waist_right"] = seen


def _mend_crotch(
    points: dict[str, Point], visibility: dict[str, int], upright: Upright, outline: Outline
) -> None:
    """Where the legs lie together the gap's tip is far below the crotch, or there is none."""
    waist_left, waist_right = points["waist_left"], points["waist_right"]
    waist = (waist_left + waist_right) / 2
    hems = [points[f"hem_{side}_{end}"] for side in SIDES for end in ("inner", "outer")]
    bottom = float(np.mean([hem[1] for hem in hems]))
    length = bottom - waist[1]
    width = float(np.hypot(*(waist_left - waist_right)))
    tip = points["crotch"]
    gap = bottom - tip[1]
    usual = min(_RISE * width, 0.9 * length)
    if gap < _LEAST_GAP * length and usual > 0.8 * length:
        return  # short shorts: the crotch really is at the bottom
    if tip[1] - waist[1] <= 1.45 * usual and gap >= _LEAST_GAP * length:
        return
    points["crotch"] = np.array([tip[0], waist[1] + usual])
    visibility["crotch"] = 1
    if gap < _LEAST_GAP * length:
        for side in SIDES:
            points[f"hem_{side}_inner"] = np.array([tip[0], bottom])
            visibility[f"hem_{side}_inner"] = 1


def _span(row: NDArray[np.bool_], middle: float) -> tuple[float, float]:
    """First and last pixel of the run of fabric that holds ``middle`` (or of the whole row)."""
    inside = np.nonzero(row)[0]
    if len(inside) == 0:
        return middle, middle
    runs = np.split(inside, np.nonzero(np.diff(inside) > 1)[0] + 1)
    best = min(runs, key=lambda run: max(run[0] - middle, middle - run[-1], 0.0))
    return float(best[0]), float(best[-1])
