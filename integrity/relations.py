"""Declared relations between organisations, which apps above register."""

from collections.abc import Callable
from datetime import date

type DeclaredRelations = Callable[[date], dict[frozenset[int], str]]
"""{the two organisations: how they are related} of the declarations in effect on a day."""

_sources: list[DeclaredRelations] = []


def register_relations(source: DeclaredRelations) -> None:
    _sources.append(source)


def declared_relations(day: date) -> dict[frozenset[int], str]:
    return {pair: why for source in _sources for pair, why in source(day).items()}
