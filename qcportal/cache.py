"""A cache that is only a convenience: when Redis is away, reads miss and writes are dropped."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _tolerant(method: Callable[..., Any], fallback: Any) -> Callable[..., Any]:
    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            logger.warning("cache unavailable: %s", error)
            # cache.get(key, default) still owes its default.
            return kwargs.get("default", args[1] if len(args) > 1 else None) if fallback is _DEFAULT else fallback

    return call


_DEFAULT = object()


class TolerantRedisCache(RedisCache):
    get = _tolerant(RedisCache.get, _DEFAULT)
    set = _tolerant(RedisCache.set, None)
    add = _tolerant(RedisCache.add, True)
    touch = _tolerant(RedisCache.touch, False)
    delete = _tolerant(RedisCache.delete, False)
    incr = _tolerant(RedisCache.incr, 1)
    has_key = _tolerant(RedisCache.has_key, False)
    get_many = _tolerant(RedisCache.get_many, {})
    set_many = _tolerant(RedisCache.set_many, [])
    delete_many = _tolerant(RedisCache.delete_many, None)
