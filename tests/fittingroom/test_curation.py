"""Fitting models between the photo and the shop: worker, sweep, services, constraints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from PIL import Image

from fittingroom import dispatch
from fittingroom.curation import annotating, claims, findings, services, upkeep
from fittingroom.models import FittingModel, TryOn
from ml.errors import NoPerson
from ml.garment.annotation import Region
from ml.person.annotation import PersonAnnotation
from ml.person.checks import Findings, Problem
from ml.person.store import keypoints_from_list, parse_from_png
from tests import drawings
from tests.factories import FittingModelFactory, TryOnFactory
from tests.processes import Broker

pytestmark = pytest.mark.django_db
State = FittingModel.State

FOUND = PersonAnnotation(
    parse_from_png(drawings.person_parse()), keypoints_from_list(drawings.KEYPOINTS), "net-1"
)
FEET = Problem("cut_off", ("feet",))


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was handed to the broker, instead of a broker."""
    taken: list[int] = []

    def take(pks: list[int]) -> int:
        taken.extend(pks)
        FittingModel.objects.filter(pk__in=pks).update(sent_at=timezone.now())
        return len(pks)

    monkeypatch.setattr(dispatch, "send_fitting_models", take)
    return taken


@pytest.fixture
def annotator(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The network and the checks: ``.found`` is an annotation or an error, ``.judged`` follows."""
    act = SimpleNamespace(found=FOUND, judged=Findings(None, {}), on_look=lambda photo: None)

    def look_at(photo: np.ndarray) -> Any:
        act.on_look(photo)
        if isinstance(act.found, Exception):
            raise act.found
        return SimpleNamespace(annotation=act.found)

    monkeypatch.setattr(annotating.look, "look_at", look_at)
    monkeypatch.setattr(annotating.look, "VERSION", "net-1")
    monkeypatch.setattr(annotating.checks, "check", lambda photo, seen: act.judged)
    return act


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


# --- the worker -------------------------------------------------------------------------------


def test_a_photo_is_annotated_and_waits_for_acceptance(annotator: SimpleNamespace) -> None:
    model = FittingModelFactory(bare=True)

    assert annotating.annotate(model.pk) == "annotated"

    model.refresh_from_db()
    assert (model.state, model.active) == (State.ANNOTATED, False)
    assert (model.annotation_source, model.annotator) == ("network", "net-1")
    assert model.keypoints == drawings.KEYPOINTS
    with model.parse.open() as file:
        assert (parse_from_png(file.read()) == FOUND.parse).all()
    assert findings.lines(model.findings)[0].tone == "good"
    assert model.lease_until is None


def test_what_the_checks_found_is_kept(annotator: SimpleNamespace) -> None:
    annotator.judged = Findings(
        None, {Region.LOWER: FEET, Region.DRESS: FEET}, (Problem("too_dark"),)
    )
    model = FittingModelFactory(bare=True)

    annotating.annotate(model.pk)

    model.refresh_from_db()
    assert model.state == State.ANNOTATED
    with translation.override("en"):
        assert findings.lines(model.findings) == [
            ("warn", "Outside the frame: feet: cannot wear trousers and skirts, dresses."),
            ("note", "The photo is too dark."),
        ]


def test_a_refused_photo_keeps_what_was_found_for_the_curator(annotator: SimpleNamespace) -> None:
    annotator.judged = Findings(Problem("back_view"), {})
    model = FittingModelFactory(bare=True)

    assert annotating.annotate(model.pk) == "refused"

    model.refresh_from_db()
    assert model.is_annotated
    with translation.override("en"):
        assert "from behind" in findings.lines(model.findings)[0].text
    services.accept(model=model)
    assert (model.state, model.active) == (State.ACCEPTED, True)


@pytest.mark.parametrize(
    ("photo", "found", "sentence"),
    [
        (b"", NoPerson("nobody"), "Nobody was found"),
        (b"GIF89a no picture", FOUND, "could not be read"),
    ],
)
def test_a_photo_without_anybody_is_refused(
    annotator: SimpleNamespace, photo: bytes, found: Any, sentence: str
) -> None:
    annotator.found = found
    model = FittingModelFactory(bare=True)
    if photo:
        default_storage.delete(model.photo.name)
        default_storage.save(model.photo.name, ContentFile(photo))

    assert annotating.annotate(model.pk) == "refused"

    model.refresh_from_db()
    assert not model.is_annotated
    with translation.override("en"):
        assert sentence in findings.lines(model.findings)[0].text
    with pytest.raises(services.NotAnnotated):
        services.accept(model=model)


def test_three_failures_are_enough(
    annotator: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotating, "close_old_connections", lambda: None)  # the test's own
    annotator.found = RuntimeError("no weights here")
    model = FittingModelFactory(bare=True)

    outcomes = [annotating.annotate(model.pk) for _ in range(4)]

    assert outcomes == ["new", "new", "failed", "not_waiting"]
    model.refresh_from_db()
    assert model.state == State.FAILED
    assert "no weights here" in model.failure

    services.annotate_again(model=model)
    annotator.found = FOUND
    assert annotating.annotate(model.pk) == "annotated"


def test_only_one_worker_looks(annotator: SimpleNamespace) -> None:
    model = FittingModelFactory(bare=True)
    rivals: list[Any] = []
    annotator.on_look = lambda photo: rivals.append(claims.take(model.pk))

    annotating.annotate(model.pk)

    assert rivals == [None]
    assert annotating.annotate(model.pk) == "not_waiting"


def new_photo(model: FittingModel) -> None:
    current = FittingModel.objects.get(pk=model.pk)
    current.photo = ContentFile(drawings.person_photo(), name="new.jpg")
    services.save_fitting_model(model=current, new_photo=True)


@pytest.mark.parametrize(
    "meanwhile",
    [new_photo, lambda model: model.delete(), lambda model: services.annotate_again(model=model)],
)
def test_an_answer_to_an_old_question_is_thrown_away(
    annotator: SimpleNamespace,
    meanwhile: Callable[[FittingModel], None],
    django_capture_on_commit_callbacks: Any,
) -> None:
    model = FittingModelFactory(bare=True)
    annotator.on_look = lambda photo: meanwhile(FittingModel.objects.get(pk=model.pk))
    files = set(default_storage.listdir("fitting-models")[1])

    with django_capture_on_commit_callbacks(execute=True):
        assert annotating.annotate(model.pk) == "lost"

    assert not FittingModel.objects.exclude(parse="").exists()
    left = set(default_storage.listdir("fitting-models")[1]) - files
    assert not any(name.endswith(".png") for name in left)


# --- what dies and what is lost ---------------------------------------------------------------


def test_the_sweep_buries_dead_workers_three_times(
    sent: list[int], annotator: SimpleNamespace
) -> None:
    model = FittingModelFactory(bare=True)
    for deaths in (1, 2, 3):
        assert claims.take(model.pk) is not None
        FittingModel.objects.filter(pk=model.pk).update(lease_until=ago(seconds=1))
        assert upkeep.sweep() == {"models_buried": 1, "models_sent": int(deaths < 3)}
    model.refresh_from_db()
    assert (model.state, model.failure) == (State.FAILED, "the worker died")
    assert len(sent) == 2


def test_who_works_is_left_alone(sent: list[int]) -> None:
    claims.take(FittingModelFactory(bare=True).pk)
    FittingModelFactory(annotated=True)

    assert upkeep.sweep() == {"models_buried": 0, "models_sent": 0}
    assert sent == []


def test_an_import_stands_in_line_two_abreast(
    sent: list[int], annotator: SimpleNamespace, settings: Any
) -> None:
    models = [FittingModelFactory(bare=True) for _ in range(5)]

    assert upkeep.sweep()["models_sent"] == 2
    assert upkeep.sweep()["models_sent"] == 0
    newest = [model.pk for model in reversed(models)]
    assert sent == newest[:2]

    annotating.annotate(sent[0])  # each that is done sends the next
    assert sent == newest[:3]

    FittingModel.objects.update(sent_at=ago(seconds=settings.TRYON_RESEND_SECONDS + 1))
    assert upkeep.sweep()["models_sent"] == 2  # the broker has lost them


def test_without_a_broker_the_row_waits(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.undo()  # the real dispatch
    monkeypatch.setenv("CELERY_BROKER_URL", broker.url)
    broker.stop()
    model = FittingModelFactory(annotated=True)

    with django_capture_on_commit_callbacks(execute=True):
        services.annotate_again(model=model)
    model.refresh_from_db()
    assert (model.state, model.sent_at) == (State.NEW, None)

    broker.start()
    assert upkeep.sweep()["models_sent"] == 1
    model.refresh_from_db()
    assert model.sent_at is not None


# --- staff ------------------------------------------------------------------------------------


def test_a_new_photo_starts_over(sent: list[int], django_capture_on_commit_callbacks: Any) -> None:
    model = FittingModelFactory()
    before = [model.photo.name, model.thumbnail.name, model.parse.name]

    with django_capture_on_commit_callbacks(execute=True):
        new_photo(model)

    model.refresh_from_db()
    assert (model.state, model.active, model.is_annotated) == (State.NEW, False, False)
    assert sent == [model.pk]
    assert not any(default_storage.exists(name) for name in before)
    assert default_storage.exists(model.thumbnail.name)


def test_annotating_again_keeps_what_there_is_until_the_answer(
    annotator: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    model = FittingModelFactory()
    before = model.parse.name

    services.annotate_again(model=model)
    assert (model.state, model.active, model.parse.name) == (State.NEW, False, before)
    with pytest.raises(services.NotAnnotated):
        services.accept(model=model)

    with django_capture_on_commit_callbacks(execute=True):
        annotating.annotate(model.pk)
    model.refresh_from_db()
    assert model.state == State.ANNOTATED
    assert default_storage.exists(model.parse.name)
    assert not default_storage.exists(before)


def test_only_the_accepted_are_shown() -> None:
    waiting, accepted = FittingModelFactory(annotated=True), FittingModelFactory(active=False)

    assert not services.set_active(model=waiting, active=True)
    assert services.set_active(model=accepted, active=True)
    assert list(FittingModel.objects.filter(active=True)) == [accepted]


def test_who_was_worn_is_not_deleted(django_capture_on_commit_callbacks: Any) -> None:
    tryon, unworn = TryOnFactory(), FittingModelFactory()

    with pytest.raises(services.Worn):
        services.delete(model=tryon.fitting_model)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete(model=unworn)

    assert TryOn.objects.exists()
    assert not default_storage.exists(unworn.photo.name)
    assert not default_storage.exists(unworn.thumbnail.name)


# --- the database's own word ------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "unheard"},
        {"state": "annotated"},
        {"state": "new"},  # active
        {"state": "accepted", "parse": ""},
        {"state": "accepted", "keypoints": None},
        {"state": "annotated", "active": False, "lease_until": timezone.now()},
        {"source_hash": "twice"},
        {"height_cm": 20},
    ],
)
def test_the_database_refuses(wrong: dict[str, Any]) -> None:
    FittingModelFactory(source_hash="twice")

    with pytest.raises(IntegrityError), transaction.atomic():
        FittingModelFactory(**wrong)


# --- small copies -----------------------------------------------------------------------------


def test_a_photo_has_a_small_copy() -> None:
    large = drawings.encode(Image.new("RGB", (1000, 2000), "navy"), "JPEG")
    model = FittingModelFactory(photo=ContentFile(large, name="large.jpg"), bare=True)

    assert (model.thumbnail_width, model.thumbnail_height) == (240, 480)
    with model.thumbnail.open() as file, Image.open(file) as small:
        assert (small.format, small.size) == ("WEBP", (240, 480))
    assert model.thumbnail_url.endswith(".webp")
    assert model.thumbnail_url != model.photo.url


def test_without_a_small_copy_the_photo_is_shown() -> None:
    model = FittingModelFactory()
    FittingModel.objects.update(thumbnail="")
    model.refresh_from_db()

    assert model.thumbnail_url == model.photo.url
    assert (model.thumbnail_width, model.thumbnail_height) == drawings.PERSON_SIZE
