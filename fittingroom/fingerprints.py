"""What makes two try-ons the same: hashes of the pictures and annotations, not of their names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

from django.core.files.storage import Storage
from django.db.models.fields.files import FieldFile

from fittingroom.models import FittingModel, GarmentLabels, PersonPhoto
from ml.tryon.engine import EngineSpec
from shop.catalogue.models import ProductImage


def of_file(file: FieldFile) -> str:
    """sha256 of a stored file. Raises OSError where it is gone.

    Stored names are unguessable and never reused, so a name's hash is read once per process.
    """
    return _of_stored(file.storage, str(file.name))


@lru_cache(maxsize=20_000)
def _of_stored(storage: Storage, name: str) -> str:
    digest = hashlib.sha256()
    with storage.open(name, "rb") as stored:
        for chunk in stored.chunks():
            digest.update(chunk)
    return digest.hexdigest()


def of_person(person: FittingModel | PersonPhoto) -> str:
    """Photo, parse and keypoints: the annotation changes the picture as much as the photo.

    A shopper's own photo is known by its row, whose picture and annotation never change: so
    nobody else's request can match, and nothing of the picture outlives it in a hash.
    """
    if isinstance(person, PersonPhoto):
        return _joined("own", str(person.pk), person.annotator)
    keypoints = json.dumps(person.keypoints, separators=(",", ":"))
    densepose = [str(person.densepose.name)] if person.densepose else []
    return _joined(of_file(person.photo), of_file(person.parse), keypoints, *densepose)


def of_garment(image: ProductImage, region: str) -> str:
    """File and region; and what staff corrected, where they did, so that old pictures go."""
    correction = GarmentLabels.objects.digest_of(image, region)
    return _joined(of_file(image.file), region, *([correction] if correction else []))


def of_tryon(
    person: FittingModel | PersonPhoto,
    garments: Sequence[tuple[ProductImage, str]],
    spec: EngineSpec,
) -> str:
    """garments: picture and region, innermost first."""
    worn = [of_garment(image, region) for image, region in garments]
    return _joined(of_person(person), *worn, spec.name, spec.version)


def _joined(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
