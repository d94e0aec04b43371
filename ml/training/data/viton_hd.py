"""Folders in the layout of VITON-HD: people with parse and pose, garments with masks, pairs.

    ROOT/[train/ or test/]
        image/NAME.jpg                      photos of people
        image-parse*/NAME.png               20 classes (LIP or CIHP), palette, grey or coloured PNG
        openpose_json/NAME_keypoints.json   OpenPose, 25 or 18 points
        image-densepose/NAME.*              optional
        cloth/NAME.jpg, cloth-mask/NAME.*   garments
    ROOT/*_pairs.txt                        lines "PERSON.jpg GARMENT.jpg"

Choi et al., VITON-HD, CVPR 2021. What is read becomes our 18 classes and 18 joints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import BadAnnotation
from ml.images import LIMITS
from ml.person.annotation import Atr, Joint, PersonAnnotation

VERSION = "viton-hd"
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
#: Why an item has no annotation.
NO_PARSE, BAD_PARSE = "no_parse", "bad_parse"
NO_KEYPOINTS, BAD_KEYPOINTS = "no_keypoints", "bad_keypoints"
NOBODY, SIZES_DIFFER, BAD_PHOTO = "nobody", "sizes_differ", "bad_photo"

GLOVE, SOCKS, SKIN_OR_JUMPSUIT = 3, 8, 10
#: LIP and CIHP label -> ours. They share the order except for 10, which LIP calls jumpsuits and
#: CIHP (the one VITON-HD was parsed with) torso skin; gloves and socks go to the nearest limb.
ATR_OF: Mapping[int, Atr] = {
    0: Atr.BACKGROUND,
    1: Atr.HAT,
    2: Atr.HAIR,
    GLOVE: Atr.LEFT_ARM,
    4: Atr.SUNGLASSES,
    5: Atr.UPPER,
    6: Atr.DRESS,
    7: Atr.UPPER,  # coat
    SOCKS: Atr.LEFT_LEG,
    9: Atr.PANTS,
    SKIN_OR_JUMPSUIT: Atr.FACE,
    11: Atr.SCARF,
    12: Atr.SKIRT,
    13: Atr.FACE,
    14: Atr.LEFT_ARM,
    15: Atr.RIGHT_ARM,
    16: Atr.LEFT_LEG,
    17: Atr.RIGHT_LEG,
    18: Atr.LEFT_SHOE,
    19: Atr.RIGHT_SHOE,
}
#: The colours in which CIHP and LIP parses are usually stored, by label.
COLOURS = np.array(
    [
        (0, 0, 0), (128, 0, 0), (255, 0, 0), (0, 85, 0), (170, 0, 51), (255, 85, 0), (0, 0, 85),
        (0, 119, 221), (85, 85, 0), (0, 85, 85), (85, 51, 0), (52, 86, 128), (0, 128, 0),
        (0, 0, 255), (51, 170, 221), (0, 255, 255), (85, 255, 170), (170, 255, 85), (255, 255, 0),
        (255, 170, 0),
    ],
    np.int32,
)  # fmt: skip
#: Row of OpenPose's 25 points for each of our joints (8 is the middle of the hips, 19.. the feet).
BODY_25 = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
#: Coloured parses must be this close to a label's colour (some copies say 254 for 255).
_COLOUR_SLACK = 4
#: A parse with less upper clothes than this share of label 10 shows a jumpsuit.
_JUMPSUIT = 0.15
_MIN_PERSON = 0.005


@dataclass(frozen=True, slots=True)
class VitonItem:
    """One photo of a person. Either annotation is there, or reason says why not (one of the
    codes above) and detail says it for people, in English."""

    name: str
    photo: Path
    annotation: PersonAnnotation | None = None
    densepose: Path | None = None
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class VitonCloth:
    """One photo of a garment, and its mask where there is one."""

    name: str
    photo: Path
    mask: Path | None = None


class _Lacking(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def read_items(folder: Path | str) -> Iterator[VitonItem]:
    """The people of a folder (and of its ``train/`` and ``test/``), by name, one at a time.

    Nothing that is wrong with one photo stops the others. Raises BadAnnotation where the folder
    is none of this kind.
    """
    for part in _parts(Path(folder), "image"):
        parses, poses = _parse_folder(part), _pose_folder(part)
        densepose = _first_folder(part, ("image-densepose", "densepose"))
        for photo in _pictures(part / "image"):
            dense = _beside(densepose, photo.stem)
            try:
                annotation = _annotation(photo, parses, poses)
            except _Lacking as lack:
                yield VitonItem(
                    photo.stem, photo, densepose=dense, reason=lack.reason, detail=str(lack)
                )
            else:
                yield VitonItem(photo.stem, photo, annotation, densepose=dense)


def read_cloths(folder: Path | str) -> Iterator[VitonCloth]:
    """The garments of a folder, by name. Raises BadAnnotation where it has no ``cloth/``."""
    for part in _parts(Path(folder), "cloth"):
        masks = _first_folder(part, ("cloth-mask", "cloth_mask"))
        for photo in _pictures(part / "cloth"):
            yield VitonCloth(photo.stem, photo, _beside(masks, photo.stem))


def read_pairs(path: Path | str) -> list[tuple[str, str]]:
    """(person, garment) names without suffix. Raises BadAnnotation naming the bad line."""
    path = Path(path)
    pairs = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if len(words) < 2:
            raise BadAnnotation(f"{path} line {number}: two names are needed")
        pairs.append((Path(words[0]).stem, Path(words[1]).stem))
    return pairs


def to_atr(labels: NDArray[np.uint8], keypoints: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W) of the 20 labels -> (H, W) of :class:`Atr`.

    keypoints: (18, 3), tell gloves and socks left from right. Raises BadAnnotation for labels
    above 19.
    """
    if labels.size and int(labels.max()) > max(ATR_OF):
        raise BadAnnotation(f"the parse has label {int(labels.max())}, the highest is 19")
    table = np.array([ATR_OF[label] for label in range(len(ATR_OF))], np.uint8)
    parse: NDArray[np.uint8] = table[labels]
    upper = np.isin(labels, (5, 6, 7)).sum()
    if upper < _JUMPSUIT * int((labels == SKIN_OR_JUMPSUIT).sum()):
        parse[labels == SKIN_OR_JUMPSUIT] = Atr.DRESS
    for label, left, right, joints in (
        (GLOVE, (14,), (15,), (Joint.L_WRIST, Joint.R_WRIST)),
        (SOCKS, (16, 18), (17, 19), (Joint.L_ANKLE, Joint.R_ANKLE)),
    ):
        where = labels == label
        if where.any():
            sides = [
                _distance(np.isin(labels, seeds), keypoints[joint])
                for seeds, joint in zip((left, right), joints, strict=True)
            ]
            count, pieces = cv2.connectedComponents(where.astype(np.uint8), connectivity=8)
            for piece in range(1, count):
                inside = pieces == piece
                if sides[1][inside].mean() < sides[0][inside].mean():
                    parse[inside] = ATR_OF[right[0]]
    return parse


