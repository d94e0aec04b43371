"""Fitting models out of folders in VITON-HD's layout: a photo comes in once, whatever its name.

Reads files with OpenCV: for commands and workers, never imported by web processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from PIL import Image

from fittingroom import annotation
from fittingroom.models import FittingModel
from ml.person.annotation import PersonAnnotation
from ml.person.store import keypoints_to_list
from ml.training.data.viton_hd import NO_KEYPOINTS, NO_PARSE, PICTURES, VitonItem, read_items
from shop.catalogue import pictures
from shop.catalogue.errors import BadPicture
from shop.catalogue.models import Gender

State, Source = FittingModel.State, FittingModel.Source


class Came(StrEnum):
    """What became of a photo."""

    ACCEPTED = "accepted"
    ANNOTATING = "sent to the annotator"
    KNOWN = "there already"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Wish:
    """How the people come in. height_cm: folders of this kind know nobody's height."""

    height_cm: int
    gender: str = Gender.UNISEX
    active: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """detail: why a photo was skipped, for people, in English."""

    name: str
    came: Came
    detail: str = ""


class _Unfit(Exception):
    pass


def count(folder: Path) -> int:
    """How many photos the folder holds."""
    parts = (folder / "image", folder / "train" / "image", folder / "test" / "image")
    return sum(
        path.suffix.lower() in PICTURES
        for part in parts
        if part.is_dir()
        for path in part.iterdir()
    )


def import_folder(folder: Path, wish: Wish) -> Iterator[Outcome]:
    """One photo at a time, each in a transaction of its own; nothing wrong with one stops the rest.

    Raises ml.errors.BadAnnotation where the folder is none of this kind.
    """
    seen: set[str] = set()
    for item in read_items(folder):
        try:
            data = item.photo.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            known = digest in seen or FittingModel.objects.filter(source_hash=digest).exists()
            seen.add(digest)
            if known:
                yield Outcome(item.name, Came.KNOWN)
                continue
            yield Outcome(item.name, _import(item, data, digest, wish))
        except _Unfit as unfit:
            yield Outcome(item.name, Came.SKIPPED, str(unfit))
        except BadPicture as error:
            yield Outcome(item.name, Came.SKIPPED, f"{item.photo.name}: {error.code}")
        except OSError as error:
            yield Outcome(item.name, Came.SKIPPED, f"{item.photo.name}: {error.strerror or error}")


def _import(item: VitonItem, data: bytes, digest: str, wish: Wish) -> Came:
    if item.annotation is None and item.reason not in (NO_PARSE, NO_KEYPOINTS):
        raise _Unfit(item.detail)
    picture = pictures.decode(data)
    given: dict[str, Any] = {"state": State.NEW, "active": False}
    given["annotation_source"] = Source.NETWORK
    if item.annotation is not None:
        given = _annotation(item.annotation, picture.pixels.size)
        given |= {"state": State.ACCEPTED, "active": wish.active, "annotation_source": Source.GIVEN}
    if wish.dry_run:
        return Came.ACCEPTED if item.annotation else Came.ANNOTATING
    if item.densepose is not None:
        dense = item.densepose
        given["densepose"] = ContentFile(dense.read_bytes(), name=dense.name)
    with transaction.atomic():
        last = FittingModel.objects.aggregate(last=Max("position"))["last"]
        FittingModel.objects.create(
            slug=_free_slug(item.name),
            name_ko=item.name[:60],
            name_en=item.name[:60],
            gender=wish.gender,
            height_cm=wish.height_cm,
            photo=ContentFile(picture.encoded(), name=f"photo{picture.suffix}"),
            source_hash=digest,
            position=0 if last is None else last + 1,
            **given,
        )
    return Came.ACCEPTED if item.annotation else Came.ANNOTATING


def _annotation(found: PersonAnnotation, size: tuple[int, int]) -> dict[str, Any]:
    """Parse and keypoints for a photo of ``size``, which is smaller where the file was huge."""
    height, width = found.parse.shape
    keypoints = found.keypoints.copy()
    labels = Image.fromarray(found.parse)
    if (width, height) != size:
        scale = size[0] / width, size[1] / height
        if abs(scale[0] / scale[1] - 1) > 0.02:
            raise _Unfit(f"the parse is {width} x {height}, the photo {size[0]} x {size[1]}")
        labels = labels.resize(size, Image.Resampling.NEAREST)
        keypoints[:, :2] *= scale
    return {
        "parse": ContentFile(annotation.parse_png(labels), name="parse.png"),
        "keypoints": keypoints_to_list(keypoints),
        "annotator": found.version[:60],
    }


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "person"
    slug, number = base, 2
    while FittingModel.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug
