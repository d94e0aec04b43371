"""Training samples: a photo moved, cropped, repainted, put elsewhere - with its labels.

Everything random comes from the generator given, so a sample is its seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr, Joint
from ml.person.network import FACING_BACK, FACING_FRONT, PADDING, PARSE_STRIDE
from ml.training.person import paint
from ml.training.person.sources import UNKNOWN, Pool, Source, sample_of

Random = np.random.Generator
SWAPPED_PARSE = np.arange(256, dtype=np.uint8)
for _left, _right in (
    (Atr.LEFT_SHOE, Atr.RIGHT_SHOE),
    (Atr.LEFT_LEG, Atr.RIGHT_LEG),
    (Atr.LEFT_ARM, Atr.RIGHT_ARM),
):
    SWAPPED_PARSE[[_left, _right]] = _right, _left
#: Row of the same joint on the other side.
SWAPPED_JOINTS = np.array([0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16])
_FACE_POINTS = (Joint.NOSE, Joint.R_EYE, Joint.L_EYE)
_HEAD_POINTS = (*_FACE_POINTS, Joint.R_EAR, Joint.L_EAR)
_IN_FRONT = (Atr.LEFT_ARM, Atr.RIGHT_ARM, Atr.HAIR, Atr.BAG, Atr.SCARF)
UNSURE = -1
#: Classes that a photo's tags name if they are there.
_TAGGED = (Atr.UPPER, Atr.SKIRT, Atr.PANTS, Atr.DRESS, Atr.BELT, Atr.SCARF)
#: Share of the picture below which nobody says that a class occurs.
SLIVER = 3e-4


@dataclass(frozen=True, slots=True)
class Mix:
    """How often what happens."""

    tagged: float = 0.2
    dressed: float = 0.3
    pair: float = 0.04
    nobody: float = 0.03
    back: float = 0.03
    backdrop: float = 0.3
    recolour: float = 0.45
    skin: float = 0.25
    hair: float = 0.2
    phone: float = 0.06
    cutout: float = 0.1


@dataclass(slots=True)
class Sample:
    """rgb: (H, W, 3). parse, front: (H/2, W/2), UNKNOWN where not to be learnt from.

    points: (18, 3) x, y in pixels of ``rgb``, weight 0..1; a point outside counts as absent.
    hidden: (18,) joints that must not show a peak although they lie inside.
    kinds: (18,) whether a class occurs, -1 where nobody knows.
    """

    rgb: NDArray[np.uint8]
    parse: NDArray[np.uint8]
    front: NDArray[np.uint8]
    points: NDArray[np.float32]
    hidden: NDArray[np.bool_]
    possible: NDArray[np.bool_]
    kinds: NDArray[np.int8]
    people: int
    facing: int


@dataclass(slots=True)
class _Scene:
    """A person on a canvas while it is being changed; parse has the canvas' size."""

    rgb: NDArray[np.uint8]
    parse: NDArray[np.uint8] | None
    points: NDArray[np.float32]
    possible: NDArray[np.bool_]
    #: The whole person is in the picture.
    whole: bool = True


def make(pool: Pool, shape: tuple[int, int], random: Random, mix: Mix | None = None) -> Sample:
    """One sample of ``shape`` (height, width)."""
    mix = mix or Mix()
    kind = random.random()
    if kind < mix.nobody:
        return _nobody(pool, shape, random)
    if kind < mix.nobody + mix.pair:
        return _pair(pool, shape, random)
    drawn = random.random()
    if pool.tagged and drawn < mix.tagged:
        source = sample_of(pool.tagged, random)
    elif pool.dressed and drawn < mix.tagged + mix.dressed:
        source = sample_of(pool.dressed, random)
    else:
        source = pool.labelled[int(random.choice(len(pool.labelled), p=pool.shares))]
    scene = _place(source, _window(source, shape, random), shape)
    people, facing = 1, FACING_FRONT
    hidden = np.zeros(len(Joint), bool)
    if random.random() < 0.5:
        scene = mirrored(scene)
    if scene.parse is not None and (scene.parse != UNKNOWN).all():
        scene = _repainted(scene, pool, shape, random, mix)
        if random.random() < mix.back:
            turned = _from_behind(scene, random)
            if turned is not None:
                scene, facing = turned, FACING_BACK
                hidden[list(_FACE_POINTS)] = True
    if random.random() < mix.phone:
        scene = _with_phone(scene, random)
    if random.random() < mix.cutout:
        scene.rgb = _cut(scene.rgb, random)
    if not _shows_person(scene, shape):
        facing = UNSURE
        people = UNSURE
    return _finish(scene, random, people, facing, hidden)


