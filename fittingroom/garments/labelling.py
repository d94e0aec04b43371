"""The worker's side of garment labels: find what is due, claim it, read the picture, write.

The rows are the truth, messages only nudges: a picture that lacks labels is found by looking, a
worker that dies loses its lease, and only who holds the claim's token may write. Everything that
staff asked for (clicks, cut, moved landmarks) is in the row, so the same row always gives the
same labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, perf_counter
from typing import Any
from uuid import uuid4

import numpy as np
import structlog
from django.db.models import F
from django.db.models.functions import Now
from numpy.typing import NDArray

from fittingroom.garments import pictures, querysets, rows
from fittingroom.models import GarmentLabels, TryOn
from ml import images
from ml.errors import ImageError, NoGarment
from ml.garment import annotate, correct, orientation
from ml.garment.annotation import Cut, GarmentAnnotation, Region
from shop.catalogue.models import ProductImage

log = structlog.get_logger(__name__)
Status, Failure = GarmentLabels.Status, GarmentLabels.Failure

#: Raise it when colours, patterns or categories are told in another way.
LOOK = 1
#: Changes with anything that changes labels: rows of other versions are read anew.
VERSION = f"{annotate.VERSION}+{LOOK}"
#: One run's time, so that other tasks get their turn where one worker serves every queue.
SECONDS = 2.0
#: A worker that has not answered for so long is taken for dead.
LEASE = timedelta(seconds=60)
#: After an error that may be the machine's fault.
PAUSE = timedelta(seconds=10)
#: A picture that has killed so many workers, or failed so often, is given up.
ATTEMPTS = 3
#: Rows per round of looking.
BATCH = 500

Points = rows.Points


# --- rounds -----------------------------------------------------------------------------------


def run() -> int:
    """Label what is due, for :data:`SECONDS`; returns how many pictures were answered.

    While shoppers wait, one picture at most: labels must come in a busy shop too.
    """
    enrol()
    until, done = monotonic() + SECONDS, 0
    for pk in list(GarmentLabels.objects.due().values_list("pk", flat=True)[:BATCH]):
        done += label(pk) in ("labelled", "failed")
        if monotonic() > until or TryOn.objects.active().exists():
            break
    return done


def is_due() -> bool:
    return GarmentLabels.objects.due().exists()


def enrol() -> None:
    """Give every picture a row, and put rows that are about something else back in line."""
    without = querysets.pictures().filter(garment_labels__isnull=True).values_list("pk", flat=True)
    GarmentLabels.objects.bulk_create(
        [GarmentLabels(image_id=pk) for pk in without[:BATCH]], ignore_conflicts=True
    )
    # Another file or region: nothing that was said of the old one holds.
    GarmentLabels.objects.of_another_picture().update(**rows.FORGET)
    GarmentLabels.objects.outdated(VERSION).update(
        status=Status.WAITING, failure="", claim=None, lease_until=None, attempts=0
    )


def label(pk: int) -> str:
    """Answer one row. Returns what came of it, for the log."""
    token = uuid4()
    due = GarmentLabels.objects.due().filter(pk=pk)
    if deadly := due.filter(attempts__gte=ATTEMPTS).select_related("image__product__category"):
        log.warning("garment_given_up", labels=pk)
        answer = _about(deadly[0]) | rows.nothing(Failure.FAILED)
        return "failed" if due.update(**answer, claim=None, lease_until=None) else "not_waiting"
    if not due.update(claim=token, lease_until=Now() + LEASE, attempts=F("attempts") + 1):
        return "not_waiting"
    row = GarmentLabels.objects.select_related("image__product__category").get(pk=pk)
    held = GarmentLabels.objects.filter(pk=pk, claim=token)
    start = perf_counter()
    try:
        fields = _answer(row)
    except Exception:  # whatever it was, the row must not hang
        log.exception("garment_not_labelled", labels=pk)
        held.update(claim=None, lease_until=Now() + PAUSE)
        return "died"
    free = {"claim": None, "lease_until": None, "attempts": 0, "updated_at": Now()}
    if not held.update(**fields, **free):
        return "lost"  # staff asked for something else meanwhile, or the picture went
    log.info(
        "garment_labelled",
        picture=row.image_id,
        status=str(fields["status"]),
        ms=round((perf_counter() - start) * 1000),
    )
    return "failed" if fields["status"] == Status.FAILED else "labelled"


# --- one picture ------------------------------------------------------------------------------


def read_for_dressing(
    image: ProductImage, region: str
) -> tuple[NDArray[np.uint8], GarmentAnnotation]:
    """The picture and its labels; where there are none yet they are found now, and kept.

    Raises ml.errors.InputError, FileNotFoundError.
    """
    picture = pictures.read(image)
    row = GarmentLabels.objects.current(image, region).first()
    if row is not None and row.mask is not None and (row.kept or row.version == VERSION):
        return picture.rgb, rows.annotation(row, picture)
    found = annotate.annotate(picture, region=Region(region))
    _keep(image, region, found)
    return picture.rgb, found


def _keep(image: ProductImage, region: str, found: GarmentAnnotation) -> None:
    """What a shopper waited for need not be found again; colours and the rest come later."""
    fields = {
        "picture": str(image.file.name),
        "region": region,
        "version": VERSION,
        "status": Status.WAITING,
        "failure": "",
        "attempts": 0,
        "height": found.mask.shape[0],
        "width": found.mask.shape[1],
        **rows.found(found),
        **rows.labels(found.mask, found.cut, found.landmarks),
    }
    if not GarmentLabels.objects.filter(image=image, kept=False).update(**fields):
        GarmentLabels.objects.bulk_create(
            [GarmentLabels(image=image, **fields)], ignore_conflicts=True
        )


@dataclass(frozen=True, slots=True)
class _Base:
    """Where corrections start: what was found, or that nothing was."""

    mask: NDArray[np.uint8]
    cut: Cut | None
    landmarks: Points


def _answer(row: GarmentLabels) -> dict[str, Any]:
    """Every field that the picture and staff's wishes decide."""
    region = Region(row.image.product.category.region)
    about = _about(row)
    try:
        picture = pictures.read(row.image)
    except (ImageError, FileNotFoundError) as error:
        log.info("garment_unreadable", picture=row.image_id, error=str(error))
        return about | rows.nothing(Failure.BAD_IMAGE)
    # Also where nothing is found: clicks on it need to know.
    about |= {"height": picture.size[0], "width": picture.size[1]}
    try:
        return about | _labels(row, region, picture)
    except NoGarment:
        return about | rows.nothing(Failure.NO_GARMENT)


