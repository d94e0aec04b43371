"""Cut a garment out of its photo: by colour where that is plain, with the network elsewhere.

The light path (:mod:`ml.garment.light`) has the sharper edge wherever colours tell garment and
ground apart; the mask network (:mod:`ml.garment.prior`) knows what garments look like. Both are
asked; a cut must look good and agree with the network. The edge is then sharpened at full size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.errors import NoGarment
from ml.garment.edges import sharpen
from ml.garment.light import SHARE, Look, cuts_by_colour, grab_cut, lab_bytes
from ml.garment.pieces import drop_hook, main_pieces, overlap, resize, tidy
from ml.garment.prior import garment_share
from ml.garment.trust import describe, judge
from ml.images import Picture, fit

Bool = NDArray[np.bool_]

#: Where the garment is looked for (longer side) and where its edge is followed.
SMALL = 256
MEDIUM = 512
#: How far (small pixels) GrabCut may move the network's outline.
_BAND = 14


@dataclass(frozen=True, slots=True)
class Cutout:
    """mask: (H, W) uint8, 255 = fabric, the picture's size. confidence: 0..1."""

    mask: NDArray[np.uint8]
    confidence: float


def cut_out(picture: Picture) -> Cutout:
    """The garment of a photo. Raises NoGarment."""
    if picture.alpha is not None:
        cut = _from_alpha(picture.alpha)
        if cut is not None:
            return cut
    height, width = picture.size
    found, confidence = _find(fit(picture.rgb, max_side=SMALL))
    if not SHARE[0] <= float(found.mean()) <= SHARE[1]:
        raise NoGarment("no garment can be told from its background")
    medium = fit(picture.rgb, max_side=MEDIUM)
    grown = resize(found, medium.shape[:2])
    edge = max(3, round(0.012 * max(medium.shape[:2])))
    followed = grab_cut(lab_bytes(medium), grown, band=edge)
    if overlap(followed, grown) < 0.85:  # the edge ran away: a ground like the garment
        followed = grown
    followed = tidy(drop_hook(followed))
    mask = followed if medium.shape[:2] == (height, width) else sharpen(picture.rgb, followed)
    return Cutout(mask=mask.astype(np.uint8) * 255, confidence=confidence)


def _from_alpha(alpha: NDArray[np.uint8]) -> Cutout | None:
    """A cut-out photo brings its mask; rounded corners and full transparency do not."""
    opaque = alpha > 127
    if not SHARE[0] <= float(opaque.mean()) <= SHARE[1]:
        return None
    mask = main_pieces(opaque)
    return Cutout(mask=mask.astype(np.uint8) * 255, confidence=0.98)


def _find(rgb: NDArray[np.uint8]) -> tuple[Bool, float]:
    """The best of several cuts of a small picture, and the chance that it is right."""
    look = Look.at(rgb)
    share = garment_share(rgb)
    if look.even and not _sure(share):
        raise NoGarment("the photo shows nothing but an even background")
    by_colour = [] if look.even else cuts_by_colour(look)
    by_network = cuts_by_network(look, share)
    best, chance = judge(describe(look, by_colour, by_network, share), len(by_colour))
    return [*by_colour, *by_network][best], chance


def cuts_by_network(look: Look, share: NDArray[np.float32]) -> list[Bool]:
    """What the network sees, and the same with its outline moved to the next colour edge."""
    seen = tidy(share > 0.5)
    return [seen, tidy(grab_cut(look.data, seen, band=_BAND))]


def _sure(share: NDArray[np.float32]) -> bool:
    """The network sees a garment, not just here and there a likely pixel."""
    seen = share > 0.5
    return bool(seen.mean() >= SHARE[0]) and float(share[seen].mean()) > 0.8