def _window(source: Source, shape: tuple[int, int], random: Random) -> NDArray[np.float64]:
    """The affine map from photo to canvas."""
    height, width = shape
    x0, y0, x1, y1 = source.box
    tall, middle = max(y1 - y0, 8.0), (x0 + x1) / 2
    what = random.random()
    if what < 0.62:  # the whole person, as most photos show it
        share = random.uniform(0.68, 1.02)
        centre = (y0 + y1) / 2 + random.normal(0, 0.03) * tall
    elif what < 0.68:  # far away
        share = random.uniform(0.35, 0.68)
        centre = (y0 + y1) / 2 + random.normal(0, 0.1) * tall
    elif what < 0.85:  # from the head to somewhere between waist and knees
        shown = random.uniform(0.4, 0.8)
        share, centre = 1 / (shown + 0.06), y0 + tall * (shown / 2 - 0.03)
    elif what < 0.96:  # without the head: chest or waist to the feet
        shown = random.uniform(0.45, 0.88)
        share, centre = 1 / (shown + 0.04), y1 - tall * (shown / 2 - 0.02)
    else:  # close: head and shoulders
        shown = random.uniform(0.22, 0.4)
        share, centre = 1 / (shown + 0.05), y0 + tall * (shown / 2 - 0.02)
    scale = share * height / tall
    stretch = np.exp(random.normal(0, 0.07))
    if random.random() < 0.15:  # thinner or wider bodies
        stretch *= np.exp(random.uniform(-0.25, 0.3))
    turn = np.deg2rad(random.normal(0, 5 if random.random() < 0.8 else 15))
    slant = random.normal(0, 0.03)
    wide = scale * stretch
    slack = max(0.0, width - (x1 - x0) * wide)
    middle += random.normal(0, 0.12) * width / wide + random.uniform(-0.25, 0.25) * slack / wide
    linear = np.array(
        [[np.cos(turn), -np.sin(turn) + slant], [np.sin(turn), np.cos(turn)]]
    ) @ np.diag([wide, scale])
    shift = np.array([width / 2, height / 2]) - linear @ np.array([middle, centre])
    return np.concatenate([linear, shift[:, None]], 1)


def _place(source: Source, matrix: NDArray[np.float64], shape: tuple[int, int]) -> _Scene:
    size = (shape[1], shape[0])
    rgb = cv2.warpAffine(source.rgb, matrix, size, flags=cv2.INTER_LINEAR, borderValue=PADDING)
    parse = source.parse
    if parse is not None:
        parse = np.asarray(cv2.warpAffine(parse, matrix, size, flags=cv2.INTER_NEAREST), np.uint8)
    points = source.points.copy()
    points[:, :2] = source.points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    x0, y0, x1, y1 = source.box
    corners = np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]]) @ matrix[:, :2].T + matrix[:, 2]
    slack = 0.03 * shape[0]
    whole = bool((corners > -slack).all() and (corners < np.array(size) + slack).all())
    return _Scene(np.asarray(rgb, np.uint8), parse, points, source.possible, whole)


def mirrored(scene: _Scene) -> _Scene:
    """Seen in a mirror: left becomes right, in the picture and in every label."""
    points = scene.points[SWAPPED_JOINTS]
    points[:, 0] = scene.rgb.shape[1] - 1 - points[:, 0]
    parse = None if scene.parse is None else SWAPPED_PARSE[scene.parse[:, ::-1]]
    rgb = np.ascontiguousarray(scene.rgb[:, ::-1])
    return _Scene(rgb, parse, points, scene.possible, scene.whole)


