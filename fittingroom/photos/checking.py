"""The worker's side of a photo: decode, look, judge, store what was found.

Never imported by web processes.
"""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

import numpy as np
import structlog
from django.core.files.base import ContentFile
from django.db import close_old_connections
from numpy.typing import NDArray

from fittingroom.models import PersonPhoto, ReasonCode
from fittingroom.photos import claims, files
from fittingroom.photos.claims import Claim
from fittingroom.photos.pictures import MAX_HEIGHT
from ml import images
from ml.errors import ImageError, InputError
from ml.person import checks, look
from ml.person.checks import Findings, Problem
from ml.person.look import Look
from ml.person.store import keypoints_to_list, parse_to_png
from ml.person.version import WEIGHTS

log = structlog.get_logger(__name__)

#: The sentences name it.
GOOD_WIDTH = 600
_BLANK: NDArray[np.uint8] = np.full((64, 48, 3), 200, np.uint8)


def warm() -> None:
    """Load the network of this worker now, so that no shopper waits for it."""
    if not WEIGHTS.exists():
        log.warning("annotator_unusable", missing=str(WEIGHTS))
        return
    with contextlib.suppress(InputError):  # nobody in it, as it should be
        look.look_at(_BLANK)


def check(pk: UUID) -> str:
    """Check one photo. Returns what came of it, for the log."""
    claim = claims.take(pk)
    if claim is None:
        return "not_waiting"
    work = log.bind(photo=str(pk), attempt=claim.attempt)
    try:
        outcome = _check(claim)
    except Exception as error:  # noqa: BLE001 (whatever it was, the row must not hang)
        work.exception("photo_check_died", error=type(error).__name__)
        close_old_connections()  # it may have been the database's connection that broke
        return claim.give_up() or "lost"
    work.info("photo_checked", outcome=outcome)
    return outcome


def _check(claim: Claim) -> str:
    photo = PersonPhoto.objects.get(pk=claim.pk)
    try:
        with photo.file.open("rb") as file:
            rgb = images.decode(file.read()).rgb
        seen = look.look_at(rgb)
        found = checks.check(rgb, seen)
    except ImageError:
        return _refused(claim, ReasonCode.BAD_IMAGE)
    except InputError as error:  # nobody in it
        return _refused(claim, error.code)
    if found.fatal is not None:
        return _refused(claim, found.fatal.code, found.fatal.parts)
    return _accept(claim, seen, found, _advice(photo, found))


def _refused(claim: Claim, code: str, parts: tuple[str, ...] = ()) -> str:
    return f"refused: {code}" if claim.refuse(_known(code), parts) else "lost"


def _advice(photo: PersonPhoto, found: Findings) -> list[Problem]:
    """Once each; a photo that came in narrow is small, however much of it the person fills."""
    advice = list(found.advice)
    narrow = photo.width < GOOD_WIDTH and photo.height < MAX_HEIGHT
    if narrow and not any(problem.code == ReasonCode.TOO_SMALL for problem in advice):
        advice.append(Problem(ReasonCode.TOO_SMALL))
    return advice


def _accept(claim: Claim, seen: Look, found: Findings, advice: list[Problem]) -> str:
    name = files.storage().save(
        files.new_name(claim.pk, ".png"), ContentFile(parse_to_png(seen.annotation.parse))
    )
    accepted = claim.accept(
        parse=name,
        keypoints=keypoints_to_list(seen.annotation.keypoints),
        annotator=look.VERSION,
        region_problems={
            str(region): _kept(problem) for region, problem in found.by_region.items()
        },
        advice_found=[_kept(problem) for problem in advice],
    )
    if not accepted:  # erased meanwhile, or given to another worker
        files.storage().delete(name)
        return "lost"
    return "ready"


def _kept(problem: Problem) -> dict[str, Any]:
    return {"code": _known(problem.code), "parts": list(problem.parts)}


def _known(code: str) -> str:
    return code if code in ReasonCode.values else ReasonCode.FAILED
