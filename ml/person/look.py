"""Look at a photo of a person: a glance at all of it, then closely at where the person is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ml.errors import NoPerson
from ml.images import RGB
from ml.person import joints, labels, measures, stance
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.person.store import keypoints_from_list, keypoints_to_list
from ml.person.version import CANVAS, version

if TYPE_CHECKING:
    from ml.person.forward import Box, Seen

VERSION = version()
Facing = Literal["front", "side", "back"]

#: Beyond this share of doubt there is nobody, unless a skeleton is this clear all the same: the
#: network's count overlooks the small (whose joints reach 0.7 to 0.85; clothes' reach 0.65).
NOBODY, CLEAR = 0.5, 0.7
#: The person covers at least this share of the part of the photo that was looked at closely.
LEAST = 0.004
#: Kept around the person in the close look, as a share of their height.
MARGIN = 0.08
#: Somebody else as large and as sure as this share of the person could be meant as well;
#: passers-by are smaller or hidden.
ALIKE = 0.7
#: Beyond these shares the network counts several people, or sees a back.
SEVERAL, BACK = 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    people: how many are as large as the person, 1 or 2 (and more). facing: the person's side.
    nobody, several, back: how sure the network is of that, 0..1.
    """

    annotation: PersonAnnotation
    people: int
    facing: Facing
    nobody: float
    several: float
    back: float


def look_at(photo: RGB) -> Look:
    """Annotate the photo's most prominent person; all in pixels of ``photo``, (H, W, 3) sRGB.

    Raises NoPerson.
    """
    from ml.person.forward import show  # loads torch

    size = photo.shape[:2]
    glance = show(photo, canvas=_canvas(size))
    people = _people(glance)
    if not people and size[0] * size[1] > 2 * CANVAS[0] * CANVAS[1]:
        glance = show(photo, canvas=_canvas(size, 2))  # somebody small?
        people = _people(glance)
    if not people:
        raise NoPerson("nobody was found in the photo")
    box = _box(glance, people[0], size)
    # Twice, once mirrored: half a point of mIoU for 50 ms, and sides agree better.
    close = show(photo, box, mirror=True)
    skeletons = sorted(_skeletons(close), key=lambda other: _gap(people[0], other))
    points, *others = (_in_cells(close, one) for one in skeletons)
    tidy = labels.tidy(close.parse, points, others)
    points = skeletons[0]
    parse = labels.enlarge(tidy, close, size)
    if float((parse != Atr.BACKGROUND).mean()) < LEAST * _share(close.box, size):
        raise NoPerson("nobody was found in the photo")
    points = stance.with_hidden(points, parse)
    # As files keep them, so that an annotation read back dresses to the same pixel.
    keypoints = keypoints_from_list(keypoints_to_list(points.astype(np.float32)))
    annotation = PersonAnnotation(parse, keypoints, VERSION)
    several, back = float(glance.people[2]), float(close.facing[1])
    behind = back >= BACK or measures.hair_over_face(photo, annotation)
    return Look(
        annotation=annotation,
        people=2 if several > SEVERAL else _comparable(people),
        facing="back" if behind else facing_of(points),
        nobody=float(min(glance.people[0], close.people[0])),
        several=several,
        back=back,
    )


def _people(glance: Seen) -> list[NDArray[np.float64]]:
    """The skeletons of whom the glance shows, the most prominent first; none where nobody is."""
    if not glance.parse.argmax(0).any():
        return []
    people = _skeletons(glance)
    if float(glance.people[0]) > NOBODY and people[0][:, 2].mean() < CLEAR:
        return []
    return people


def _comparable(people: list[NDArray[np.float64]]) -> int:
    """How many are about as large as the first and as surely there."""
    first = people[0]
    return sum(
        joints.size(other) >= ALIKE * joints.size(first)
        and other[:, 2].mean() >= ALIKE * first[:, 2].mean()
        for other in people
    )


def _gap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Mean distance of the joints that both know."""
    sure = np.minimum(one[:, 2], other[:, 2])
    gaps = np.linalg.norm(one[:, :2] - other[:, :2], axis=1)
    return float((gaps * sure).sum() / max(float(sure.sum()), 1e-6))


def _canvas(size: tuple[int, ...], factor: float = 1.0) -> tuple[int, int]:
    """A canvas of the photo's own shape with as many pixels as the network's, no higher."""
    height, width = size[:2]
    scale = min(np.sqrt(CANVAS[0] * CANVAS[1] / (height * width)), CANVAS[0] / height) * factor
    return max(1, round(height * scale)), max(1, round(width * scale))


def _skeletons(seen: Seen) -> list[NDArray[np.float64]]:
    """(18, 3) joints per person in pixels of the photo."""
    found = joints.skeletons(seen.heat)
    for points in found:
        points[:, :2] = seen.heat_to_photo(points[:, :2])
    return found


def _in_cells(seen: Seen, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same joints in cells of the parse."""
    moved = points.copy()
    moved[:, :2] = seen.photo_to_parse(points[:, :2])
    return moved


def _box(glance: Seen, points: NDArray[np.float64], size: tuple[int, ...]) -> Box:
    """The part of the photo around the person with these joints."""
    cells = _in_cells(glance, points)
    near = labels.NEAR * labels.unit_of(cells, glance.parse)
    found = labels.main_piece(glance.parse.argmax(0), cells, near)
    assert found is not None  # noqa: S101  (the glance shows somebody)
    rows, columns = np.nonzero(found.any(1))[0], np.nonzero(found.any(0))[0]
    corners = np.array([[columns[0] - 0.5, rows[0] - 0.5], [columns[-1] + 0.5, rows[-1] + 0.5]])
    (left, top), (right, bottom) = glance.parse_to_photo(corners)
    for x, y, confidence in points:
        if confidence >= stance.SURE:
            left, right = min(left, x), max(right, x)
            top, bottom = min(top, y), max(bottom, y)
    margin = MARGIN * max(bottom - top, right - left)
    height, width = size[:2]
    return (
        max(round(top - margin), 0),
        max(round(left - margin), 0),
        min(round(bottom + margin) + 1, height),
        min(round(right + margin) + 1, width),
    )


def _share(box: Box, size: tuple[int, ...]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1]) / (size[0] * size[1])


def facing_of(points: NDArray[np.float64]) -> Facing:
    """What the shoulders say; a face (in profile) tells a side from a back."""
    known = points[list(stance.TRUNK), 2] >= stance.SURE
    if not known.all() or stance.turned(points[:, :2]) >= stance.SIDEWAYS:
        return "front"
    return "side" if points[Joint.NOSE, 2] >= stance.SURE else "back"
