"""Settings that hold everywhere. What differs per place comes from the environment.

Every variable is described in ``.env.example``.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from config.embedded import Postgres, Redis
from config.settings import environment, fittingroom
from config.settings.environment import env
from config.settings.fittingroom import *

BASE_DIR = environment.BASE_DIR
OTBANG_HOME = environment.OTBANG_HOME

INSTALLED_APPS = [
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "allauth",
    "allauth.account",
    "django_htmx",
    "django_structlog",
    "tree_queries",
    "rest_framework",
    "accounts",
    "shop.catalogue",
    "fittingroom",
    "recommendations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.catalogue.context.menu",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- sign-in ----------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "catalogue:home"
LOGOUT_REDIRECT_URL = "catalogue:home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE, without asking
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a changed password or address
#: Called with the user's id, in the transaction that deletes them: takes away what a cascade of
#: rows leaves behind. So accounts need not know whose files those are.
ACCOUNT_ERASERS = ["fittingroom.photos.services.erase_account"]
#: "mandatory" once mail is sent for real: then nobody registers somebody else's address.
ACCOUNT_EMAIL_VERIFICATION = env("ACCOUNT_EMAIL_VERIFICATION", default="optional")
#: How many proxies of ours stand in front: whose word on the client's address counts.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# Without a mail server, messages are written to files, so that a reset link can be found.
if EMAIL_URL := env("EMAIL_URL", default=""):
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = OTBANG_HOME / "outbox"
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Otbang <shop@localhost>")

# --- languages --------------------------------------------------------------------------------

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- servers: embedded unless the environment names real ones -------------------------------

#: The embedded servers of this home; None where a real server is used instead.
EMBEDDED_POSTGRES: Postgres | None = None
EMBEDDED_REDIS: Redis | None = None

if DATABASE_URL := env("DATABASE_URL", default=""):
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
else:
    EMBEDDED_POSTGRES = Postgres(
        OTBANG_HOME, durable=env.bool("OTBANG_EMBEDDED_DURABLE", default=True)
    )
    DATABASES = {
        "default": {
            "ENGINE": "config.embedded.backend",
            "NAME": EMBEDDED_POSTGRES.database,
            "USER": EMBEDDED_POSTGRES.user,
            "HOST": str(EMBEDDED_POSTGRES.socket_folder),
        }
    }
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
}

if CELERY_BROKER_URL := env("CELERY_BROKER_URL", default=""):
    CACHE_URL = env("CACHE_URL", default=CELERY_BROKER_URL)
else:
    EMBEDDED_REDIS = Redis(OTBANG_HOME)
    _socket = str(EMBEDDED_REDIS.socket)
    CELERY_BROKER_URL = f"redis+socket://{quote(_socket)}?virtual_host=0"
    CACHE_URL = env("CACHE_URL", default=f"unix://{quote(_socket)}?db=1")

# A page must not hang or fail because Redis is away: short times, and a miss instead of an error.
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "otbang",
        "TIMEOUT": 300,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}
# In the database, so that nobody is signed out when Redis restarts.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

#: How long a page may show the old tree of categories where Redis missed that it changed.
CATALOGUE_TREE_SECONDS = env.int("CATALOGUE_TREE_SECONDS", default=60)

# --- jobs -------------------------------------------------------------------------------------

CELERY_TASK_TIME_LIMIT = env.int("TASK_TIME_LIMIT", default=300)
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 10
#: name → {"task": ..., "schedule": seconds or crontab}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    **fittingroom.BEAT_SCHEDULE,
    "clear_sessions": {"task": "config.tasks.clear_sessions", "schedule": 24 * 60 * 60.0},
}

# --- files ------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(OTBANG_HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = OTBANG_HOME / "media"
#: Whether this process hands out public media itself. Private files never have a URL here.
SERVE_MEDIA = True

STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Body photos and try-on results: no URL at all, only views that check the owner.
    "private": {
        "BACKEND": "config.storage.PrivateFileSystemStorage",
        "OPTIONS": {
            "location": OTBANG_HOME / "private",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Where pictures may come from besides ourselves: the public bucket.
_picture_hosts: list[str] = []

if PUBLIC_BUCKET := env("S3_PUBLIC_BUCKET", default=""):
    _s3: dict[str, object] = {
        "access_key": env("S3_ACCESS_KEY", default="") or None,
        "secret_key": env("S3_SECRET_KEY", default="") or None,
        "endpoint_url": env("S3_ENDPOINT_URL", default="") or None,
        "region_name": env("S3_REGION", default="") or None,
        "signature_version": "s3v4",
        "file_overwrite": False,
        "default_acl": None,
    }
    _domain = env("S3_PUBLIC_DOMAIN", default="")
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": _s3
        | {
            "bucket_name": PUBLIC_BUCKET,
            "custom_domain": _domain or None,
            "querystring_auth": False,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": _s3
        | {
            "bucket_name": env("S3_PRIVATE_BUCKET"),
            "querystring_auth": True,
            "querystring_expire": env.int("S3_SIGNED_URL_SECONDS", default=300),
        },
    }
    SERVE_MEDIA = False
    _picture_hosts = env.list(
        "S3_PICTURE_HOSTS", default=[f"https://{_domain}" if _domain else "https://*.amazonaws.com"]
    )

# Small bodies only: the largest upload is one photo.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
#: Of one uploaded picture, in bytes. Forms and ``ml.images`` enforce it.
MAX_PICTURE_BYTES = env.int("MAX_PICTURE_BYTES", default=20_000_000)

# --- browsers ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *_picture_hosts],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60
CSRF_COOKIE_HTTPONLY = False  # scripts send it back in a header
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- logs -------------------------------------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOG_FORMAT = env("LOG_FORMAT", default="console")  # or json
