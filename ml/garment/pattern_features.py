"""Numbers that tell patterns of cloth apart: the same for the same picture, no network.

The garment is brought to one size, its shading is taken away band by band, and what remains is
described: strength per scale, directions (structure tensor), repetition (autocorrelation),
colours, the shape and place of what has another colour, and fine texture (local binary patterns).
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.garment.colour import colours, delta_e, to_lab
from ml.garment.shape import CUTS, classify
from ml.images import fit

Floats = NDArray[np.float32]
Bool = NDArray[np.bool_]

#: The garment's area is brought to this, squared.
SIZE = 192
_GROWTH = 1.6
_SCALES = (0.8, 1.6, 3.2, 6.4, 12.8)
_RINGS = (3, 6, 10, 16, 26, 40)
_BLOCKS = 6


def describe(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Floats:
    """(FEATURES,) float32 of a garment. rgb: (H, W, 3) uint8; mask: (H, W) uint8, 255 = garment,
    not empty."""
    lab, inside, box_share = _normalised(rgb, mask)
    inner = _shrunk(inside, 5)
    level = _smooth(lab, inside, 20.0)
    flat = (lab - level) * inside[..., None]
    bands = _bands(lab, inside)
    parts = [
        _strength(bands, inner),
        _directions(flat, inside, inner),
        _repetition(flat, inside),
        _palette(rgb, mask, lab, level, inner),
        _islands(lab, level, inside, inner),
        _texture(lab[..., 0], inner),
        _silhouette(inside, box_share),
    ]
    values = np.concatenate(parts).astype(np.float32)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def _silhouette(inside: Bool, box_share: float) -> Floats:
    """What the outline looks like: jeans have legs, sweaters have sleeves."""
    shape = classify(inside)
    return np.array([box_share, *(shape.cuts[cut] for cut in CUTS)], np.float32)


def _normalised(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> tuple[Floats, Bool, float]:
    """Lab of the garment's box at the common size, its mask, and the share of the box it fills."""
    ys, xs = np.nonzero(mask > 127)
    top, bottom, left, right = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    box, cut = rgb[top:bottom, left:right], mask[top:bottom, left:right]
    scale = min(SIZE / np.sqrt(len(ys)), _GROWTH)
    size = (max(24, round(cut.shape[1] * scale)), max(24, round(cut.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    inside = cv2.resize(cut, size, interpolation=cv2.INTER_AREA) > 127
    inside = np.pad(inside, 4)
    lab = to_lab(np.asarray(cv2.resize(box, size, interpolation=how), np.uint8))
    lab = np.pad(lab, ((4, 4), (4, 4), (0, 0)), mode="edge")
    return np.asarray(lab, np.float32), inside, float((cut > 127).mean())


def _shrunk(inside: Bool, size: int) -> Bool:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * size + 1, 2 * size + 1))
    for _ in range(2):
        smaller = cv2.erode(inside.astype(np.uint8), kernel) > 0
        if smaller.sum() > 0.3 * inside.sum():
            return np.asarray(smaller)
        kernel = np.ones((3, 3), np.uint8)
    return inside


def _smooth(values: Floats, inside: Bool, sigma: float) -> Floats:
    """Blurred without the ground leaking in."""
    weight = inside.astype(np.float32)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)
    shaped = values * (weight[..., None] if values.ndim == 3 else weight)
    total = cv2.GaussianBlur(shaped, (0, 0), sigma)
    share = np.maximum(share, 1e-4)
    return np.asarray(total / (share[..., None] if values.ndim == 3 else share), np.float32)


def _bands(lab: Floats, inside: Bool) -> list[Floats]:
    levels = [lab, *(_smooth(lab, inside, sigma) for sigma in _SCALES)]
    return [fine - coarse for fine, coarse in itertools.pairwise(levels)]


def _strength(bands: list[Floats], inner: Bool) -> Floats:
    """Per scale: how strong lightness and colour vary, how peaked, and which sign prevails."""
    found = []
    for band in bands:
        light, colour = band[..., 0][inner], np.hypot(band[..., 1], band[..., 2])[inner]
        spread = float(np.sqrt((light**2).mean())) + 1e-3
        found += [
            np.log1p(spread),
            np.log1p(float(np.sqrt((colour**2).mean()))),
            float(np.abs(light).mean()) / spread,
            float((light * light * light).mean()) / spread**3,
            float((np.abs(light) > 8).mean()),
            float((colour > 5).mean()),
        ]
    return np.array(found, np.float32)


