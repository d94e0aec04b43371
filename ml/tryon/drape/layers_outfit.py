"""Drawing a whole outfit on a person: uncovered body, garments inside out, front things last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import Cut, Region
from ml.person.annotation import Atr
from ml.tryon.drape.engine_scene import HALO, Scene
from ml.tryon.drape.layers import (
    COAT,
    Removal,
    edge_line,
    hangs_below,
    on_arms,
    plan_removal,
    soft_mask,
)
from ml.tryon.drape.layers_front import (
    SHOE_LABELS,
    THING_LABELS,
    face_mask,
    hand_mask,
)
from ml.tryon.drape.light import contact_shadow, roundness
from ml.tryon.drape.pieces import Part, Worn
from ml.tryon.drape.uncover import continue_cloth, over
from ml.tryon.drape.uncover_smooth import FloatImage, blur, box_of, real

GROW = 0.011  # metres by which old clothes are removed beyond their labels: edges are mixed
FEATHER = 0.035  # metres from old clothes within which real skin passes into painted skin
REACH = 0.10  # metres around a garment that its shadows stay within
HEM_SHADOW = 0.30
FRONT_SHADOW = 0.28
FRONT_CAST = {"down": 0.018, "soft": 0.014}  # metres
BACK_SHADE = 0.72  # the inside of a garment's back lies in shadow

ARM_LABELS = (Atr.LEFT_ARM, Atr.RIGHT_ARM)
LEG_LABELS = (Atr.LEFT_LEG, Atr.RIGHT_LEG)

Timed = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Stand:
    """What is in front of and behind the garments, in the scene's frame, all (H, W) 0..1.

    front: head and things, over everything. painted: arms that were under sleeves. kept: arms
    that were bare and stay so. neck: hides the inside of the back. bodyness: where a shadow
    falls on the person and not on the background.
    """

    front: FloatImage
    painted: FloatImage
    kept: FloatImage
    neck: FloatImage
    bodyness: FloatImage


def outfit(
    scene: Scene,
    worn: Sequence[Worn],
    colours: Sequence[FloatImage],
    *,
    rng: np.random.Generator,
    timed: Timed,
) -> NDArray[np.uint8]:
    """Dress the scene's person. worn: innermost first; colours: their fabric in the scene's light
    (H, W, 3 float). Returns the scene's picture; face and hands are untouched."""
    parse, body = scene.annotation.parse, scene.body
    with timed("uncover"):
        plan = plan_removal(parse, body, worn)
        rigid, gone = _leaving(scene, plan)
        canvas, cover = _uncovered(scene, plan, gone, worn, rng)
        stand = _stand(scene, plan, gone, cover)
    with timed("compose"):
        for one, colour in _drawing_order(worn, colours, plan):
            hiding = _in_front_of(one, worn, scene, plan)
            canvas = _draw(canvas, one, colour, scene, stand, hiding)
        fronts = scene.fronts
        # A hem that reaches the shoes falls over them.
        long = [one.alpha for one in worn if one.cut is not Cut.TOP]
        shown = 1 - np.maximum.reduce(long).astype(np.float32) / 255 if long else 1.0
        last = np.maximum.reduce([fronts.head, fronts.hands, fronts.things, fronts.shoes * shown])
        skin = np.isin(parse, (Atr.FACE, *ARM_LABELS))
        last = np.where(skin, np.minimum(last, 1 - gone), last)
        finished = over(canvas, (fronts.colour, real(last)))
        changed = np.abs(canvas - scene.photo).max(axis=2) > 0.5
        changed &= ~rigid
        picture = np.clip(np.rint(finished), 0, 255).astype(np.uint8)
        return np.where(changed[..., None], picture, scene.photo)


def _leaving(scene: Scene, plan: Removal) -> tuple[NDArray[np.bool_], FloatImage]:
    """(H, W): what stays whatever is worn, and how far each pixel makes way, 0..1."""
    parse, body, doll = scene.annotation.parse, scene.body, scene.doll
    away = _away(plan.gone)
    from_cloth = _away(plan.gone & ~np.isin(parse, (*ARM_LABELS, *LEG_LABELS)))
    rigid = face_mask(parse, body) | hand_mask(parse, body)
    gone = soft_mask(plan.gone, max(GROW * body.metre, 1.5), 1.5)
    # Painted skin passes slowly into real skin: an old cuff leaves a shadow and a line there.
    fading = _fading(from_cloth, GROW * body.metre, FEATHER * body.metre)
    arms = np.isin(parse, ARM_LABELS)
    painted = np.where(parse == Atr.FACE, doll.neck, doll.arms[1] * arms)
    painted = np.where(np.isin(parse, LEG_LABELS), doll.cover, painted)
    gone = np.maximum(gone, fading * painted)
    # So does the filled-in wall into the real one.
    around = _fading(away, GROW * body.metre, HALO * body.metre)
    gone = np.where(parse == Atr.BACKGROUND, np.maximum(gone, around), gone)
    # Labels of kept clothes are trusted more: they are in front and stay.
    kept = plan.kept_top | plan.kept_bottoms | np.isin(parse, THING_LABELS + SHOE_LABELS)
    less = np.where(plan.kept_bottoms, 0.006 * body.metre, 1.0)  # these are carried on
    gone = np.where(kept, np.minimum(gone, soft_mask(plan.gone, less, 1.5)), gone)
    return rigid, real(np.where(rigid, 0.0, gone))


