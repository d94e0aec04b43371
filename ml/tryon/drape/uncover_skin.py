"""Skin that a garment hid, painted from the same person's visible skin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr
from ml.tryon.drape.uncover_body import Body
from ml.tryon.drape.uncover_labels import CLOTHES
from ml.tryon.drape.uncover_smooth import FloatImage, real, spread

BAND = 1.6  # radii over which a limb's own visible colour fades into its overall tone
SHADOW_TINT = np.array([0.85, 1.05, 1.15], np.float32)  # skin turns warmer in its own shadow
BLOTCH = ((0.5, 0.020), (0.16, 0.010))  # unevenness: size in radii, relative strength
FLUSH = 0.012  # the same of redness against greenness
WHOLE_ARM = 0.12  # metres: skin of this size squared shows an arm's own tone
HAND_SAYS, ARM_SAYS = 0.3, 0.7  # how much an arm's tone follows a mere hand, a bare forearm
SHOULDER = 0.35  # of an arm's length, over which it takes on the tone of the neck
CAST = 0.014  # metres of skin beside clothes that lie in their shadow
LEG_SAYS = 0.65  # how much a leg's tone is its own rather than both legs'
BRIGHTEST = 80.0  # Lab lightness of skin that is painted without having been seen
#: Lab; used only when no skin at all is visible.
FALLBACK_TONE = np.array([68.0, 12.0, 16.0], np.float32)


@dataclass(frozen=True, slots=True)
class SkinTones:
    """Lab tones (L 0..100) of the neck and of each limb; light: -0.6..0.6, > 0 = from the
    image's right; grain: standard deviation of the photo's noise in grey levels."""

    neck: NDArray[np.float32]
    limbs: NDArray[np.float32]  # (4, 3), in the order of Body.limbs
    light: float
    grain: float


def to_lab(rgb: NDArray[np.uint8]) -> FloatImage:
    """(H, W, 3) uint8 sRGB to float Lab with L in 0..100."""
    return real(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def lab_to_rgb(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lab (..., 3) to float RGB in 0..255."""
    flat = np.ascontiguousarray(lab.reshape(1, -1, 3), np.float32)
    rgb = cv2.cvtColor(flat, cv2.COLOR_LAB2RGB).reshape(lab.shape) * 255
    return np.clip(rgb, 0, 255).astype(np.float32)


def robust_tone(
    lab: FloatImage, mask: NDArray[np.bool_], *, between: tuple[float, float] = (30, 90)
) -> NDArray[np.float32] | None:
    """The usual colour of a region's pixels between two percentiles of lightness."""
    values = lab[mask]
    if len(values) < 40:
        return None
    low, high = np.percentile(values[:, 0], between)
    middle = values[(values[:, 0] >= low) & (values[:, 0] <= high)]
    return real(np.median(middle, axis=0))


def _limb_tone(
    lab: FloatImage,
    label: NDArray[np.bool_],
    face: NDArray[np.float32] | None,
    body: Body,
) -> NDArray[np.float32] | None:
    """A limb's tone; a small patch that does not look like skin is a sock or a mistake."""
    tone = robust_tone(lab, _shrink(label))
    small = int(label.sum()) < (0.1 * body.metre) ** 2
    if tone is not None and face is not None and small and not _looks_like(tone, face):
        return None
    return tone


def _blend(
    tone: NDArray[np.float32], other: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    """``share`` of the limb's own tone: one limb may be in a shadow that its covered part is
    not in."""
    return real(share * tone + (1 - share) * other)


def _own_share(parse: NDArray[np.uint8], body: Body, which: int) -> float:
    """How far an arm's visible skin tells its tone: hands are redder than the arm above them."""
    field = body.fields[which]
    arm = (parse == body.limbs[which].label) & (field.along > 0.05) & (field.along < 0.93)
    seen = min(float(arm.sum()) / (WHOLE_ARM * body.metre) ** 2, 1.0)
    return HAND_SAYS + (ARM_SAYS - HAND_SAYS) * seen


def _twin(
    legs: Sequence[NDArray[np.float32] | None], tone: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The mean of both legs where they are alike (both bare, or both in tights)."""
    alike = [leg for leg in legs if leg is not None and _looks_like(leg, tone)]
    return real(np.mean(alike, axis=0)) if alike else tone


def _looks_like(tone: NDArray[np.float32], face: NDArray[np.float32]) -> bool:
    """Could this be skin of the owner of that face? (Gloves and tights could not.)"""
    chroma = float(np.hypot(*(tone[1:] - face[1:])))
    return chroma < 16 and abs(float(tone[0] - face[0])) < 26


def grain_of(photo: NDArray[np.uint8]) -> float:
    """Standard deviation of the photo's fine noise, grey levels, from its quiet parts."""
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))
    quiet = float(np.percentile(response, 40))  # 40 % of |N(0, 6 s)| lie below 0.524 * 6 s
    return min(quiet / (0.524 * 6), 6.0)


