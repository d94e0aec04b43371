"""Tests: a real PostgreSQL and a real Redis that forget everything, in a home of their own.

``tests/conftest.py`` sets OTBANG_HOME before this is read.
"""

from __future__ import annotations

import os

# A developer's .env must not decide what the tests see.
os.environ.setdefault("OTBANG_ENV_FILE", os.devnull)
os.environ.setdefault("OTBANG_EMBEDDED_DURABLE", "false")

from config.logs import logging_settings
from config.settings.base import *
from config.settings.base import STORAGES

DEBUG = False
SECRET_KEY = "only-for-tests-" + "0123456789" * 5
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# Fast on purpose: tests make many users.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

LOGGING = logging_settings("WARNING", "console")
