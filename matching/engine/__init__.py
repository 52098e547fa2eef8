"""What fits: achievements against needs. Pure: no Django, no database, no clock, no random numbers.

Numerical libraries are loaded by `build`, not by importing this package, so that the web process stays light.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from matching.engine.corpus import Corpus, Item
from matching.engine.errors import DuplicateId, EngineError, UnknownEngine
from matching.engine.methods import DEFAULT, SHOWN_FROM

if TYPE_CHECKING:
    from matching.engine.ranking import Index

__all__ = ["DEFAULT", "SHOWN_FROM", "Corpus", "DuplicateId", "EngineError", "Item", "UnknownEngine", "build"]


def build(achievements: Iterable[Item], demands: Iterable[Item], *, engine: str = DEFAULT) -> "Index":
    """Index a snapshot: every achievement on offer and every need of the run, also those of other chunks.

    Raises DuplicateId, UnknownEngine.
    """
    from matching.engine.ranking import Index  # loads numpy and scipy

    return Index(Corpus.of(achievements, demands), engine=engine)
