"""`manage.py demo` as its users run it: a check, a start, Ctrl-C, a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.processes import PROJECT, Process, free_port, wait_until

pytestmark = pytest.mark.processes

DEMO = [sys.executable, "manage.py", "demo"]
#: How the variables begin that would tell the demo of the tests.
OURS = ("OTBANG_", "DJANGO_", "DATABASE_URL", "CELERY_", "CACHE_", "TRYON_")


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="otbang-demo-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Callable[[int], Process]]:
    """Starts demos in ``home`` at a port and waits until they are up."""
    started: list[Process] = []

    def start(port: int) -> Process:
        demo = Process(
            [*DEMO, "--port", str(port)],
            log=tmp_path / f"{len(started)}.log",
            env={"OTBANG_ENV_FILE": os.devnull, "OTBANG_HOME": str(home)},
            without=OURS,
        )
        started.append(demo)
        demo.wait_for("Ctrl-C stops everything", seconds=480)
        return demo

    yield start
    for demo in started:
        demo.kill_group()


def run(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command as a user's shell runs it, knowing nothing of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [*DEMO, *arguments],
        cwd=PROJECT,
        env={**kept, "OTBANG_ENV_FILE": os.devnull, "TMPDIR": str(home), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def processes_of(folder: Path) -> list[str]:
    """Command lines of whatever runs with this folder in its arguments or environment."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ", "status", "pid"]):
        info = process.info
        if info["pid"] == os.getpid() or info["status"] == psutil.STATUS_ZOMBIE:
            continue
        words = [*(info["cmdline"] or []), *(info["environ"] or {}).values()]
        if any(str(folder) in word for word in words):
            found.append(" ".join(info["cmdline"] or ["?"]))
    return found


def test_check_prints_one_line_of_json_and_leaves_nothing(home: Path) -> None:
    done = run(home, "--check")
    (line,) = done.stdout.splitlines()
    report = json.loads(line)
    assert done.returncode == 0, report
    assert report["ok"] is True
    stages = {"database", "tables", "content", "static", "servers", "prepare", "try_on", "stop"}
    assert stages <= set(report["seconds"])
    with Image.open(report["picture"]) as picture:
        assert list(picture.size) == report["size"]
        assert report["picture"].endswith(f".{picture.format.lower()}")
    assert processes_of(home) == []
    assert [path.name for path in home.iterdir()] == [Path(report["picture"]).name]


def test_a_check_that_fails_says_where_and_why(home: Path) -> None:
    done = run(home, "--check", WEB_WORKERS="many")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["ok"] is False
    assert report["failed_at"] == "servers"
    assert "web ended with status 1, 3 times in a minute" in report["reason"]
    assert "'many'" in report["reason"], "the last lines of what it wrote"
    assert processes_of(home) == []
    assert list(home.iterdir()) == []


def test_two_starts_one_ended_by_ctrl_c_and_one_by_a_kill(
    home: Path, start: Callable[[int], Process]
) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        demo = start(port)
    address = re.search(r"Open   http://127.0.0.1:(\d+)/", demo.log.read_text())
    assert address is not None
    assert port < int(address[1]) < port + 100, "the next free port is taken"
    with urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/readyz") as answer:
        assert answer.status == 200
    # Ourselves, web with two workers, worker with its child, beat, two servers and keepers.
    assert len(processes_of(home)) >= 10
    rival = run(home, OTBANG_HOME=str(home))
    assert rival.returncode == 1
    assert "a demo runs already" in rival.stderr
    demo.popen.send_signal(signal.SIGINT)
    assert demo.popen.wait(30) == 0, demo.log.read_text()
    assert processes_of(home) == []

    demo = start(port)
    seconds = re.search(r"Started in ([\d.]+) s", demo.log.read_text())
    assert seconds is not None
    # On an idle machine; others may be at work on this one.
    assert float(seconds[1]) < 10 * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
    # A kill leaves no time to tidy up; the kernel tells the children.
    demo.popen.kill()
    demo.popen.wait()
    wait_until(lambda: processes_of(home) == [], seconds=30)
