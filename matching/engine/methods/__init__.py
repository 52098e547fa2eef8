"""Ways of scoring a pair. Each is a module with a class that keeps the promise of `Method`; nothing else changes when
one is added here. A method is imported when it is asked for: naming one loads no numerical library.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from matching.engine.corpus import Item
from matching.engine.errors import UnknownEngine

if TYPE_CHECKING:
    import numpy as np

    from matching.engine.lexicon import Lexicon

DEFAULT = "p2"
_WHERE = {"p0": ("matching.engine.methods.p0", "P0"), "p2": ("matching.engine.methods.p2", "P2")}

# A method's pass mark becomes this score, as in a Chinese examination; below it nothing is proposed.
SHOWN_FROM = 60.0


@dataclass(frozen=True)
class Scores:
    """Scores of some pairs, (pairs,) each: `totals` decide the order, `parts` (0–1) say what they are made of."""

    totals: "np.ndarray"
    parts: "dict[str, np.ndarray]"


class Method(Protocol):
    """A method fitted to a snapshot. A total depends on the pair and the snapshot and on nothing else: not on the
    other needs asked for at the same time, not on the clock, not on a random number. It is finite and at least 0.
    """

    name: str
    pass_mark: float  # the total from which a pair is worth a person's time; how it was found: docs/matching.md

    def __init__(self, lexicon: "Lexicon", pairs: "tuple[np.ndarray, np.ndarray] | None" = None):
        """Take all statistics from the snapshot. `pairs` (rows of achievements, rows of needs) are those over which
        scales are measured; without it all pairs, or an even sample of them."""

    @property
    def calibration(self) -> dict[str, float | str]:
        """The numbers measured at construction, fit for JSON: kept with a run so that it can be explained later."""

    def matrix(self, demands: Sequence[Item]) -> "np.ndarray":
        """Totals of needs against the whole registry: (needs × achievements). Needs may be new to the snapshot."""

    def literal(self, demands: Sequence[Item]) -> "np.ndarray":
        """Totals by what both texts say in the same words, (needs × achievements), on a scale that is the same for
        every need: what a method knows beyond the words makes an order better and hides that nothing fits."""

    def pairs(self, demands: Sequence[Item], rows: "tuple[np.ndarray, np.ndarray]") -> Scores:
        """Totals and parts of single pairs. `rows` = (rows of the corpus's achievements, places in `demands`)."""


def known() -> list[str]:
    """Names of all methods."""
    return sorted(_WHERE)


def load(name: str = DEFAULT) -> type[Method]:
    """The class of a method. Raises UnknownEngine."""
    if name not in _WHERE:
        raise UnknownEngine(name, known())
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def to_score(total: float, pass_mark: float) -> float:
    """A total as a mark from 0 to 100: 0 for nothing in common, SHOWN_FROM at the pass mark, never quite 100.

    100 (1 − exp(−c total)). It keeps the order and is not a probability.
    """
    return 100 * -math.expm1(math.log1p(-SHOWN_FROM / 100) * max(float(total), 0.0) / pass_mark)
