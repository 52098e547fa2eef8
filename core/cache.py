"""The cache that all processes share. Without Redis each process counts in its own memory: sign-in still works."""

import json
import logging
import time
from contextlib import suppress
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
RETRY_SECONDS = 5
"""Redis is not asked again for so long after it did not respond: a page must not wait for it several times."""


class JsonSerializer:
    """JSON, not pickle: who can write to Redis must not be able to run code here. Integers stay countable by INCR."""

    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class SharedCache(RedisCache):
    """Django's Redis cache with a memory of the process for the time in which Redis does not respond.

    Values must be JSON. `clear` deletes the keys of the cache only, because the broker's queue is in the same database.
    """

    away_until = 0.0
    """Monotonic time; of all instances of the process, of which each thread has one."""

    def __init__(self, server: str, params: dict) -> None:
        params = params | {"OPTIONS": {"serializer": JsonSerializer} | params.get("OPTIONS", {})}
        super().__init__(server, params)
        self._memory = LocMemCache("shared-cache-away", {"TIMEOUT": self.default_timeout})

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SharedCache.away_until:
            try:
                return getattr(super(), method)(*args, **kwargs)
            except (RedisError, OSError):
                SharedCache.away_until = time.monotonic() + RETRY_SECONDS
                log.warning("Redis does not respond: counters are kept by each process for itself")
        return getattr(self._memory, method)(*args, **kwargs)

    def add(self, *args, **kwargs):
        return self._ask("add", *args, **kwargs)

    def get(self, *args, **kwargs):
        return self._ask("get", *args, **kwargs)

    def set(self, *args, **kwargs):
        return self._ask("set", *args, **kwargs)

    def touch(self, *args, **kwargs):
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args, **kwargs):
        return self._ask("delete", *args, **kwargs)

    def get_many(self, *args, **kwargs):
        return self._ask("get_many", *args, **kwargs)

    def set_many(self, *args, **kwargs):
        return self._ask("set_many", *args, **kwargs)

    def delete_many(self, *args, **kwargs):
        return self._ask("delete_many", *args, **kwargs)

    def has_key(self, *args, **kwargs):
        return self._ask("has_key", *args, **kwargs)

    def incr(self, *args, **kwargs):
        return self._ask("incr", *args, **kwargs)

    def clear(self) -> None:
        self._memory.clear()
        client = self._cache.get_client(write=True)
        with suppress(RedisError, OSError):
            if keys := list(client.scan_iter(match=f"{self.key_prefix}:*", count=1000)):
                client.delete(*keys)
