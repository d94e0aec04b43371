"""What the photo checks measure: light, sharpness, what covers the torso, bare skin.

All of it is measured on the person, whose size in the photo is the ruler, never on what is behind.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.images import RGB
from ml.person import stance
from ml.person.annotation import Atr, Joint, PersonAnnotation

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

#: Sharpness is measured where the torso has this many pixels: fine noise is averaged away, and
#: what is soft at this size looks soft in any picture of the person.
TORSO = 100
#: The middle of a face, around the nose, in torso lengths.
_FACE = 0.10
#: Colours (CIELAB) nearer than this are of one thing, farther than that of two.
_SAME, _OTHER = 4.0, 12.0
_BLUR = 9  # pixels of the box that a sharp picture loses its edges to
#: Colours this near the person's own skin could be skin: in lightness (a share, because black cloth
#: is never far from dark skin) and in hue, CIELAB.
_SKIN_L, _SKIN_AB = 0.22, 6.0


def torso_length(person: PersonAnnotation) -> float:
    """Pixels; estimated from the labels' height where joints are unknown."""
    if stance.sure(person)[list(stance.TRUNK)].all():
        return stance.torso_length(person.keypoints[:, :2].astype(float))
    rows = np.nonzero((person.parse != Atr.BACKGROUND).any(axis=1))[0]
    return 0.28 * float(len(rows))


def brightness(photo: RGB, person: PersonAnnotation) -> float:
    """0..255: the lightest 5 % of the person and their nearest surroundings reach this.

    Dark clothes and dark skin have highlights and a background too; a dark room has none.
    """
    part, _ = _around(photo, person)
    return float(np.percentile(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), 95))


