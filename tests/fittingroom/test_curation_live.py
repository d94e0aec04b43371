"""A fitting model's photo through a real broker, a real worker and the real network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.files.base import ContentFile

from fittingroom.curation import claims, services, upkeep
from fittingroom.models import FittingModel
from ml.person.store import parse_from_png
from tests.factories import FittingModelFactory
from tests.processes import Broker, Process, wait_until

pytestmark = pytest.mark.processes

PHOTO = Path(settings.BASE_DIR) / "fixtures" / "demo" / "fitting_models" / "photos" / "yuna.webp"
PARSE = PHOTO.parents[1] / "parse_atr" / "yuna.png"
State = FittingModel.State


@pytest.fixture
def model(transactional_db: None) -> FittingModel:
    """Somebody whose worker died, an hour ago, without a word."""
    made: FittingModel = FittingModelFactory(
        bare=True, photo=ContentFile(PHOTO.read_bytes(), name=PHOTO.name)
    )
    assert claims.take(made.pk) is not None
    FittingModel.objects.filter(pk=made.pk).update(lease_until="2026-01-01T00:00Z")
    return made


def test_what_a_killed_worker_left_is_annotated_by_another(
    model: FittingModel, live_worker: Process
) -> None:
    assert upkeep.sweep() == {"models_buried": 1, "models_sent": 1}

    def answered() -> bool:
        model.refresh_from_db()
        return model.state != State.NEW

    wait_until(answered, seconds=90)

    assert model.is_annotated, (model.state, model.findings, model.failure)
    assert (model.annotation_source, model.attempt, model.deaths) == ("network", 2, 1)
    with model.parse.open() as file:
        found = parse_from_png(file.read())
    drawn = parse_from_png(PARSE.read_bytes())
    assert found.shape == drawn.shape == (model.height, model.width)
    both = ((found > 0) & (drawn > 0)).sum() / ((found > 0) | (drawn > 0)).sum()
    assert both > 0.6  # a drawn figure; how good the network is, its own tests say
    right, left = (np.asarray(model.keypoints[joint]) for joint in (2, 5))
    assert right[0] < left[0]  # the person's right shoulder is on the left of the photo

    services.accept(model=model)
    assert model.active


def test_without_a_worker_the_photo_waits_and_with_one_it_is_looked_at(
    model: FittingModel, broker: Broker, worker_factory: Callable[..., Any]
) -> None:
    assert upkeep.sweep()["models_sent"] == 1
    broker.empty()  # the message is lost with everything else
    assert FittingModel.objects.waiting().exists()

    worker_factory()
    FittingModel.objects.update(sent_at="2026-01-01T00:00Z")
    upkeep.sweep()

    wait_until(lambda: not FittingModel.objects.filter(state=State.NEW).exists(), seconds=90)
