"""Django's Redis cache, forgiving: a server that is away is a miss, not an error page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as TooSlow

from config import embedded

log = structlog.get_logger(__name__)


def _forgiving(name: str, without: Callable[[], Any]) -> Callable[..., Any]:
    """The cache client's method ``name``, answering ``without()`` while Redis is away."""
    method = getattr(RedisCacheClient, name)

    def call(self: RedisCacheClient, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (NoConnection, TooSlow, embedded.EmbeddedError) as error:
            log.warning("cache_unavailable", operation=name, reason=str(error))
            if name == "get" and len(args) > 1:
                return args[1]
            return without()

    return call


class ForgivingClient(RedisCacheClient):
    """``incr`` says 1: the first of its kind, as if the counter had just expired."""

    add = _forgiving("add", lambda: True)
    get = _forgiving("get", lambda: None)
    set = _forgiving("set", lambda: None)
    touch = _forgiving("touch", lambda: False)
    delete = _forgiving("delete", lambda: False)
    get_many = _forgiving("get_many", dict)
    has_key = _forgiving("has_key", lambda: False)
    incr = _forgiving("incr", lambda: 1)
    set_many = _forgiving("set_many", lambda: None)
    delete_many = _forgiving("delete_many", lambda: None)
    clear = _forgiving("clear", lambda: False)

    def get_client(
        self, key: str | bytes | memoryview[int] | None = None, *, write: bool = False
    ) -> Any:
        if settings.EMBEDDED_REDIS is not None:
            embedded.ensure(settings.EMBEDDED_REDIS)
        return super().get_client(key, write=write)


class ForgivingRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
