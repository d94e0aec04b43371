from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fittingroom import services
from fittingroom.models import TryOn
from fittingroom.views import events
from tests.factories import TryOnFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def her_browser(alice: Any) -> Client:
    browser = Client()
    browser.force_login(alice)
    return browser


def url(name: str, tryon: TryOn) -> str:
    return reverse(f"fittingroom:{name}", args=[tryon.pk])


def said(lines: Iterator[bytes]) -> list[dict[str, Any]]:
    """The data of every stage event."""
    return [
        json.loads(line.removeprefix("data: "))
        for line in b"".join(lines).decode().splitlines()
        if line.startswith("data: ")
    ]


def test_status_says_what_the_page_needs(alice: Any, her_browser: Client) -> None:
    first, second = TryOnFactory(user=alice), TryOnFactory(user=alice)
    assert her_browser.get(url("status", first)).json()["position"] == 0
    waiting = her_browser.get(url("status", second)).json()
    assert (waiting["stage"], waiting["position"], waiting["result"]) == ("waiting", 1, None)
    done = TryOnFactory(user=alice, done=True)
    assert her_browser.get(url("status", done)).json()["result"] == url("result", done)
    failed = TryOnFactory(user=alice, failed=True)
    answer = her_browser.get(url("status", failed), headers={"Accept-Language": "en"}).json()
    assert (answer["status"], answer["reason"]) == ("failed", "no_garment")
    assert answer["sentence"]


def test_a_stream_follows_to_the_end(alice: Any, her_browser: Client) -> None:
    tryon = TryOnFactory(user=alice)
    soon = timezone.now()
    steps = [
        {"status": "preparing", "lease_until": soon},
        {"status": "dressing"},
        {"stage_ms": {"dress": 5}},
        {"status": "done", "lease_until": None, "finished_at": soon, "result": "x.jpg"},
    ]
    answer = her_browser.get(url("events", tryon))
    assert answer["Content-Type"] == "text/event-stream"
    stages = []
    for lines in answer.streaming_content:
        for event in said(iter([lines])):
            stages.append(event["stage"])
            if steps:  # the worker goes on
                TryOn.objects.filter(pk=tryon.pk).update(**steps.pop(0))
    assert stages == ["waiting", "preparing", "fitting", "finishing", "done"]


def test_a_stream_tells_of_a_deletion(
    transactional_db: None, alice: Any, her_browser: Client
) -> None:
    tryon = TryOnFactory(user=alice)
    lines = her_browser.get(url("events", tryon)).streaming_content
    assert b"retry" in next(lines)
    services.delete_tryon(tryon=tryon)
    assert said(lines)[-1]["status"] == "deleted"


def test_a_stream_ends_when_its_time_is_up(alice: Any, her_browser: Client, settings: Any) -> None:
    settings.TRYON_STREAM_SECONDS = 0.6
    started = time.monotonic()
    answer = her_browser.get(url("events", TryOnFactory(user=alice)))
    assert said(answer.streaming_content) == [
        {"status": "queued", "stage": "waiting", "position": 0}
    ]
    assert time.monotonic() - started < 2


def test_beyond_the_cap_the_page_polls(
    transactional_db: None, alice: Any, her_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_open_streams", threading.BoundedSemaphore(2))
    tryon = TryOnFactory(user=alice)
    read, unread = (her_browser.get(url("events", tryon)) for _ in range(2))
    next(read.streaming_content)
    assert her_browser.get(url("events", tryon)).status_code == 204
    # Places come back, also of a stream that nobody began to read, and only once each.
    for answer in (read, unread):
        answer.close()
        answer.close()
    again = [her_browser.get(url("events", tryon)) for _ in range(3)]
    assert [answer.status_code for answer in again] == [200, 200, 204]
    for answer in again:
        answer.close()


def test_watching_costs_two_queries_a_look(
    alice: Any, her_browser: Client, django_assert_max_num_queries: Any, settings: Any
) -> None:
    settings.TRYON_STREAM_SECONDS = 0.9
    lines = her_browser.get(url("events", TryOnFactory(user=alice))).streaming_content
    with django_assert_max_num_queries(10):  # four or five looks
        list(lines)