def _directions(flat: Floats, inside: Bool, inner: Bool) -> Floats:
    """Gradient directions at three scales: twofold (stripes) and fourfold (checks) order, how
    straight things are nearby, and where the main direction points."""
    found = []
    for sigma in (1.0, 2.0, 4.0):
        smooth = cv2.GaussianBlur(flat, (0, 0), sigma)
        gx, gy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
        xx, yy, xy = (gx**2).sum(-1), (gy**2).sum(-1), (gx * gy).sum(-1)
        near = [cv2.GaussianBlur(v * inside, (0, 0), 2.5 * sigma) for v in (xx, yy, xy)]
        trace = near[0] + near[1] + 1e-6
        coherence = np.hypot(near[0] - near[1], 2 * near[2]) / trace
        energy = (xx + yy)[inner]
        strong = energy > np.percentile(energy, 60)
        weight = np.sqrt(energy[strong])
        weight = weight / (float(weight.sum()) + 1e-6)
        angle = 0.5 * np.arctan2(2 * xy[inner][strong], (xx - yy)[inner][strong])
        turns = [n * angle for n in (2, 4, 8)]
        orders = [complex((weight * np.cos(t)).sum(), (weight * np.sin(t)).sum()) for t in turns]
        found += [
            *(abs(order) for order in orders),
            orders[0].real,
            abs(orders[0].imag),
            orders[1].real,
            float((coherence[inner] * energy).sum() / (energy.sum() + 1e-6)),
            float(np.median(coherence[inner])),
            np.log1p(float(np.sqrt(energy.mean()))),
        ]
    return np.array(found, np.float32)


def _repetition(flat: Floats, inside: Bool) -> Floats:
    """Autocorrelation of lightness and of colour: the best repeats and how fast likeness fades."""
    found: list[float] = []
    weight = inside.astype(np.float32)
    height, width = inside.shape
    size = (cv2.getOptimalDFTSize(height + 104), cv2.getOptimalDFTSize(width + 104))
    overlap = _correlated(weight, size)
    for channel in (flat[..., 0], flat[..., 1], flat[..., 2]):
        shaped = np.asarray(channel * weight, np.float32)
        likeness = _correlated(shaped, size) / np.maximum(overlap, 0.15 * overlap.max())
        middle = likeness.shape[0] // 2
        power = float(likeness[middle, middle])
        likeness = likeness / max(power, 0.5)
        y, x = np.mgrid[-middle : middle + 1, -middle : middle + 1]
        radius = np.hypot(x, y)
        for low, high in zip((1.5, *_RINGS[:-1]), _RINGS, strict=True):
            ring = likeness[(radius >= low) & (radius < high)]
            found += [float(ring.mean()), float(ring.max()), float(ring.min())]
        found += _peaks(likeness, x, y, radius)
    return np.array(found, np.float32)


def _correlated(values: Floats, size: tuple[int, int]) -> Floats:
    """Autocorrelation for shifts up to 48 pixels, the unshifted in the middle."""
    spectrum = np.fft.rfft2(values, size)
    full = np.fft.fftshift(np.fft.irfft2(np.abs(spectrum) ** 2, size))
    cy, cx = full.shape[0] // 2, full.shape[1] // 2
    return np.asarray(full[cy - 48 : cy + 49, cx - 48 : cx + 49], np.float32)


def _peaks(
    likeness: Floats, x: NDArray[np.int_], y: NDArray[np.int_], radius: Floats
) -> list[float]:
    """Height and distance of the best repeat, and height of the best one across it."""
    top = cv2.dilate(likeness, np.ones((5, 5))) <= likeness
    top &= (radius > 4) & (radius < 46) & (y >= 0)
    if not top.any():
        return [0.0] * 5
    heights, at = likeness[top], np.stack([x[top], y[top]], axis=1)
    best = int(heights.argmax())
    along = at[best] / np.linalg.norm(at[best])
    cosine = np.abs(at @ along) / np.linalg.norm(at, axis=1)
    across = heights[cosine < 0.6]
    valley = float(likeness[radius < np.linalg.norm(at[best])].min())
    return [
        float(heights[best]),
        float(heights[best]) - valley,
        float(np.linalg.norm(at[best])) / 48,
        float(across.max()) if len(across) else 0.0,
        float((heights > 0.5 * heights[best]).sum()) / 10,
    ]


def _palette(
    rgb: NDArray[np.uint8], mask: NDArray[np.uint8], lab: Floats, level: Floats, inner: Bool
) -> Floats:
    """The main colours, their shares and distances, and how light and colour drift."""
    found = colours(fit(rgb, max_side=240), fit(mask, max_side=240))
    main = np.array(found[0].lab)
    rest = list(found[1:3])
    shares = [colour.share for colour in rest] + [0.0] * (2 - len(rest))
    apart = [float(delta_e(main, np.array(colour.lab))) / 50 for colour in rest]
    apart += [0.0] * (2 - len(rest))
    chroma = float(np.hypot(main[1], main[2]))
    pixels = lab[inner]
    hue = np.arctan2(main[2], main[1])
    low = level[inner]
    return np.array(
        [
            main[0] / 50, main[1] / 30, main[2] / 30, chroma / 40,
            chroma / 40 * np.cos(2 * hue), chroma / 40 * np.sin(2 * hue),
            found[0].share, *shares, *apart, len(found) / 3,
            *(pixels.std(axis=0) / 15), *(low.std(axis=0) / 10),
            float(-main[2] - 0.5 * abs(main[1])) / 20,
            *(np.percentile(pixels[:, 0], (5, 95)) / 50),
            _together(pixels[:, 0], pixels[:, 2]),
        ],
        np.float32,
    )  # fmt: skip


