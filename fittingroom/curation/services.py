"""Everything that staff do to fitting models. One transaction each."""

from __future__ import annotations

from django.core.files.base import File
from django.db import transaction

from fittingroom.curation import upkeep
from fittingroom.locks import lock_fitting_model
from fittingroom.models import FittingModel
from shop.catalogue.services import erase_files

State, Source = FittingModel.State, FittingModel.Source

#: What says how somebody is shown; everything else is photo, annotation or a worker's.
ABOUT = (
    *("slug", "name_ko", "name_en", "gender", "height_cm", "size_worn", "body_ko", "body_en"),
    *("active", "position", "updated_at"),
)


class NotAnnotated(Exception):
    """There is nothing to accept: parse or keypoints are missing."""


class Worn(Exception):
    """Shoppers have pictures of this person: they would go with it."""


def save_fitting_model(
    *, model: FittingModel, new_photo: bool = False, new_annotation: bool = False
) -> None:
    """Save what was edited, and start, keep or take over the annotation.

    new_photo without new_annotation: everything starts over with a worker's look at the photo.
    new_annotation: ``model`` has parse and keypoints of its photo. Given with a photo, or where
    there were none, they are accepted at once; over others they are a correction, and whoever
    made it decides on accepting it.
    """
    with transaction.atomic():
        if model.pk is not None and not (new_photo or new_annotation):
            model.save(update_fields=ABOUT)
            return
        before = _stored(model)
        if before is not None:
            # A worker that is on the row loses it.
            model.attempt, model.lease_until, model.sent_at = before.attempt + 1, None, None
        if new_annotation:
            corrected = not new_photo and before is not None and before.is_annotated
            if corrected:
                model.annotation_source = Source.CORRECTED
                model.state = State.ANNOTATED if model.state == State.NEW else model.state
            else:
                model.state, model.annotation_source = State.ACCEPTED, Source.GIVEN
                model.annotator, model.failure = "", ""
                if new_photo:
                    model.findings = {}
        else:
            model.parse, model.keypoints, model.densepose = "", None, ""
            model.annotation_source, model.annotator = Source.NETWORK, ""
            _start(model)
        model.active = model.active and model.state == State.ACCEPTED
        model.save()
        if before is not None:
            erase_files(model.photo.storage, sorted(_files(before) - _files(model)))
        if model.state == State.NEW:
            transaction.on_commit(_nudge)


def accept(*, model: FittingModel) -> None:
    """The curator has looked: show this person to shoppers. Raises NotAnnotated."""
    with transaction.atomic():
        current = lock_fitting_model(model.pk)
        if current.state == State.NEW or not current.is_annotated:
            raise NotAnnotated(model.slug)
        FittingModel.objects.filter(pk=model.pk).update(
            state=State.ACCEPTED, active=True, failure="", deaths=0
        )
    model.refresh_from_db()


def annotate_again(*, model: FittingModel) -> None:
    """Let a worker look at the photo once more, e.g. with a newer network.

    What there is stays until the answer; shoppers do not see the person before it is accepted.
    """
    with transaction.atomic():
        current = lock_fitting_model(model.pk)
        current.attempt += 1
        current.lease_until = current.sent_at = None
        current.active = False
        _start(current)
        current.save()
        transaction.on_commit(_nudge)
    model.refresh_from_db()


def set_active(*, model: FittingModel, active: bool) -> bool:
    """Show or hide an accepted person. False where it is not accepted and cannot be shown."""
    rows = FittingModel.objects.filter(pk=model.pk)
    if active:
        rows = rows.filter(state=State.ACCEPTED)
    return bool(rows.update(active=active))


def delete(*, model: FittingModel) -> None:
    """Row and files. Raises Worn where shoppers' pictures would go with them."""
    with transaction.atomic():
        current = lock_fitting_model(model.pk)
        if current.tryons.exists():
            raise Worn(model.slug)
        current.delete()
        erase_files(current.photo.storage, sorted(_files(current)))


def _start(model: FittingModel) -> None:
    model.state, model.deaths, model.findings, model.failure = State.NEW, 0, {}, ""


def _stored(model: FittingModel) -> FittingModel | None:
    return None if model.pk is None else lock_fitting_model(model.pk)


def _files(model: FittingModel) -> set[str]:
    files: tuple[File[bytes], ...] = (model.photo, model.thumbnail, model.parse, model.densepose)
    return {str(file.name) for file in files if file}


def _nudge() -> None:
    upkeep.send_waiting()