def keypoints_of(points: object) -> NDArray[np.float32]:
    """(18, 3) float32 in the order of :class:`Joint` from OpenPose's flat list of 25 or 18
    triples. Raises BadAnnotation."""
    try:
        values = np.asarray(points, np.float32).reshape(-1, 3)
    except (TypeError, ValueError) as error:
        raise BadAnnotation("OpenPose points are x, y, confidence in a row") from error
    if len(values) not in (25, 18) or not np.isfinite(values).all():
        raise BadAnnotation(f"OpenPose gives 25 or 18 points, got {len(values)}")
    if len(values) == 25:
        values = values[list(BODY_25)]
    values = values.copy()
    values[:, 2] = np.clip(values[:, 2], 0, 1)
    return values


def _annotation(photo: Path, parses: Path | None, poses: Path | None) -> PersonAnnotation:
    size = _size(photo)
    parse_path = _beside(parses, photo.stem)
    if parse_path is None:
        raise _Lacking(NO_PARSE, f"no parse for {photo.name}")
    pose_path = None if poses is None else poses / f"{photo.stem}_keypoints.json"
    if pose_path is None or not pose_path.exists():
        raise _Lacking(NO_KEYPOINTS, f"no openpose_json for {photo.name}")
    keypoints = _read_pose(pose_path, size)
    try:
        labels = _fitted(_read_labels(parse_path), size, parse_path)
        parse = to_atr(labels, keypoints)
    except BadAnnotation as error:
        raise _Lacking(BAD_PARSE, f"{parse_path}: {error}") from error
    if float((parse != Atr.BACKGROUND).mean()) < _MIN_PERSON:
        raise _Lacking(NOBODY, f"{parse_path} shows nobody")
    return PersonAnnotation(parse=parse, keypoints=keypoints, version=VERSION)


