"""How a person stands in a photo: which joints are known and in it, and which way they face.

Engines and photo checks ask here, so that no photo passes the checks and fails for its pose later.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Joint, PersonAnnotation

SURE = 0.2  # below this confidence a joint counts as unknown
#: A joint may lie this share of the longer side outside the photo: hips on its lower edge still
#: say how a top hangs.
SLACK = 0.03
#: Left shoulder beyond right shoulder, towards the image's right, over the torso's length: about
#: 0.64 seen from the front, 0 in profile, negative from behind. Below this nothing can be dressed.
SIDEWAYS = 0.15
#: Shoulders wider than this times the torso's length mean that the torso leans into the photo.
WIDEST = 0.70
SHOULDERS = (Joint.R_SHOULDER, Joint.L_SHOULDER)
HIPS = (Joint.R_HIP, Joint.L_HIP)
KNEES = (Joint.R_KNEE, Joint.L_KNEE)
ANKLES = (Joint.R_ANKLE, Joint.L_ANKLE)
TRUNK = SHOULDERS + HIPS
LEGS = (
    (Joint.R_HIP, Joint.R_KNEE, Joint.R_ANKLE),
    (Joint.L_HIP, Joint.L_KNEE, Joint.L_ANKLE),
)
#: True bone lengths of an adult over the torso's length.
THIGH, SHIN = 0.80, 0.71

Points = NDArray[np.float64]


def sure(person: PersonAnnotation) -> NDArray[np.bool_]:
    """(18,) which joints are known at all."""
    return np.asarray(person.keypoints[:, 2] >= SURE)


def seen(person: PersonAnnotation) -> NDArray[np.bool_]:
    """(18,) which joints are known and inside the photo."""
    height, width = person.parse.shape
    points = person.keypoints[:, :2]
    slack = SLACK * max(height, width)
    inside = (points >= -slack) & (points <= np.array([width, height]) + slack)
    return np.asarray(sure(person) & inside.all(axis=1))


def middle(points: Points, pair: tuple[Joint, Joint]) -> Points:
    """(2,) the point half-way between two joints."""
    return np.asarray((points[pair[0]] + points[pair[1]]) / 2)


def torso_length(points: Points) -> float:
    """Pixels from the middle of the shoulders to the middle of the hips (``unit``, about 51 cm on
    an adult). A torso that leans towards the camera looks short, its shoulders do not."""
    length = float(np.linalg.norm(middle(points, HIPS) - middle(points, SHOULDERS)))
    span = float(np.linalg.norm(points[Joint.L_SHOULDER] - points[Joint.R_SHOULDER]))
    return max(length, span / WIDEST)


def turned(points: Points) -> float:
    """See :data:`SIDEWAYS`."""
    down = middle(points, HIPS) - middle(points, SHOULDERS)
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    across = np.array([down[1], -down[0]])
    shoulders = points[Joint.L_SHOULDER] - points[Joint.R_SHOULDER]
    return float(shoulders @ across) / max(torso_length(points), 1e-6)


def with_hidden(points: Points, parse: NDArray[np.uint8]) -> Points:
    """(18, 3) joints in which knees and ankles that clothes hide are guessed.

    A long skirt hides the knees; they are still there as long as the person goes on below. What
    lies outside the photo stays unknown.
    """
    points = points.copy()
    if not (points[list(TRUNK), 2] >= SURE).all():
        return points
    unit = torso_length(points[:, :2])
    rows = np.nonzero((parse != 0).any(axis=1))[0]
    lowest = float(rows[-1]) if len(rows) else 0.0
    for hip, knee, ankle in LEGS:
        for above, joint, length in ((hip, knee, THIGH), (knee, ankle, SHIN)):
            if points[joint, 2] < SURE <= points[above, 2]:
                guess = points[above, :2] + (0.0, length * unit)
                if guess[1] <= lowest + 0.05 * unit:
                    points[joint] = *guess, SURE
    return points
