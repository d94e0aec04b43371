"""How gunicorn serves Otbang: ``gunicorn -c config/gunicorn.py config.wsgi``.

Threads, because progress streams keep a connection open for as long as a try-on takes.
"""

from __future__ import annotations

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# One import for all workers. Nothing connects to a server while it is imported.
preload_app = True
# Heartbeats in memory: a busy disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
timeout = 60
# Progress streams end with their connection; the page reconnects or polls.
graceful_timeout = 3
keepalive = 5
# Behind a proxy on another machine, name it here (or "*").
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
control_socket_disable = True
loglevel = "warning"
