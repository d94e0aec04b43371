"""PostgreSQL and Redis out of pip packages, for everybody who has not set up servers.

A server starts at the first connection and stops when its last user has gone, however that
user went: every user process holds a shared kernel lock (``flock``), and a small keeper process
owns the server and stops it once it gets that lock for itself. A kill leaves no stale count.
"""

from .holding import Busy, ensure, is_running, only_one, release, stop
from .servers import EmbeddedError, Postgres, Redis, Server

__all__ = [
    "Busy",
    "EmbeddedError",
    "Postgres",
    "Redis",
    "Server",
    "ensure",
    "is_running",
    "only_one",
    "release",
    "stop",
]
