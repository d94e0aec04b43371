"""The person without the garments: what appears where an old garment was and no new one is.

Bare skin is painted only on limbs, neck and the yoke above the chest. The torso wears a plain
base layer (undershirt, shorts): a body is never invented under clothes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr, Joint
from ml.tryon.drape.layers_front import face_mask
from ml.tryon.drape.light import contact_shadow
from ml.tryon.drape.uncover_body import Body, soft_polygon, torso_outline
from ml.tryon.drape.uncover_skin import (
    SkinTones,
    grain,
    lab_to_rgb,
    out_of_shadow,
    paint_limb,
    round_shading,
    shaded,
    skin_like,
    uneven,
)
from ml.tryon.drape.uncover_smooth import FloatImage, blur, box_of, masked_blur, real, spread

BASE_LAYER = np.array([196.0, 192.0, 187.0], np.float32)  # a warm light grey
YOKE = 0.22  # level on the torso down to which skin may be painted
WAIST = 0.62  # level of the waist
EDGE = 0.010  # metres at the edge of a kept garment that nothing is copied from
CHIN_SHADE = 0.36  # below a face
BEHIND = 0.06  # metres above the chin up to which a neck is painted
BONE_LIGHT, BONE_SHADE = 0.07, 0.14  # of the collarbones
NECK_FADE = 0.09  # metres over which the visible neck's colour fades into the general tone
SHORTS = 0.70  # where undershirt and shorts meet

WHOLE = (slice(None), slice(None))

Rgba = tuple[FloatImage, FloatImage]  # colour (H, W, 3) 0..255 and alpha (H, W) 0..1


@dataclass(frozen=True, slots=True)
class Doll:
    """below: (H, W, 3) background, legs, base layer, neck. cover: (H, W) 0..1 how much of it is
    the person. neck: (H, W) 0..1 neck and yoke. arms: both arms, bare."""

    below: FloatImage
    cover: FloatImage
    neck: FloatImage
    arms: Rgba


def over(canvas: FloatImage, layer: Rgba) -> FloatImage:
    """Draw a layer over an opaque canvas; returns a new one."""
    colour, alpha = layer
    box = box_of(alpha)
    if box is None:
        return canvas
    result = canvas.copy()
    part = result[box]
    part += (colour[box] - part) * alpha[box][..., None]
    return result


def undress(
    photo: NDArray[np.uint8],
    parse: NDArray[np.uint8],
    plate: NDArray[np.uint8],
    body: Body,
    tones: SkinTones,
    rng: np.random.Generator,
) -> Doll:
    """Paint the doll. All images share the photo's size."""
    person = cv2.dilate((parse != Atr.BACKGROUND).astype(np.uint8), np.ones((3, 3), np.uint8))
    inside = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 0.8)
    below = plate.astype(np.float32)
    cover = np.zeros(parse.shape, np.float32)
    for k in (2, 3):
        colour, alpha = paint_limb(photo, parse, body, k, tones, rng)
        below = over(below, (colour, alpha * inside))
        cover = np.maximum(cover, alpha * inside)
    yoke = _yoke(photo, parse, body, tones, rng)
    for colour, alpha in (_base_layer(body, tones, rng), yoke):
        below = over(below, (colour, alpha * inside))
        cover = np.maximum(cover, alpha * inside)
    arms = np.zeros_like(below)
    arms_alpha = np.zeros(parse.shape, np.float32)
    for k in (0, 1):
        colour, alpha = paint_limb(photo, parse, body, k, tones, rng)
        alpha = alpha * inside
        arms = over(arms, (colour, (alpha > 0).astype(np.float32)))
        arms_alpha = np.maximum(arms_alpha, alpha)
    return Doll(below, cover, yoke[1], (arms, arms_alpha))


def _across_torso(body: Body) -> FloatImage:
    """Signed distance from the body's middle line over half the torso's width."""
    ys, xs = np.mgrid[: body.shape[0], : body.shape[1]].astype(np.float32)
    neck, hips = body.joint(Joint.NECK), body.hips
    share = (ys - neck[1]) / max(float(hips[1] - neck[1]), 1.0)
    middle = neck[0] + (hips[0] - neck[0]) * share
    return real((xs - middle) / (0.19 * body.metre))


def _level_step(body: Body, level: float, soft: float) -> FloatImage:
    """1 below a level of the torso, 0 above it, along the body's tilt."""
    ys = np.arange(body.shape[0], dtype=np.float32)[:, None]
    xs = np.arange(body.shape[1], dtype=np.float32)[None, :]
    a, b = body.joint(Joint.R_SHOULDER), body.joint(Joint.L_SHOULDER)
    slope = float((b[1] - a[1]) / (b[0] - a[0])) if abs(b[0] - a[0]) > 4 else 0.0
    line = body.level(level) + np.clip(slope, -0.3, 0.3) * (xs - body.joint(Joint.NECK)[0])
    return real(np.clip((ys - line) / max(soft, 0.5) + 0.5, 0.0, 1.0))


