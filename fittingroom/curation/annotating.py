"""The worker's side: look at a fitting model's photo, judge it, store what was found.

Never imported by web processes.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.db import close_old_connections, transaction

from fittingroom.curation import claims, upkeep
from fittingroom.curation.claims import Claim
from fittingroom.models import FittingModel, fitting_model_photo_path
from ml import images
from ml.errors import InputError
from ml.person import checks, look
from ml.person.checks import Findings, Problem
from ml.person.store import keypoints_to_list, parse_to_png
from shop.catalogue.services import erase_files

log = structlog.get_logger(__name__)
State = FittingModel.State


def annotate(pk: int) -> str:
    """Annotate one fitting model, and nudge the next. Returns what came of it, for the log."""
    outcome = _annotate(pk)
    upkeep.send_waiting()
    return outcome


def _annotate(pk: int) -> str:
    claim = claims.take(pk)
    if claim is None:
        return "not_waiting"
    work = log.bind(fitting_model=pk, attempt=claim.attempt)
    try:
        outcome = _answer(claim)
    except Exception as error:  # noqa: BLE001 (whatever it was, the row must not hang)
        work.exception("fitting_model_died")
        close_old_connections()  # it may have been the database's connection that broke
        return claim.give_up(repr(error)) or "lost"
    work.info("fitting_model_annotated", outcome=outcome)
    return outcome


def _answer(claim: Claim) -> str:
    model = FittingModel.objects.get(pk=claim.pk)
    try:
        with model.photo.open("rb") as file:
            photo = images.decode(file.read()).rgb
        seen = look.look_at(photo)
    except InputError as error:  # nobody in it, or not a picture that can be read
        findings = Findings(Problem(error.code), {})
        fields = {"findings": _kept(findings), "failure": str(error)[:300]}
        return State.REFUSED if claim.write(State.REFUSED, **fields) else "lost"
    findings = checks.check(photo, seen)
    state = State.ANNOTATED if findings.fatal is None else State.REFUSED
    storage, before = model.parse.storage, str(model.parse.name or "")
    parse = storage.save(
        fitting_model_photo_path(model, "parse.png"),
        ContentFile(parse_to_png(seen.annotation.parse)),
    )
    with transaction.atomic():
        written = claim.write(
            state,
            parse=parse,
            keypoints=keypoints_to_list(seen.annotation.keypoints),
            findings=_kept(findings),
            failure="",
            annotation_source=FittingModel.Source.NETWORK,
            annotator=look.VERSION[:60],
        )
        erase_files(storage, [name for name in ([before] if written else [parse]) if name])
    return state if written else "lost"


def _kept(findings: Findings) -> dict[str, Any]:
    return {
        "fatal": findings.fatal and _problem(findings.fatal),
        "regions": {str(where): _problem(what) for where, what in findings.by_region.items()},
        "advice": [_problem(what) for what in findings.advice],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "parts": list(problem.parts)}
