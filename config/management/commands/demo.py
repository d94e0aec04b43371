"""``manage.py demo``: the whole shop on this machine, until Ctrl-C."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import traceback
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import embedded
from config.demo.house import House
from config.demo.shopper import TryOnFailed, Walk
from config.demo.supervisor import ChildFailed, Say

#: Set for the process that checks in a temporary home, which it removes at its end.
CHECK_HOME = "OTBANG_CHECK_HOME"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED = "stopped by a signal"
EXPECTED = (ChildFailed, TryOnFailed, CommandError, embedded.EmbeddedError)


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
        for number in STOPPING:
            signal.signal(number, stop_now)
        logging.getLogger("django_structlog").setLevel(logging.WARNING)
        # Of a check, standard output carries the one line of JSON and nothing else.
        say = say_to(sys.stderr if check else sys.stdout)
        house = House(host=host, port=0 if check else port, say=say)
        walk: Walk | None = None
        reason = ""
        try:
            walk = house.start()
            if not check:
                house.stay()
        except Stopped:
            reason = STOPPED
        except EXPECTED as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, stop everything and say it
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
        finally:
            # From here on nothing interrupts: whatever was started is stopped.
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            left = house.stop()
        if check:
            shutil.rmtree(settings.OTBANG_HOME, ignore_errors=True)
            self.report(house, walk, reason or left)
        elif left:
            say(left)
        if not check and reason not in ("", STOPPED):
            raise CommandError(reason)

    def report(self, house: House, walk: Walk | None, reason: str) -> None:
        """One line of JSON; exit status 1 where something went wrong."""
        result: dict[str, object] = {"ok": not reason, "seconds": house.seconds}
        if walk is not None:
            result |= {"picture": str(keep_picture(walk)), "size": [walk.width, walk.height]}
        if reason:
            result |= {"failed_at": house.stage, "reason": reason}
        self.stdout.write(json.dumps(result, ensure_ascii=False))
        if reason:
            raise SystemExit(1)


def say_to(stream: TextIO) -> Say:
    def say(line: str, *, end: str = "\n") -> None:
        stream.write(line + end)
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
    descriptor, name = tempfile.mkstemp(prefix="otbang-tryon-", suffix=f".{walk.kind}")
    with os.fdopen(descriptor, "wb") as file:
        file.write(walk.picture)
    return Path(name)