def _base_layer(body: Body, tones: SkinTones, rng: np.random.Generator) -> Rgba:
    """Undershirt and shorts in one plain tone."""
    torso = torso_outline(body)
    soft = 0.008 * body.metre
    alpha = torso * _level_step(body, YOKE, soft)
    for field in body.fields[2:]:
        thigh = field.alpha * np.clip((0.07 - field.along) / 0.01, 0, 1)
        alpha = np.maximum(alpha, thigh)
    colour = np.zeros((*body.shape, 3), np.float32)
    here = box_of(alpha)
    if here is None:
        return colour, real(alpha)
    shading = round_shading(_across_torso(body)[here], tones.light)
    seam = _level_step(body, SHORTS, soft) * (1 - _level_step(body, SHORTS + 0.02, soft))
    shading = real(shading * (1.0 - 0.12 * seam[here]))
    exposure = float(np.clip(tones.neck[0] / 68.0, 0.55, 1.1))
    painted = shaded(BASE_LAYER * exposure, shading)
    colour[here] = painted + grain(alpha[here].shape, tones.grain, rng)
    return colour, real(alpha)


def _yoke(
    photo: NDArray[np.uint8],
    parse: NDArray[np.uint8],
    body: Body,
    tones: SkinTones,
    rng: np.random.Generator,
) -> Rgba:
    """Neck and the skin above the chest, continuing the visible neck."""
    metre, chin = body.metre, body.chin
    left, right = body.joint(Joint.L_SHOULDER), body.joint(Joint.R_SHOULDER)
    half = 0.060 * metre
    middle = (left + right) / 2

    def slope(shoulder: NDArray[np.float32]) -> list[tuple[float, float]]:
        """From the jaw down the neck to the shoulder, in shares of the way to the joint."""
        side = 1.0 if shoulder[0] > middle[0] else -1.0
        way = shoulder - middle
        # Up behind the face: a high collar may have hidden all of the neck.
        high = (float(chin[0] + side * 0.85 * half), float(chin[1] - BEHIND * metre))
        points = [high, (float(chin[0] + side * half), float(chin[1]))]
        for share, up in ((0.36, 0.088), (0.50, 0.066), (0.72, 0.050), (0.98, 0.036)):
            at = middle + way * share
            points.append((float(at[0]), float(at[1] - up * metre)))
        return [*points, (float(shoulder[0]), body.level(YOKE + 0.03))]

    outline = np.array([*slope(right), *reversed(slope(left))], np.float32)
    alpha = soft_polygon(outline, body.shape, 0.003 * metre)
    alpha = alpha * (1 - _level_step(body, YOKE, 0.008 * metre))
    colour = np.zeros((*body.shape, 3), np.float32)
    here = box_of(alpha)
    if here is None:
        return colour, alpha
    face = face_mask(parse, body)
    seen = skin_like(photo, (parse == Atr.FACE) & ~face, tones.neck)
    visible = out_of_shadow(seen, parse, metre).astype(np.uint8)
    head = real(face | np.isin(parse, (Atr.HAIR, Atr.HAT)))
    shade = CHIN_SHADE * contact_shadow(head, metre, down=0.045, soft=0.025)[here]
    shape = alpha[here].shape
    flat = np.broadcast_to(lab_to_rgb(tones.neck), (*shape, 3)).astype(np.float32)
    if int(visible.sum()) > 40:  # it shows the chin's shadow as it is
        box = box_of(alpha, visible) or WHOLE
        part = tuple(
            slice(h.start - b.start, h.stop - b.start) for h, b in zip(here, box, strict=True)
        )
        own = spread(photo[box], visible[box] > 0, max(0.015 * metre, 1.0))[part]
        away = cv2.distanceTransform(1 - visible[box], cv2.DIST_L2, 3)[part]
        near = np.exp(-away / (NECK_FADE * metre)).astype(np.float32)
        flat = own * near[..., None] + flat * (1 - near[..., None])
        shade = shade * (1 - near)
    shading = 1.0 + 0.5 * (round_shading(_across_torso(body)[here] * 0.8, tones.light) - 1.0)
    shading = shading * collarbones(body)[here] * (1 - shade)
    painted = shaded(flat, real(shading)) * uneven(shape, 0.06 * metre, rng)
    colour[here] = np.clip(painted + grain(shape, tones.grain, rng), 0, 255)
    return colour, alpha


