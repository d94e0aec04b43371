"""Lessons made by a teacher: an engine dresses people, and we keep what it did.

Any engine of :mod:`ml.tryon.registry` can teach. Of ``drape`` we also know where its cloth lies and
where each pixel of it came from, because it can hang a picture of coordinates instead of a garment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ml.errors import InputError
from ml.garment.annotation import Region
from ml.person.annotation import Atr
from ml.training.dressing import SURE, closed, coordinates, hang
from ml.training.student import lessons
from ml.training.student.lessons import STORED, Lesson
from ml.training.student.sources import RGB, Half, Source
from ml.tryon import registry
from ml.tryon.drape.engine import Drape
from ml.tryon.engine import Dressed, DressRequest, PreparedGarment, PreparedPerson, TryOnEngine
from ml.tryon.frame import Frame, of_garment
from ml.tryon.session import Session, scaled
from ml.tryon.student.frames import garment_picture, of_photo

#: Garments that one person puts on, one after the other: looking at somebody costs most.
EACH = 4
#: Draws before a person is given up.
TRIES = 10


@dataclass(frozen=True, slots=True)
class Teacher:
    """A loaded engine, its name, and what it dresses."""

    name: str
    engine: TryOnEngine
    regions: frozenset[Region]

    def dress(self, person: PreparedPerson, garment: PreparedGarment) -> Lesson | None:
        """None where the teacher will not, or does not trust its own result."""
        try:
            (answer,) = self.engine.dress([DressRequest(person, (garment,))])
        except InputError:
            return None
        if not isinstance(answer, Dressed) or answer.confidence < SURE:
            return None
        changed = closed(answer.edit_mask > 0)
        cloth = np.zeros(person.photo.shape, np.uint8)
        traced = isinstance(self.engine, Drape)
        if traced:
            cloth = _traced(person, garment, changed)
        return lesson_of(person.photo, garment, answer.image, changed, cloth, traced=traced)


def teacher(name: str, device: str = "cpu") -> Teacher:
    """Raises NotSupported where there is no such engine, or it cannot run here."""
    spec = registry.get(name) if name in {each.name for each in registry.ENGINES} else None
    on = device if spec is None or device in spec.devices else spec.devices[-1]
    session = Session(name, device=on)
    return Teacher(name, session.engine, session.spec.regions)


def _traced(
    person: PreparedPerson, garment: PreparedGarment, changed: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """As ``cloth.png`` of a lesson. What lies in front of the cloth has not changed."""
    place = of_garment(garment.annotation.mask)
    box = (place.top, place.left, place.height, place.width)
    places, cover = hang(person, garment, coordinates(garment.photo, box))
    return np.dstack([places[..., :2], np.where(changed, cover, 0)]).astype(np.uint8)


def lesson_of(
    photo: RGB,
    garment: PreparedGarment,
    dressed: RGB,
    changed: NDArray[np.bool_],
    cloth: NDArray[np.uint8],
    *,
    traced: bool,
) -> Lesson:
    """Framed as the student sees it; arrays have the size of ``photo``."""
    place = of_photo(photo.shape)
    picture, mask = garment_picture(garment.photo, garment.annotation.mask, STORED)
    edit = np.where(changed, 255, 0).astype(np.uint8)
    return Lesson(
        name="",
        person=place.seen(photo, STORED),
        garment=picture,
        mask=mask,
        dressed=place.seen(dressed, STORED),
        edit=place.seen(edit, STORED, border=cv2.BORDER_CONSTANT),
        cloth=_seen_cloth(place, cloth),
        region=garment.annotation.region,
        traced=traced,
    )


def _seen_cloth(place: Frame, cloth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    around = place.cut(cloth, border=cv2.BORDER_CONSTANT)
    size = STORED[::-1]
    places = cv2.resize(around[..., :2], size, interpolation=cv2.INTER_NEAREST)
    cover = cv2.resize(around[..., 2], size, interpolation=cv2.INTER_AREA)
    return np.dstack([places, cover]).astype(np.uint8)


def make(
    teacher: Teacher,
    sources: Sequence[Source],
    turns: Sequence[int],
    out: Path,
    half: Half,
    count: int,
    *,
    seed: int = 0,
) -> None:
    """Write about ``count`` lessons into ``out``; what is there already stays.

    turns: whose turn it is, again and again, so that any part of the lessons is a fair mixture.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tqdm(total=count, desc=f"{half} lessons", unit="lesson") as bar:
        for visit in range((count + EACH - 1) // EACH):
            finished = out / f".{half}-{visit:05}"
            if not finished.exists():
                source = sources[turns[visit % len(turns)]]
                random = np.random.default_rng((seed, half == "held", visit))
                _visit(teacher, source, random, out / f"{half}-{visit:05}", half)
                finished.touch()
            bar.update(min(EACH, count - bar.n))


def _visit(
    teacher: Teacher, source: Source, random: np.random.Generator, stem: Path, half: Half
) -> None:
    """One person in a few garments, or in fewer."""
    who = source.draw_person(random)
    photo, labels = source.people[who]()
    scale = STORED[0] / of_photo(photo.shape).height
    size = (round(photo.shape[0] * scale), round(photo.shape[1] * scale))
    small = np.asarray(cv2.resize(photo, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    try:
        person = teacher.engine.prepare_person(small, scaled(labels, size))
    except InputError:
        return
    done = 0
    for _ in range(TRIES):
        drawn = source.draw_garment(random, teacher.regions - _impossible(labels.parse))
        garment = source.wardrobe.get(drawn[1], drawn[0]) if drawn else None
        lesson = teacher.dress(person, garment) if garment else None
        if drawn is None or lesson is None:
            continue
        about: Mapping[str, Any] = {
            "half": half,
            "source": source.name,
            "person": who,
            "garment": drawn[1].stem,
            "kind": drawn[0],
            "teacher": teacher.name,
        }
        lessons.save(_told(lesson, about), stem.with_name(f"{stem.name}{'abcd'[done]}"))
        done += 1
        if done == EACH:
            break


def _impossible(parse: NDArray[np.uint8]) -> frozenset[Region]:
    """What stays of a dress under a top or a skirt would be half a dress."""
    return frozenset({Region.UPPER, Region.LOWER} if (parse == Atr.DRESS).any() else ())


def _told(lesson: Lesson, about: Mapping[str, Any]) -> Lesson:
    return replace(lesson, about=about)
