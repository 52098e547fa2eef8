"""Settings of caches: counters that processes share, and copies of public pages."""

from typing import Any

import environ


def cache_settings(env: environ.Env, *, redis_url: str) -> dict[str, Any]:
    """CACHES, and the settings of copies of public pages (docs/operations.md)."""
    return {
        "CACHES": {
            "default": {  # counters of sign-ins, codes and requests; all processes share them
                "BACKEND": "core.cache.SharedCache",
                "LOCATION": redis_url,
                "KEY_PREFIX": "cache",
                "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
            },
            # Results that are cheap to compute again
            "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            # Pictures of shared pages and sheets of paper, by their content: 20 to 150 kB each
            "handouts": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "LOCATION": "handouts",
                "OPTIONS": {"MAX_ENTRIES": 100},
            },
        },
        # Longest age of a copy whose rows have not changed, in seconds; 0: every page is rendered for each visitor.
        "PUBLIC_COPY_SECONDS": env.int("PUBLIC_COPY_SECONDS", default=300),
        # Memory for copies in each web process.
        "PUBLIC_COPY_MEGABYTES": env.int("PUBLIC_COPY_MEGABYTES", default=32),
        # Copies that the processes of a web server share, in the folder for temporary files; 0: none.
        "PUBLIC_COPY_SHARED_MEGABYTES": env.int("PUBLIC_COPY_SHARED_MEGABYTES", default=128),
        # Seconds for which browsers and proxies may use a public page without asking. What is withdrawn meanwhile is
        # still read there: 0 means that they ask each time and get 304 if nothing has changed.
        "PUBLIC_MAX_AGE": env.int("PUBLIC_MAX_AGE", default=0),
    }
