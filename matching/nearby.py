"""The registry as the engine sees it, kept in this process: built when first asked for, anew when the registry changed.

A version is counted from the rows (how many, and when the last of them changed), so every process notices by itself.
A small registry is read again at once; a large one in the background, while the last answers go on being given.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item, build
from matching.items import achievement_items, public_demand_items

log = logging.getLogger(__name__)

AT_ONCE = 2000
"""So many rows are read while somebody waits (half a second); more are read in the background."""


@dataclass
class _Kept:
    version: tuple
    value: Any
    rows: int


class Registry:
    """Something built from rows. `rows()` are those it is built of, `make(version)` builds it."""

    def __init__(self, name: str, rows: Callable[[], list[QuerySet]], make: Callable[[], Any]):
        self.name, self._rows, self._make = name, rows, make
        self._kept: _Kept | None = None
        self._building = threading.Lock()

    def current(self) -> Any:
        """What was built, of the rows as they are now; a moment old where the registry is large and just changed."""
        version = self._version()
        kept = self._kept
        if kept and kept.version == version:
            return kept.value
        if kept and kept.rows > AT_ONCE:
            if self._building.acquire(blocking=False):
                threading.Thread(target=self._build_aside, args=(version,), daemon=True, name=self.name).start()
            return kept.value
        with self._building:
            if not self._kept or self._kept.version != version:
                self._build(version)
            return self._kept.value

    def forget(self) -> None:
        self._kept = None

    def _version(self) -> tuple:
        counted = [
            tuple(rows.order_by().aggregate(n=Count("pk"), a=Max("updated_at"), b=Max("status_changed_at")).values())
            for rows in self._rows()
        ]
        return (connection.settings_dict["NAME"], timezone.localdate(), *counted)

    def _build(self, version: tuple) -> None:
        value = self._make()
        self._kept = _Kept(version, value, sum(counted[0] for counted in version[2:]))

    def _build_aside(self, version: tuple) -> None:
        try:
            self._build(version)
        except Exception:  # whatever it is, the last one goes on answering
            log.exception("%s could not be built anew", self.name)
        finally:
            connection.close()
            self._building.release()


def _neighbours(items: Iterator[Item]):
    from matching.engine.neighbours import Neighbours  # loads numpy and scipy

    return Neighbours(items)


def kept_achievements() -> QuerySet:
    """All that may be the same as another: whatever was not withdrawn."""
    return Achievement.objects.exclude(status=Achievement.Status.WITHDRAWN)


def kept_demands() -> QuerySet:
    return Demand.objects.exclude(status=Demand.Status.CLOSED)


ACHIEVEMENTS = Registry(
    "achievements", lambda: [kept_achievements()], lambda: _neighbours(achievement_items(kept_achievements()))
)
DEMANDS = Registry("demands", lambda: [kept_demands()], lambda: _neighbours(public_demand_items(kept_demands())))
OFFERS = Registry(
    "offers",
    lambda: [Achievement.objects.available(), Demand.objects.open()],
    lambda: build(
        achievement_items(Achievement.objects.available()),
        public_demand_items(Demand.objects.open()),
        engine=settings.MATCH_ENGINE,
    ),
)
"""The engine's index over what is on offer, its word statistics from what is offered and needed."""
