"""What a try-on engine is: a spec that anybody may read, and an object that exists only loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.garment.annotation import GarmentAnnotation, Region
from ml.person.annotation import PersonAnnotation

#: Called with a stage's name when it begins, and with its seconds when it ends.
OnStage = Callable[[str, float], None]


def ignore_stage(stage: str, seconds: float) -> None:
    """The default listener."""


@dataclass(frozen=True, slots=True)
class PreparedPerson:
    """Everything an engine can know of a person before it sees a garment.

    ``tensors`` hold only numpy arrays, so that they store as safetensors under the key
    content hash + engine version; two prepared persons are the same where these are.
    """

    photo: NDArray[np.uint8]
    annotation: PersonAnnotation
    tensors: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreparedGarment:
    """The same for a garment."""

    photo: NDArray[np.uint8]
    annotation: GarmentAnnotation
    tensors: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DressRequest:
    """One person and what they put on, innermost first."""

    person: PreparedPerson
    garments: tuple[PreparedGarment, ...]


@dataclass(frozen=True, slots=True)
class Dressed:
    """A picture of the person's size. Where ``edit_mask`` is 0 it equals the photo bit by bit.

    warnings: codes of what a viewer should know (``low_mask_confidence``, ``hem_out_of_frame``).
    """

    image: NDArray[np.uint8]
    edit_mask: NDArray[np.uint8]
    confidence: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why this request cannot be dressed: a code of :mod:`ml.errors` and a line for people."""

    code: str
    message: str


class TryOnEngine(Protocol):
    """A loaded engine. One bad request never fails its batch."""

    def prepare_person(
        self, photo: NDArray[np.uint8], annotation: PersonAnnotation
    ) -> PreparedPerson: ...

    def prepare_garment(
        self, photo: NDArray[np.uint8], annotation: GarmentAnnotation
    ) -> PreparedGarment: ...

    def dress(
        self, batch: Sequence[DressRequest], *, seed: int = 0, on_stage: OnStage = ignore_stage
    ) -> list[Dressed | Refused]: ...


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What can be said of an engine without loading it (and without torch)."""

    name: str
    version: str
    title: str
    regions: frozenset[Region]
    annotations: frozenset[str]  # of the person: "parse_atr", "keypoints", "densepose", ...
    devices: tuple[str, ...]  # best first: "cuda", "cpu"
    licence: str
    commercial_use: bool
    load: Callable[[str], TryOnEngine]
    weight_files: tuple[str, ...] = ()  # installed by the operator, see :mod:`ml.weights`
    # How many requests one ``dress`` may get, and what they take of the device: the engine itself
    # and each request on top, in MB, roughly and rather too much. A batch that does not fit all
    # the same must end in torch's OutOfMemoryError or MemoryError; callers then halve it.
    batch: int = 1
    megabytes: int = 0
    megabytes_each: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine can be loaded."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """It cannot, why, and what to do about it."""

    reason: str
    hint: str
