"""The environment, with ``.env`` read into it. Every other settings module asks here."""

from __future__ import annotations

import os
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
environ.Env.read_env(os.environ.get("OTBANG_ENV_FILE", str(BASE_DIR / ".env")))

#: Everything that this installation writes on its own disk.
OTBANG_HOME = Path(env("OTBANG_HOME", default=str(BASE_DIR / ".otbang"))).absolute()