def _together(one: Floats, other: Floats) -> float:
    """Correlation, 0 where one of them hardly varies."""
    if min(float(one.std()), float(other.std())) < 0.2:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _islands(lab: Floats, level: Floats, inside: Bool, inner: Bool) -> Floats:
    """What has another colour than the cloth around: how much, where, in what pieces."""
    main = np.median(lab[inner], axis=0)
    light = lab[..., 0] - 0.6 * (level[..., 0] - main[0]) - main[0]
    colour = np.hypot(lab[..., 1] - main[1], lab[..., 2] - main[2])
    found: list[float] = []
    for other in ((colour > 12) | (np.abs(light) > 22), light > 16, light < -16):
        mark = other & inner
        share = float(mark.sum()) / float(inner.sum())
        found += [share, *_places(mark, inner), *_pieces(mark, float(inner.sum()))]
    return np.array(found, np.float32)


def _places(mark: Bool, inner: Bool) -> list[float]:
    """How evenly marks lie: share of blocks with some, unevenness, and middle against rim."""
    height, width = mark.shape
    size = (_BLOCKS, _BLOCKS)
    area = cv2.resize(inner.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    dense = cv2.resize(mark.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    full = area > 0.35
    if not full.any():
        return [0.0] * 5
    rates = dense[full] / area[full]
    y, x = np.mgrid[:height, :width]
    far = np.hypot((x / width - 0.5) / 0.28, (y / height - 0.42) / 0.3)
    middle, rim = inner & (far < 1), inner & (far >= 1)
    in_middle = float(mark[middle].mean()) if middle.any() else 0.0
    in_rim = float(mark[rim].mean()) if rim.any() else 0.0
    return [
        float((rates > 0.02).mean()),
        float((rates > 0.12).mean()),
        float(rates.std() / (rates.mean() + 0.02)),
        in_middle - in_rim,
        float(np.percentile(rates, 25)),
    ]


def _pieces(mark: Bool, area: float) -> list[float]:
    _count, _labels, stats, centres = cv2.connectedComponentsWithStats(mark.astype(np.uint8))
    sizes = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    big = sizes >= 6
    if not big.any():
        return [0.0] * 8
    sizes, centres, boxes = sizes[big], centres[1:][big], stats[1:][big]
    wide, high = boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]
    fill = sizes / (wide * high)
    longer = np.maximum(wide, high) / np.maximum(np.minimum(wide, high), 1)
    round_ = (fill > 0.6) & (longer < 1.5)
    if len(sizes) > 2:
        apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1)
        apart[np.diag_indices(len(sizes))] = np.inf
        nearest = apart.min(axis=1)
        regular = float(nearest.std() / (nearest.mean() + 1e-6))
    else:
        regular = 2.0
    return [
        np.log1p(float(len(sizes))),
        float(np.log1p(np.median(sizes))),
        float(sizes.std() / (sizes.mean() + 1e-6)),
        float(sizes.max() / sizes.sum()),
        float(sizes.max() / area),
        float((round_ * sizes).sum() / sizes.sum()),
        float(np.log(np.median(longer))),
        regular,
    ]


def _texture(light: Floats, inner: Bool) -> Floats:
    """Local binary patterns at two radii: shares of the nine rotation-invariant uniform kinds
    and of all others. Ojala, Pietikainen and Maenpaa (2002)."""
    found = []
    for radius in (1, 2):
        smooth = cv2.GaussianBlur(light, (0, 0), 0.6 * radius)
        diagonal = round(radius * 0.75) or 1
        # fmt: off
        around = [(0, radius), (diagonal, diagonal), (radius, 0), (diagonal, -diagonal),
                  (0, -radius), (-diagonal, -diagonal), (-radius, 0), (-diagonal, diagonal)]
        # fmt: on
        above = np.stack([np.roll(smooth, shift, (0, 1)) > smooth + 0.4 for shift in around])
        changes = (above != np.roll(above, 1, axis=0)).sum(axis=0)
        kind = np.where(changes <= 2, above.sum(axis=0), 9)[inner]
        found.append(np.bincount(kind, minlength=10) / max(1, len(kind)))
    return np.concatenate(found).astype(np.float32)