def skin_tones(
    photo: NDArray[np.uint8], lab: FloatImage, parse: NDArray[np.uint8], body: Body
) -> SkinTones:
    """Measure the person's skin. photo, lab and parse share their size."""
    face_mask = parse == Atr.FACE
    # Beards, glasses and the shadow below the chin are darker than the skin.
    face = robust_tone(lab, _shrink(face_mask), between=(45, 95))
    own = [_limb_tone(lab, parse == limb.label, face, body) for limb in body.limbs]
    arms = [t for t in own[:2] if t is not None and (face is None or _looks_like(t, face))]
    skin_legs = [t for t in own[2:] if t is not None and (face is None or _looks_like(t, face))]
    if face is None:
        face = arms[0] if arms else skin_legs[0] if skin_legs else FALLBACK_TONE
    known: list[NDArray[np.float32] | None] = []
    for k, tone in enumerate(own):
        if k < 2 and tone is not None and _looks_like(tone, face):
            known.append(_blend(tone, face, _own_share(parse, body, k)))
        elif k >= 2 and tone is not None:
            known.append(_blend(tone, _twin(own[2:], tone), LEG_SAYS))
        else:
            known.append(None)
    limbs = []
    for k, seen in enumerate(known):
        same = [t for t in (known[:2] if k < 2 else known[2:]) if t is not None]
        other = skin_legs if k < 2 else arms
        guess = same[0] if same else _blend(other[0], face, LEG_SAYS) if other else face
        # Skin in the sun burns out; what is under a sleeve is painted as skin.
        limbs.append(seen if seen is not None else np.minimum(guess, (BRIGHTEST, 127, 127)))
    # Neck and shoulders lie between face and arms, in tone too.
    neck = 0.6 * face + 0.4 * np.mean(limbs[:2], axis=0) if arms else face
    return SkinTones(
        neck.astype(np.float32),
        np.array(limbs, np.float32),
        _light_from(lab, face_mask),
        grain_of(photo),
    )


def _shrink(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)


