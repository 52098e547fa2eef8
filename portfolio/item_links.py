"""What apps above this one offer the office on the page of an achievement; each registers in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from achievements.models import Achievement


class ItemLink(NamedTuple):
    label: str
    url: str


type LinkSource = Callable[[Achievement], Iterable[ItemLink]]

_SOURCES: dict[str, LinkSource] = {}


def register_links(name: str, source: LinkSource) -> None:
    """`name` is that of the app; `source(achievement)`: its links for the institution's office."""
    _SOURCES[name] = source


def links_of(achievement: Achievement) -> list[ItemLink]:
    return [link for _name, source in sorted(_SOURCES.items()) for link in source(achievement)]