def blur(photo: RGB, person: PersonAnnotation) -> float:
    """0 sharp .. 1 blurred: how much of the person's contrast survives another blur.

    After F. Crete et al., "The blur effect: perception and estimation with a new no-reference
    perceptual blur metric", 2007.
    """
    part, mask = _around(photo, person)
    factor = min(1.0, TORSO / max(torso_length(person), 1.0))
    size = max(2, round(part.shape[1] * factor)), max(2, round(part.shape[0] * factor))
    grey = cv2.cvtColor(cv2.resize(part, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    # The outline is the surest edge.
    here: Mask = np.asarray(cv2.dilate(small, np.ones((5, 5), np.uint8)), np.bool_)
    grey = grey.astype(np.float32)
    found = []
    for axis, box in ((1, (_BLUR, 1)), (0, (1, _BLUR))):
        inside = (here[:, 1:] & here[:, :-1]) if axis == 1 else (here[1:] & here[:-1])
        sharp = np.abs(np.diff(grey, axis=axis))[inside]
        soft = np.abs(np.diff(cv2.blur(grey, box), axis=axis))[inside]
        lost = np.maximum(sharp - soft, 0).sum()
        found.append(1 - float(lost) / max(float(sharp.sum()), 1e-6))
    return max(found)


def covered(person: PersonAnnotation, region: str) -> float:
    """Share 0..1 of the torso (``upper``) or the thighs (``lower``) behind arms and bags.

    Forearms in sleeves are labelled as what they wear: the skeleton says where they are.
    """
    area = _torso(person, 0.0, 1.0) if region == "upper" else _thighs(person)
    if not area.any():
        return 0.0
    hidden = np.isin(person.parse, (Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.BAG)).astype(np.uint8)
    points, sure = person.keypoints, stance.sure(person)
    thick = max(1, round(0.12 * torso_length(person)))
    for elbow, wrist in ((Joint.R_ELBOW, Joint.R_WRIST), (Joint.L_ELBOW, Joint.L_WRIST)):
        if sure[elbow] and sure[wrist]:
            hand = points[wrist, :2] + 0.3 * (points[wrist, :2] - points[elbow, :2])
            start = (round(float(points[elbow, 0])), round(float(points[elbow, 1])))
            cv2.line(hidden, start, (round(float(hand[0])), round(float(hand[1]))), 1, thick)
    return float((hidden > 0)[area].mean())


def bare(photo: RGB, person: PersonAnnotation) -> float:
    """0..1, how surely chest and hips are bare: the least share of the face's and neck's colour on
    chest, hips and thighs, and 0 where the arms are dressed or face and neck hidden."""
    parse = person.parse
    chest, hips, thighs = _torso(person, 0.25, 0.9), _torso(person, 1.0, 1.15), _thighs(person)
    unit = torso_length(person)
    arms = np.isin(parse, (Atr.LEFT_ARM, Atr.RIGHT_ARM))
    # Two bare arms of an adult cover about a sixth of the torso's length squared.
    enough = arms.sum() > 0.08 * unit * unit
    skin = parse == Atr.FACE
    if not (enough and chest.any() and hips.any() and skin.sum() > 0.01 * unit * unit):
        return 0.0
    top, left, bottom, right = _box(parse != Atr.BACKGROUND, 0, parse.shape)
    window = (slice(top, bottom), slice(left, right))
    lab = cv2.cvtColor(photo[window].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    own = np.median(lab[skin[window]], axis=0)
    off = np.abs(lab - own)
    near = (off[..., 0] < _SKIN_L * own[0]) & (np.hypot(off[..., 1], off[..., 2]) < _SKIN_AB)
    parts = (part[window] for part in (chest, hips, thighs))
    shares = [near[part].mean() for part in parts if part.any()]
    # Gloves and sleeves that look like arms are not the face's colour.
    return 0.0 if near[arms[window]].mean() < 0.5 else float(min(shares, default=0.0))


def hair_over_face(photo: RGB, person: PersonAnnotation) -> bool:
    """Whether hair grows where the face should be: the back of a head.

    Either the labels say so, or the "face" has the hair's colour and not that of arms and legs.
    On the validation photos the labels never call more than 0.06 of a face hair.
    """
    nose, parse = person.keypoints[Joint.NOSE], person.parse
    if nose[2] < stance.SURE:
        return False
    radius = max(2, round(_FACE * torso_length(person)))
    disc = np.zeros(parse.shape, np.uint8)
    cv2.circle(disc, (round(float(nose[0])), round(float(nose[1]))), radius, 1, -1)
    face = (disc > 0) & ~np.isin(parse, (Atr.SUNGLASSES, Atr.BACKGROUND))
    if not face.any():
        return False
    if (parse[face] == Atr.HAIR).mean() > 0.6:
        return True
    hair = parse == Atr.HAIR
    limbs = np.isin(parse, (Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.LEFT_LEG, Atr.RIGHT_LEG))
    if min(hair.sum(), limbs.sum()) < face.sum() / 8:
        return False
    own, above, skin = (_colour(photo[mask]) for mask in (face, hair, limbs))
    return bool(np.linalg.norm(own - above) < _SAME < _OTHER < np.linalg.norm(own - skin))


def _colour(pixels: NDArray[np.uint8]) -> Floats:
    """(3,) CIELAB of the median of (n, 3) sRGB pixels."""
    middle = (np.median(pixels, axis=0) / 255).astype(np.float32)
    return np.asarray(cv2.cvtColor(middle[None, None], cv2.COLOR_RGB2LAB)[0, 0], np.float32)


def _around(photo: RGB, person: PersonAnnotation) -> tuple[RGB, Mask]:
    """The photo and the person's mask, cut to the person."""
    mask = person.parse != Atr.BACKGROUND
    margin = round(0.2 * torso_length(person))
    top, left, bottom, right = _box(mask, margin, mask.shape)
    return photo[top:bottom, left:right], mask[top:bottom, left:right]


def _box(mask: Mask, margin: int, size: tuple[int, ...]) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    if not len(rows):
        return 0, 0, size[0], size[1]
    return (
        max(int(rows[0]) - margin, 0),
        max(int(columns[0]) - margin, 0),
        min(int(rows[-1]) + 1 + margin, size[0]),
        min(int(columns[-1]) + 1 + margin, size[1]),
    )


def _torso(person: PersonAnnotation, start: float, end: float) -> Mask:
    """Between two levels of the torso: 0 = shoulder joints, 1 = hip joints."""
    points = person.keypoints[:, :2].astype(float)
    right, left = points[Joint.R_SHOULDER], points[Joint.L_SHOULDER]
    down_right, down_left = points[Joint.R_HIP] - right, points[Joint.L_HIP] - left
    corners = [
        right + start * down_right,
        left + start * down_left,
        left + end * down_left,
        right + end * down_right,
    ]
    return _filled(corners, person.parse.shape)


def _thighs(person: PersonAnnotation) -> Mask:
    points, sure = person.keypoints[:, :2].astype(float), stance.sure(person)
    area = np.zeros(person.parse.shape, np.bool_)
    wide = np.array([0.12 * torso_length(person), 0.0])
    for hip, knee, _ in stance.LEGS:
        if sure[hip] and sure[knee]:
            a, b = points[hip], points[knee]
            area |= _filled([a - wide, a + wide, b + wide / 2, b - wide / 2], person.parse.shape)
    return area


def _filled(corners: list[NDArray[np.float64]], shape: tuple[int, ...]) -> Mask:
    canvas = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(canvas, np.round(np.stack(corners)).astype(np.int32), 1)
    return canvas > 0