def skin_like(
    photo: NDArray[np.uint8], mask: NDArray[np.bool_], tone: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """The pixels of a skin label that can be trusted: inside its edge and near the tone.

    Labels of skin also hold gloves, bracelets, collars and deep shadow.
    """
    inner = _shrink(mask)
    result = np.zeros_like(inner)
    if not inner.any():
        return result
    values = cv2.cvtColor(photo[inner][None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    near = np.hypot(values[:, 1] - tone[1], values[:, 2] - tone[2]) < 11
    result[inner] = near & (np.abs(values[:, 0] - tone[0]) < 26)
    return result


def out_of_shadow(
    skin: NDArray[np.bool_], parse: NDArray[np.uint8], metre: float
) -> NDArray[np.bool_]:
    """The skin (H, W) that no cuff or collar shades, if there is enough of it."""
    side = 2 * max(1, round(CAST * metre)) + 1
    clothes = np.isin(parse, CLOTHES).astype(np.uint8)
    clear = skin & (cv2.dilate(clothes, np.ones((side, side), np.uint8)) == 0)
    return clear if int(clear.sum()) > 40 else skin


def _light_from(lab: FloatImage, face: NDArray[np.bool_]) -> float:
    """Which side the light comes from, by comparing the halves of the face."""
    ys, xs = np.nonzero(face)
    if len(xs) < 100:
        return 0.0
    middle = float(np.median(xs))
    lightness = lab[ys, xs, 0]
    right, left = lightness[xs > middle], lightness[xs < middle]
    if not len(left) or not len(right):
        return 0.0
    return float(np.clip((right.mean() - left.mean()) / lightness.mean() * 1.5, -0.6, 0.6))


def round_shading(across: FloatImage, light: float) -> FloatImage:
    """Brightness of a round limb lit from the front and a side; about 1 on average."""
    side = np.clip(across, -1.0, 1.0)
    front = np.sqrt(np.maximum(1.0 - side * side, 0.0))
    return real(0.70 + 0.36 * front + 0.30 * light * side)


def slow_noise(shape: tuple[int, int], size: float, rng: np.random.Generator) -> FloatImage:
    """Smooth noise with unit deviation whose features are about ``size`` pixels."""
    small = (max(int(shape[0] / size), 2), max(int(shape[1] / size), 2))
    noise = rng.standard_normal(small).astype(np.float32)
    return real(cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def uneven(shape: tuple[int, int], radius: float, rng: np.random.Generator) -> FloatImage:
    """Skin is nowhere of one colour: factors (H, W, 3) near 1; radius: of the limb, pixels."""
    bright = np.ones(shape, np.float32)
    for size, strength in BLOTCH:
        bright += strength * slow_noise(shape, max(size * radius, 2.0), rng)
    flush = FLUSH * slow_noise(shape, max(0.7 * radius, 3.0), rng)
    return real(np.dstack([bright + 0.4 * flush, bright - 0.6 * flush, bright - 0.4 * flush]))


def grain(shape: tuple[int, int], deviation: float, rng: np.random.Generator) -> FloatImage:
    """Photographic noise, slightly soft like a camera's: (H, W, 1) grey levels."""
    noise = rng.standard_normal(shape).astype(np.float32)
    return (cv2.GaussianBlur(noise, (0, 0), 0.6)[..., None] * (deviation * 1.9)).astype(np.float32)


def shaded(tone: NDArray[np.float32], shading: FloatImage) -> FloatImage:
    """Colour a region: tone (3,) or (H, W, 3) RGB times a brightness (H, W), warm in shadow."""
    return np.asarray(
        tone * np.power(np.maximum(shading, 0.05)[..., None], SHADOW_TINT), np.float32
    )


def paint_limb(
    photo: NDArray[np.uint8],
    parse: NDArray[np.uint8],
    body: Body,
    which: int,
    tones: SkinTones,
    rng: np.random.Generator,
) -> tuple[FloatImage, FloatImage]:
    """A bare limb: colour (H, W, 3) 0..255 and alpha (H, W) 0..1, the photo's size.

    which: the limb's place in ``Body.limbs``. Near the limb's visible skin the paint takes over
    its colour, so that no seam shows.
    """
    limb, field, tone = body.limbs[which], body.fields[which], tones.limbs[which]
    alpha = field.alpha
    colour = np.zeros((*alpha.shape, 3), np.float32)
    if not alpha.any():
        return colour, alpha
    ys, xs = np.nonzero(alpha)
    here = (slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1))
    radius = max(r for _, r in limb.knots)
    shape = (here[0].stop - here[0].start, here[1].stop - here[1].start)
    flat = np.broadcast_to(lab_to_rgb(tone), (*shape, 3)).astype(np.float32)
    visible = skin_like(photo[here], parse[here] == limb.label, tone)
    visible = out_of_shadow(visible, parse[here], body.metre)
    shading = round_shading(field.across[here], tones.light)
    if which < 2:  # shoulders are of one piece with the skin above the chest
        high = np.clip(1.0 - field.along[here] / SHOULDER, 0.0, 1.0)
        flat = flat + (lab_to_rgb(tones.neck) - flat) * high[..., None]
        shading = 1.0 + (shading - 1.0) * (1.0 - 0.5 * high)
    if int(visible.sum()) > 40:
        own = spread(photo[here], visible, max(radius * 0.3, 1.0))
        away = cv2.distanceTransform((~visible).astype(np.uint8), cv2.DIST_L2, 3)
        near = np.exp(-away / (BAND * radius)).astype(np.float32)
        flat = own * near[..., None] + flat * (1 - near[..., None])
        shading = 1.0 + (shading - 1.0) * (1.0 - 0.6 * near)
    painted = shaded(flat, shading) * uneven(shape, radius, rng) + grain(shape, tones.grain, rng)
    colour[here] = np.clip(painted, 0, 255)
    return colour, alpha
