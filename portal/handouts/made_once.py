"""Handouts are made once for their content and kept in the memory of the process."""

import json
import threading
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.core.cache import caches

KEPT_SECONDS = 24 * 3600
_making = threading.Lock()
"""PDFium is not for several threads, and pages wait for the processor while a handout is made."""


def digest_of(facts: Mapping[str, Any]) -> str:
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:32]


def made_once(kind: str, digest: str, make: Callable[[], bytes]) -> bytes:
    """The handout with this content, made by `make` if no request has asked for it in the last day."""
    cache, key = caches["handouts"], f"{kind}:{digest}"
    content = cache.get(key)
    if content is None:
        with _making:
            content = cache.get(key)
            if content is None:
                content = make()
                cache.set(key, content, KEPT_SECONDS)
    return content
