"""Sections of the booklet that higher rooms add: they call down with theirs when the apps are ready."""

from collections.abc import Callable
from dataclasses import dataclass

from rounds.models import DockingRound


@dataclass(frozen=True)
class BookletSection:
    """`entries`: (heading, [lines of text])."""

    title: str
    entries: list[tuple[str, list[str]]]


_builders: list[Callable[[DockingRound], BookletSection | None]] = []


def register_section(make: Callable[[DockingRound], BookletSection | None]) -> None:
    """`make` is asked for its section whenever a booklet is set; None where it has nothing."""
    if make not in _builders:
        _builders.append(make)


def booklet_sections(docking_round: DockingRound) -> list[BookletSection]:
    return [section for make in _builders if (section := make(docking_round))]
