"""Tabs that apps above this one add to the review desk; each registers its own in `AppConfig.ready()`."""

from collections.abc import Callable
from typing import NamedTuple

from accounts.models import User


class DeskTab(NamedTuple):
    label: str
    url: str


_TABS: list[Callable[[User], DeskTab | None]] = []


def register_tab(tab: Callable[[User], DeskTab | None]) -> None:
    """`tab(user)`: the tab as this officer sees it, or None."""
    if tab not in _TABS:
        _TABS.append(tab)


def tabs_of(user: User) -> list[DeskTab]:
    return [shown for tab in _TABS if (shown := tab(user)) is not None]
