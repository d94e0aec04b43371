"""All that can be told of a garment from one photo: kind, colours, pattern, landmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.garment.annotate import CUTS_OF, Looked, label, look_at
from ml.garment.annotation import Landmark, Region
from ml.garment.category import Category
from ml.garment.colour import Colour, colours
from ml.garment.pattern import Pattern, pattern
from ml.images import Picture


@dataclass(frozen=True, slots=True)
class Classified:
    """category: name, group and probabilities of the kind. colours: largest share first.
    landmarks: in pixels of the photo; none for shoes and hats. mask_confidence: 0..1."""

    category: Category
    colours: tuple[Colour, ...]
    pattern: Pattern
    landmarks: Mapping[str, Landmark]
    mask_confidence: float

    def as_dict(self) -> dict[str, Any]:
        """What ``python -m ml classify --json`` prints of one photo, without its path.

        region is one of the four regions, or "shoes" or "hat".
        """
        return {
            "category": self.category.name,
            "probabilities": {
                name: round(share, 4) for name, share in self.category.probabilities.items()
            },
            "region": self.category.group,
            "colours": [
                {"name": colour.name, "lab": list(colour.lab), "share": round(colour.share, 4)}
                for colour in self.colours
            ],
            "pattern": self.pattern.name,
            "landmarks": {
                name: [round(point.x, 1), round(point.y, 1), point.visibility]
                for name, point in self.landmarks.items()
            },
            "mask_confidence": round(self.mask_confidence, 4),
        }


def classify(picture: Picture) -> Classified:
    """Look at a photo of one garment. Raises NoGarment."""
    looked = look_at(picture)
    mask = looked.cutout.mask
    return Classified(
        category=looked.category,
        colours=colours(picture.rgb, mask),
        pattern=pattern(picture.rgb, mask),
        landmarks=_landmarks(looked),
        mask_confidence=looked.cutout.confidence,
    )


def _landmarks(looked: Looked) -> Mapping[str, Landmark]:
    """Landmarks of the kind that the garment is; none for shoes and hats."""
    if looked.category.group not in list(Region):
        return {}
    region = Region(looked.category.group)
    return label(looked, region, CUTS_OF[region]).landmarks
