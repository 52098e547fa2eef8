"""The deal that grew out of a meeting. Deals belong to an app above, which registers here how they are prefetched."""

from collections.abc import Callable

from django.db.models import Prefetch

_prefetches: list[Callable[[], Prefetch]] = []


def add_prefetch(make: Callable[[], Prefetch]) -> None:
    """`make` returns a prefetch of placements that fills `meeting.active_deals`. Called twice, it adds once."""
    if make not in _prefetches:
        _prefetches.append(make)


def prefetches() -> list[Prefetch]:
    return [make() for make in _prefetches]
