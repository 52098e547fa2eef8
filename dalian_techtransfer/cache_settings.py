"""Settings of the caches."""

from typing import Any


def cache_settings(redis_url: str) -> dict[str, Any]:
    return {
        "default": {  # counters of sign-ins, codes and requests; all processes share them
            "BACKEND": "core.cache.SharedCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "cache",
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
        },
        # results that are cheap to compute again
        "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }
