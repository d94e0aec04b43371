"""``manage.py demo``: the whole shop on this machine, until Ctrl-C."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from config import embedded, tasks
from config.demo import static
from config.demo.shopper import Shopper, TryOnFailed, Walk
from config.demo.supervisor import ChildFailed, Supervisor

#: Set for the process that checks in a temporary home, which it removes at its end.
CHECK_HOME = "OTBANG_CHECK_HOME"
START_SECONDS = 90.0
TRY_ON_SECONDS = 90.0


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class Command(BaseCommand):
    help = "Start the whole shop on this machine: database, queue, web server and workers."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="the next free one is taken")
        parser.add_argument(
            "--check",
            action="store_true",
            help="start in a temporary home, try something on, print JSON, stop",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        check: bool = options["check"]
        if check and CHECK_HOME not in os.environ:
            restart_in_temporary_home()
        try:
            with embedded.only_one(settings.OTBANG_HOME / "run" / "demo.lock"):
                self.run(check=check, host=options["host"], port=options["port"])
        except embedded.Busy:
            raise CommandError(
                f"a demo runs already with its data in {settings.OTBANG_HOME}; stop it first, "
                "or set OTBANG_HOME to another folder"
            ) from None

    def run(self, *, check: bool, host: str, port: int) -> None:
        """Until a signal, a failure, or the end of the check."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop_now)
        logging.getLogger("django_structlog").setLevel(logging.WARNING)
        demo = Demo(
            host=host,
            port=0 if check else port,
            # Standard output carries the one JSON line of a check and nothing else.
            say=say_to(sys.stderr if check else sys.stdout),
        )
        reason = failed_at = ""
        try:
            walk = demo.start()
            if not check:
                demo.stay()
        except Stopped:
            reason = "stopped by a signal"
        except (ChildFailed, TryOnFailed, CommandError, embedded.EmbeddedError) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, stop everything and say it
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
        finally:
            failed_at = demo.stage
            # From here on nothing interrupts: whatever was started is stopped.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            orphans = demo.stop()
            if check:
                shutil.rmtree(settings.OTBANG_HOME, ignore_errors=True)
        reason = reason or orphans
        if check:
            report: dict[str, object] = {"ok": not reason, "seconds": demo.seconds}
            if reason:
                report |= {
                    "failed_at": failed_at if failed_at != "done" else "stop",
                    "reason": reason,
                }
            else:
                report |= {"picture": str(keep_picture(walk)), "size": [walk.width, walk.height]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        if reason and reason != "stopped by a signal":
            raise SystemExit(1) if check else CommandError(reason)


def say_to(stream: TextIO) -> Callable[[str], None]:
    def say(line: str) -> None:
        stream.write(f"{line}\n")
        stream.flush()

    return say


def stop_now(number: int, frame: object) -> None:
    raise Stopped


def restart_in_temporary_home() -> None:
    """This program again, with nothing of this machine's settings but a new, empty home."""
    home = tempfile.mkdtemp(prefix="otbang-check-")
    ours = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "STATIC_ROOT", "S3_PUBLIC_BUCKET")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    env |= {CHECK_HOME: home, "OTBANG_HOME": home, "OTBANG_ENV_FILE": os.devnull}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv], env)  # noqa: S606


def keep_picture(walk: Walk) -> Path:
    """Where the picture outlives the temporary home."""
    descriptor, name = tempfile.mkstemp(prefix="otbang-tryon-", suffix=".png")
    with os.fdopen(descriptor, "wb") as file:
        file.write(walk.picture)
    return Path(name)


def free_port(host: str, first: int) -> int:
    """``first`` or the next one that nobody listens on; any for 0."""
    for port in (0,) if first == 0 else range(first, first + 100):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, port))
            except OSError:
                continue
            found: int = listener.getsockname()[1]
            return found
    raise CommandError(f"no free port from {first} to {first + 99}")


