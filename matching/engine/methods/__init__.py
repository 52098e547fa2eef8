"""Ways of scoring a pair. Each is one module with one class that keeps the promise of `Method`.

A method is imported when it is asked for: the web process names methods but never loads numerical libraries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from matching.engine.corpus import Corpus, Item
from matching.engine.errors import UnknownEngine

if TYPE_CHECKING:
    import numpy as np

DEFAULT = "p0"
_WHERE = {"p0": ("matching.engine.methods.p0", "P0")}


@dataclass(frozen=True)
class Scores:
    """Scores of some pairs: `total` decides the order, `parts` (each 0–1) say what it is made of. All (pairs,)."""

    total: "np.ndarray"
    parts: dict[str, "np.ndarray"]


class Method(Protocol):
    """A fitted method. A score depends on the pair and on the snapshot given at construction, on nothing else: not on
    the other needs asked for at the same time, not on the clock, not on a random number. It is finite and ≥ 0.
    """

    name: str

    def __init__(self, corpus: Corpus, pairs: "tuple[np.ndarray, np.ndarray] | None" = None):
        """Take all statistics from `corpus`. `pairs` (rows of achievements, rows of needs) names the pairs over which
        scales are measured; without it they are all pairs, or an even sample of them."""

    @property
    def calibration(self) -> dict[str, float]:
        """The numbers measured at construction, fit for JSON: kept with a run so that it can be explained later."""

    def matrix(self, demands: Sequence[Item]) -> "np.ndarray":
        """Totals of the needs against the whole registry: (needs × achievements), float32. Needs may be new."""

    def pairs(self, demands: Sequence[Item], rows: "tuple[np.ndarray, np.ndarray]") -> Scores:
        """Totals and parts of single pairs. `rows` = (rows of the corpus's achievements, places in `demands`)."""


def known() -> list[str]:
    return sorted(_WHERE)


def load(name: str = DEFAULT) -> type[Method]:
    """The class of a method. Raises UnknownEngine."""
    if name not in _WHERE:
        raise UnknownEngine(name, known())
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)
