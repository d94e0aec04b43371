"""A group of child processes that lives and dies together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from django.conf import settings

from config.processes import dies_with_parent

#: A child that dies this often within this time is given up, and with it the group.
MAX_DEATHS = 3
WITHIN_SECONDS = 60.0


class Say(Protocol):
    """Tells the user a line."""

    def __call__(self, line: str, *, end: str = "\n") -> object: ...


class ChildFailed(RuntimeError):
    """A child keeps dying; the message ends with its last lines."""


class Child:
    """One program, its output in a file, started again when it dies."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.command = list(command)
        self.env = dict(env)
        self.log = log
        self.deaths: deque[float] = deque(maxlen=MAX_DEATHS)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.command,
                cwd=settings.BASE_DIR,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Its own session: Ctrl-C reaches the supervisor only, which stops us in order.
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )

    def revive(self, say: Say) -> None:
        """Start it again if it has died.

        Raises:
            ChildFailed: it has died too often.
        """
        code = self.process.poll()
        if code is None:
            return
        self._kill_group()
        self.deaths.append(time.monotonic())
        reason = f"{self.name} ended with status {code}"
        lately = [moment for moment in self.deaths if moment > time.monotonic() - WITHIN_SECONDS]
        if len(lately) >= MAX_DEATHS:
            raise ChildFailed(
                f"{reason}, {MAX_DEATHS} times in a minute; {self.log} says:\n{self.tail()}"
            )
        say(f"{reason}; starting it again ({self.log})")
        self.process = self._start()

    def tail(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def ask_to_stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def wait_stopped(self, seconds: float) -> None:
        """Then nothing of its group is left."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Starts children, revives them, and stops all of them."""

    def __init__(self, *, logs: Path, env: Mapping[str, str], say: Say) -> None:
        self.logs = logs
        self.env = {**os.environ, **env}
        self.say = say
        self.children: list[Child] = []

    def start(self, name: str, command: Sequence[str], **env: str) -> Child:
        child = Child(name, command, env={**self.env, **env}, log=self.logs / f"{name}.log")
        self.children.append(child)
        return child

    def check(self) -> None:
        """Revive what died. Call it often."""
        for child in self.children:
            child.revive(self.say)

    def stop(self, *, seconds: float = 8) -> None:
        """Ask all, wait together, kill what is left."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + seconds
        for child in self.children:
            child.wait_stopped(max(deadline - time.monotonic(), 0.1))
        self.children.clear()
