"""The default: everything embedded, one machine, no variable set."""

from .base import *  # noqa: F403
from .base import OTBANG_HOME, env
from config import embedded

SECRET_KEY = env("SECRET_KEY", default="local")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": env.db_url_config(env("DATABASE_URL", default="") or embedded.database_url(OTBANG_HOME))
}