def _repainted(
    scene: _Scene, pool: Pool, shape: tuple[int, int], random: Random, mix: Mix
) -> _Scene:
    parse = _label(scene)
    if random.random() < mix.backdrop:
        person = parse != Atr.BACKGROUND
        scene.rgb = _before(scene.rgb, person, backdrop(pool, shape, random), random)
    if random.random() < mix.recolour:
        shown = [label for label in paint.CLOTHES if (parse == label).any()]
        for label in random.permutation(shown)[: int(random.integers(1, 4))]:
            same = (Atr.LEFT_SHOE, Atr.RIGHT_SHOE)
            labels = same if label in same else (int(label),)
            scene.rgb = paint.recolour(scene.rgb, paint.within(parse, labels), random)
    if random.random() < mix.skin:
        scene.rgb = paint.retone_skin(scene.rgb, paint.within(parse, paint.SKIN), random)
    if random.random() < mix.hair:
        scene.rgb = paint.dye_hair(scene.rgb, parse == Atr.HAIR, random)
    return scene


def backdrop(pool: Pool, shape: tuple[int, int], random: Random) -> NDArray[np.uint8]:
    """A scene without anybody."""
    what = random.random()
    if what < 0.6 or not (pool.rooms or pool.labelled):
        return paint.studio(shape, random)
    if what < 0.68:
        return paint.texture(shape, random)
    if what < 0.82 and pool.rooms:
        return _filled(pool.rooms[int(random.integers(len(pool.rooms)))], shape, random)
    return street(pool, shape, random)


def street(pool: Pool, shape: tuple[int, int], random: Random) -> NDArray[np.uint8]:
    """The part of a photo beside its person."""
    for _ in range(4):
        source = sample_of(pool.labelled, random)
        x0, _y0, x1, _y1 = source.box
        left, right = int(x0) - 3, source.rgb.shape[1] - int(x1) - 3
        strip = source.rgb[:, :left] if left >= right else source.rgb[:, -right:]
        if max(left, right) > 0.15 * source.rgb.shape[1]:
            return _filled(np.concatenate([strip, strip[:, ::-1]], 1), shape, random)
    return paint.texture(shape, random)


def _filled(rgb: NDArray[np.uint8], shape: tuple[int, int], random: Random) -> NDArray[np.uint8]:
    """A random part of ``rgb`` that covers ``shape``."""
    height, width = shape
    scale = max(height / rgb.shape[0], width / rgb.shape[1]) * random.uniform(1, 1.4)
    size = (max(width, round(rgb.shape[1] * scale)), max(height, round(rgb.shape[0] * scale)))
    large = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    y = int(random.integers(large.shape[0] - height + 1))
    x = int(random.integers(large.shape[1] - width + 1))
    return large[y : y + height, x : x + width]


