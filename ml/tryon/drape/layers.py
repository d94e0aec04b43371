"""Which of the person's clothes go, and in which order everything is drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, Region
from ml.person.annotation import Atr, Joint
from ml.tryon.drape.pieces import Part, Worn
from ml.tryon.drape.uncover_body import Body
from ml.tryon.drape.uncover_smooth import FloatImage, real

UPPER_REGIONS = frozenset({Region.UPPER, Region.OUTER, Region.DRESS})
LOWER_REGIONS = frozenset({Region.LOWER, Region.DRESS})
TUCKED_ABOVE = 0.74  # level on the torso: a top that ends above it is tucked in (or cropped)
COAT = 1.2  # level on the torso: a top that ends below it is a coat or a tunic
HOOD = 0.05  # metres: cloth of this size squared above the nose is a hood
BOTTOMS = (Atr.SKIRT, Atr.PANTS)


@dataclass(frozen=True, slots=True)
class Removal:
    """gone: (H, W) pixels of old clothes (and covered limbs) that are not kept.
    kept_bottoms, kept_top: (H, W) old clothes that stay. tucked: tops go inside bottoms.
    cuffs, hems: where along arms / legs (0..1; left, right) the new garments end, 0 = bare."""

    gone: NDArray[np.bool_]
    kept_bottoms: NDArray[np.bool_]
    kept_top: NDArray[np.bool_]
    tucked: bool
    cuffs: tuple[float, float]
    hems: tuple[float, float]


def is_tucked(parse: NDArray[np.uint8], body: Body) -> bool:
    """Does the old top end inside the bottoms? Unknown counts as no."""
    x0, x1 = sorted((body.points[8, 0], body.points[11, 0]))
    columns = np.arange(max(int(x0), 0), min(int(x1) + 1, parse.shape[1]))
    if not len(columns):
        return False
    bottoms = np.isin(parse[:, columns], (*BOTTOMS, Atr.BELT))
    tops = parse[:, columns] == Atr.UPPER
    both = bottoms.any(0) & tops.any(0)
    if both.sum() < 0.4 * len(columns):
        return False
    if hangs_below(0.95, parse, body):
        return False
    edge = bottoms.argmax(0)
    return bool(np.median(edge[both]) < body.level(TUCKED_ABOVE))


def hangs_below(level: float, parse: NDArray[np.uint8], body: Body) -> bool:
    """Does the top reach below a level of the torso anywhere but on the arms?"""
    low = parse == Atr.UPPER
    low[: max(int(body.level(level)), 0)] = False
    for field in body.fields[:2]:
        low &= np.abs(field.across) > 2.0
    return int(low.sum()) > (0.08 * body.metre) ** 2


def edge_line(mask: NDArray[np.bool_], *, lowest: bool) -> NDArray[np.float32]:
    """y of the lowest (or highest) pixel of a mask in every column; beside it the usual y."""
    columns = np.nonzero(mask.any(0))[0]
    if not len(columns):
        return np.full(mask.shape[1], -1.0, np.float32)
    inside = mask[:, columns]
    found = (mask.shape[0] - 1 - inside[::-1].argmax(0) if lowest else inside.argmax(0)).astype(
        np.float32
    )
    # Corners of a hem curve away; there the typical height is the better line.
    typical = float(np.median(found[len(found) // 5 : max(len(found) * 4 // 5, 1)]))
    slack = 0.06 * len(columns)
    found = np.maximum(found, typical - slack) if lowest else np.minimum(found, typical + slack)
    line = np.interp(np.arange(mask.shape[1]), columns, found, left=typical, right=typical)
    return real(line)


def on_arms(body: Body, *, start: float = 0.25) -> NDArray[np.bool_]:
    """Around the arms from ``start`` (0 shoulder .. 1 wrist): where sleeves are, also wide ones."""
    near = np.zeros(body.shape, bool)
    for field in body.fields[:2]:
        near |= (np.abs(field.across) < 1.6) & (field.along > start)
    return near


def _ends(worn: Sequence[Worn], body: Body, legs: bool) -> tuple[float, float]:
    """How far along each limb the new garments reach."""
    ends = []
    fields = body.fields[2:] if legs else body.fields[:2]
    for field, part in zip(fields, (Part.LEFT, Part.RIGHT), strict=True):
        end = 0.0
        for one in worn:
            if (one.cut is Cut.TROUSERS) != legs:
                continue
            cover = (one.parts == part) & (one.alpha > 127) & (np.abs(field.across) < 1)
            if int(cover.sum()) > 30:
                end = max(end, float(np.percentile(field.along[cover], 98)))
        ends.append(end)
    return ends[0], ends[1]


def _hood(tops: NDArray[np.bool_], body: Body) -> NDArray[np.bool_]:
    """Where cloth (H, W) frames the face above the chin: it has nothing behind it.

    A collar that ends below the nose is no hood.
    """
    ys, xs = np.mgrid[: body.shape[0], : body.shape[1]].astype(np.float32)
    nose = body.joint(Joint.NOSE) if body.points[Joint.NOSE, 2] > 0 else body.chin
    near = np.hypot(xs - nose[0], ys - nose[1]) < 0.24 * body.metre
    hood = tops & near & (ys < body.chin[1] - 0.02 * body.metre)
    high = int((hood & (ys < nose[1])).sum())
    return hood if high > (HOOD * body.metre) ** 2 else np.zeros_like(hood)


def _outside_coat(outer: Worn, body: Body, cuffs: tuple[float, float]) -> NDArray[np.bool_]:
    """Where old clothes cannot stay under a coat or jacket: beside its body and in its sleeves.

    What shows in its opening, above its collar and below its hem stays.
    """
    trunk = (outer.alpha > 127) & (outer.parts == Part.BODY)
    beside = np.zeros(trunk.shape, bool)
    if trunk.any():
        columns = np.arange(trunk.shape[1])
        filled = trunk.any(axis=1)[:, None]
        left = trunk.argmax(axis=1)[:, None]
        right = trunk.shape[1] - 1 - trunk[:, ::-1].argmax(axis=1)[:, None]
        beside = filled & ((columns < left) | (columns > right))
    sleeved = np.zeros(trunk.shape, bool)
    bare = np.zeros(trunk.shape, bool)
    for field, cuff in zip(body.fields[:2], cuffs, strict=True):
        arm = (np.abs(field.across) < 1.8) & (field.along >= 0)
        if cuff > 0:
            sleeved |= arm
        else:
            bare |= arm
    return np.asarray((beside & ~bare) | (sleeved & ~trunk))


def plan_removal(parse: NDArray[np.uint8], body: Body, worn: Sequence[Worn]) -> Removal:
    """Decide what goes. parse: (H, W); worn: the warped garments, innermost first."""
    regions = {one.region for one in worn}
    upper, lower = bool(regions & UPPER_REGIONS), bool(regions & LOWER_REGIONS)
    rows = np.arange(parse.shape[0], dtype=np.float32)[:, None]
    gone = np.zeros(parse.shape, bool)
    tucked = is_tucked(parse, body)
    dress = parse == Atr.DRESS
    belt = parse == Atr.BELT
    cuffs, hems = _ends(worn, body, legs=False), _ends(worn, body, legs=True)
    open_over = regions & UPPER_REGIONS == {Region.OUTER} and not hangs_below(COAT, parse, body)
    if open_over:  # worn over what is there
        outer = next(one for one in worn if one.region is Region.OUTER)
        gone |= ((parse == Atr.UPPER) | dress) & _outside_coat(outer, body, cuffs)
    if upper and lower:
        gone |= dress
    elif upper and dress.any() and not open_over:
        tops = [one for one in worn if one.region in UPPER_REGIONS]
        torso = np.logical_or.reduce([(one.alpha > 127) & (one.parts == Part.BODY) for one in tops])
        gone |= dress & ((rows < edge_line(torso, lowest=True)[None]) | on_arms(body))
    elif lower and dress.any():
        bottoms = np.logical_or.reduce([one.alpha > 127 for one in worn])
        gone |= dress & (rows > edge_line(bottoms, lowest=False)[None]) & ~on_arms(body)
    if upper and not open_over:
        tops = parse == Atr.UPPER
        gone |= tops & ~_hood(tops, body)
        if not tucked:
            gone |= belt
    if lower:
        gone |= np.isin(parse, BOTTOMS) | belt
    for limb, field, end in zip(body.limbs, body.fields, (*cuffs, *hems), strict=True):
        if end > 0:
            gone |= (parse == limb.label) & (field.along >= 0) & (field.along < end - 0.02)
    skirts = [one.alpha > 127 for one in worn if one.cut in (Cut.SKIRT, Cut.DRESS)]
    if skirts:
        hem = edge_line(np.logical_or.reduce(skirts), lowest=True)[None]
        gone |= np.isin(parse, (Atr.LEFT_LEG, Atr.RIGHT_LEG)) & (rows < hem)
    stays = ~gone
    kept_bottoms = (np.isin(parse, (*BOTTOMS, Atr.BELT)) | (dress if upper else False)) & stays
    kept_top = ((parse == Atr.UPPER) | (dress if lower else False)) & stays
    return Removal(gone, kept_bottoms, kept_top, tucked, cuffs, hems)


def soft_mask(
    mask: NDArray[np.bool_], grow: float | NDArray[np.floating], soft: float
) -> FloatImage:
    """Alpha of a mask grown (< 0: shrunk) by ``grow`` pixels, its edge about ``soft`` wide."""
    if not mask.any():
        return np.zeros(mask.shape, np.float32)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    if np.min(grow) < soft:
        away = away - cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    return real(np.clip((grow + soft / 2 - away) / max(soft, 0.1), 0.0, 1.0))
