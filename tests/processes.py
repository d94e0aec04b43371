"""Real processes for tests: a Celery worker, a web server, a broker that can be taken away."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import psutil
from django.conf import settings
from django.db import connection

from config.embedded import Redis

T = TypeVar("T")

PROJECT = Path(__file__).resolve().parents[1]


def wait_until(what: Callable[[], T], *, seconds: float = 10, every: float = 0.02) -> T:
    """The first true value of ``what()``; AssertionError if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(every)


def database_url_of_tests() -> str:
    """The test database, for another process (pytest-django named it)."""
    server = settings.EMBEDDED_POSTGRES
    name = connection.settings_dict["NAME"]
    return f"postgresql://{server.user}@/{name}?host={quote(str(server.socket_folder))}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


class Process:
    """A child in a process group of its own, its output in a file.

    ``env`` is added to ours; variables that begin like one of ``without`` are taken away first.
    """

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        inherited = {k: v for k, v in os.environ.items() if not (without and k.startswith(without))}
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**inherited, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def children(self) -> list[int]:
        """Process ids of the children, e.g. of a worker's pool."""
        return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]

    def said(self, text: str) -> bool:
        return text in self.log.read_text(errors="replace")

    def wait_for(self, text: str, *, seconds: float = 60) -> None:
        """Until the output contains ``text``; fails early where the process ends."""

        def seen() -> bool:
            if self.said(text):
                return True
            code = self.popen.poll()
            assert code is None, f"ended with {code}:\n{self.log.read_text(errors='replace')}"
            return False

        wait_until(seen, seconds=seconds)

    def kill_group(self) -> None:
        """SIGKILL to the process and all its children at once, like a machine that loses power."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(10)

    def stop(self, *, seconds: float = 10) -> None:
        """SIGTERM, and SIGKILL to what is left of the group."""
        if self.popen.poll() is None:
            self.popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
        self.kill_group()


def start_worker(
    *, log: Path, env: Mapping[str, str], queues: str = "cpu,gpu,ahead", concurrency: int = 1
) -> Process:
    """A Celery worker, ready to take tasks."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "config.celery", "worker"),
        *("--queues", queues, "--concurrency", str(concurrency), "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    ]
    worker = Process(command, log=log, env={"LOG_LEVEL": "INFO", **env})
    try:
        worker.wait_for("worker_ready")
    except BaseException:
        worker.kill_group()
        raise
    return worker


def start_site(*, log: Path, env: Mapping[str, str]) -> tuple[Process, str]:
    """A gunicorn that answers, and its address."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address),
        *("--workers", "1", "--threads", "8", "--graceful-timeout", "2"),
    ]
    site = Process(command, log=log, env=env)

    def answers() -> bool:
        assert site.popen.poll() is None, log.read_text(errors="replace")
        try:
            with urllib.request.urlopen(f"http://{address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    try:
        wait_until(answers, seconds=60, every=0.05)
    except BaseException:
        site.kill_group()
        raise
    return site, f"http://{address}"


class Broker:
    """A Redis of one test, without a keeper: what is stopped stays stopped."""

    def __init__(self, home: Path) -> None:
        self.server = Redis(home)
        self.url = f"redis+socket://{quote(str(self.server.socket))}?virtual_host=0"
        self.log = home / "redis.log"
        self.process: Process | None = None

    def start(self) -> None:
        """With an empty memory, as after every start."""
        self.process = Process(self.server.command(), log=self.log)
        wait_until(self.server.answers)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill_group()
            self.process = None
            self.server.socket.unlink(missing_ok=True)

    def empty(self) -> None:
        """Forget every message, while running."""
        self.stop()
        self.start()