def _about(row: GarmentLabels) -> dict[str, Any]:
    """Which picture an answer is about, and whose it is."""
    return {
        "picture": str(row.image.file.name),
        "region": row.image.product.category.region,
        "version": row.version if row.kept and row.version else VERSION,
    }


def _labels(row: GarmentLabels, region: Region, picture: images.Picture) -> dict[str, Any]:
    base, fields = _base(row, picture, region)
    mask, cut, landmarks = _corrected(row, picture.rgb, region, base)
    fields |= rows.labels(mask, cut, landmarks)
    row.mask, row.cut, row.landmarks = fields["mask"], fields["cut"], fields["landmarks"]
    asked = row.clicks or row.moved or row.cut_asked
    fields["digest"] = row.content_digest if asked or row.digest else ""
    fields |= rows.look(picture.rgb, mask)
    if not fields.get("category", row.category):
        fields |= rows.kind(picture.rgb, mask)
    if row.kept:
        status = Status.CORRECTED if row.corrected_at else Status.GIVEN
    else:
        confidence = fields.get("confidence", row.confidence) or 0.0
        mask_confidence = fields.get("mask_confidence", row.mask_confidence) or 0.0
        doubtful = min(confidence, mask_confidence) < annotate.NEEDS_ATTENTION
        status = Status.NEEDS_ATTENTION if doubtful else Status.READY
    return fields | {"status": status, "failure": ""}


def _base(
    row: GarmentLabels, picture: images.Picture, region: Region
) -> tuple[_Base, dict[str, Any]]:
    """What was found before if it was found in this picture, else by the annotator now.

    Also the fields to write. Raises NoGarment where nothing is found and nobody clicked.
    """
    same = row.picture == row.image.file.name and row.region == region
    if same and row.found_mask is not None and (row.kept or row.version == VERSION):
        mask = rows.fitted(pictures.mask_of(bytes(row.found_mask)), picture)
        return _Base(mask, Cut(row.found_cut), rows.points(row.found_landmarks)), {}
    try:
        found = annotate.annotate(picture, region=region)
    except NoGarment:
        if not row.clicks:
            raise
        nothing = _Base(np.zeros(picture.size, np.uint8), None, {})
        return nothing, {"confidence": None, "mask_confidence": None}
    return _Base(found.mask, found.cut, found.landmarks), rows.found(found)


def _corrected(
    row: GarmentLabels, rgb: NDArray[np.uint8], region: Region, base: _Base
) -> tuple[NDArray[np.uint8], Cut, Points]:
    """What was found with everything done to it that staff asked for."""
    mask = base.mask
    if row.clicks:
        mask = correct.refine_mask(
            rgb,
            mask,
            foreground=[(x, y) for x, y, inside in row.clicks if inside],
            background=[(x, y) for x, y, inside in row.clicks if not inside],
        )
    cut = Cut(row.cut_asked) if row.cut_asked else base.cut or _likeliest(mask, region)
    if row.clicks or cut != base.cut:
        landmarks = dict(correct.relandmark(mask, region, cut))
    else:
        landmarks = dict(base.landmarks)
    landmarks |= {name: at for name, at in rows.points(row.moved).items() if name in landmarks}
    return mask, cut, landmarks


def _likeliest(mask: NDArray[np.uint8], region: Region) -> Cut:
    """The cut of a mask that only clicks have made."""
    _, shape = orientation.turn(mask)
    return max(annotate.CUTS_OF[region], key=lambda cut: shape.cuts[cut])
