"""The worker's side of a try-on: claim, prepare, dress, store. Never imported by web processes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, sleep
from uuid import UUID

import numpy as np
import structlog
from celery.exceptions import SoftTimeLimitExceeded
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

#: Codes of ``ml.errors`` → what shoppers are told: ours have the same names. Whatever is wrong with
#: a picture's file is one thing to them; a code without a reason is our failure.
REASONS = {code.value: code for code in ReasonCode} | {
    error.code: ReasonCode.BAD_IMAGE for error in ImageError.__subclasses__()
}

_engines: dict[str, TryOnEngine] = {}
#: Largest batch that went into memory, of engines that once ran out of it in this process.
_fits: dict[str, int] = {}
_loading = threading.Lock()


def warm() -> None:
    """Load the engines of this worker now, so that no shopper waits for it."""
    for spec in engines.enabled_here():
        try:
            engine_of(spec)
        except NotSupported as error:
            log.warning("engine_unusable", engine=spec.name, error=str(error))


def _key(spec: EngineSpec) -> str:
    return f"{spec.name}-{spec.version}"


def engine_of(spec: EngineSpec) -> TryOnEngine:
    """The engine, loaded once per process. Raises NotSupported if it cannot run here."""
    key = _key(spec)
    with _loading:
        if key not in _engines:
            state = check(spec)
            if isinstance(state, Unusable):
                raise NotSupported(f"{spec.name}: {state.reason} ({state.hint})")
            _engines[key] = spec.load(settings.TRYON_WORKER_DEVICE)
        return _engines[key]


def dress(pk: UUID) -> str:
    """Do one try-on, and others that wait for the same engine with it, as many as it takes at once.

    Returns what came of the one, for the log.
    """
    first = claims.take(pk)
    if first is None:
        return "not_waiting"
    held = [first, *_companions(first)]
    outcomes: dict[UUID, str] = {}
    with claims.kept_alive(held):
        try:
            _dress(held, outcomes)
        except SoftTimeLimitExceeded as error:
            for claim in held:
                if claim.pk not in outcomes:
                    outcomes[claim.pk] = _buried(claim, error)
    for claim in held:
        outcome = outcomes[claim.pk]
        event = "tryon_lost" if outcome == "lost" else "tryon_over"
        log.info(event, tryon=str(claim.pk), attempt=claim.attempt, outcome=outcome)
    return outcomes[pk]


def _companions(first: Claim) -> list[Claim]:
    """Claims on what waits for the same engine, as many as fit into one batch with ``first``.

    What has cost a worker before is dressed alone, so that it takes nobody along.
    """
    row = TryOn.objects.filter(pk=first.pk, deaths=0).values_list("engine", flat=True).first()
    spec = engines.spec_of(row) if row else None
    room = _room(spec) - 1 if spec else 0
    if spec is None or room < 1:
        return []
    found = claims.take_waiting(spec.name, most=room)
    if len(found) < room and settings.TRYON_BATCH_WAIT_MS:
        sleep(settings.TRYON_BATCH_WAIT_MS / 1000)  # those who clicked at the same moment
        found += claims.take_waiting(spec.name, most=room - len(found))
    return found


def _room(spec: EngineSpec) -> int:
    """How many requests the engine may get at once here."""
    most: int = min(spec.batch, settings.TRYON_BATCH, _fits.get(_key(spec), spec.batch))
    if most > 1 and spec.megabytes_each:
        allowed = engines.memory_of(spec)
        if allowed is not None:
            most = min(most, (allowed - spec.megabytes) // spec.megabytes_each)
    return max(most, 1)


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


@dataclass(slots=True)
class _Job:
    """A claimed row whose person and garments are ready."""

    claim: Claim
    tryon: TryOn
    spec: EngineSpec
    engine: TryOnEngine
    request: DressRequest
    stages: _Stages


def _dress(held: Sequence[Claim], outcomes: dict[UUID, str]) -> None:
    """Each claim gets an outcome; what goes wrong with one harms no other."""
    jobs: list[_Job] = []
    for claim in held:
        with _ending(claim, outcomes):
            jobs.append(_prepared(claim))
    for job, answer in _answers(jobs):
        with _ending(job.claim, outcomes):
            if isinstance(answer, Exception):
                raise answer
            if isinstance(answer, Refused):
                outcomes[job.claim.pk] = _refuse(job.claim, answer)
            else:
                _finish(job, answer)
                outcomes[job.claim.pk] = "done"


@contextmanager
def _ending(claim: Claim, outcomes: dict[UUID, str]) -> Iterator[None]:
    """Turns whatever ends the work on one row into its outcome."""
    try:
        try:
            yield
        except (InputError, FileNotFoundError) as error:
            code = error.code if isinstance(error, InputError) else ImageError.code
            outcomes[claim.pk] = _refuse(claim, Refused(code, str(error)))
    except claims.Lost:
        outcomes[claim.pk] = "lost"
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it was, the row must not hang)
        outcomes[claim.pk] = _buried(claim, error)


def _buried(claim: Claim, error: Exception) -> str:
    """Ours or the machine's fault: another worker may have more luck, three times at most."""
    log.error("tryon_died", tryon=str(claim.pk), attempt=claim.attempt, exc_info=error)
    close_old_connections()  # it may have been the database's connection that broke
    return claims.bury(claim.pk, claim.attempt, detail=repr(error)) or "lost"


