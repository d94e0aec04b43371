"""What the workers are told: which row, and nothing that is theirs to decide."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis

from fittingroom import dispatch, tasks
from tests.factories import FittingModelFactory, PersonPhotoFactory, TryOnFactory
from tests.processes import Broker

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("task", "send"),
    [
        (tasks.dress_tryon, lambda: dispatch.send([TryOnFactory()])),
        (tasks.check_photo, lambda: dispatch.send_photos([PersonPhotoFactory()])),
        (
            tasks.annotate_fitting_model,
            lambda: dispatch.send_fitting_models([FittingModelFactory().pk]),
        ),
        (tasks.label_garment, lambda: dispatch.send_labels(1)),
    ],
    ids=lambda value: getattr(value, "name", "").rpartition(".")[2],
)
def test_a_sender_that_knows_the_task_does_not_overrule_the_workers_time_limit(
    task: Any, send: Callable[[], object], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "time_limit", 1)
    monkeypatch.setattr(task, "soft_time_limit", 1)
    send()
    with redis.Redis(unix_socket_path=str(broker.server.socket)) as queue:
        (raw,) = queue.lrange("cpu", 0, -1)
    headers = json.loads(raw)["headers"]
    assert (headers["task"], headers["timelimit"]) == (task.name, [None, None])
