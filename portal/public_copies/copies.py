"""Copies of public pages in the memory of a process, up to a number of bytes; the least recently used go first.

Not in Redis: it is the broker, which refuses work when it is full, and who can write to it must not be able to write
pages. What other processes of this web server have rendered is in `shared.py`.
"""

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from portal.public_copies.changes import ReadBefore

CACHE_NAME = "public-copies"
"""Of this cache in the field Cache-Status."""
SMALLEST_COMPRESSED = 200
"""Bytes; a shorter answer is longer when it is compressed."""


@dataclass(frozen=True)
class PublicCopy:
    """An answer for everybody without a session. Each reader of it visits an achievement, `visited`, or none."""

    body: bytes
    is_compressed: bool
    headers: dict[str, str]
    since: tuple[ReadBefore, ...]
    ends_at: float
    """Monotonic time, which is one for all processes of a host."""
    visited: int | None = None

    @classmethod
    def of(cls, response: HttpResponse, since: tuple[ReadBefore, ...], *, ends_at: float) -> "PublicCopy":
        body = response.content
        patch_vary_headers(response, ("Accept-Encoding",))
        headers = {name: value for name, value in response.items() if name != "Content-Length"}
        headers["ETag"] = f'W/"{sha256(body).hexdigest()[:32]}"'
        is_compressed = len(body) >= SMALLEST_COMPRESSED
        return cls(
            gzip.compress(body, 6, mtime=0) if is_compressed else body,
            is_compressed,
            headers,
            since,
            ends_at,
            getattr(response, "visited_achievement", None),
        )

    @property
    def size(self) -> int:
        return len(self.body) + 2000

    def answer(self, request: HttpRequest, *, cache_status: str) -> HttpResponse:
        """The page, or 304 if the reader has it. `cache_status`: how it was found, in the words of RFC 9211."""
        body, is_compressed = self.body, self.is_compressed
        if is_compressed and "gzip" not in request.headers.get("Accept-Encoding", ""):
            body, is_compressed = gzip.decompress(body), False
        response = HttpResponse(body, headers=self.headers)
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(body))
        conditional = get_conditional_response(request, etag=self.headers["ETag"], response=response)
        answer = conditional or response
        answer.headers["Cache-Status"] = f"{CACHE_NAME}; {cache_status}"
        return answer


class Copies:
    """The copies of a process. Threads share them."""

    def __init__(self) -> None:
        self._copies: OrderedDict[Hashable, PublicCopy] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def get(self, key: Hashable) -> PublicCopy | None:
        with self._lock:
            copy = self._copies.get(key)
            if copy is None:
                return None
            if copy.ends_at <= time.monotonic():
                self._remove(key)
                return None
            self._copies.move_to_end(key)
            return copy

    def keep(self, key: Hashable, copy: PublicCopy, *, most_bytes: int) -> None:
        """A copy of more than an eighth of the memory is not kept."""
        if copy.size > most_bytes // 8:
            return
        with self._lock:
            self._remove(key)
            self._copies[key] = copy
            self.size += copy.size
            while self.size > most_bytes:
                self._remove(next(iter(self._copies)))

    def remove(self, key: Hashable) -> None:
        with self._lock:
            self._remove(key)

    def clear(self) -> None:
        with self._lock:
            self._copies.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._copies)

    def _remove(self, key: Hashable) -> None:
        if copy := self._copies.pop(key, None):
            self.size -= copy.size


COPIES = Copies()