def _read_pose(path: Path, size: tuple[int, int]) -> NDArray[np.float32]:
    """The points of the person that is told best; the others stand in the background."""
    try:
        entry: Any = json.loads(_text(path))
        people = [keypoints_of(p.get("pose_keypoints_2d", p.get("pose_keypoints")))
                  for p in entry["people"]]  # fmt: skip
    except (BadAnnotation, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _Lacking(BAD_KEYPOINTS, f"{path} is not of OpenPose: {error}") from error
    people = [points for points in people if (points[:, 2] > 0).any()]
    if not people:
        raise _Lacking(NOBODY, f"{path} has no person")
    best = max(people, key=_prominence)
    height, width = size
    known = best[best[:, 2] > 0]
    outside = (known[:, 0] > 1.1 * width) | (known[:, 1] > 1.1 * height)
    if outside.mean() > 0.3:
        raise _Lacking(
            SIZES_DIFFER, f"{path} was made for a larger picture than {width} x {height}"
        )
    return best


def _prominence(points: NDArray[np.float32]) -> float:
    known = points[points[:, 2] > 0]
    return float(known[:, 2].sum() * np.sqrt(np.prod(np.ptp(known[:, :2], axis=0) + 1)))


def _read_labels(path: Path) -> NDArray[np.uint8]:
    """(H, W) labels of a palette, grey or coloured PNG. Raises BadAnnotation."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if image.width * image.height > LIMITS.pixels:
                raise BadAnnotation(f"it claims {image.width} x {image.height} pixels")
            if image.mode in ("P", "L"):
                return np.array(image, np.uint8)
            pixels = np.array(image.convert("RGB"), np.int32)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, BadAnnotation):
            raise
        raise BadAnnotation("it is not a readable PNG") from error
    colours, index = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colours) > 4096:  # a photo, or a picture with smoothed borders
        raise BadAnnotation("its colours are not those of LIP or CIHP labels")
    far = np.abs(colours[:, None] - COLOURS[None]).max(axis=2)
    if (far.min(axis=1) > _COLOUR_SLACK).any():
        raise BadAnnotation("its colours are not those of LIP or CIHP labels")
    names = far.argmin(axis=1).astype(np.uint8)
    return np.asarray(names[index.reshape(pixels.shape[:2])], np.uint8)


def _fitted(labels: NDArray[np.uint8], size: tuple[int, int], path: Path) -> NDArray[np.uint8]:
    """Some copies store the parse smaller than the photo, with the same proportions."""
    height, width = size
    if labels.shape == size:
        return labels
    if abs(labels.shape[1] / labels.shape[0] * height / width - 1) > 0.02:
        raise _Lacking(
            SIZES_DIFFER,
            f"{path} is {labels.shape[1]} x {labels.shape[0]}, the photo {width} x {height}",
        )
    grown = cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(grown, np.uint8)


def _size(photo: Path) -> tuple[int, int]:
    """(height, width) as seen: a turned photo counts as turned."""
    try:
        with Image.open(photo) as image:
            turned = image.getexif().get(0x0112, 1) >= 5
            return (image.width, image.height) if turned else (image.height, image.width)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _Lacking(BAD_PHOTO, f"{photo} cannot be read") from error


def _distance(seeds: NDArray[np.bool_], joint: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels to the nearest seed or, where there are none, to a joint."""
    height, width = seeds.shape
    if seeds.any():
        far = cv2.distanceTransform((~seeds).astype(np.uint8), cv2.DIST_L2, 3)
        return np.asarray(far, np.float32)
    if joint[2] <= 0:
        return np.full((height, width), np.inf, np.float32)
    ys, xs = np.mgrid[:height, :width]
    return np.asarray(np.hypot(xs - joint[0], ys - joint[1]), np.float32)


def _parts(root: Path, inside: str) -> list[Path]:
    parts = [part for part in (root, root / "train", root / "test") if (part / inside).is_dir()]
    if not parts:
        raise BadAnnotation(
            f"{root} has no folder {inside}/ (nor train/{inside}/ or test/{inside}/)"
        )
    return parts


def _parse_folder(part: Path) -> Path | None:
    found = [
        path
        for path in sorted(part.glob("image-parse*"), reverse=True)  # the newest version first
        if path.is_dir() and "agnostic" not in path.name
    ]
    return found[0] if found else None


def _pose_folder(part: Path) -> Path | None:
    for path in sorted(part.glob("openpose*")):
        if path.is_dir() and any(path.glob("*_keypoints.json")):
            return path
    return None


def _first_folder(part: Path, names: tuple[str, ...]) -> Path | None:
    return next((part / name for name in names if (part / name).is_dir()), None)


def _beside(folder: Path | None, stem: str) -> Path | None:
    if folder is None:
        return None
    found = (folder / f"{stem}{suffix}" for suffix in (".png", ".jpg", ".jpeg", ".webp", ".npy"))
    return next((path for path in found if path.exists()), None)


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadAnnotation(f"cannot read {path}") from error
