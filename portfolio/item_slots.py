"""What apps above this one offer the office on the page of an achievement; each registers in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.models import User
from achievements.models import Achievement


class ItemLink(NamedTuple):
    label: str
    url: str


class ItemPanel(NamedTuple):
    template: str
    context: dict[str, Any]


type LinkSource = Callable[[Achievement], Iterable[ItemLink]]
type PanelSource = Callable[[Achievement, User], ItemPanel]

_SOURCES: dict[str, LinkSource] = {}
_PANELS: dict[str, PanelSource] = {}


def register_links(name: str, source: LinkSource) -> None:
    """`name` is that of the app; `source(achievement)`: its links for the institution's office."""
    _SOURCES[name] = source


def links_of(achievement: Achievement) -> list[ItemLink]:
    return [link for _name, source in sorted(_SOURCES.items()) for link in source(achievement)]


def register_panel(name: str, source: PanelSource) -> None:
    """`name` is that of the app; `source(achievement, user)`: a section for an officer of the institution."""
    _PANELS[name] = source


def panels_of(achievement: Achievement, user: User, request: HttpRequest) -> list[str]:
    """The sections as HTML."""
    made = (source(achievement, user) for _name, source in sorted(_PANELS.items()))
    return [render_to_string(panel.template, panel.context, request) for panel in made]
