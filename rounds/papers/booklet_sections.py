"""Sections of the booklet registered by apps above this one when the apps are ready."""

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
    """Register `make`, which returns the section of a round, or None if it has nothing."""
    if make not in _builders:
        _builders.append(make)


def booklet_sections(docking_round: DockingRound) -> list[BookletSection]:
    return [section for make in _builders if (section := make(docking_round))]
