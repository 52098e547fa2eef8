"""Parts that many public pages show: read once, and used by the process until a row that they show changes.

A page with such a part depends on when the part was read (`note_read_before`), as on what it reads itself.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from portal.public_copies.changes import ReadBefore, is_current
from portal.public_copies.reading import note_read_before, remember

MOST_PARTS = 500

type Part = tuple[Hashable, Callable[[], Any]]
"""A key, and what reads the value. The value is shared by threads: nobody changes it."""


@dataclass(frozen=True)
class _Read:
    value: Any
    since: ReadBefore
    ends_at: float


class Parts:
    """The parts of a process; the least recently used go first."""

    def __init__(self) -> None:
        self._read: OrderedDict[Hashable, _Read] = OrderedDict()
        self._lock = threading.Lock()

    def values(self, request: HttpRequest, *parts: Part) -> list[Any]:
        """The values of the parts of one page, with one statement if all are remembered.

        Only pages that are one for everybody share them: others may show their reader more.
        """
        if not getattr(request, "copy_snapshot", ""):
            return [read() for _key, read in parts]
        place = (connection.settings_dict["NAME"], timezone.localdate())
        remembered = [self._remembered((place, key)) for key, _read in parts]
        known = [part for part in remembered if part is not None]
        if not is_current(*(part.since for part in known)):
            remembered = [None] * len(parts)
        return [
            self._noted(part or self._read_now((place, key), read))
            for part, (key, read) in zip(remembered, parts, strict=True)
        ]

    def clear(self) -> None:
        with self._lock:
            self._read.clear()

    def _remembered(self, key: Hashable) -> _Read | None:
        with self._lock:
            part = self._read.get(key)
            if part is None or part.ends_at <= time.monotonic():
                return None
            self._read.move_to_end(key)
            return part

    def _read_now(self, key: Hashable, read: Callable[[], Any]) -> _Read:
        value, since = remember(read)
        part = _Read(value, since, time.monotonic() + settings.PUBLIC_COPY_SECONDS)
        if since.snapshot:
            with self._lock:
                self._read[key] = part
                while len(self._read) > MOST_PARTS:
                    self._read.popitem(last=False)
        return part

    @staticmethod
    def _noted(part: _Read) -> Any:
        note_read_before(part.since)
        return part.value


PARTS = Parts()
