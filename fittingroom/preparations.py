"""People and garments made ready for an engine, kept by content: memory first, then disk.

Worker side only (it decodes and annotates). The key holds the pictures' hash, the annotator's
and the engine's version, so nothing here is ever stale; the disk part may be deleted at any time.

What is made ready of a shopper's own photo never goes to the disk: it stays in this process's
memory, for minutes (:mod:`fittingroom.photos.private_memory`).
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from fittingroom import disk_cache, fingerprints
from fittingroom.garments import labelling
from fittingroom.models import FittingModel, PersonPhoto
from fittingroom.photos import private_memory
from ml import images
from ml.errors import BadAnnotation, ImageError
from ml.garment.annotation import Cut, GarmentAnnotation, Landmark, Region
from ml.person.annotation import PersonAnnotation
from ml.person.store import keypoints_from_list, parse_from_png
from ml.tryon.engine import EngineSpec, PreparedGarment, PreparedPerson, TryOnEngine
from shop.catalogue.models import ProductImage

log = structlog.get_logger(__name__)

#: Results are as high as the photo, at most this.
MAX_HEIGHT = 1536
#: Bytes per process: a garment takes about 4 MB, a person 10 to 30.
MEMORY = 300_000_000
#: Width / height of a photo and its DensePose may differ by this share (rounding when scaled).
_ASPECT_TOLERANCE = 0.02
#: Part of every file's name: raise it when the layout of the files changes.
LAYOUT = 1

Prepared = PreparedPerson | PreparedGarment
_memory: OrderedDict[str, Prepared] = OrderedDict()
_guard = threading.Lock()


def person(
    person: FittingModel | PersonPhoto, spec: EngineSpec, engine: TryOnEngine
) -> PreparedPerson:
    """Raises ml.errors.InputError, FileNotFoundError."""

    def make() -> PreparedPerson:
        photo, annotation = read_person(person)
        return engine.prepare_person(photo, annotation)

    key = person_key(person, spec)
    if isinstance(person, PersonPhoto):
        if not person.file:
            raise FileNotFoundError(f"{person.pk} is erased")
        return private_memory.kept(key, make)
    found = _kept(key, make)
    if not isinstance(found, PreparedPerson):
        raise TypeError(f"{found!r} is no person")
    return found


def garment(
    image: ProductImage, region: str, spec: EngineSpec, engine: TryOnEngine
) -> PreparedGarment:
    """Raises ml.errors.InputError, FileNotFoundError."""

    def make() -> PreparedGarment:
        return engine.prepare_garment(*labelling.read_for_dressing(image, region))

    found = _kept(garment_key(image, region, spec), make)
    if not isinstance(found, PreparedGarment):
        raise TypeError(f"{found!r} is no garment")
    return found


def person_key(person: FittingModel | PersonPhoto, spec: EngineSpec) -> str:
    return f"{spec.name}-{spec.version}-{LAYOUT}/person-{fingerprints.of_person(person)}"


def garment_key(image: ProductImage, region: str, spec: EngineSpec) -> str:
    content = fingerprints.of_garment(image, region)
    return f"{spec.name}-{spec.version}-{LAYOUT}/garment-{labelling.VERSION}-{content}"


def read_person(
    person: FittingModel | PersonPhoto,
) -> tuple[NDArray[np.uint8], PersonAnnotation]:
    """Photo and annotation, both shrunk to :data:`MAX_HEIGHT`."""
    stored = person.file if isinstance(person, PersonPhoto) else person.photo
    with stored.open("rb") as file:
        photo = images.decode(file.read()).rgb
    with person.parse.open("rb") as file:
        parse = parse_from_png(file.read())
    if parse.shape != photo.shape[:2]:
        raise BadAnnotation(f"parse is {parse.shape}, its photo {photo.shape[:2]}")
    keypoints = keypoints_from_list(person.keypoints or ())
    small = images.fit(photo, max_height=MAX_HEIGHT)
    if small.shape != photo.shape:
        height, width = small.shape[:2]
        keypoints[:, 0] *= width / photo.shape[1]
        keypoints[:, 1] *= height / photo.shape[0]
        resized = cv2.resize(parse, (width, height), interpolation=cv2.INTER_NEAREST)
        parse = np.asarray(resized, dtype=np.uint8)
    densepose = _densepose(person, small.shape[:2])
    return small, PersonAnnotation(parse=parse, keypoints=keypoints, densepose=densepose)


def _densepose(
    person: FittingModel | PersonPhoto, size: tuple[int, ...]
) -> NDArray[np.uint8] | None:
    """The picture that came with an imported fitting model, brought to (height, width); nobody
    else has one. One that does not fit is as good as none: few engines ask for it."""
    if not isinstance(person, FittingModel) or not person.densepose:
        return None
    try:
        with person.densepose.open("rb") as file:
            picture = images.decode(file.read()).rgb
    except (ImageError, FileNotFoundError) as error:
        log.warning("densepose_unreadable", person=str(person.pk), error=str(error))
        return None
    if abs(picture.shape[1] * size[0] / (picture.shape[0] * size[1]) - 1) > _ASPECT_TOLERANCE:
        log.warning("densepose_of_another_photo", person=str(person.pk), size=picture.shape[:2])
        return None
    return np.asarray(cv2.resize(picture, size[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _kept(key: str, make: Callable[[], Prepared]) -> Prepared:
    with _guard:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
    path = disk_cache.path_of(key)
    prepared = _load(path)
    if prepared is None:
        prepared = make()
        _store(path, prepared)
    with _guard:
        _memory[key] = prepared
        while len(_memory) > 1 and sum(map(_size, _memory.values())) > MEMORY:
            _memory.popitem(last=False)
    return prepared


def _size(prepared: Prepared) -> int:
    about = prepared.annotation
    labels = about.parse if isinstance(about, PersonAnnotation) else about.mask
    return sum(array.nbytes for array in (prepared.photo, labels, *prepared.tensors.values()))


def _load(path: Path) -> Prepared | None:
    """What a file holds; None if there is none or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
        os.utime(path)  # the tidying drops what has not been used for longest
        about = json.loads(str(arrays["about"]))
        tensors = {
            name.removeprefix("tensor:"): array
            for name, array in arrays.items()
            if name.startswith("tensor:")
        }
        if about["kind"] == "person":
            return PreparedPerson(
                photo=arrays["photo"],
                annotation=PersonAnnotation(
                    parse=arrays["parse"], keypoints=arrays["keypoints"], version=about["version"]
                ),
                tensors=tensors,
            )
        return PreparedGarment(
            photo=arrays["photo"],
            annotation=GarmentAnnotation(
                mask=arrays["mask"],
                region=Region(about["region"]),
                cut=Cut(about["cut"]),
                landmarks={name: Landmark(*at) for name, at in about["landmarks"].items()},
                confidence=about["confidence"],
                mask_confidence=about.get("mask_confidence", 1.0),
                category=about.get("category", ""),
                probabilities=about.get("probabilities", {}),
                version=about["version"],
            ),
            tensors=tensors,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        log.warning("preparation_damaged", path=str(path), error=str(error))
        return None


def _store(path: Path, prepared: Prepared) -> None:
    """Write beside the place and rename: readers see the whole file or none. A full disk is no
    reason to fail a try-on."""
    arrays: dict[str, Any] = {f"tensor:{name}": a for name, a in prepared.tensors.items()}
    arrays["photo"] = prepared.photo
    annotation = prepared.annotation
    about: dict[str, Any]
    if isinstance(annotation, PersonAnnotation):
        arrays |= {"parse": annotation.parse, "keypoints": annotation.keypoints}
        about = {"kind": "person", "version": annotation.version}
    else:
        arrays["mask"] = annotation.mask
        about = {
            "kind": "garment",
            "region": annotation.region,
            "cut": annotation.cut,
            "landmarks": {n: [p.x, p.y, p.visibility] for n, p in annotation.landmarks.items()},
            "confidence": annotation.confidence,
            "mask_confidence": annotation.mask_confidence,
            "category": annotation.category,
            "probabilities": dict(annotation.probabilities),
            "version": annotation.version,
        }
    arrays["about"] = np.array(json.dumps(about))
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".", suffix=".tmp", delete=False
        ) as file:
            temporary = file.name
            np.savez_compressed(file, **arrays)
        os.replace(temporary, path)
    except OSError as error:
        log.warning("preparation_not_kept", path=str(path), error=str(error))
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
