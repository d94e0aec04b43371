"""How try-ons are queued, kept and shown. Read by :mod:`fittingroom`; times are in seconds."""

from __future__ import annotations

from config.settings.environment import env

#: The table of engines: a dotted path to a tuple of ``ml.tryon.engine.EngineSpec``.
TRYON_ENGINES = env("TRYON_ENGINES", default="ml.tryon.registry.ENGINES")
#: Devices that this installation has workers for: "cuda" (queue "gpu") and "cpu" (queue "cpu").
TRYON_DEVICES: list[str] = env.list("TRYON_DEVICES", default=["cpu"])
#: The device that this worker's engines are loaded on.
TRYON_WORKER_DEVICE = env("TRYON_WORKER_DEVICE", default="cpu")

#: How many waiting try-ons of one engine a worker dresses in one pass, and how many milliseconds it
#: waits for those asked for at the same moment. A CPU gains nothing from it.
TRYON_BATCH = env.int("TRYON_BATCH", default=8 if TRYON_WORKER_DEVICE == "cuda" else 1)
TRYON_BATCH_WAIT_MS = env.float("TRYON_BATCH_WAIT_MS", default=15.0)

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

# Shoppers' own photos. A file may be so large, a shopper may keep so many at once and upload so
# many in an hour.
PHOTO_MAX_BYTES = env.int("PHOTO_MAX_BYTES", default=15_000_000)
PHOTO_KEPT_LIMIT = env.int("PHOTO_KEPT_LIMIT", default=5)
PHOTO_UPLOADS_PER_HOUR = env.int("PHOTO_UPLOADS_PER_HOUR", default=10)
# Days until a picture made of one's own photo is erased, signed in or not; longer only where its
# owner chose to keep the photo longer.
PHOTO_RESULT_DAYS = env.int("PHOTO_RESULT_DAYS", default=7)
# A check that takes longer is killed; a lease is longer than that, so that it never runs out
# under a worker that lives.
PHOTO_CHECK_SECONDS = env.int("PHOTO_CHECK_SECONDS", default=20)
PHOTO_LEASE_SECONDS = PHOTO_CHECK_SECONDS + 5.0
# Whether a worker for the CPU loads the annotator when it starts, or with the first photo.
PHOTO_WARM = env.bool("PHOTO_WARM", default=True)
# The same for fitting models, for which nobody stands in front of a phone.
MODEL_ANNOTATE_SECONDS = env.int("MODEL_ANNOTATE_SECONDS", default=45)
MODEL_LEASE_SECONDS = MODEL_ANNOTATE_SECONDS + 15.0
# For so long a worker's memory may hold what it made ready of a photo.
PHOTO_MEMORY_SECONDS = env.float("PHOTO_MEMORY_SECONDS", default=300.0)
# How often photos whose time is over are erased, and files that no row names.
PHOTO_TIDY_SECONDS = env.float("PHOTO_TIDY_SECONDS", default=60.0)

# Progress streams: each holds a thread of the web server, so they are few and short.
TRYON_STREAMS_PER_PROCESS = env.int("TRYON_STREAMS_PER_PROCESS", default=4)
TRYON_STREAM_SECONDS = env.float("TRYON_STREAM_SECONDS", default=25.0)

# Prepared people and garments: disk space for them, and how often catalogue pictures are
# prepared ahead (0: never).
TRYON_CACHE_MB = env.int("TRYON_CACHE_MB", default=2000)
TRYON_PREPARE_SECONDS = env.float("TRYON_PREPARE_SECONDS", default=30.0)
# How often catalogue pictures without current labels (mask, landmarks ...) are looked for
# (0: only with every round of preparing ahead).
GARMENT_LABEL_SECONDS = env.float("GARMENT_LABEL_SECONDS", default=3.0)
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
        ("label_garments", GARMENT_LABEL_SECONDS),
        ("prepare_ahead", TRYON_PREPARE_SECONDS),
        ("tidy", TRYON_TIDY_SECONDS),
        ("tidy_photos", PHOTO_TIDY_SECONDS),
    )
    if seconds
}
