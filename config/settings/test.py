"""Tests: a real PostgreSQL and a real Redis that forget everything, in a home of their own."""

from __future__ import annotations

import os
import tempfile
from uuid import uuid4

# A developer's .env and home must not decide what the tests see. Processes that tests start
# inherit these variables, so that they share the home.
os.environ.setdefault("OTBANG_ENV_FILE", os.devnull)
os.environ.setdefault("OTBANG_EMBEDDED_DURABLE", "false")
os.environ.setdefault("OTBANG_TEST_HOME", f"{tempfile.gettempdir()}/otbang-test-{uuid4().hex[:12]}")
# Each worker of pytest-xdist has a home, and so a database, a queue and a cache, of its own.
os.environ["OTBANG_HOME"] = os.environ["OTBANG_TEST_HOME"] + os.environ.get(
    "PYTEST_XDIST_WORKER", ""
)

from config.logs import logging_settings
from config.settings.base import *
from config.settings.base import CACHES, STORAGES

DEBUG = False
SECRET_KEY = "only-for-tests-" + "0123456789" * 5
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# Fast on purpose: tests make many users.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A Redis that answers late on a busy machine is not away.
CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 20, "socket_timeout": 20}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
# Redis outlives the transaction that a test rolls back.
CATALOGUE_TREE_SECONDS = 0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

LOGGING = logging_settings(os.environ.get("LOG_LEVEL", "WARNING"), "console")
