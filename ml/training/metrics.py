"""Figures of parses and poses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ml.person.annotation import Atr, Joint

#: Classes as a shop groups them, for figures comparable with other work on the same photos.
GROUPS: Mapping[str, tuple[Atr, ...]] = {
    "background": (Atr.BACKGROUND,),
    "hair": (Atr.HAIR,),
    "skin": (Atr.FACE, Atr.LEFT_LEG, Atr.RIGHT_LEG, Atr.LEFT_ARM, Atr.RIGHT_ARM),
    "upper-clothes": (Atr.UPPER,),
    "dress": (Atr.DRESS,),
    "pants": (Atr.PANTS,),
    "skirt": (Atr.SKIRT,),
    "shoes": (Atr.LEFT_SHOE, Atr.RIGHT_SHOE),
    "bag": (Atr.BAG,),
}
JOINT_GROUPS: Mapping[str, tuple[Joint, ...]] = {
    "face": (Joint.NOSE, Joint.R_EYE, Joint.L_EYE),
    "shoulders": (Joint.R_SHOULDER, Joint.L_SHOULDER),
    "elbows": (Joint.R_ELBOW, Joint.L_ELBOW),
    "wrists": (Joint.R_WRIST, Joint.L_WRIST),
    "hips": (Joint.R_HIP, Joint.L_HIP),
    "knees": (Joint.R_KNEE, Joint.L_KNEE),
    "ankles": (Joint.R_ANKLE, Joint.L_ANKLE),
}
Counts = NDArray[np.int64]


def confusion(truth: NDArray[np.uint8], found: NDArray[np.uint8], classes: int) -> Counts:
    """(classes, classes) pixel counts, rows = truth; labels beyond ``classes`` are left out."""
    known = truth < classes
    pairs = truth[known].astype(np.int64) * classes + found[known]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def accuracy(counts: Counts) -> float:
    return float(np.trace(counts) / max(counts.sum(), 1))


def ious(counts: Counts) -> NDArray[np.float64]:
    """Intersection over union per class over all photos together; nan where it never occurs."""
    union = counts.sum(0) + counts.sum(1) - np.diag(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts.sum(1) > 0, np.diag(counts) / union, np.nan)


def grouped(counts: Counts, groups: Mapping[str, Sequence[int]] = GROUPS) -> dict[str, float]:
    """IoU per group of classes; classes in no group are errors where a group takes them."""
    result = {}
    for name, members in groups.items():
        rows = list(members)
        both = counts[np.ix_(rows, rows)].sum()
        union = counts[rows].sum() + counts[:, rows].sum() - both
        result[name] = float(both / union) if union else float("nan")
    return result


def torso(points: NDArray[np.float32]) -> float:
    """Length from the neck to the middle of the hips."""
    middle = (points[Joint.R_HIP, :2] + points[Joint.L_HIP, :2]) / 2
    return float(np.hypot(*(points[Joint.NECK, :2] - middle)))


def pck(
    truths: Sequence[NDArray[np.float32]],
    founds: Sequence[NDArray[np.float32]],
    share: float = 0.2,
    least: float = 0.5,
) -> dict[str, float]:
    """Share of joints within ``share`` of the torso, of those with confidence >= ``least``."""
    right, total = np.zeros(len(Joint)), np.zeros(len(Joint))
    for truth, found in zip(truths, founds, strict=True):
        sure = truth[:, 2] >= least
        apart = np.hypot(*(truth[:, :2] - found[:, :2]).T)
        right += sure & (apart <= share * torso(truth))
        total += sure
    return {
        name: float(right[list(rows)].sum() / max(total[list(rows)].sum(), 1))
        for name, rows in JOINT_GROUPS.items()
    }
