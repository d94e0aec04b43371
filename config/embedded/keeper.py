"""The process that owns one embedded server: ``python -m config.embedded.keeper redis HOME``.

It goes to the background, says through its exit status whether the server came up, restarts
the server should it crash, and stops it when no process holds it any more. Imports little:
every first start of a command waits for it.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from config.processes import dies_with_parent

from .holding import lock_file, open_lock, take
from .servers import EmbeddedError, Postgres, Redis, Server, run_as, server_user

POLL_SECONDS = 0.1
START_SECONDS = 45.0
STOP_SECONDS = 10.0
MAX_LOG_BYTES = 10_000_000


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("server", choices=["postgres", "redis"])
    parser.add_argument("home", type=Path)
    parser.add_argument("--not-durable", action="store_true")
    given = parser.parse_args()
    server: Server = (
        Postgres(given.home, durable=not given.not_durable)
        if given.server == "postgres"
        else Redis(given.home)
    )
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        with os.fdopen(reader) as pipe:
            said = pipe.read()
        if said == "ready":
            return 0
        sys.stderr.write(said or "the keeper died")
        return 1
    os.close(reader)
    os.setsid()
    with os.fdopen(writer, "w") as pipe:
        Keeper(server, log=_to_background(server)).run(pipe)
    return 0


def _to_background(server: Server) -> Path:
    """Point the standard streams at the server's log; returns its path."""
    log = server.home / "log" / f"{server.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    return log


class Keeper:
    def __init__(self, server: Server, *, log: Path) -> None:
        self.server = server
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.asked_to_stop = False

    def run(self, pipe: TextIO) -> None:
        """Until the last holder goes; ``pipe`` is told "ready" or why not."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        keeper = open_lock(lock_file(self.server, "keeper"))
        holders = open_lock(lock_file(self.server, "holders"))
        take(keeper, fcntl.LOCK_EX, seconds=START_SECONDS)
        try:
            self.server.prepare()
            self._start()
        except (EmbeddedError, OSError) as error:
            pipe.write(str(error))
        else:
            pipe.write("ready")
            pipe.close()
            self._watch(holders)
        finally:
            lock_file(self.server, "ready").unlink(missing_ok=True)
            self._stop()
            # In this order: whoever gets the holders' lock must find no keeper.
            os.close(keeper)
            os.close(holders)

    def _on_terminate(self, number: int, frame: object) -> None:
        self.asked_to_stop = True

    def _start(self) -> None:
        """Start the server and wait until it answers.

        After a crash its orphaned helpers hold its files for a moment, so a start that fails
        because of them is tried again.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            said_until = self.log.stat().st_size
            self.process = subprocess.Popen(
                self.server.command(),
                cwd=self.server.home / self.server.name,
                process_group=0,
                preexec_fn=dies_with_parent(self.server.stop_signals[0]),
                **run_as(server_user()),  # type: ignore[call-overload]
            )
            while self.process.poll() is None and time.monotonic() < deadline:
                if self.server.answers():
                    lock_file(self.server, "ready").touch()
                    return
                time.sleep(0.03)
            said = self._said_since(said_until)
            in_use = "lock file" in said or "shared memory block" in said
            if not in_use or self.asked_to_stop or time.monotonic() > deadline:
                raise EmbeddedError("\n".join(said.splitlines()[-5:]) or "no answer")
            time.sleep(0.2)

    def _said_since(self, position: int) -> str:
        with self.log.open("rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace").strip()

    def _watch(self, holders: int) -> None:
        while not self.asked_to_stop:
            if self.process is not None and self.process.poll() is not None:
                lock_file(self.server, "ready").unlink(missing_ok=True)
                self._start()
            try:
                fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(POLL_SECONDS)
            else:
                return

    def _stop(self) -> None:
        if self.process is None:
            return
        for number in (*self.server.stop_signals, signal.SIGKILL):
            if self.process.poll() is not None:
                return
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue


if __name__ == "__main__":
    sys.exit(main())
