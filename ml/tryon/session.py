"""From files to a dressed picture: what the command line and the benchmarks share.

A session holds one loaded engine and remembers the people and garments it prepared, so that many
pictures of few people or garments pay for each only once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import cv2
import numpy as np

from ml import images
from ml.errors import BadAnnotation, InputError, NotSupported
from ml.garment.annotate import annotate
from ml.garment.annotation import Region
from ml.person import store
from ml.person.annotation import PersonAnnotation
from ml.person.checks import FINE, Findings, check
from ml.person.look import look_at
from ml.tryon import registry
from ml.tryon.engine import (
    Dressed,
    DressRequest,
    OnStage,
    PreparedGarment,
    PreparedPerson,
    Refused,
    Unusable,
    ignore_stage,
)
from ml.tryon.stages import timed

#: A result is at most this high; larger photos of people are scaled down.
MAX_HEIGHT = 1536
#: Garment photos are scaled to this: a print needs no more on a person 1536 pixels high.
MAX_GARMENT_SIDE = 1536
#: Width / height of photo and parse may differ by this share (rounding when scaled).
_ASPECT_TOLERANCE = 0.02
_REMEMBERED = 32

Key = TypeVar("Key")
Value = TypeVar("Value")


class RefusedRequest(InputError):
    """The engine will not dress this. ``code`` is the engine's, as in :mod:`ml.errors`."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.code = refused.code  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Wearer:
    """Somebody to dress. findings: what stands in the way, where we annotated the photo; an
    annotation made by somebody else is taken at their word."""

    prepared: PreparedPerson
    findings: Findings = FINE


@dataclass(slots=True)
class _Memory(Generic[Key, Value]):
    """The last few values made."""

    made: OrderedDict[Key, Value]

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        if key not in self.made:
            self.made[key] = make()
            if len(self.made) > _REMEMBERED:
                self.made.popitem(last=False)
        self.made.move_to_end(key)
        return self.made[key]


class Session:
    """One loaded engine. Raises NotSupported if there is no such engine or it cannot run here."""

    def __init__(self, engine: str = "drape", *, device: str = "cpu") -> None:
        try:
            spec = registry.get(engine)
        except KeyError as e:
            raise NotSupported(str(e.args[0])) from e
        state = registry.check(spec)
        if isinstance(state, Unusable):
            raise NotSupported(f"engine {engine}: {state.reason} ({state.hint})")
        if device not in spec.devices:
            raise NotSupported(f"{engine} runs on {', '.join(spec.devices)}, not on {device!r}")
        self.spec = spec
        self.engine = spec.load(device)
        self._people: _Memory[tuple[Path, Path | None], Wearer] = _Memory(OrderedDict())
        self._garments: _Memory[tuple[Path, Region | None], PreparedGarment] = _Memory(
            OrderedDict()
        )

    def forget(self) -> None:
        """Prepare everybody and everything anew."""
        self._people.made.clear()
        self._garments.made.clear()

    def person(
        self, photo: Path, annotation: Path | None = None, *, on_stage: OnStage = ignore_stage
    ) -> Wearer:
        """photo: a picture file. annotation: a folder as :mod:`ml.person.store` reads it; None:
        the photo is looked at, and refused where nothing can be worn in it.

        Raises InputError, and OSError where the photo cannot be read.
        """

        def prepare() -> Wearer:
            findings = FINE
            with timed("read person", on_stage):
                rgb = read_photo(photo)
                if annotation is not None:
                    labels = read_labels(photo, annotation, rgb.shape[:2])
            if annotation is None:
                with timed("annotate person", on_stage):
                    look = look_at(rgb)
                    findings, labels = check(rgb, look), look.annotation
                    if findings.fatal is not None:
                        raise findings.fatal.error()
            with timed("prepare person", on_stage):
                return Wearer(self.engine.prepare_person(rgb, labels), findings)

        return self._people.get((photo, annotation), prepare)

    def garment(
        self, photo: Path, region: Region | None = None, *, on_stage: OnStage = ignore_stage
    ) -> PreparedGarment:
        """region None: told from the shape. Raises InputError, and OSError as above."""

        def prepare() -> PreparedGarment:
            with timed("read garment", on_stage):
                picture = images.read(photo)
                rgb = images.fit(picture.rgb, max_side=MAX_GARMENT_SIDE)
                alpha = picture.alpha
                if alpha is not None:
                    alpha = images.fit(alpha, max_side=MAX_GARMENT_SIDE)
                picture = images.Picture(rgb=rgb, alpha=alpha, format=picture.format)
            with timed("annotate garment", on_stage):
                labels = annotate(picture, region=region)
            with timed("prepare garment", on_stage):
                return self.engine.prepare_garment(picture.rgb, labels)

        return self._garments.get((photo, region), prepare)

    def dress(
        self,
        wearer: Wearer,
        garments: Sequence[PreparedGarment],
        *,
        on_stage: OnStage = ignore_stage,
    ) -> Dressed:
        """Raises what the photo's check found for a garment's region, and RefusedRequest with the
        engine's reason."""
        for garment in garments:
            problem = wearer.findings.by_region.get(garment.annotation.region)
            if problem is not None:
                raise problem.error()
        request = DressRequest(person=wearer.prepared, garments=tuple(garments))
        (answer,) = self.engine.dress([request], on_stage=on_stage)
        if isinstance(answer, Refused):
            raise RefusedRequest(answer)
        return answer


def read_photo(photo: Path) -> images.RGB:
    """A photo of a person, of at most MAX_HEIGHT; on white where it is transparent."""
    return images.fit(images.on_white(images.read(photo)), max_height=MAX_HEIGHT)


def read_labels(photo: Path, annotation: Path, size: tuple[int, ...]) -> PersonAnnotation:
    """The photo's annotation in a folder, scaled to (height, width)."""
    return scaled(store.read_folder(annotation, photo.stem), size)


def scaled(annotation: PersonAnnotation, size: tuple[int, ...]) -> PersonAnnotation:
    """An annotation of the same photo at another size. Raises BadAnnotation if it is another's."""
    height, width = size
    old_height, old_width = annotation.parse.shape
    if (old_height, old_width) == (height, width):
        return annotation
    if abs(old_width * height / (old_height * width) - 1) > _ASPECT_TOLERANCE:
        raise BadAnnotation(
            f"the annotation is {old_width} x {old_height}, the photo {width} x {height}"
        )
    parse = cv2.resize(annotation.parse, (width, height), interpolation=cv2.INTER_NEAREST)
    keypoints = annotation.keypoints.copy()
    keypoints[:, 0] *= width / old_width
    keypoints[:, 1] *= height / old_height
    densepose = annotation.densepose
    if densepose is not None:
        larger = cv2.resize(densepose, (width, height), interpolation=cv2.INTER_NEAREST)
        densepose = np.asarray(larger, np.uint8)
    return PersonAnnotation(
        parse=np.asarray(parse, np.uint8),
        keypoints=keypoints,
        version=annotation.version,
        densepose=densepose,
    )
