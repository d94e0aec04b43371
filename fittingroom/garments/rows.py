"""What is written of a picture's labels into their row, and how a row is read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from fittingroom.garments import pictures
from fittingroom.models import GarmentLabels
from ml import images
from ml.garment import category, colour, pattern
from ml.garment.annotation import Cut, GarmentAnnotation, Landmark, Region

log = structlog.get_logger(__name__)
Status = GarmentLabels.Status

Points = Mapping[str, Landmark]

#: What makes a row as new.
FORGET: Mapping[str, Any] = {
    "status": Status.WAITING,
    "failure": "",
    "kept": False,
    "picture": "",
    "region": "",
    "mask": None,
    "outline": [],
    "landmarks": {},
    "cut": "",
    "category": "",
    "category_group": "",
    "category_share": None,
    "probabilities": {},
    "colours": [],
    "pattern": "",
    "confidence": None,
    "mask_confidence": None,
    "version": "",
    "digest": "",
    "found_mask": None,
    "found_cut": "",
    "found_landmarks": {},
    "cut_asked": "",
    "clicks": [],
    "moved": {},
    "corrected_by": None,
    "corrected_at": None,
    "claim": None,
    "lease_until": None,
    "attempts": 0,
}


def annotation(row: GarmentLabels, picture: images.Picture) -> GarmentAnnotation:
    """A row as the engines take it."""
    mask = pictures.mask_of(bytes(row.mask or b""))
    return GarmentAnnotation(
        mask=fitted(mask, picture),
        region=Region(row.region),
        cut=Cut(row.cut),
        landmarks=points(row.landmarks),
        confidence=1.0 if row.kept else row.confidence or 0.0,
        mask_confidence=1.0 if row.kept else row.mask_confidence or 0.0,
        version=row.version,
    )


def fitted(mask: NDArray[np.uint8], picture: images.Picture) -> NDArray[np.uint8]:
    """Raises ValueError where a mask is not of this picture."""
    if mask.shape != picture.size:
        raise ValueError(f"the mask is {mask.shape}, its picture {picture.size}")
    return mask


def points(landmarks: Mapping[str, Any]) -> Points:
    """From JSON: name -> [x, y, visibility]."""
    return {name: Landmark(float(x), float(y), int(v)) for name, (x, y, v) in landmarks.items()}


def landmarks_json(landmarks: Points) -> dict[str, list[float]]:
    """The other way."""
    return {
        name: [round(float(at.x), 2), round(float(at.y), 2), int(at.visibility)]
        for name, at in landmarks.items()
    }


def found(by_annotator: GarmentAnnotation) -> dict[str, Any]:
    """What corrections start from."""
    shares = by_annotator.probabilities
    return (_kind_fields(category.Category.of(shares)) if shares else {}) | {
        "found_mask": pictures.mask_png(by_annotator.mask),
        "found_cut": by_annotator.cut.value,
        "found_landmarks": landmarks_json(by_annotator.landmarks),
        "confidence": round(by_annotator.confidence, 4),
        "mask_confidence": round(by_annotator.mask_confidence, 4),
    }


def labels(mask: NDArray[np.uint8], cut: Cut, landmarks: Points) -> dict[str, Any]:
    """What is dressed with."""
    return {
        "mask": pictures.mask_png(mask),
        "outline": pictures.outline(mask),
        "cut": cut.value,
        "landmarks": landmarks_json(landmarks),
    }


def look(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> dict[str, Any]:
    """Colours, and the pattern where its network is there."""
    shades = [
        {
            "name": each.name,
            "lab": [round(float(value), 1) for value in each.lab],
            "hex": pictures.hex_of(each.lab),
            "share": round(float(each.share), 3),
        }
        for each in colour.colours(rgb, mask)
    ]
    try:
        return {"colours": shades, "pattern": pattern.pattern(rgb, mask).name}
    except OSError as error:  # dressing needs the mask, not the pattern's name
        log.warning("pattern_network_missing", error=str(error))
        return {"colours": shades, "pattern": ""}


def kind(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> dict[str, Any]:
    """What it looks like; nothing where that network is missing."""
    try:
        return _kind_fields(category.categorise(rgb, mask))
    except OSError as error:  # the same
        log.warning("category_network_missing", error=str(error))
        return {}


def _kind_fields(kind: category.Category) -> dict[str, Any]:
    return {
        "category": kind.name,
        "category_group": kind.group,
        "category_share": round(category.group_shares(kind.probabilities)[kind.group], 4),
        "probabilities": {n: round(float(share), 4) for n, share in kind.probabilities.items()},
    }


def nothing(failure: GarmentLabels.Failure) -> dict[str, Any]:
    """No labels; what staff asked for stays, so that a click can be taken back."""
    return {
        "status": Status.FAILED,
        "failure": failure,
        "mask": None,
        "outline": [],
        "cut": "",
        "landmarks": {},
        "colours": [],
        "pattern": "",
        "digest": "",
    }
