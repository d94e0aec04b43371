"""The worker's side of a try-on: claim, prepare, dress, store. Never imported by web processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from uuid import UUID

import numpy as np
import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import close_old_connections
from numpy.typing import NDArray

from fittingroom import claims, engines, fingerprints, marks, preparations, results
from fittingroom.claims import Claim
from fittingroom.models import ReasonCode, TryOn
from ml import images
from ml.errors import ImageError, InputError, NotSupported
from ml.tryon.engine import Dressed, DressRequest, EngineSpec, Refused, TryOnEngine, Unusable
from ml.tryon.registry import check

log = structlog.get_logger(__name__)

#: Codes of ``ml.errors`` that shoppers can do something about; the rest is our failure.
REASONS = {
    "no_person": ReasonCode.NO_PERSON,
    "back_view": ReasonCode.BACK_VIEW,
    "many_people": ReasonCode.MANY_PEOPLE,
    "cut_off": ReasonCode.CUT_OFF,
    "arms_cover": ReasonCode.ARMS_COVER,
    "no_garment": ReasonCode.NO_GARMENT,
    "not_supported": ReasonCode.NOT_SUPPORTED,
    "bad_image": ReasonCode.BAD_IMAGE,
} | {error.code: ReasonCode.BAD_IMAGE for error in ImageError.__subclasses__()}

_engines: dict[str, TryOnEngine] = {}
_loading = threading.Lock()


def warm() -> None:
    """Load the engines of this worker now, so that no shopper waits for it."""
    for spec in engines.enabled_here():
        try:
            engine_of(spec)
        except NotSupported as error:
            log.warning("engine_unusable", engine=spec.name, error=str(error))


def engine_of(spec: EngineSpec) -> TryOnEngine:
    """The engine, loaded once per process. Raises NotSupported if it cannot run here."""
    key = f"{spec.name}-{spec.version}"
    with _loading:
        if key not in _engines:
            state = check(spec)
            if isinstance(state, Unusable):
                raise NotSupported(f"{spec.name}: {state.reason} ({state.hint})")
            _engines[key] = spec.load(settings.TRYON_WORKER_DEVICE)
        return _engines[key]


def dress(pk: UUID) -> str:
    """Do one try-on. Returns what came of it, for the log."""
    claim = claims.take(pk)
    if claim is None:
        return "not_waiting"
    work = log.bind(tryon=str(pk), attempt=claim.attempt)
    try:
        with claim.kept_alive():
            outcome = _dress(claim)
    except claims.Lost:
        work.info("tryon_lost")
        return "lost"
    except Exception as error:  # noqa: BLE001 (whatever it was, the row must not hang)
        # Ours or the machine's fault: another worker may have more luck, three times at most.
        work.exception("tryon_died")
        close_old_connections()  # it may have been the database's connection that broke
        return claims.bury(pk, claim.attempt, detail=repr(error)) or "lost"
    work.info("tryon_over", outcome=outcome)
    return outcome


class _Stages:
    """Milliseconds by stage, the engine's own ones included."""

    def __init__(self) -> None:
        self.ms: dict[str, int] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.add(stage, perf_counter() - start)

    def add(self, stage: str, seconds: float) -> None:
        self.ms[stage] = self.ms.get(stage, 0) + round(seconds * 1000)


def _dress(claim: Claim) -> str:
    tryon = TryOn.objects.select_related("fitting_model").get(pk=claim.pk)
    worn = list(tryon.garments.select_related("image"))
    stages = _Stages()
    spec = engines.spec_of(tryon.engine)
    try:
        if spec is None:
            raise NotSupported(f"no engine is called {tryon.engine!r}")
        with stages.timed("load"):
            engine = engine_of(spec)
        with stages.timed("person"):
            person = preparations.person(tryon.fitting_model, spec, engine)
        claim.check()
        with stages.timed("garment"):
            garments = tuple(
                preparations.garment(item.image, item.region, spec, engine) for item in worn
            )
        claim.write(status=TryOn.Status.DRESSING, stage_ms=stages.ms)

        def on_stage(stage: str, seconds: float) -> None:
            claim.check()
            stages.add(stage, seconds)

        with stages.timed("dress"):
            (answer,) = engine.dress([DressRequest(person, garments)], on_stage=on_stage)
    except (InputError, FileNotFoundError) as error:
        code = error.code if isinstance(error, InputError) else ImageError.code
        return _refuse(claim, Refused(code, str(error)))
    if isinstance(answer, Refused):
        return _refuse(claim, answer)
    _finish(claim, tryon, spec, answer, stages)
    return "done"


def _refuse(claim: Claim, answer: Refused) -> str:
    claim.fail(REASONS.get(answer.code, ReasonCode.FAILED), f"{answer.code}: {answer.message}")
    return "refused"


def _finish(claim: Claim, tryon: TryOn, spec: EngineSpec, answer: Dressed, stages: _Stages) -> None:
    """Store the picture under this attempt's name, then swap it in; take it away if we are late."""
    claim.write(stage_ms=stages.ms)
    with stages.timed("store"):
        name = results.storage().save(
            results.name_of(claim.pk, claim.attempt), ContentFile(_encoded(answer.image))
        )
    content_hash = tryon.content_hash
    if tryon.engine_version != spec.version:  # upgraded while the row waited
        garments = [(item.image, item.region) for item in tryon.garments.select_related("image")]
        content_hash = fingerprints.of_tryon(tryon.fitting_model, garments, spec)
    try:
        claim.succeed(
            result=name,
            stage_ms=stages.ms,
            engine_version=spec.version,
            content_hash=content_hash,
        )
    except claims.Lost:
        results.storage().delete(name)
        raise
    results.erase(claim.pk, keep=name)


def _encoded(pixels: NDArray[np.uint8]) -> bytes:
    return marks.label(images.encode(pixels, "jpeg"))
