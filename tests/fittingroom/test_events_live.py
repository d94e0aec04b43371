"""Progress streams through a real web server: browsers that leave must give their place back."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from fittingroom.shopper import SESSION_KEY
from tests.factories import TryOnFactory
from tests.processes import wait_until

pytestmark = pytest.mark.processes


class Browser:
    """Just enough of one: asks for a stream and reads what comes."""

    def __init__(self, site: str, path: str, session: str) -> None:
        address = urlsplit(site)
        self.line = socket.create_connection((address.hostname, address.port), timeout=5)
        self.line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            f"Cookie: {settings.SESSION_COOKIE_NAME}={session}\r\n\r\n".encode()
        )
        self.answer = b""
        self.read_until(b"\r\n\r\n")

    def read_until(self, text: bytes) -> None:
        while text not in self.answer:
            more = self.line.recv(4096)
            assert more, self.answer
            self.answer += more

    @property
    def status(self) -> int:
        return int(self.answer.split(b" ", 2)[1])

    def leave(self) -> None:
        self.line.close()


def test_streams_are_few_and_come_free_when_browsers_leave(live_site: str) -> None:
    # Never sent, and the site of the tests has no beat: it waits for ever.
    tryon = TryOnFactory(user=None)
    session = SessionStore()
    session[SESSION_KEY] = str(tryon.visitor)
    session.save()
    path = f"/ko/fitting-room/t/{tryon.pk}/events/"

    def come() -> Browser:
        return Browser(live_site, path, session.session_key or "")

    places = settings.TRYON_STREAMS_PER_PROCESS
    watching = [come() for _ in range(places)]
    for browser in watching:
        assert browser.status == 200
        browser.read_until(b'"stage": "waiting"')
    assert come().status == 204, "one more polls"
    started = time.monotonic()
    for browser in watching:
        browser.leave()
    wait_until(lambda: come().status == 200, seconds=12, every=0.3)
    assert time.monotonic() - started < 12
