"""Indexes over the registry, kept in the process: built at first use and again after the registry has changed.

A change is detected from the number of rows and the latest change, so each process detects it by itself. A small
registry is indexed at once; a large one in a background thread, while the previous index is used.
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
from matching.engine import Item
from matching.items import achievement_items, public_demand_items, sorted_items
from matching.run_index import extended_registry
from matching.shared_indexes import build_index

log = logging.getLogger(__name__)

MAX_ROWS_AT_ONCE = 2000
"""Up to this many rows are indexed while the request waits (half a second)."""


@dataclass
class _BuiltIndex:
    version: tuple
    index: Any
    rows: int


class CachedIndex:
    """An index that is rebuilt after its rows have changed.

    `querysets()`: the rows that it is built from; `build()`: builds it.
    """

    def __init__(self, name: str, querysets: Callable[[], list[QuerySet]], build: Callable[[], Any]):
        self.name, self._querysets, self._build_index = name, querysets, build
        self._built: _BuiltIndex | None = None
        self._building = threading.Lock()

    def current(self) -> Any:
        """Return the index of the present rows; the previous one while a large registry is indexed."""
        return self._of(self._version())

    def _of(self, version: tuple) -> Any:
        built = self._built
        if built and built.version == version:
            return built.index
        if built and built.rows > MAX_ROWS_AT_ONCE:
            if self._building.acquire(blocking=False):
                threading.Thread(target=self._build_in_background, args=(version,), daemon=True, name=self.name).start()
            return built.index
        with self._building:
            if not self._built or self._built.version != version:
                self._build(version)
            return self._built.index

    def clear(self) -> None:
        self._built = None

    def _version(self) -> tuple:
        states = [
            tuple(rows.order_by().aggregate(n=Count("pk"), a=Max("updated_at"), b=Max("status_changed_at")).values())
            for rows in self._querysets()
        ]
        return (connection.settings_dict["NAME"], timezone.localdate(), *states)

    def _build(self, version: tuple) -> None:
        index = self._build_index()
        self._built = _BuiltIndex(version, index, sum(state[0] for state in version[2:]))

    def _build_in_background(self, version: tuple) -> None:
        try:
            # A build of the same version may have ended between the caller's comparison and its turn.
            if not self._built or self._built.version != version:
                self._build(version)
        except Exception:  # the previous index stays in use
            log.exception("the index of %s could not be rebuilt", self.name)
        finally:
            connection.close()
            self._building.release()


def _nearest_neighbours(items: Iterator[Item]):
    from matching.engine.neighbours import NearestNeighbours  # imports NumPy and SciPy

    return NearestNeighbours(items)


def _offers_index():
    """Return the index of the last batch with what has changed since; in a small registry a stored one of its own."""
    offers = Achievement.objects.available()
    ids = list(offers.order_by().values_list("pk", flat=True))
    return extended_registry(settings.MATCH_ENGINE, ids) or build_index(
        lambda: sorted_items(achievement_items, offers, ids),
        lambda: sorted_items(public_demand_items, Demand.objects.open()),
        settings.MATCH_ENGINE,
    )


def comparable_achievements() -> QuerySet:
    """Return the achievements that a new one is compared with: all but withdrawn ones."""
    return Achievement.objects.exclude(status=Achievement.Status.WITHDRAWN)


def comparable_demands() -> QuerySet:
    return Demand.objects.exclude(status=Demand.Status.CLOSED).filter(is_private=False)


ACHIEVEMENT_NEIGHBOURS = CachedIndex(
    "achievements",
    lambda: [comparable_achievements()],
    lambda: _nearest_neighbours(achievement_items(comparable_achievements())),
)
DEMAND_NEIGHBOURS = CachedIndex(
    "demands",
    lambda: [comparable_demands()],
    lambda: _nearest_neighbours(public_demand_items(comparable_demands())),
)
MATCHING_INDEX = CachedIndex(
    "offers",
    lambda: [Achievement.objects.available(), Demand.objects.open()],
    lambda: _offers_index(),
)
"""The engine's index over the achievements on offer and the open demands. All processes share its files."""
