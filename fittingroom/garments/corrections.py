"""Everything that staff do to the labels of a picture. One transaction each.

What needs the picture is done by a worker, which is told at once; what does not is done here.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from fittingroom import dispatch, locks
from fittingroom.models import GarmentLabels
from fittingroom.models.garments import MAX_SIDE
from ml.garment.annotation import LANDMARKS, Cut
from shop.catalogue.models import ProductImage, Region

Status = GarmentLabels.Status

#: How a garment of a region can be cut; where there is one way nobody is asked.
CUTS: Mapping[str, tuple[str, ...]] = {
    Region.UPPER: ("top",),
    Region.OUTER: ("top",),
    Region.DRESS: ("dress",),
    Region.LOWER: ("trousers", "skirt"),
}
MAX_CLICKS = 60
#: Landmarks that are moved by less have not been moved.
_STILL = 0.05


def give(
    *, image: ProductImage, mask: bytes, cut: str, landmarks: Mapping[str, Sequence[float]]
) -> GarmentLabels:
    """Labels that came with a new picture: dressing takes them as they are, from now on.

    mask: PNG of the picture's size, white = fabric. landmarks: exactly those of the cut, in
    pixels. A worker adds colours and what else is shown. Raises ValueError, OSError.
    """
    with Image.open(io.BytesIO(mask), formats=("PNG",)) as opened:
        size = opened.size
    fits = size == (image.width, image.height) and max(size) <= MAX_SIDE
    if not fits or set(landmarks) != set(LANDMARKS[Cut(cut)]):
        raise ValueError(f"these labels are not of {image.file.name}")
    points = {name: list(point) for name, point in landmarks.items()}
    row = GarmentLabels(
        image=image,
        picture=str(image.file.name),
        region=image.product.category.region,
        kept=True,
        width=size[0],
        height=size[1],
        **{"mask": mask, "cut": cut, "landmarks": points},
        **{"found_mask": mask, "found_cut": cut, "found_landmarks": points},
    )
    row.digest = row.content_digest
    row.save(force_insert=True)
    return row


def correct(
    *,
    labels: GarmentLabels,
    user: Any,
    picture: str,
    clicks: Sequence[Any] | None = None,
    landmarks: Mapping[str, Any] | None = None,
) -> GarmentLabels:
    """Take over clicks and moved landmarks; without either, accept what is there.

    labels: which row. picture: the file that the member of staff saw. clicks: all of them,
    [x, y, 1 or 0]; fewer than before take clicks back. landmarks: name → [x, y, visibility].
    Other clicks make the row wait for a worker. Returns the row as it is now; raises
    ValidationError.
    """
    with transaction.atomic():
        row = _locked(labels, picture)
        if clicks is not None:
            clicks = read_clicks(clicks, row)
        moved = read_landmarks(landmarks, row) if landmarks else {}
        follow = clicks is not None and clicks != row.clicks
        if row.mask is None and not follow:
            raise ValidationError(_("There is nothing to accept yet."), code="nothing")
        row.moved = {**row.moved, **moved}
        row.landmarks = {**row.landmarks, **moved}
        row.clicks = row.clicks if clicks is None else clicks
        _vouch(row, user)
        if follow or row.status == Status.WAITING:
            _wait(row)
        else:
            row.status, row.failure = Status.CORRECTED, ""
        if moved:
            row.digest = row.content_digest
        row.save()
    return row


def change_cut(*, labels: GarmentLabels, user: Any, picture: str, cut: str) -> GarmentLabels:
    """Say how it is cut; a worker finds the landmarks of that cut. Raises ValidationError."""
    with transaction.atomic():
        row = _locked(labels, picture)
        if cut not in CUTS.get(row.region, ()):
            raise ValidationError(_("Garments of this region are not cut so."), code="cut")
        if cut != row.cut:
            row.cut_asked = cut
            row.moved = {name: at for name, at in row.moved.items() if name in LANDMARKS[Cut(cut)]}
            _vouch(row, user)
            _wait(row)
            row.save()
    return row


def start_over(*, labels: GarmentLabels) -> GarmentLabels:
    """Forget every correction and have the picture read anew."""
    with transaction.atomic():
        row = locks.lock_labels(labels.pk)
        row.clicks, row.moved, row.cut_asked = [], {}, ""
        row.kept, row.corrected_by, row.corrected_at = False, None, None
        # What was found may itself have come with the picture: nothing of it is kept.
        row.digest, row.version, row.category = "", "", ""
        _wait(row)
        row.save()
    return row


def read_clicks(value: Any, row: GarmentLabels) -> list[list[float]]:
    """[x, y, 1 or 0] inside the picture, at most MAX_CLICKS. Raises ValidationError."""
    if not isinstance(value, (list, tuple)) or len(value) > MAX_CLICKS:
        raise ValidationError(_("At most %d clicks.") % MAX_CLICKS, code="clicks")
    clicks = [_numbers(click) for click in value]
    if any(inside not in (0, 1) for _x, _y, inside in clicks):
        raise ValidationError(_("Not a point of the picture."), code="point")
    width, height = row.width, row.height
    _within(clicks, width, height)
    # The editor lets a mark lie on the very edge.
    return [[min(x, width - 0.5), min(y, height - 0.5), int(i)] for x, y, i in clicks]


def read_landmarks(value: Any, row: GarmentLabels) -> dict[str, list[float]]:
    """Those of the row's landmarks that lie elsewhere in ``value``. Raises ValidationError."""
    if not isinstance(value, dict) or not set(value) <= set(row.landmarks):
        raise ValidationError(_("These landmarks belong to another cut."), code="landmarks")
    moved = {}
    for name, point in value.items():
        x, y, visibility = _numbers(point)
        if visibility not in (0, 1, 2):
            raise ValidationError(_("Not a point of the picture."), code="point")
        before = row.landmarks[name]
        still = max(abs(x - before[0]), abs(y - before[1])) < _STILL
        if not still or visibility != before[2]:
            moved[name] = [x, y, int(visibility)]
    _within(list(moved.values()), row.width, row.height)
    return moved


def _locked(labels: GarmentLabels, picture: str) -> GarmentLabels:
    """The row, if it is still about the file that was looked at."""
    row = locks.lock_labels(labels.pk)
    now = row.image
    if not row.picture == now.file.name == picture or row.region != now.product.category.region:
        raise ValidationError(
            _("The picture has changed meanwhile. Load the page again."), code="changed"
        )
    return row


def _vouch(row: GarmentLabels, user: Any) -> None:
    row.kept, row.corrected_by, row.corrected_at = True, user, timezone.now()


def _wait(row: GarmentLabels) -> None:
    """Queue it anew; a worker that is on it already holds a token that is no longer valid."""
    row.status, row.failure = Status.WAITING, ""
    row.claim, row.lease_until, row.attempts = None, None, 0
    transaction.on_commit(partial(dispatch.send_labels, row.pk))


def _numbers(point: Any) -> list[float]:
    numbers = isinstance(point, (list, tuple)) and len(point) == 3
    if not numbers or not all(
        isinstance(each, (int, float)) and not isinstance(each, bool) and isfinite(each)
        for each in point
    ):
        raise ValidationError(_("Not a point of the picture."), code="point")
    return [round(float(each), 2) for each in point]


def _within(points: Sequence[Sequence[float]], width: int, height: int) -> None:
    if not all(0 <= x <= width and 0 <= y <= height for x, y, _third in points):
        raise ValidationError(_("Not a point of the picture."), code="point")