class Demo:
    """The stages of a start, each with its seconds."""

    def __init__(self, *, host: str, port: int, say: Callable[[str], None]) -> None:
        self.host = host
        self.port = port
        self.say = say
        self.stage = "start"
        self.seconds: dict[str, float] = {}
        self.began = time.monotonic()
        self.supervisor = Supervisor(
            logs=settings.OTBANG_HOME / "log",
            env={
                "PYTHONUNBUFFERED": "1",
                "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            },
            say=say,
        )

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        self.stage = stage
        began = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - began, 2)
        self.say(f"  {stage:<12}{self.seconds[stage]:6.1f} s")

    def start(self) -> Walk:
        """Everything up, and one try-on made through the site."""
        self.say(f"Otbang, its data in {settings.OTBANG_HOME}")
        with self.timed("database"):
            connection.ensure_connection()
        with self.timed("tables"):
            call_command("migrate", interactive=False, verbosity=0)
        with self.timed("content"):
            if "load_demo" in get_commands():
                call_command("load_demo", verbosity=0)
        with self.timed("static"):
            static.collect(settings.STATIC_ROOT)
        # The children connect by themselves; ours would only be one more.
        connections.close_all()
        with self.timed("servers"):
            self._start_servers()
        with self.timed("try_on"):
            walk = Shopper(self.url).try_on(seconds=TRY_ON_SECONDS, meanwhile=self.supervisor.check)
        self.seconds["button_to_picture"] = round(walk.seconds, 2)
        self.seconds["total"] = round(time.monotonic() - self.began, 2)
        self._tell(walk)
        self.stage = "stop"
        return walk

    def _try_on(self) -> Walk:
        """A try-on that had to be computed, unless chance keeps finding known ones."""
        for _ in range(5):
            walk = Shopper(self.url).try_on(seconds=TRY_ON_SECONDS, meanwhile=self.supervisor.check)
            if not walk.known:
                break
        return walk

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def _start_servers(self) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "config.celery"]
        beat = settings.OTBANG_HOME / "beat"
        beat.mkdir(exist_ok=True)
        self.supervisor.start(
            "worker",
            [
                *(*celery, "worker", "--queues", "cpu", "--concurrency", "1"),
                *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            ],
        )
        self.port = free_port(self.host, self.port)
        self.supervisor.start(
            "web",
            [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
            BIND=f"{self.host}:{self.port}",
        )
        self.supervisor.start(
            "beat", [*celery, "beat", "--schedule", str(beat / "schedule"), "--pidfile", ""]
        )
        self._wait_for("the web server", self._web_ready)
        token = uuid4().hex
        tasks.answer.delay(token)
        self._wait_for("the worker", lambda: tasks.answered(token))

    def _web_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}readyz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _wait_for(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self.supervisor.check()
            if time.monotonic() > deadline:
                raise CommandError(
                    f"{what} is not ready after {START_SECONDS:.0f} s; see {self.supervisor.logs}"
                )
            time.sleep(0.05)

    def _tell(self, walk: Walk) -> None:
        how = "known already" if walk.known else f"{walk.width}×{walk.height}"
        self.say(f"\nOne try-on through the site: {walk.seconds:.2f} s ({how}), {walk.product_url}")
        self.say(f"Started in {self.seconds['total']:.1f} s. Logs: {self.supervisor.logs}")
        self.say(f"\n  Open {self.url}\n  Ctrl-C stops everything.\n")

    def stay(self) -> None:
        while True:
            self.supervisor.check()
            time.sleep(0.5)

    def stop(self) -> str:
        """Stop all that was started. Returns what is left, in words; empty if nothing."""
        began = time.monotonic()
        self.supervisor.stop()
        connections.close_all()
        cache.close()
        left = [
            server.name
            for server in (settings.EMBEDDED_POSTGRES, settings.EMBEDDED_REDIS)
            if server is not None and not embedded.stop(server)
        ]
        self.seconds["stop"] = round(time.monotonic() - began, 2)
        return f"still used by another program: {', '.join(left)}" if left else ""
