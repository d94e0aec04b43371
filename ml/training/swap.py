"""Put something else on a person who is only known in one garment.

That gives a picture to begin with whose right answer is a photo: the teacher puts on another
garment, and whoever is trained or measured has to put the first one back on (Ge et al. 2021,
PF-AFN). The traces that the teacher leaves are in what goes in, never in what is compared with.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.errors import InputError
from ml.garment.annotation import Region
from ml.person.look import look_at
from ml.training.data.pairs import Outfit, Pair, load, names
from ml.training.dressing import closed
from ml.tryon.engine import Dressed, DressRequest, PreparedGarment, TryOnEngine
from ml.tryon.session import Session

RGB = NDArray[np.uint8]
#: Garments that are tried on before a person is given up.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Swapped:
    """picture: the person in ``other``. changed: (H, W), where that differs from the photo."""

    picture: RGB
    changed: NDArray[np.bool_]
    other: str


@dataclass(slots=True)
class Swapper:
    """An engine and the garments of a folder of pairs, by name."""

    engine: TryOnEngine
    regions: frozenset[Region]
    folder: Path
    wardrobe: dict[str, Outfit] = field(default_factory=dict)
    prepared: dict[str, PreparedGarment] = field(default_factory=dict)

    @classmethod
    def of(cls, engine: str, folder: Path, device: str = "cpu") -> Swapper:
        """Raises InputError where there is no such engine, or it cannot run here."""
        session = Session(engine, device=device)
        made = cls(session.engine, session.spec.regions, folder)
        made.wardrobe = {name: load(folder / name) for name in names(folder)}
        return made

    def swap(self, outfit: Outfit) -> Swapped | None:
        """None where no other garment of that region can be put on."""
        try:
            person = self.engine.prepare_person(outfit.worn, outfit.worn_labels)
        except InputError:
            return None
        for name in self._others(outfit)[:TRIES]:
            try:
                garment = self._garment(name)
                (answer,) = self.engine.dress([DressRequest(person, (garment,))])
            except InputError:
                continue
            if isinstance(answer, Dressed):
                return Swapped(answer.image, closed(answer.edit_mask > 0), name)
        return None

    def pair(self, outfit: Outfit) -> Pair | None:
        """The outfit with somebody to put it on; their labels are our annotator's."""
        swapped = self.swap(outfit)
        if swapped is None:
            return None
        try:
            labels = look_at(swapped.picture).annotation
        except InputError:
            return None
        given = {each.name: getattr(outfit, each.name) for each in fields(Outfit)}
        given["about"] = {**outfit.about, "swapped": swapped.other}
        return Pair(**given, person=swapped.picture, person_labels=labels)

    def _others(self, outfit: Outfit) -> Sequence[str]:
        """Garments of the same part of the body and class, in an order that the name decides."""
        region = outfit.garment_labels.region
        if region not in self.regions:
            return []
        alike = [
            name
            for name, other in self.wardrobe.items()
            if other.garment_labels.region is region and not _same(other, outfit)
        ]
        same_class = [name for name in alike if self.wardrobe[name].label == outfit.label]
        found = same_class or alike
        random = np.random.default_rng(zlib.crc32(outfit.name.encode()))
        return [found[i] for i in random.permutation(len(found))]

    def _garment(self, name: str) -> PreparedGarment:
        if name not in self.prepared:
            other = self.wardrobe[name]
            self.prepared[name] = self.engine.prepare_garment(other.garment, other.garment_labels)
        return self.prepared[name]


def _same(one: Outfit, other: Outfit) -> bool:
    """The same garment, worn by somebody else or seen from elsewhere."""
    told = one.about.get("garment"), other.about.get("garment")
    return one.name == other.name or (None not in told and told[0] == told[1])
