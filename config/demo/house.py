"""The whole shop on this machine: brought up stage by stage, and down again."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from config import embedded, tasks
from config.demo import static
from config.demo.shopper import Shopper, Walk
from config.demo.supervisor import Say, Supervisor
from config.demo_content import STAFF, staff_password
from fittingroom.models import FittingModel
from fittingroom.tasks import prepare_ahead

START_SECONDS = 90.0
TRY_ON_SECONDS = 90.0


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


class House:
    """The stages of a start, each with its seconds, and the end of all that was started."""

    def __init__(self, *, host: str, port: int, say: Say) -> None:
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
        self.say(f"  {stage:<12}", end="")
        try:
            yield
        except BaseException:
            self.say("")
            raise
        self.seconds[stage] = round(time.monotonic() - began, 2)
        self.say(f"{self.seconds[stage]:6.1f} s")

    def start(self) -> Walk:
        """Everything up, and one try-on made through the site."""
        self.say(f"Otbang, its data in {settings.OTBANG_HOME}")
        with self.timed("database"):
            connection.ensure_connection()
        with self.timed("tables"):
            call_command("migrate", interactive=False, verbosity=0)
        with self.timed("static"):
            static.collect(settings.STATIC_ROOT)
        with self.timed("servers"):
            self._start_servers()
        # After the servers: what keeps them from starting is said at once.
        empty = not FittingModel.objects.exists()
        with self.timed("content"):
            call_command("load_demo", verbosity=0)
        if empty:
            # People and then the newest garments are prepared in turns of some seconds while
            # nobody waits. Here somebody tries the newest on at once: give them two turns.
            with self.timed("prepare"):
                prepare_ahead.delay()
                for _ in range(2):
                    self._wait_for_worker("ahead")
        # The children connect by themselves; ours would only be one more.
        connections.close_all()
        with self.timed("try_on"):
            walk = self._try_on()
        self.seconds["button_to_picture"] = round(walk.seconds, 2)
        self.seconds["total"] = round(time.monotonic() - self.began, 2)
        self._tell(walk)
        self.stage = "stop"
        return walk

    def _try_on(self) -> Walk:
        """A try-on that had to be computed, unless chance keeps finding known ones."""
        for attempt in range(5):
            walk = Shopper(self.url).try_on(
                newest=attempt == 0, seconds=TRY_ON_SECONDS, meanwhile=self.supervisor.check
            )
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
        worker = (*celery, "worker", "--concurrency", "1", "--loglevel", "INFO")
        worker = (*worker, "--without-gossip", "--without-mingle")
        self.supervisor.start("worker", [*worker, "--queues", "cpu", "--hostname", "tryon@%h"])
        # What nobody waits for gets the time that is left over. It checks no photos.
        ahead = ("nice", "-n", "10", *worker, "--queues", "ahead", "--hostname", "ahead@%h")
        self.supervisor.start("ahead", ahead, PHOTO_WARM="false")
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
        self._wait_for_worker("cpu")

    def _wait_for_worker(self, queue: str) -> None:
        """Until it has done all that was sent before: it has one child and takes turns."""
        token = uuid4().hex
        tasks.answer.apply_async((token,), queue=queue)
        self._wait_for(f"the worker of the queue {queue}", lambda: tasks.answered(token))

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

    def stay(self) -> None:
        """Until a signal comes or a child cannot be kept alive."""
        self.say(f"\n  Open   {self.url}")
        self.say(f"  Admin  {self.url}ko/admin/  {next(iter(STAFF))}  {staff_password()}")
        self.say("  Ctrl-C stops everything.\n")
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
