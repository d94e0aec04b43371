"""A process's side of the embedded servers: hold one while we live, let go of it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .servers import EmbeddedError, Server

PROJECT = Path(__file__).resolve().parents[2]

#: Descriptors of our shared locks, by path. A forked child shares the lock with its parent.
_held: dict[Path, int] = {}
_guard = threading.Lock()


def lock_file(server: Server, what: str) -> Path:
    """``holders``: shared by users; ``start``: one starter at a time; ``keeper``: it lives."""
    return server.home / "run" / f"{server.name}.{what}"


def open_lock(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def take(descriptor: int, mode: int, *, seconds: float) -> None:
    """Lock within a time, so that nobody hangs behind a sick process."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedError("another process has kept an embedded server's lock") from None
            time.sleep(0.02)
        else:
            return


@contextmanager
def locked(path: Path, *, seconds: float) -> Iterator[None]:
    descriptor = open_lock(path)
    try:
        take(descriptor, fcntl.LOCK_EX, seconds=seconds)
        yield
    finally:
        os.close(descriptor)


class Busy(Exception):
    """Another process has the lock."""


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keep others out for as long as the block runs.

    Raises:
        Busy: somebody is in already.
    """
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Busy(str(path)) from None
    try:
        yield
    finally:
        os.close(descriptor)


def is_running(server: Server) -> bool:
    """Whether a keeper lives and its server has answered."""
    return keeper_lives(server) and lock_file(server, "ready").exists()


def keeper_lives(server: Server) -> bool:
    descriptor = open_lock(lock_file(server, "keeper"))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def ensure(server: Server, *, seconds: float = 60) -> None:
    """Hold the server for as long as this process lives, starting it where it is not running.

    Cheap when it runs (two system calls), so it is called before every new connection.

    Raises:
        EmbeddedError: it cannot start; the message ends with what the server said.
    """
    with _guard:
        holders = lock_file(server, "holders")
        if holders not in _held:
            try:
                descriptor = open_lock(holders)
            except OSError as error:
                raise EmbeddedError(f"cannot write under {server.home}: {error}") from error
            try:
                # Waits while a keeper that has just lost its last holder stops its server.
                take(descriptor, fcntl.LOCK_SH, seconds=seconds)
            except BaseException:
                os.close(descriptor)
                raise
            _held[holders] = descriptor
        if is_running(server):
            return
        with locked(lock_file(server, "start"), seconds=seconds):
            if not keeper_lives(server):
                lock_file(server, "ready").unlink(missing_ok=True)
                _start_keeper(server, seconds=seconds)
            _wait_ready(server, seconds=seconds)


def _start_keeper(server: Server, *, seconds: float) -> None:
    command = [sys.executable, "-m", "config.embedded.keeper", server.name, str(server.home)]
    try:
        done = subprocess.run(
            [*command, *server.arguments],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EmbeddedError(f"{server.name} did not start within {seconds:.0f} s") from None
    if done.returncode:
        raise EmbeddedError(f"{server.name} did not start: {done.stderr.strip()}")


def _wait_ready(server: Server, *, seconds: float) -> None:
    """A living keeper may be restarting its server after a crash."""
    deadline = time.monotonic() + seconds
    while not lock_file(server, "ready").exists():
        if time.monotonic() > deadline or not keeper_lives(server):
            raise EmbeddedError(f"{server.name} is not coming up; see {server.home / 'log'}")
        time.sleep(0.02)


def release(server: Server) -> None:
    """Let go of the server; its keeper stops it when nobody else holds it."""
    with _guard:
        descriptor = _held.pop(lock_file(server, "holders"), None)
        if descriptor is not None:
            os.close(descriptor)


def stop(server: Server, *, seconds: float = 15) -> bool:
    """Let go of the server and wait until it has stopped. False: others still use it."""
    release(server)
    deadline = time.monotonic() + seconds
    while keeper_lives(server):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
