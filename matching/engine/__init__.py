"""The matching engine scores achievements against demands.

It uses no Django, no database, no clock and no random numbers, so equal input gives equal output. NumPy and SciPy are
imported by `build`, not by this package, which keeps the web process small.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from matching.engine.corpus import Corpus, Item
from matching.engine.errors import DuplicateId, EngineError, UnknownEngine
from matching.engine.methods import DEFAULT_ENGINE, SCORE_THRESHOLD

if TYPE_CHECKING:
    from matching.engine.ranking import Index

__all__ = [
    "DEFAULT_ENGINE",
    "SCORE_THRESHOLD",
    "Corpus",
    "DuplicateId",
    "EngineError",
    "Item",
    "UnknownEngine",
    "build",
]


def build(achievements: Iterable[Item], demands: Iterable[Item], *, engine: str = DEFAULT_ENGINE) -> "Index":
    """Build the index of a snapshot: all achievements on offer and all demands of a run, including other chunks'.

    Raises DuplicateId and UnknownEngine.
    """
    from matching.engine.ranking import Index  # imports NumPy and SciPy

    return Index(Corpus.of(achievements, demands), engine=engine)
