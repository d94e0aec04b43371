"""Hang a flat garment on a photographed person: ``drape(person, garment) -> Worn``.

The garment is cut into parts along its landmarks (torso and sleeves, legs, skirt). Each part is a
dense grid of quads between the garment's own edges; the person's joints say where the grid lies
on the body. Each output pixel is then looked up once in the garment's photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, GarmentAnnotation, Region
from ml.person.annotation import PersonAnnotation
from ml.tryon.drape.body import Body, measure
from ml.tryon.drape.pieces import Part, Worn
from ml.tryon.drape.warp_arms import Arm, arms_beside
from ml.tryon.drape.warp_flat import Flat, flatten, grow
from ml.tryon.drape.warp_lower import skirt, skirt_scale, trousers, trousers_scale
from ml.tryon.drape.warp_mesh import Mesh, Sampled, rasterise, sample, stretch
from ml.tryon.drape.warp_neckline import split_back, split_waistband
from ml.tryon.drape.warp_sleeves import sleeve
from ml.tryon.drape.warp_torso import SIDES, fabric_scale, has_sleeve, torso
from ml.tryon.engine import PreparedGarment, PreparedPerson

STRETCHED = 2.5
SEWN = 0.10  # how far around the crotch slits are closed / unit
MENDED = 0.025  # half of the widest slit that is closed within a sleeve / unit
THICK = 0.015  # of outerwear: cloth and what is worn below it / unit
SPREAD = 8  # pixels of colour beyond the alpha
SIDE_VIEW = 0.75  # facing below which a warning is due
HEIGHT = {Cut.TOP: 1.3, Cut.DRESS: 2.4, Cut.TROUSERS: 1.9, Cut.SKIRT: 1.3}  # when worn / unit


@dataclass(frozen=True, slots=True)
class Plan:
    """Where every part goes: what ``drape`` renders and the tests measure.

    layers: part and mesh, from behind to the front. back: the meshes that carry the inside
    of the back. crotch: where two legs are sewn together. front_alpha, back_alpha: in the frame
    of ``flat``.
    """

    flat: Flat
    front_alpha: NDArray[np.uint8]
    back_alpha: NDArray[np.uint8]
    layers: tuple[tuple[Part, Mesh], ...]
    back: tuple[Mesh, ...]
    crotch: tuple[float, float] | None  # in pixels of the photo
    unit: float  # the wearer's torso, in pixels of the photo
    warnings: tuple[str, ...]


def drape(person: PreparedPerson, garment: PreparedGarment) -> Worn:
    """Warp a garment onto a person. Raises BackView, CutOff, NoPerson, NoGarment."""
    plan_ = plan(person.annotation, garment.photo, garment.annotation)
    return _render(plan_, garment.annotation, person.annotation.parse.shape)


def plan(person: PersonAnnotation, photo: NDArray[np.uint8], garment: GarmentAnnotation) -> Plan:
    """Decide where each part of the garment goes."""
    body = measure(person, legs=garment.cut is Cut.TROUSERS)
    flat = flatten(photo, garment, height=HEIGHT[garment.cut] * body.unit)
    if garment.cut in (Cut.TOP, Cut.DRESS):
        return _plan_top(body, arms_beside(body, person.parse), flat, garment)
    if garment.cut is Cut.TROUSERS:
        return _plan_trousers(body, flat)
    return _plan_skirt(body, flat)


def _plan_top(body: Body, arms: Mapping[int, Arm], flat: Flat, garment: GarmentAnnotation) -> Plan:
    region = garment.region if garment.region is not Region.LOWER else Region.UPPER
    scale = fabric_scale(body, flat, region, garment.cut)
    trunk = torso(body, arms, flat, region, garment.cut, scale)
    layers: list[tuple[Part, Mesh]] = [(Part.BODY, trunk.mesh)]
    thick = THICK if region is Region.OUTER else 0.0
    warnings = []
    for side, name in SIDES:
        if not has_sleeve(flat, name):
            continue
        mesh = sleeve(body, flat, trunk.armholes[side], side, name, scale, thick)
        part = Part.LEFT if side > 0 else Part.RIGHT
        behind = body.arm_behind[0 if side > 0 else 1]
        layers.insert(0 if behind else len(layers), (part, mesh))
        if body.arm(side).guessed:
            warnings.append("arm_guessed")
    front, back = split_back(flat)
    if body.facing < SIDE_VIEW:
        warnings.append("side_view")
    if trunk.lowest > body.size[0]:
        warnings.append("hem_out_of_frame")
    return Plan(
        flat,
        front,
        back,
        tuple(layers),
        (trunk.mesh,),
        None,
        body.unit,
        tuple(dict.fromkeys(warnings)),
    )


def _plan_trousers(body: Body, flat: Flat) -> Plan:
    legs = trousers(body, flat, trousers_scale(body, flat))
    front, back = split_waistband(flat)
    return Plan(
        flat,
        front,
        back,
        ((Part.RIGHT, legs.meshes[-1]), (Part.LEFT, legs.meshes[1])),
        (legs.meshes[-1], legs.meshes[1]),
        (float(legs.crotch[0]), float(legs.crotch[1])),
        body.unit,
        _lower_warnings(body, legs.lowest),
    )


def _plan_skirt(body: Body, flat: Flat) -> Plan:
    mesh, lowest = skirt(body, flat, skirt_scale(body, flat))
    front, back = split_waistband(flat)
    return Plan(
        flat,
        front,
        back,
        ((Part.BODY, mesh),),
        (mesh,),
        None,
        body.unit,
        _lower_warnings(body, lowest),
    )


def _lower_warnings(body: Body, lowest: float) -> tuple[str, ...]:
    guessed = any(leg.guessed for leg in body.legs)
    return (
        *(("leg_guessed",) if guessed else ()),
        *(("side_view",) if body.facing < SIDE_VIEW else ()),
        *(("hem_out_of_frame",) if lowest > body.size[0] else ()),
    )


def _render(plan_: Plan, garment: GarmentAnnotation, size: tuple[int, ...]) -> Worn:
    height, width = size[0], size[1]
    colour = np.zeros((height, width, 3), np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    parts = np.zeros((height, width), np.uint8)
    for part, mesh in plan_.layers:
        found = rasterise(mesh, (height, width))
        if found is None:
            continue
        box = found.box
        cover = _cover(found, plan_.front_alpha)
        if part is not Part.BODY:
            cover = _mend(cover, found, MENDED * plan_.unit)
        weight = cover.astype(np.float32) / 255
        paint = sample(found, plan_.flat.colour)
        # Where nothing lies yet the colour counts beyond the alpha, too: blending needs it.
        mix = np.where(alpha[box] == 0, found.cover.astype(np.float32), weight)[..., None]
        colour[box] = (colour[box] * (1 - mix) + paint * mix + 0.5).astype(np.uint8)
        alpha[box] = (cover + alpha[box] * (1 - weight) + 0.5).astype(np.uint8)
        parts[box][(cover > 127) | ((parts[box] == 0) & (cover > 0))] = part
    colour = _spread(colour, alpha)
    if plan_.crotch is not None:
        _sew(alpha, *plan_.crotch, SEWN * plan_.unit)
    back_colour = np.zeros_like(colour)
    back_alpha = np.zeros_like(alpha)
    for mesh in plan_.back:
        found = rasterise(mesh, (height, width))
        if found is None:
            continue
        box = found.box
        cover = _cover(found, plan_.back_alpha)
        deeper = cover > back_alpha[box]
        back_colour[box][deeper] = sample(found, plan_.flat.colour)[deeper]
        back_alpha[box] = np.maximum(back_alpha[box], cover)
    pull = stretch([mesh for _, mesh in plan_.layers])
    return Worn(
        colour=colour,
        alpha=alpha,
        back_colour=_spread(back_colour, back_alpha),
        back_alpha=back_alpha,
        parts=parts,
        region=garment.region,
        cut=garment.cut,
        stretch=pull,
        warnings=plan_.warnings + (("stretched",) if pull > STRETCHED else ()),
    )


def _sew(alpha: NDArray[np.uint8], x: float, y: float, reach: float) -> None:
    """Close the slit that soft edges leave between two legs just below the crotch."""
    left, right = max(round(x - reach), 0), max(round(x + reach) + 1, 0)
    top, bottom = max(round(y - reach), 0), max(round(y + 2 * reach) + 1, 0)
    window = alpha[top:bottom, left:right]
    if window.size:
        width = 2 * max(1, round(0.2 * reach)) + 1
        window[:] = cv2.morphologyEx(window, cv2.MORPH_CLOSE, np.ones((3, width), np.uint8))


def _mend(cover: NDArray[np.uint8], found: Sampled, reach: float) -> NDArray[np.uint8]:
    """Close slits within a sleeve or leg: a gap on the bed between sleeve and body is none on
    an arm."""
    size = 2 * max(1, round(reach)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(cover, cv2.MORPH_CLOSE, kernel)
    return np.where(found.cover, closed, 0).astype(np.uint8)


def _cover(found: Sampled, alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The fabric's alpha on the body; where the mesh ends on fabric its edge is soft, too."""
    mesh = cv2.blur(found.cover.astype(np.uint8) * 255, (3, 3), borderType=cv2.BORDER_REPLICATE)
    inside = np.minimum(sample(found, alpha, outside=0), mesh)
    return np.where(found.cover, inside, 0).astype(np.uint8)


def _spread(colour: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grow colours a few pixels beyond the alpha."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return colour
    box = (
        slice(max(rows[0] - SPREAD, 0), rows[-1] + 1 + SPREAD),
        slice(max(columns[0] - SPREAD, 0), columns[-1] + 1 + SPREAD),
    )
    colour[box] = grow(colour[box], alpha[box] > 24)
    return colour