def _fading(away: FloatImage, start: float, end: float) -> FloatImage:
    """1 up to ``start`` pixels away, 0 from ``end`` on."""
    return real(np.clip((end - away) / max(end - start, 1.0), 0, 1))


def _away(mask: NDArray[np.bool_]) -> FloatImage:
    """Pixels to the nearest one of a mask (H, W); far where it is empty."""
    if not mask.any():
        return np.full(mask.shape, 1e6, np.float32)
    return real(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5))


def _uncovered(
    scene: Scene,
    plan: Removal,
    gone: FloatImage,
    worn: Sequence[Worn],
    rng: np.random.Generator,
) -> tuple[FloatImage, FloatImage]:
    """The photo without the old clothes: (canvas, where it shows the person 0..1)."""
    under, cover = scene.doll.below, scene.doll.cover
    for kept, upward in ((plan.kept_bottoms, True), (plan.kept_top, False)):
        if kept.any() and plan.gone.any():
            layer = continue_cloth(
                scene.photo, kept, scene.body, upward=upward, tones=scene.tones, rng=rng
            )
            if upward and not plan.tucked:
                layer = (layer[0], layer[1] * _below_hems(worn))
            under, cover = over(under, layer), np.maximum(cover, layer[1])
    photo = scene.photo.astype(np.float32)
    person = (scene.annotation.parse != 0).astype(np.float32)
    # Arms are painted later, in front: nothing behind them may shine through their edges.
    arms = np.isin(scene.annotation.parse, ARM_LABELS) & ~plan.gone
    shown = gone * (1 - scene.doll.arms[1] * arms)
    return over(photo, (under, real(shown))), (person * (1 - gone) + cover * gone).astype(
        np.float32
    )


def _below_hems(worn: Sequence[Worn]) -> FloatImage:
    """1 below the new tops: beside them kept bottoms are not carried on."""
    bodies = [(w.alpha > 127) & (w.parts == Part.BODY) for w in worn]
    tops = np.logical_or.reduce(bodies)
    rows = np.arange(tops.shape[0])[:, None]
    return real(tops | (rows > edge_line(tops, lowest=True)[None] - 3))


def _stand(scene: Scene, plan: Removal, gone: FloatImage, cover: FloatImage) -> Stand:
    body, fronts = scene.body, scene.fronts
    # Painted skin begins where the new sleeve ends; above the cuff there is only sleeve.
    bare = np.zeros(gone.shape, np.float32)
    for field, cuff in zip(body.fields[:2], plan.cuffs, strict=True):
        beyond = np.clip((field.along - (cuff - 0.06)) / 0.01, 0, 1) if cuff > 0 else 1.0
        near = np.abs(field.across) < 1.3
        bare = np.maximum(bare, near * beyond)
    # Where trousers were a hand may be in a pocket: arms are painted in old sleeves only.
    tops = np.isin(scene.annotation.parse, (Atr.UPPER, Atr.DRESS, *ARM_LABELS))
    sleeves = soft_mask(tops & plan.gone, max(FEATHER * body.metre, 1.5), 1.5)
    painted = real(scene.doll.arms[1] * np.minimum(gone, sleeves) * bare)
    kept = real(fronts.arms * (1 - gone))
    face = (scene.annotation.parse == Atr.FACE).astype(np.float32)
    neck = np.maximum(face, scene.doll.neck * cover)
    return Stand(
        front=np.maximum(fronts.head, fronts.things),
        painted=painted,
        kept=kept,
        neck=neck.astype(np.float32),
        bodyness=real(np.maximum(cover, painted)),
    )


def _drawing_order(
    worn: Sequence[Worn], colours: Sequence[FloatImage], plan: Removal
) -> list[tuple[Worn, FloatImage]]:
    """Inside out; a tucked top is drawn before the bottoms that hold it."""
    pairs = list(zip(worn, colours, strict=True))
    if plan.tucked:
        first = {Region.UPPER: 0, Region.LOWER: 1}
        pairs.sort(key=lambda pair: first.get(pair[0].region, 2))
    return pairs


