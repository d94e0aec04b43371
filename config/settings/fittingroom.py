"""How try-ons are queued, kept and shown. Read by :mod:`fittingroom`; times are in seconds."""

from __future__ import annotations

from config.settings.environment import env

#: The table of engines: a dotted path to a tuple of ``ml.tryon.engine.EngineSpec``.
TRYON_ENGINES = env("TRYON_ENGINES", default="ml.tryon.registry.ENGINES")
#: Devices that this installation has workers for: "cuda" (queue "gpu") and "cpu" (queue "cpu").
TRYON_DEVICES: list[str] = env.list("TRYON_DEVICES", default=["cpu"])
#: The device that this worker's engines are loaded on.
TRYON_WORKER_DEVICE = env("TRYON_WORKER_DEVICE", default="cpu")

# A worker that has not renewed its lease for this long is taken for dead ...
TRYON_LEASE_SECONDS = env.float("TRYON_LEASE_SECONDS", default=20.0)
# ... which a sweep notices; so a killed try-on goes on after one lease + one sweep at most.
TRYON_SWEEP_SECONDS = env.float("TRYON_SWEEP_SECONDS", default=5.0)
# A waiting row is sent again after this long, in case the broker lost the message.
TRYON_RESEND_SECONDS = env.float("TRYON_RESEND_SECONDS", default=30.0)
# So many dead attempts make a failed try-on: a picture that kills workers must not go round.
TRYON_MAX_DEATHS = env.int("TRYON_MAX_DEATHS", default=3)
# A worker child that dresses for longer is killed.
TRYON_TIME_LIMIT = env.int("TRYON_TIME_LIMIT", default=120)
# How many of a shopper's try-ons may wait or run at once.
TRYON_ACTIVE_LIMIT = env.int("TRYON_ACTIVE_LIMIT", default=3)
# How long a request may wait for the broker before the row is left to the sweep.
TRYON_BROKER_TIMEOUT = env.float("TRYON_BROKER_TIMEOUT", default=1.0)

# Days until a result is erased; 0 keeps it until its owner deletes it.
TRYON_VISITOR_DAYS = env.int("TRYON_VISITOR_DAYS", default=7)
TRYON_USER_DAYS = env.int("TRYON_USER_DAYS", default=0)
# Days for which a share link opens.
TRYON_SHARE_DAYS = env.int("TRYON_SHARE_DAYS", default=7)

# Progress streams: each holds a thread of the web server, so they are few and short.
TRYON_STREAMS_PER_PROCESS = env.int("TRYON_STREAMS_PER_PROCESS", default=4)
TRYON_STREAM_SECONDS = env.float("TRYON_STREAM_SECONDS", default=25.0)

# Prepared people and garments: disk space for them, and how often catalogue pictures are
# prepared ahead (0: never).
TRYON_CACHE_MB = env.int("TRYON_CACHE_MB", default=2000)
TRYON_PREPARE_SECONDS = env.float("TRYON_PREPARE_SECONDS", default=30.0)
# How often files that no row knows are removed and old results erased.
TRYON_TIDY_SECONDS = env.float("TRYON_TIDY_SECONDS", default=3600.0)

#: A message that no worker took before the next one is due is dropped, not piled up.
BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    name: {
        "task": f"fittingroom.tasks.{name}",
        "schedule": seconds,
        "options": {"expires": seconds, "ignore_result": True},
    }
    for name, seconds in (
        ("sweep", TRYON_SWEEP_SECONDS),
        ("prepare_ahead", TRYON_PREPARE_SECONDS),
        ("tidy", TRYON_TIDY_SECONDS),
    )
    if seconds
}
