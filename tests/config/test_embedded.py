"""The embedded servers: real starts, real kills, in a home of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from config import embedded
from config.embedded import EmbeddedError, Postgres, Redis
from config.embedded.holding import keeper_lives, lock_file
from tests.processes import PROJECT, wait_until

HOLDER = """
import sys
from pathlib import Path
from config import embedded
server = embedded.{kind}(Path({home!r}))
embedded.ensure(server)
print("holding", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="otbang-embedded-"))
    yield folder
    for server in (Postgres(folder), Redis(folder)):
        assert embedded.stop(server), f"{server.name} is still held"
    shutil.rmtree(folder)


def hold(home: Path, kind: str) -> subprocess.Popen[str]:
    """Another process that holds a server until its stdin closes or it is killed."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(kind=kind, home=str(home))],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_holding(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"


def serving(home: Path) -> list[psutil.Process]:
    """Every process that has the home on its command line: keepers and servers."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or [""]
        is_server = "config.embedded.keeper" in words or "-server" in words[0] or "-D" in words
        if is_server and str(home) in " ".join(words):
            found.append(process)
    return [p for p in found if p.info["status"] != psutil.STATUS_ZOMBIE]


def query(server: Postgres, sql: str) -> object:
    connection = psycopg2.connect(
        host=str(server.socket_folder), user=server.user, dbname=server.database
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_postgres_starts_has_pgvector_and_stops_without_orphans(home: Path) -> None:
    server = Postgres(home)
    embedded.ensure(server)
    assert str(query(server, "SHOW server_version")).startswith("18.")
    query(server, "CREATE EXTENSION vector")
    assert query(server, "SELECT '[1,2]'::vector <-> '[1,4]'::vector") == 2.0
    assert query(server, "SELECT lower('ÄÖ')") == "äö", "text is Unicode whatever the locale"
    assert embedded.stop(server)
    wait_until(lambda: serving(home) == [])


def test_data_survives_a_restart(home: Path) -> None:
    server = Postgres(home)
    embedded.ensure(server)
    query(server, "CREATE TABLE kept AS SELECT 42 AS n")
    embedded.stop(server)
    embedded.ensure(server)
    assert query(server, "SELECT n FROM kept") == 42


def test_several_processes_share_one_server_started_once(home: Path) -> None:
    holders = [hold(home, "Postgres") for _ in range(4)]
    for holder in holders:
        wait_holding(holder)
    masters = [p for p in serving(home) if "-D" in p.cmdline()]
    assert len(masters) == 1
    for holder in holders[:-1]:
        holder.communicate()
    assert query(Postgres(home), "SELECT 1") == 1, "the last holder still needs it"
    holders[-1].communicate()
    wait_until(lambda: serving(home) == [])


def test_killing_the_last_holder_stops_the_server(home: Path) -> None:
    holder = hold(home, "Redis")
    wait_holding(holder)
    assert Redis(home).answers()
    holder.kill()
    holder.wait()
    wait_until(lambda: serving(home) == [])
    assert not Redis(home).answers()


@pytest.mark.parametrize("kind", [Postgres, Redis])
def test_a_killed_server_comes_back(home: Path, kind: type[Postgres | Redis]) -> None:
    server = kind(home)
    embedded.ensure(server)
    master = next(p for p in serving(home) if "keeper" not in " ".join(p.cmdline()))
    master.kill()
    master.wait()
    wait_until(server.answers)
    assert master.pid not in [p.pid for p in serving(home)]


def test_a_killed_keeper_takes_its_server_along_and_is_replaced(home: Path) -> None:
    server = Postgres(home)
    embedded.ensure(server)
    query(server, "CREATE TABLE kept AS SELECT 42 AS n")
    keeper = next(p for p in serving(home) if "keeper" in " ".join(p.cmdline()))
    keeper.kill()
    wait_until(lambda: not keeper_lives(server))
    embedded.ensure(server)
    assert query(server, "SELECT n FROM kept") == 42
    assert len([p for p in serving(home) if "-D" in p.cmdline()]) == 1


def test_everything_killed_at_once_recovers(home: Path) -> None:
    holder = hold(home, "Postgres")
    wait_holding(holder)
    query(Postgres(home), "CREATE TABLE kept AS SELECT 42 AS n")
    killed = [*serving(home), psutil.Process(holder.pid)]
    for process in killed:
        process.kill()
    holder.wait()
    psutil.wait_procs(killed, timeout=30)  # dying takes a moment, more on a busy machine
    assert lock_file(Postgres(home), "ready").exists(), "a stale file, as after a power cut"
    server = Postgres(home)
    embedded.ensure(server)
    assert query(server, "SELECT n FROM kept") == 42


def test_a_path_too_long_for_a_unix_socket(home: Path) -> None:
    deep = home / ("long-" * 12) / ("folder-" * 12)
    deep.mkdir(parents=True)
    server = Postgres(deep)
    redis = Redis(deep)
    try:
        embedded.ensure(server)
        assert query(server, "SELECT 1") == 1
        embedded.ensure(redis)
        assert redis.answers()
        assert server.socket_folder.stat().st_mode & 0o777 == 0o700
    finally:
        embedded.stop(server)
        embedded.stop(redis)
        shutil.rmtree(server.socket_folder, ignore_errors=True)
        shutil.rmtree(redis.socket.parent, ignore_errors=True)


def test_strangers_cannot_reach_the_servers(home: Path) -> None:
    embedded.ensure(Redis(home))
    assert (home / "redis").stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_written_says_so() -> None:
    with pytest.raises(EmbeddedError, match="/proc/nowhere"):
        embedded.ensure(Redis(Path("/proc/nowhere")))


def test_a_broken_cluster_says_what_the_server_said(home: Path) -> None:
    server = Postgres(home)
    embedded.ensure(server)
    embedded.stop(server)
    (server.data / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedError, match="pg_control"):
        embedded.ensure(server)


def python_for_everybody() -> str | None:
    """A Python 3.11 that user 65534 can run: ours may lie in a closed home folder."""
    for python in (sys.executable, "/usr/bin/python3"):
        check = "import sys, json; sys.exit(sys.version_info[:2] != (3, 11))"
        with contextlib.suppress(OSError):
            if (
                subprocess.run(
                    [python, "-c", check], user=65534, group=65534, cwd="/", check=False
                ).returncode
                == 0
            ):
                return python
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_ordinary_user_can_run_them_too(home: Path) -> None:
    python = python_for_everybody()
    if python is None:
        pytest.skip("no Python 3.11 on this machine that other users may run")
    home.chmod(0o777)
    script = f"""
from pathlib import Path
from config import embedded
for kind in (embedded.Postgres, embedded.Redis):
    server = kind(Path({str(home)!r}))
    embedded.ensure(server)
    print(server.answers(), embedded.stop(server))
"""
    done = subprocess.run(
        [python, "-c", script],
        env={"PYTHONPATH": sysconfig.get_path("purelib")},
        user=65534,
        group=65534,
        extra_groups=[],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True"] * 4, done.stderr
    assert (home / "postgres").stat().st_uid == 65534