def _before(
    rgb: NDArray[np.uint8],
    person: NDArray[np.bool_],
    behind: NDArray[np.uint8],
    random: Random,
) -> NDArray[np.uint8]:
    """The person in front of another scene, with a shadow now and then."""
    scene = behind.astype(np.float32)
    if random.random() < 0.4:
        shift = random.normal(0, 0.04, 2) * rgb.shape[0]
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        shade = cv2.warpAffine(person.astype(np.float32), matrix, person.shape[::-1])
        shade = cv2.blur(shade, (15, 15))[..., None]
        scene = scene * (1 - shade * random.uniform(0.1, 0.5))
    if random.random() < 0.5:  # the rim of old background that the labels include
        person = cv2.erode(person.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    soft = cv2.blur(person.astype(np.float32), (3, 3))[..., None]
    return np.asarray(scene * (1 - soft) + rgb * soft, np.uint8)


def _from_behind(scene: _Scene, random: Random) -> _Scene | None:
    """The face grown over with hair: what was left is now right. None where no face shows."""
    parse = _label(scene)
    nose, neck = scene.points[Joint.NOSE], scene.points[Joint.NECK]
    chin = nose[1] + 0.5 * (neck[1] - nose[1])
    above = np.arange(parse.shape[0])[:, None] < chin
    face = paint.within(parse, (Atr.FACE, Atr.SUNGLASSES)) & above
    hair = parse == Atr.HAIR
    if min(nose[2], neck[2]) < 0.5 or face.sum() < 30 or hair.sum() < 30:
        return None
    mean, spread = scene.rgb[hair].mean(0), scene.rgb[hair].std(0)
    streaks = random.normal(0, 1, (1, parse.shape[1], 1)) + random.normal(0, 0.4, (*parse.shape, 1))
    strands = cv2.blur(streaks.astype(np.float32), (2, 5))[..., None] * spread + mean
    grown = face | (hair & above)
    rgb = paint.blend(scene.rgb, strands.astype(np.float32), grown)
    parse = parse.copy()
    parse[face] = Atr.HAIR
    points = scene.points[SWAPPED_JOINTS].copy()
    points[list(_HEAD_POINTS), 2] *= 0.3
    return _Scene(rgb, SWAPPED_PARSE[parse], points, scene.possible)


def _with_phone(scene: _Scene, random: Random) -> _Scene:
    """A phone held before face or chest, as in a mirror: a dark plate and some fingers."""
    nose, neck = scene.points[Joint.NOSE], scene.points[Joint.NECK]
    size = float(np.hypot(*(nose[:2] - neck[:2])))
    if min(nose[2], neck[2]) < 0.5 or size < 6:
        return scene
    between = random.uniform(-0.3, 2.0)
    centre = nose[:2] + between * (neck[:2] - nose[:2]) + random.normal(0, 0.5, 2) * size
    across, down = random.uniform(0.55, 0.8) * size, random.uniform(1.0, 1.5) * size
    turn = float(random.normal(0, 12)) + (90 if random.random() < 0.15 else 0)
    plate = np.zeros(scene.rgb.shape[:2], np.uint8)
    box = cv2.boxPoints(((float(centre[0]), float(centre[1])), (across, down), turn))
    cv2.fillPoly(plate, [box.astype(np.int32)], 1)
    colour = np.full(3, random.choice((15, 30, 60, 200, 235))) + random.normal(0, 8, 3)
    parse = scene.parse
    hand = np.zeros_like(plate)
    if parse is not None and (parse == Atr.FACE).sum() > 20:
        right = (centre[0] < neck[0]) == (
            scene.points[Joint.R_SHOULDER, 0] < scene.points[Joint.L_SHOULDER, 0]
        )
        side = -1 if centre[0] < neck[0] else 1
        for finger in range(4):
            place = centre + np.array([side * across * 0.45, (finger - 0.5) * 0.2 * size])
            cv2.ellipse(
                hand,
                (int(place[0]), int(place[1])),
                (max(2, int(0.3 * size)), max(1, int(0.11 * size))),
                turn, 0, 360, 1, -1,
            )  # fmt: skip
        skin = np.median(scene.rgb[parse == Atr.FACE], 0) * np.exp(random.normal(0, 0.06))
        parse = parse.copy()
        parse[plate > 0] = Atr.BACKGROUND
        parse[hand > 0] = Atr.RIGHT_ARM if right else Atr.LEFT_ARM
    elif parse is not None:
        parse = parse.copy()
        parse[plate > 0] = UNKNOWN
    rgb = paint.blend(scene.rgb, np.full(scene.rgb.shape, colour, np.float32), plate > 0)
    if hand.any():
        rgb = paint.blend(rgb, np.full(rgb.shape, skin, np.float32), hand > 0)
    return _Scene(rgb, parse, scene.points, scene.possible, scene.whole)


def _label(scene: _Scene) -> NDArray[np.uint8]:
    if scene.parse is None:
        raise ValueError("only labelled photos can be repainted")
    return scene.parse


def _cut(rgb: NDArray[np.uint8], random: Random) -> NDArray[np.uint8]:
    """Something unknown hides a small part; the labels stay."""
    height, width = rgb.shape[:2]
    tall, wide = (random.uniform(0.05, 0.16, 2) * height).astype(int)
    y, x = int(random.integers(height - tall)), int(random.integers(max(1, width - wide)))
    rgb = rgb.copy()
    rgb[y : y + tall, x : x + wide] = random.integers(0, 256, 3)
    return rgb


def _shows_person(scene: _Scene, shape: tuple[int, int]) -> bool:
    inside = _inside(scene.points, shape) & (scene.points[:, 2] > 0.3)
    return bool(inside.sum() >= 4)


def _inside(points: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.bool_]:
    xs, ys = points[:, 0], points[:, 1]
    return np.asarray((xs >= 0) & (ys >= 0) & (xs < shape[1]) & (ys < shape[0]))


def _nobody(pool: Pool, shape: tuple[int, int], random: Random) -> Sample:
    if pool.rooms and random.random() < 0.6:
        rgb = _filled(pool.rooms[int(random.integers(len(pool.rooms)))], shape, random)
    else:
        rgb = backdrop(pool, shape, random)
    scene = _Scene(
        rgb,
        np.zeros(shape, np.uint8),
        np.concatenate([np.full((18, 2), -1e4), np.ones((18, 1))], 1).astype(np.float32),
        np.ones(len(Atr), bool),
    )
    return _finish(scene, random, 0, UNSURE, np.zeros(len(Joint), bool))


def _pair(pool: Pool, shape: tuple[int, int], random: Random) -> Sample:
    """Two people side by side; whose joints are meant is open, so no joints are learnt."""
    height, width = shape
    scenes = []
    apart = random.uniform(0.2, 0.27) * width
    for side in (-1, 1):
        source = sample_of(pool.labelled, random)
        x0, y0, x1, y1 = source.box
        scale = random.uniform(0.6, 0.95) * height / max(y1 - y0, 8)
        across = min(scale * np.exp(random.normal(0, 0.07)), 0.62 * width / max(x1 - x0, 8))
        if across < 0.75 * scale:
            scale = across / 0.75
        linear = np.diag([across, scale])
        target = np.array([width / 2 + side * apart, height * random.uniform(0.5, 0.54)])
        shift = target - linear @ np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        scene = _place(source, np.concatenate([linear, shift[:, None]], 1), shape)
        scenes.append(scene)
    first, second = scenes
    if first.parse is None or second.parse is None:
        raise ValueError("pairs are made of labelled photos")
    if random.random() < 0.6:
        behind = backdrop(pool, shape, random)
        first.rgb = _before(first.rgb, first.parse != Atr.BACKGROUND, behind, random)
    person = second.parse != Atr.BACKGROUND
    first.rgb = _before(second.rgb, person, first.rgb, random)
    first.parse = np.where(person, second.parse, first.parse)
    first.points[:, 2] = 0
    first.possible = first.possible | second.possible
    if random.random() < 0.5:
        first = mirrored(first)
    return _finish(first, random, 2, FACING_FRONT, np.zeros(len(Joint), bool))


def _finish(
    scene: _Scene, random: Random, people: int, facing: int, hidden: NDArray[np.bool_]
) -> Sample:
    shape = scene.rgb.shape[:2]
    step = PARSE_STRIDE
    small = (shape[0] // step, shape[1] // step)
    if scene.parse is None:
        parse = np.full(small, UNKNOWN, np.uint8)
        front = parse
    else:
        y, x = random.integers(0, step, 2)
        parse = np.ascontiguousarray(scene.parse[y::step, x::step])
        front = _in_front(parse, scene.points)
    return Sample(
        rgb=paint.camera(scene.rgb, random),
        parse=parse,
        front=front,
        points=scene.points.astype(np.float32),
        hidden=hidden,
        possible=scene.possible,
        kinds=_kinds(scene, parse),
        people=people,
        facing=facing,
    )


def _kinds(scene: _Scene, parse: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Which classes occur: by the labels, else by the tags, which name garments alone."""
    if scene.parse is None:
        kinds = np.full(len(Atr), -1, np.int8)
        if scene.possible.all():  # nobody tagged it
            return kinds
        kinds[~scene.possible] = 0
        if scene.whole:
            kinds[[label for label in _TAGGED if scene.possible[label]]] = 1
        return kinds
    count = np.bincount(parse.reshape(-1), minlength=256)[: len(Atr)]
    kinds = (count > 0).astype(np.int8)
    # A sliver at the frame is neither there nor absent.
    kinds[(count > 0) & (count < SLIVER * parse.size)] = -1
    return kinds


def _in_front(parse: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """1 where arms, hair, bag or scarf cover the torso, UNKNOWN where the torso is not known."""
    corners = points[[Joint.R_SHOULDER, Joint.L_SHOULDER, Joint.L_HIP, Joint.R_HIP]]
    if corners[:, 2].min() < 0.3:
        if (parse == Atr.BACKGROUND).all():
            return np.zeros_like(parse)
        return np.full_like(parse, UNKNOWN)
    if corners[0, 0] < -1e3:
        return np.zeros_like(parse)
    xy = corners[:, :2] / PARSE_STRIDE
    centre = xy.mean(0)
    wide = centre + (xy - centre) * (1.12, 1.1)
    torso = np.zeros_like(parse)
    cv2.fillConvexPoly(torso, cv2.convexHull(wide.astype(np.float32)).astype(np.int32), 1)
    front = (torso > 0) & paint.within(parse, _IN_FRONT)
    return np.where(parse == UNKNOWN, UNKNOWN, front).astype(np.uint8)
