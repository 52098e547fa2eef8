"""Deals of a meeting. The app `deals` is above this one and registers here how they are prefetched."""

from collections.abc import Callable

from django.db.models import Prefetch

_prefetches: list[Callable[[], Prefetch]] = []


def add_prefetch(make: Callable[[], Prefetch]) -> None:
    """Register `make`, which returns a prefetch of placements that sets `meeting.active_deals`. Idempotent."""
    if make not in _prefetches:
        _prefetches.append(make)


def prefetches() -> list[Prefetch]:
    return [make() for make in _prefetches]
