"""Sections of the booklet that higher rooms add: they call down with theirs when the apps are ready."""

from collections.abc import Callable
from dataclasses import dataclass

from rounds.models import DockingRound


@dataclass(frozen=True)
class Section:
    """`entries`: (heading, [lines of text])."""

    title: str
    entries: list[tuple[str, list[str]]]


_made: list[Callable[[DockingRound], Section | None]] = []


def add_section(make: Callable[[DockingRound], Section | None]) -> None:
    """`make` is asked for its section whenever a booklet is set; None where it has nothing."""
    if make not in _made:
        _made.append(make)


def sections(held: DockingRound) -> list[Section]:
    return [section for make in _made if (section := make(held))]