def _in_front_of(one: Worn, worn: Sequence[Worn], scene: Scene, plan: Removal) -> FloatImage:
    """What hides this garment (H, W) 0..1: old clothes that stay, and the tops over bottoms."""
    hiding = np.zeros(one.alpha.shape, bool)
    rows = np.arange(one.alpha.shape[0])[:, None]
    arms = on_arms(scene.body)
    if one.region is Region.UPPER and plan.tucked and plan.kept_bottoms.any():
        below = rows > edge_line(plan.kept_bottoms, lowest=False)[None]
        hiding = (plan.kept_bottoms & ~arms) | (below & (one.parts == Part.BODY))
    elif one.region is Region.LOWER and plan.tucked:
        hiding = plan.kept_top & arms  # sleeves hang in front of the hips
    elif one.region is Region.LOWER:
        hiding = plan.kept_top
        new = [(w.alpha > 127) & (w.parts == Part.BODY) for w in worn if w.region is Region.UPPER]
        tops = np.logical_or.reduce([plan.kept_top, *new]) & ~arms
        tops &= rows > scene.body.level(0.6)  # its hem, not the columns below its sleeves
        coat = plan.kept_top.any() and hangs_below(COAT, scene.annotation.parse, scene.body)
        if tops.any() and not coat:  # no hips stick out beside a top
            hiding = hiding | (rows < edge_line(tops, lowest=True)[None])
    return soft_mask(hiding, -max(0.003 * scene.body.metre, 1.0), 1.5)


def _draw(
    canvas: FloatImage,
    worn: Worn,
    colour: FloatImage,
    scene: Scene,
    stand: Stand,
    hiding: FloatImage,
) -> FloatImage:
    """One garment over the canvas (H, W, 3): its back, torso, bare arms, sleeves; shadows.

    Draws into the canvas, in the part of it that the garment and its shadows reach.
    """
    metre, light = scene.body.metre, scene.tones.light
    here = box_of(worn.alpha, worn.back_alpha, stand.painted, margin=round(REACH * metre))
    if here is None:
        return canvas
    stand = Stand(
        **{
            field.name: np.ascontiguousarray(getattr(stand, field.name)[here])
            for field in fields(Stand)
        }
    )
    fold, hiding, colour = scene.fold[here], hiding[here], colour[here]
    parts, whole, canvas = worn.parts[here], canvas, canvas[here]
    alpha = _smooth_edge(real(worn.alpha[here]) / np.float32(255), metre)
    unseen = np.maximum(np.maximum(stand.neck, stand.front), np.maximum(alpha, hiding))
    back = real(worn.back_alpha[here]) / 255 * (1 - unseen)
    if back.any():
        shade = BACK_SHADE - 0.15 * contact_shadow(alpha, metre)
        canvas = over(canvas, (real(worn.back_colour[here] * shade[..., None]), real(back)))
    alpha = real(alpha * (1 - hiding))
    sleeved = worn.cut in (Cut.TOP, Cut.DRESS)
    limb = real((parts >= Part.LEFT) & sleeved)
    limb_share = _smooth_edge(limb, metre)
    limbs = real(alpha * limb_share)
    # Cloth goes on under the soft border of a sleeve: nothing behind may shine through.
    trunk = real(alpha * (limb_share < 1))
    # Arms hang in front: bare ones come back where this garment's fabric was drawn over them.
    kept = stand.kept * np.clip(trunk * 4, 0, 1)
    skin = real(np.minimum(stand.painted + kept, 1.0))
    share = (kept / np.maximum(stand.painted + kept, 1e-6))[..., None]
    skin_colour = real(scene.fronts.colour[here] * share + scene.doll.arms[0][here] * (1 - share))

    falls_on = np.clip(stand.bodyness - stand.kept - stand.painted, 0, 1)
    shadow = contact_shadow(alpha, metre) * (1 - alpha) * falls_on
    canvas = canvas * (1 - HEM_SHADOW * shadow)[..., None]

    before = contact_shadow(real(np.maximum(stand.front, skin)), metre, **FRONT_CAST)
    # Beside a sleeve of the same cloth the torso turns away less than beside the background.
    turning = (roundness(trunk, metre, light) + roundness(alpha, metre, light)) / 2
    shading = real(fold * turning * (1 - FRONT_SHADOW * before))
    canvas = over(canvas, (colour * shading[..., None], trunk))
    canvas = over(canvas, (skin_colour, skin))
    if limbs.any():
        under = (
            contact_shadow(limbs, metre)
            * (1 - limbs)
            * np.maximum(np.maximum(stand.kept, stand.painted), trunk)
        )
        canvas = canvas * (1 - HEM_SHADOW * under)[..., None]
        front = real(np.maximum(stand.front, scene.fronts.hands[here]))
        before = contact_shadow(front, metre, **FRONT_CAST)
        shading = real(fold * roundness(limbs, metre, light) * (1 - FRONT_SHADOW * before))
        canvas = over(canvas, (colour * shading[..., None], limbs))
    whole[here] = canvas
    return whole


def _smooth_edge(alpha: FloatImage, metre: float) -> FloatImage:
    """Cloth has smoother outlines than masks of photos have."""
    blurred = blur(alpha, max(0.0045 * metre, 0.7))
    return real(np.clip((blurred - 0.5) * 3.0 + 0.5, 0.0, 1.0))