def collarbones(body: Body) -> FloatImage:
    """A brightness (H, W) near 1: light on the collarbones, shade below them and between."""
    metre, neck = body.metre, body.joint(Joint.NECK)
    light = np.zeros(body.shape, np.float32)
    dark = np.zeros(body.shape, np.float32)
    for shoulder in (body.joint(Joint.L_SHOULDER), body.joint(Joint.R_SHOULDER)):
        way = shoulder - neck
        start = neck + 0.10 * way + (0, 0.012 * metre)
        bend = neck + 0.45 * way
        end = neck + 0.85 * way - (0, 0.022 * metre)
        line = real([start, bend, end])
        for image, down in ((light, 0.0), (dark, 0.014 * metre)):
            line[:, 1] += down
            fixed = np.rint(line * 16).astype(np.int32)
            cv2.polylines(image, [fixed], False, 1.0, max(1, round(0.010 * metre)), cv2.LINE_AA, 4)
    notch = (round(float(neck[0])), round(float(neck[1]) + 0.022 * metre))
    cv2.circle(dark, notch, max(1, round(0.008 * metre)), 1.0, -1, cv2.LINE_AA)
    soft = max(0.008 * metre, 0.8)
    return real(1.0 + BONE_LIGHT * blur(light, soft) - BONE_SHADE * blur(dark, soft))


def continue_cloth(
    photo: NDArray[np.uint8],
    cloth: NDArray[np.bool_],
    body: Body,
    *,
    upward: bool,
    tones: SkinTones,
    rng: np.random.Generator,
) -> Rgba:
    """A kept garment carried on where another one covered it.

    cloth: (H, W) its visible part. ``upward``: trousers or a skirt up to the waist; else a top
    down over the hips. Texture is mirrored at the visible edge, tone comes from the whole.
    """
    empty = np.zeros((*body.shape, 3), np.float32), np.zeros(body.shape, np.float32)
    side = 2 * max(1, round(EDGE * body.metre)) + 1  # edges show the garment that goes
    small = cv2.erode(cloth.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool)
    if int(small.sum()) < 200:
        return empty
    reach = _reach(body, small, upward)
    if not reach.any():
        return empty
    box = box_of(reach, small) or WHOLE
    seen = small[box]
    colours = photo[box].astype(np.float32)
    sigma = max(0.02 * body.metre, 1.0)
    broad = spread(photo[box], seen, sigma)
    detail = np.where(seen[..., None], colours - masked_blur(colours, real(seen), sigma), 0)
    detail = _mirror(real(detail), seen, upward)
    shading = round_shading(_across_torso(body)[box], tones.light)
    painted = broad * (0.6 + 0.4 * shading)[..., None] + detail
    painted = painted + grain((seen.shape[0], seen.shape[1]), tones.grain, rng)
    colour, _ = empty
    colour[box] = np.clip(painted, 0, 255)
    return colour, reach


def _reach(body: Body, cloth: NDArray[np.bool_], upward: bool) -> FloatImage:
    """How far a kept garment may be carried on: hips and thighs, or the torso."""
    torso = torso_outline(body)
    grown = blur(torso, max(0.02 * body.metre, 1.0))
    alpha = np.clip((grown - 0.25) * 4, 0, 1)
    if not upward:
        down = 1 - _level_step(body, 1.02, 2.0)
        return real(alpha * _level_step(body, 0.35, 2.0) * down)
    alpha = alpha * _level_step(body, WAIST, 2.0)
    side = 4 * max(1, round(EDGE * body.metre)) + 1
    round_kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    around = real(cv2.dilate(cloth.astype(np.uint8), round_kernel))
    around = blur(around, max(0.4 * EDGE * body.metre, 0.8))
    lowest = int(np.nonzero(cloth.any(1))[0][-1])
    for field in body.fields[2:]:
        alpha = np.maximum(alpha, np.clip((1.18 - np.abs(field.across)) / 0.1, 0, 1))
    alpha[lowest + 1 :] = 0
    return np.maximum(real(alpha * _level_step(body, WAIST, 2.0)), around)


def _mirror(detail: FloatImage, seen: NDArray[np.bool_], upward: bool) -> FloatImage:
    """Reflect detail at each column's (smoothed) upper or lower edge of the visible cloth."""
    if not upward:
        return np.ascontiguousarray(_mirror(detail[::-1], seen[::-1], True)[::-1])
    height, width = seen.shape
    columns = np.nonzero(seen.any(0))[0]
    edges = np.interp(np.arange(width), columns, seen[:, columns].argmax(0))
    edges = cv2.GaussianBlur(edges.astype(np.float32)[None], (0, 0), max(width / 20, 1.0))[0] + 2
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    depth = np.maximum(0.5 * (height - edges), 1.0)
    back = edges + np.abs((edges - ys + depth) % (2 * depth) - depth)
    source = np.where(ys < edges, back, ys).astype(np.float32)
    return real(cv2.remap(detail, xs, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
