"""The default: everything embedded, one machine, no variable set."""

from __future__ import annotations

from config.logs import logging_settings
from config.secrets import local_secret
from config.settings.base import *
from config.settings.base import STATIC_ROOT, STORAGES
from config.settings.environment import OTBANG_HOME, env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or local_secret(OTBANG_HOME / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

STORAGES["staticfiles"] = {"BACKEND": "config.storage.LocalStaticFilesStorage"}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Until something is collected (`manage.py demo` does it), serve straight from the sources.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()

LOGGING = logging_settings(env("LOG_LEVEL", default="INFO"), env("LOG_FORMAT", default="console"))