def _prepared(claim: Claim) -> _Job:
    tryon = TryOn.objects.with_person().get(pk=claim.pk)
    worn = list(tryon.garments.select_related("image"))
    stages = _Stages()
    spec = engines.spec_of(tryon.engine)
    if spec is None:
        raise NotSupported(f"no engine is called {tryon.engine!r}")
    with stages.timed("load"):
        engine = engine_of(spec)
    with stages.timed("person"):
        person = preparations.person(tryon.person, spec, engine)
    claim.check()
    with stages.timed("garment"):
        garments = tuple(
            preparations.garment(item.image, item.region, spec, engine) for item in worn
        )
    claim.write(status=TryOn.Status.DRESSING, stage_ms=stages.ms)
    return _Job(claim, tryon, spec, engine, DressRequest(person, garments), stages)


def _answers(jobs: Sequence[_Job]) -> Iterator[tuple[_Job, Dressed | Refused | Exception]]:
    """The engine's answers, all from one pass where that goes well.

    A batch that fails is halved until what fails is alone, so that only this pays for it. Where
    memory was the reason, later batches are no larger than what went through.
    """
    if not jobs:
        return

    def on_stage(stage: str, seconds: float) -> None:
        if all(job.claim.lost.is_set() for job in jobs):
            raise claims.Lost("nobody waits for any of these")
        for job in jobs:
            job.stages.add(stage, seconds)

    start = perf_counter()
    answers: Sequence[Dressed | Refused | Exception]
    try:
        answers = jobs[0].engine.dress([job.request for job in jobs], on_stage=on_stage)
    except claims.Lost as lost:
        answers = [lost] * len(jobs)
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (told to the one whose fault it is)
        middle = len(jobs) // 2
        if _out_of_memory(error) and middle:
            _fits[_key(jobs[0].spec)] = middle
        if middle:
            log.warning("batch_halved", engine=jobs[0].spec.name, size=len(jobs), error=repr(error))
            yield from _answers(jobs[:middle])
            yield from _answers(jobs[middle:])
            return
        answers = [error]
    for job, answer in zip(jobs, answers, strict=True):
        job.stages.add("dress", perf_counter() - start)
        yield job, answer


def _out_of_memory(error: Exception) -> bool:
    """Python's or torch's, without importing torch; frees what the device can give back."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(error, torch.OutOfMemoryError):
        return isinstance(error, MemoryError)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return True


def _refuse(claim: Claim, answer: Refused) -> str:
    claim.fail(REASONS.get(answer.code, ReasonCode.FAILED), f"{answer.code}: {answer.message}")
    return "refused"


def _finish(job: _Job, answer: Dressed) -> None:
    """Store the picture under this attempt's name, then swap it in; take it away if we are late."""
    claim, tryon, spec, stages = job.claim, job.tryon, job.spec, job.stages
    claim.write(stage_ms=stages.ms)
    with stages.timed("store"):
        name = results.storage().save(
            results.name_of(claim.pk, claim.attempt), ContentFile(_encoded(answer.image))
        )
    content_hash = tryon.content_hash
    if tryon.engine_version != spec.version:  # upgraded while the row waited
        garments = [(item.image, item.region) for item in tryon.garments.select_related("image")]
        content_hash = fingerprints.of_tryon(tryon.person, garments, spec)
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
