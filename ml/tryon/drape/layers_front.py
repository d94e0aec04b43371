"""What lies in front of a garment: head, hair, hands, bare arms, bags, shoes; soft at the edges."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr
from ml.tryon.drape.uncover_body import Body
from ml.tryon.drape.uncover_smooth import FloatImage, spread

HAND = 0.99  # of an arm's length; bare skin from here on is a hand, cuffs end beside it
HAIR_BAND = 0.02  # metres of hair from its edge inwards that are matted by colour
HEAD_LABELS = (Atr.HAT, Atr.HAIR, Atr.SUNGLASSES)
THING_LABELS = (Atr.BAG, Atr.SCARF)
SHOE_LABELS = (Atr.LEFT_SHOE, Atr.RIGHT_SHOE)


@dataclass(frozen=True, slots=True)
class Fronts:
    """Alphas (H, W) 0..1 of what is drawn again over a garment, and its unmixed colour.

    head: hair, hat, glasses and the face above the chin. hands: hands. arms: bare arms, hands
    included. things: bags and scarves. shoes. colour (H, W, 3): the photo, with the mixed pixels
    of soft edges replaced by the colour of the thing itself.
    """

    head: FloatImage
    hands: FloatImage
    arms: FloatImage
    things: FloatImage
    shoes: FloatImage
    colour: FloatImage


def face_mask(parse: NDArray[np.uint8], body: Body) -> NDArray[np.bool_]:
    """The face proper (H, W): skin labelled face above the chin. Never changed."""
    ys, xs = np.mgrid[: parse.shape[0], : parse.shape[1]].astype(np.float32)
    down = body.hips - body.points[1, :2]
    down = down / max(float(np.linalg.norm(down)), 1.0)
    below = (xs - body.chin[0]) * down[0] + (ys - body.chin[1]) * down[1]
    return np.asarray((parse == Atr.FACE) & (below < 0))


def hand_mask(parse: NDArray[np.uint8], body: Body) -> NDArray[np.bool_]:
    """Hands (H, W): arm skin beyond the wrist. Never changed."""
    mask = np.zeros(parse.shape, bool)
    for limb, field in zip(body.limbs[:2], body.fields[:2], strict=True):
        skin = parse == limb.label
        wrist = limb.points[2]
        ys, xs = np.nonzero(skin & (field.along < 0))  # fingers may lie beyond the limb's reach
        near = np.hypot(xs - wrist[0], ys - wrist[1]) < 0.22 * body.metre
        mask[ys[near], xs[near]] = True
        mask |= skin & (field.along >= HAND)
    return mask


def measure_fronts(photo: NDArray[np.uint8], parse: NDArray[np.uint8], body: Body) -> Fronts:
    """Find and matte the front things of a photo (H, W, 3)."""
    rigid = face_mask(parse, body) | hand_mask(parse, body)
    band = max(2, round(0.008 * body.metre))
    loose = np.isin(parse, HEAD_LABELS)
    arms = np.isin(parse, (Atr.LEFT_ARM, Atr.RIGHT_ARM))
    things = np.isin(parse, THING_LABELS)
    shoes = np.isin(parse, SHOE_LABELS)
    everything = rigid | loose | arms | things | shoes
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
    sure = cv2.erode(everything.astype(np.uint8), kernel).astype(bool)
    # Hair lets the garment shine through, and its labels are coarse: matte it more deeply.
    deep = 2 * max(2, round(HAIR_BAND * body.metre)) + 1
    hair = cv2.erode((parse == Atr.HAIR).astype(np.uint8), np.ones((deep, deep), np.uint8))
    below = np.arange(parse.shape[0])[:, None] > body.chin[1]
    sure = np.where((parse == Atr.HAIR) & below, hair.astype(bool), sure) | rigid
    away = ~cv2.dilate(everything.astype(np.uint8), kernel).astype(bool)
    image = photo.astype(np.float32)
    own = spread(photo, sure, max(0.003 * body.metre, 1.0))
    other = spread(photo, away, max(0.003 * body.metre, 1.0))
    label_says = np.where((parse == Atr.HAIR) & below, 0.05, 0.25).astype(np.float32)
    matte = _matte(image, own, other, everything, sure, away, label_says)
    colour = np.where((sure | (matte > 0.97))[..., None], image, own).astype(np.float32)

    def share(mask: NDArray[np.bool_]) -> FloatImage:
        near = cv2.dilate(mask.astype(np.uint8), kernel).astype(np.float32)
        soft = cv2.GaussianBlur(near, (0, 0), 0.7)
        return np.where(mask & rigid, 1.0, np.minimum(matte, soft)).astype(np.float32)

    return Fronts(
        head=share(loose | face_mask(parse, body)),
        hands=share(hand_mask(parse, body)),
        arms=share(arms),
        things=share(things),
        shoes=share(shoes),
        colour=colour,
    )


def _matte(
    image: FloatImage,
    own: FloatImage,
    other: FloatImage,
    mask: NDArray[np.bool_],
    sure: NDArray[np.bool_],
    away: NDArray[np.bool_],
    label_says: FloatImage,
) -> FloatImage:
    """Alpha in the uncertain band: where between its two sides' colours a pixel lies.

    Where the sides look alike the label's own (softened) edge decides; elsewhere it keeps the
    share ``label_says``.
    """
    gap = own - other
    length = np.einsum("ijk,ijk->ij", gap, gap)
    by_colour = np.einsum("ijk,ijk->ij", image - other, gap) / np.maximum(length, 1.0)
    by_colour = np.clip((by_colour - 0.12) / 0.76, 0, 1)
    by_label = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)
    trust = np.clip((np.sqrt(length) - 20) / 40, 0, 1) * (1 - label_says)
    alpha = by_colour * trust + by_label * (1 - trust)
    alpha = np.where(sure, 1.0, np.where(away, 0.0, alpha))
    return alpha.astype(np.float32)
