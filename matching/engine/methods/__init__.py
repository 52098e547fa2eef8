"""Scoring methods. Each is a class in a module of this package that implements `ScoringMethod`.

A method is imported when it is loaded; listing the names imports neither NumPy nor SciPy.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, Self

from matching.engine.corpus import Item
from matching.engine.errors import UnknownEngine

if TYPE_CHECKING:
    from matching.engine.arrays import Floats, PairRows
    from matching.engine.row_arrays import Allocate
    from matching.engine.term_statistics import TermStatistics

DEFAULT_ENGINE = "p3"
_CLASSES = {
    "p0": ("matching.engine.methods.lexical", "LexicalMethod"),
    "p2": ("matching.engine.methods.conceptual", "ConceptualMethod"),
    "p3": ("matching.engine.methods.sentence_mean", "SentenceMeanMethod"),
}

SCORE_THRESHOLD = 60.0
"""The score of a pair whose total equals the method's `pass_mark` (the pass mark of Chinese examinations)."""


@dataclass(frozen=True)
class PairScores:
    """Scores of pairs. `totals` (pairs,) decide the order; `parts` are the components, each (pairs,), 0–1."""

    totals: "Floats"
    parts: "dict[str, Floats]"


class ScoringMethod(Protocol):
    """A scoring method fitted to a corpus.

    A total depends only on the pair and the corpus, not on the other demands of the call. It is finite and at least 0.
    """

    name: str
    NUMBERS: tuple[str, ...]  # those of `fitted_parameters` that `stored` needs
    pass_mark: float  # the smallest total that is worth showing; how it was chosen: docs/matching.md

    def __init__(
        self, statistics: "TermStatistics", pairs: "PairRows | None" = None, *, allocate: "Allocate" = ...
    ) -> None:
        """Compute all statistics of the corpus. Scales are measured over `pairs`, by default over an even sample of
        all pairs. `allocate` provides the large arrays."""

    @classmethod
    def stored(cls, statistics: "TermStatistics", arrays: Mapping[str, Any], numbers: Mapping[str, float]) -> Self:
        """Return the method that `arrays` and `numbers` of another one hold."""

    def over(self, items: Sequence[Item]) -> Self:
        """Return the same method over other achievements: all that is measured of the corpus stays."""

    @property
    def arrays(self) -> dict[str, Any]:
        """The arrays from which `stored` makes an equal method."""

    @property
    def fitted_parameters(self) -> dict[str, float | str]:
        """The numbers measured by the constructor, fit for JSON."""

    def use_backgrounds(self, demands: Sequence[Item], backgrounds: "Sequence[Floats | None]") -> None:
        """Take what was measured of the demands before, for the next calls with the same sequence of demands."""

    def backgrounds(self, demands: Sequence[Item]) -> "Sequence[Floats | None]":
        """Return what was measured of each demand over the registry, after `totals_matrix`."""

    def totals_matrix(self, demands: Sequence[Item]) -> "Floats":
        """Return totals (demands × achievements), float32. The demands need not belong to the corpus."""

    def score_pairs(self, demands: Sequence[Item], rows: "PairRows") -> PairScores:
        """Score single pairs. `rows`: rows of the corpus's achievements and positions in `demands`."""


def engine_names() -> list[str]:
    """Return the names of all methods."""
    return sorted(_CLASSES)


def load_method(name: str = DEFAULT_ENGINE) -> type[ScoringMethod]:
    """Return the class of a method. Raises UnknownEngine."""
    if name not in _CLASSES:
        raise UnknownEngine(name, engine_names())
    module, class_name = _CLASSES[name]
    method: type[ScoringMethod] = getattr(import_module(module), class_name)
    return method


def to_score(total: float, pass_mark: float) -> float:
    """Convert a total to a score: 100 (1 − exp(−c total)), c such that `pass_mark` becomes SCORE_THRESHOLD.

    The score keeps the order, is 0 for total 0 and below 100. It is not a probability.
    """
    return 100 * -math.expm1(math.log1p(-SCORE_THRESHOLD / 100) * max(float(total), 0.0) / pass_mark)


def to_total(score: float, pass_mark: float) -> float:
    """Return the total of which `to_score` makes a score from 0 to less than 100."""
    return math.log1p(-score / 100) * pass_mark / math.log1p(-SCORE_THRESHOLD / 100)
