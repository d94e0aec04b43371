"""Hang a flat garment on a photographed person: ``drape(person, garment) -> Worn``.

The garment is cut into parts along its landmarks (torso and sleeves, legs, skirt). Each part is a
dense grid of quads between the garment's own edges; the person's joints say where the grid lies
on the body. Each output pixel is then looked up once in the garment's photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, GarmentAnnotation, Region
from ml.person.annotation import PersonAnnotation
from ml.tryon.drape.body import Body, measure
from ml.tryon.drape.pieces import Part, Worn
from ml.tryon.drape.warp_flat import Flat, flatten
from ml.tryon.drape.warp_lower import skirt, skirt_scale, trousers, trousers_scale
from ml.tryon.drape.warp_mesh import Mesh, rasterise, sample, stretch
from ml.tryon.drape.warp_neckline import split_back, split_waistband
from ml.tryon.drape.warp_sleeves import sleeve
from ml.tryon.drape.warp_torso import SIDES, fabric_scale, has_sleeve, torso
from ml.tryon.engine import PreparedGarment, PreparedPerson

STRETCHED = 2.5
SIDE_VIEW = 0.75  # facing below which a warning is due
HEIGHT = {Cut.TOP: 1.3, Cut.DRESS: 2.4, Cut.TROUSERS: 1.9, Cut.SKIRT: 1.3}  # when worn / unit


@dataclass(frozen=True, slots=True)
class Plan:
    """Where every part goes: what ``drape`` renders and the tests measure.

    layers: part and mesh, from behind to the front. back: the meshes that carry the inside
    of the back. front_alpha, back_alpha: in the frame of ``flat``.
    """

    flat: Flat
    front_alpha: NDArray[np.uint8]
    back_alpha: NDArray[np.uint8]
    layers: tuple[tuple[Part, Mesh], ...]
    back: tuple[Mesh, ...]
    warnings: tuple[str, ...]


def drape(person: PreparedPerson, garment: PreparedGarment) -> Worn:
    """Warp a garment onto a person. Raises CutOff, NoPerson, NoGarment."""
    plan_ = plan(person.annotation, garment.photo, garment.annotation)
    return _render(plan_, garment.annotation, person.annotation.parse.shape)


def plan(person: PersonAnnotation, photo: NDArray[np.uint8], garment: GarmentAnnotation) -> Plan:
    """Decide where each part of the garment goes."""
    body = measure(person, legs=garment.cut is Cut.TROUSERS)
    flat = flatten(photo, garment, height=HEIGHT[garment.cut] * body.unit)
    if garment.cut in (Cut.TOP, Cut.DRESS):
        return _plan_top(body, flat, garment)
    if garment.cut is Cut.TROUSERS:
        return _plan_trousers(body, flat)
    return _plan_skirt(body, flat)


def _plan_top(body: Body, flat: Flat, garment: GarmentAnnotation) -> Plan:
    region = garment.region if garment.region is not Region.LOWER else Region.UPPER
    scale = fabric_scale(body, flat, region)
    trunk = torso(body, flat, region, garment.cut, scale)
    layers: list[tuple[Part, Mesh]] = [(Part.BODY, trunk.mesh)]
    warnings = []
    for side, name in SIDES:
        if not has_sleeve(flat, name):
            continue
        mesh = sleeve(body, flat, trunk.armholes[side], side, name, scale)
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
    return Plan(flat, front, back, tuple(layers), (trunk.mesh,), tuple(dict.fromkeys(warnings)))


def _plan_trousers(body: Body, flat: Flat) -> Plan:
    legs = trousers(body, flat, trousers_scale(body, flat))
    front, back = split_waistband(flat)
    return Plan(
        flat,
        front,
        back,
        ((Part.RIGHT, legs.meshes[-1]), (Part.LEFT, legs.meshes[1])),
        (legs.meshes[-1], legs.meshes[1]),
        _lower_warnings(body, legs.lowest),
    )


def _plan_skirt(body: Body, flat: Flat) -> Plan:
    mesh, lowest = skirt(body, flat, skirt_scale(body, flat))
    front, back = split_waistband(flat)
    return Plan(flat, front, back, ((Part.BODY, mesh),), (mesh,), _lower_warnings(body, lowest))


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
        cover = np.where(found.cover, sample(found, plan_.front_alpha, outside=0), 0)
        paint = sample(found, plan_.flat.colour)
        # Parts overlap by their borders; colours beyond the alpha stay for blending.
        weight = cover.astype(np.float32)[..., None] / 255
        here = colour[box]
        empty = (alpha[box] == 0) & found.cover
        blended = here + (paint.astype(np.float32) - here) * weight
        colour[box] = np.where(
            empty[..., None], paint, np.where(found.cover[..., None], blended + 0.5, here)
        ).astype(np.uint8)
        under = alpha[box].astype(np.float32)
        alpha[box] = (
            np.maximum(alpha[box], cover + under * (1 - weight[..., 0]) + 0.5)
            .clip(0, 255)
            .astype(np.uint8)
        )
        parts[box][cover > 127] = part
        parts[box][(parts[box] == 0) & (cover > 0)] = part
    back_colour = np.zeros_like(colour)
    back_alpha = np.zeros_like(alpha)
    for mesh in plan_.back:
        found = rasterise(mesh, (height, width))
        if found is not None:
            box = found.box
            cover = np.where(found.cover, sample(found, plan_.back_alpha, outside=0), 0)
            deeper = cover > back_alpha[box]
            back_colour[box][deeper] = sample(found, plan_.flat.colour)[deeper]
            back_alpha[box] = np.maximum(back_alpha[box], cover)
    pull = stretch([mesh for _, mesh in plan_.layers])
    warnings = plan_.warnings + (("stretched",) if pull > STRETCHED else ())
    return Worn(
        colour=colour,
        alpha=alpha,
        back_colour=back_colour,
        back_alpha=back_alpha,
        parts=parts,
        region=garment.region,
        cut=garment.cut,
        stretch=pull,
        warnings=warnings,
    )
