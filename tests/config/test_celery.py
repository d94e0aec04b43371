"""The queue's promises: no page waits for a dead broker, and a real worker answers."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from django.core.cache import cache
from kombu.exceptions import OperationalError

from config.celery import app
from tests.processes import Broker, Process, wait_until


def seconds_to_fail() -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        app.send_task("nobody.knows", queue="cpu")
    return time.monotonic() - began


def test_publishing_to_a_stopped_broker_fails_at_once(broker: Broker) -> None:
    app.send_task("nobody.knows", queue="cpu")
    broker.stop()
    assert seconds_to_fail() < 1
    broker.start()
    app.send_task("nobody.knows", queue="cpu")


def test_publishing_to_a_silent_broker_gives_up(monkeypatch: Any, settings: Any) -> None:
    """One that accepts the connection and never answers."""
    settings.EMBEDDED_REDIS = None
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{port}/0")
        assert seconds_to_fail() < 5


@pytest.mark.processes
def test_a_worker_consumes_all_queues(broker: Broker, live_worker: Process) -> None:
    # A worker hears broadcasts a moment after it says that it is ready.
    answers = wait_until(
        lambda: app.control.inspect(timeout=2, limit=1).active_queues(), seconds=60
    )
    (queues,) = answers.values()
    assert {queue["name"] for queue in queues} == {"cpu", "gpu", "ahead"}


def test_the_cache_forgives_a_missing_redis(settings: Any, tmp_path: Any) -> None:
    settings.EMBEDDED_REDIS = None
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": f"unix://{tmp_path}/nothing.sock",
        }
    }
    cache.set("colour", "red")
    assert cache.get("colour") is None
    assert cache.get("colour", "unknown") == "unknown"
    assert cache.get_or_set("colour", "blue") == "blue"
    assert cache.get_many(["a", "b"]) == {}
    assert cache.add("once", 1)


def test_the_cache_works_with_the_embedded_redis() -> None:
    cache.set("colour", "red")
    assert cache.get("colour") == "red"
    cache.delete("colour")
