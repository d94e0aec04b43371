"""The group of processes behind `manage.py demo`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.demo.supervisor import ChildFailed, Supervisor
from tests.processes import PROJECT, wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
#: Ignores SIGTERM and has a child that does too.
STUBBORN = [
    sys.executable,
    "-c",
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork();"
    " print(os.getpid(), flush=True); time.sleep(600)",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Supervisor:
    return Supervisor(logs=tmp_path, env={}, say=lambda line, end="": said.append(line))


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_dead_child_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    child = supervisor.start("sleeper", SLEEPER)
    first = child.process.pid
    child.process.kill()
    child.process.wait()
    supervisor.check()
    assert child.process.pid != first
    assert child.process.poll() is None
    assert said == [f"sleeper ended with status -9; starting it again ({child.log})"]
    supervisor.stop()


def test_a_child_that_keeps_dying_ends_it_with_the_reason(supervisor: Supervisor) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('the port is taken')"]
    supervisor.start("web", command)

    def check_for_ever() -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            supervisor.check()
            time.sleep(0.01)

    with pytest.raises(ChildFailed, match=r"web ended with status 1(.|\n)*the port is taken"):
        check_for_ever()
    supervisor.stop()


def test_stop_leaves_no_grandchild_even_of_the_stubborn(supervisor: Supervisor) -> None:
    child = supervisor.start("stubborn", STUBBORN)
    wait_until(lambda: len(child.tail().split()) == 2)
    pids = [int(word) for word in child.tail().split()]
    supervisor.stop(seconds=0.5)
    wait_until(lambda: all(gone(pid) for pid in pids))


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    program = f"""
import django, sys, time
django.setup()
from pathlib import Path
from config.demo.supervisor import Supervisor
child = Supervisor(logs=Path({str(tmp_path)!r}), env={{}}, say=print).start("sleeper", {SLEEPER!r})
print(child.process.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert not gone(pid)
    parent.kill()
    parent.communicate()
    wait_until(lambda: gone(pid))
