"""From heat maps to joints: every person's skeleton, the most prominent one first.

Each joint's map has a peak per person in the photo. A skeleton grows from a neck outwards along
the bones; of several peaks it takes the sure one that a bone of its size can reach.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Joint
from ml.person.stance import SHOULDERS, middle

Points = NDArray[np.float64]

#: Lower peaks are noise.
LEAST = 0.08
#: A neck of a person of their own.
ROOT = 0.3
#: Most peaks of one joint that are looked at.
MOST = 8
_TINY = 1e-6
#: Joint, the one that it hangs on, and how far from it it can be in torso lengths.
_BONES = (
    (Joint.R_ELBOW, Joint.R_SHOULDER, 0.65),
    (Joint.L_ELBOW, Joint.L_SHOULDER, 0.65),
    (Joint.R_WRIST, Joint.R_ELBOW, 0.60),
    (Joint.L_WRIST, Joint.L_ELBOW, 0.60),
    (Joint.R_KNEE, Joint.R_HIP, 0.95),
    (Joint.L_KNEE, Joint.L_HIP, 0.95),
    (Joint.R_ANKLE, Joint.R_KNEE, 0.90),
    (Joint.L_ANKLE, Joint.L_KNEE, 0.90),
    (Joint.R_EYE, Joint.NOSE, 0.25),
    (Joint.L_EYE, Joint.NOSE, 0.25),
    (Joint.R_EAR, Joint.NOSE, 0.35),
    (Joint.L_EAR, Joint.NOSE, 0.35),
)
#: From the neck: how far nose, shoulders and hips can be.
_TRUNK = (
    (Joint.NOSE, 0.65),
    (Joint.R_SHOULDER, 0.50),
    (Joint.L_SHOULDER, 0.50),
    (Joint.R_HIP, 1.25),
    (Joint.L_HIP, 1.25),
)
#: Distance of the shoulders, and of nose and neck, in torso lengths, seen from the front.
_SPAN, _HEAD = 0.64, 0.47
#: A peak this much too far away, in torso lengths, is worth 0.6 of its height.
_SPARE = 0.25


def skeletons(heat: NDArray[np.float32]) -> list[Points]:
    """(18, h, w) of 0..1 -> one (18, 3) per person, the most prominent first: x, y in cells and
    the peak's height. Without any neck, one skeleton of every joint's highest peak."""
    found = [_peaks(channel) for channel in heat]
    necks = found[Joint.NECK]
    grown = [_grown(found, neck) for neck in necks[necks[:, 2] >= ROOT]]
    grown.sort(key=prominence, reverse=True)
    people: list[Points] = []
    for one in grown:
        if all(_apart(one, other) for other in people):
            people.append(one)
    return people or [np.stack([peaks[0] for peaks in found])]


def prominence(points: Points) -> float:
    """How large and how sure a skeleton is."""
    return size(points) * float(points[:, 2].mean())


def size(points: Points) -> float:
    """About the torso's length: by shoulders, head and hips, whichever says most."""
    neck = points[Joint.NECK, :2]
    span = np.linalg.norm(points[Joint.L_SHOULDER, :2] - points[Joint.R_SHOULDER, :2]) / _SPAN
    head = np.linalg.norm(points[Joint.NOSE, :2] - neck) / _HEAD
    known = [_TINY]
    if points[list(SHOULDERS), 2].min() >= LEAST:
        known.append(float(span))
    if points[Joint.NOSE, 2] >= LEAST:
        known.append(float(head))
    return max(known)


def _apart(one: Points, other: Points) -> bool:
    """Whether two skeletons are not one person's, found twice."""
    gap = middle(one[:, :2], SHOULDERS) - middle(other[:, :2], SHOULDERS)
    return float(np.linalg.norm(gap)) > 0.4 * max(size(one), size(other))


def _grown(found: list[Points], neck: Points) -> Points:
    points = np.zeros((len(Joint), 3))
    points[Joint.NECK] = neck
    unit = _first_size(found, neck)
    for joint, reach in _TRUNK:
        points[joint] = _nearest(found[joint], neck, reach * unit, unit)
    for joint, root, reach in _BONES:
        points[joint] = _nearest(found[joint], points[root], reach * unit, unit)
    return points


def _first_size(found: list[Points], neck: Points) -> float:
    """The torso's length of the person with this neck, by their shoulders or head."""
    guesses = [_TINY]
    noses = found[Joint.NOSE]
    right, up = noses[:, 0] - neck[0], neck[1] - noses[:, 1]
    nose = _closest(noses[up > np.abs(right)], neck)  # others' heads are beside
    pair = [_closest(found[joint], neck) for joint in SHOULDERS]
    if nose is not None:
        guesses.append(float(np.linalg.norm(nose - neck[:2])) / _HEAD)
    if pair[0] is not None and pair[1] is not None:
        guesses.append(float(np.linalg.norm(pair[0] - pair[1])) / _SPAN)
    return max(guesses)


def _closest(peaks: Points, neck: Points) -> Points | None:
    sure = peaks[peaks[:, 2] >= ROOT]
    if not len(sure):
        return None
    nearest = np.linalg.norm(sure[:, :2] - neck[:2], axis=1).argmin()
    return np.asarray(sure[nearest, :2])


def _nearest(peaks: Points, root: Points, reach: float, unit: float) -> Points:
    """The peak that is worth most: high, and within reach of the joint it hangs on."""
    beyond = np.linalg.norm(peaks[:, :2] - root[:2], axis=1) - reach
    worth = peaks[:, 2] * np.exp(-0.5 * (np.maximum(beyond, 0) / (_SPARE * unit)) ** 2)
    best = int(worth.argmax())
    return np.array([*peaks[best, :2], worth[best]])


def _peaks(channel: NDArray[np.float32]) -> Points:
    """(n, 3) a map's peaks, the highest first, at least one.

    Refined to a fraction of a cell by the parabola through the logarithms of the neighbours,
    which is exact for a Gaussian.
    """
    highest = cv2.dilate(channel, np.ones((5, 5), np.uint8))
    ys, xs = np.nonzero((channel >= highest) & (channel >= LEAST))
    if not len(ys):
        ys, xs = (np.array([i]) for i in np.unravel_index(int(channel.argmax()), channel.shape))
    order = np.argsort(-channel[ys, xs], kind="stable")[:MOST]
    return np.array(
        [_refined(channel, int(x), int(y)) for y, x in zip(ys[order], xs[order], strict=True)]
    )


def _refined(channel: NDArray[np.float32], x: int, y: int) -> tuple[float, float, float]:
    height, width = channel.shape
    dx = _offset(channel[y, x - 1 : x + 2]) if 0 < x < width - 1 else 0.0
    dy = _offset(channel[y - 1 : y + 2, x]) if 0 < y < height - 1 else 0.0
    return x + dx, y + dy, float(channel[y, x])


def _offset(three: NDArray[np.float32]) -> float:
    """Where the parabola through three neighbouring logarithms peaks, -0.5..0.5."""
    before, at, after = np.log(np.maximum(three.astype(float), _TINY))
    bend = before - 2 * at + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < -_TINY else 0.0
