"""P2: P0 and concepts of the technical thesaurus, each measured against what the need has in common with anything."""

from collections.abc import Sequence

import numpy as np

from matching.engine.concepts import Concepts
from matching.engine.corpus import Item
from matching.engine.lexicon import Lexicon
from matching.engine.methods import Scores
from matching.engine.methods.p0 import P0
from matching.engine.thesaurus import standard

CONCEPT_SHARE = 0.6
# What a need's words and concepts share with an achievement by chance: (mean, spread, least and greatest spread it may
# have). Seen on registries of thousands of titles and of hundreds of full entries. A registry's own mean and spread are
# drawn towards these as if SEEN more achievements had been seen. The spread of words may only grow: it is small where
# nothing in a registry fits, and the best of what does not fit would seem good.
WORDS = (0.065, 0.07, 0.07, 0.14)
CONCEPTS = (0.08, 0.14, 0.07, 0.28)
SEEN = 200
BLOCK = 64


class P2:
    """total = ln(1 + e^x), x = z(words) + .6 z(concepts): P0's total and the cosines with the need's title and with
    its whole over concepts, each as (value − mean) / spread, mean and spread being those of the need over the registry.

    A need in words that everybody uses is like everything and a special one like nothing: what counts is how far an
    achievement stands out. ln(1 + e^x) keeps the order and makes it a total from 0, which is kept for pairs that share
    neither a term nor a concept.
    """

    name = "p2"
    pass_mark = 6.5

    def __init__(self, lexicon: Lexicon, pairs: tuple[np.ndarray, np.ndarray] | None = None):
        self._words = P0(lexicon, pairs)
        self._concepts = Concepts(lexicon.corpus, standard())
        self._registry = self._concepts.offered.T.tocsr()
        self._last: tuple[Sequence[Item], np.ndarray] | None = None
        self._literal: tuple[Sequence[Item] | None, np.ndarray] = None, np.empty(0)

    @property
    def calibration(self) -> dict[str, float | str]:
        said = {"thesaurus_problem": standard().problem} if standard().problem else {}
        return {**self._words.calibration, "concepts": self._registry.shape[0], **said}

    def matrix(self, demands: Sequence[Item]) -> np.ndarray:
        words, concepts = self._words.matrix(demands), self._about(demands) @ self._registry
        concepts = concepts.toarray()
        backgrounds = np.stack([_background(*side) for side in ((words, WORDS), (concepts, CONCEPTS))])
        self._last = demands, backgrounds
        self._literal = demands, words
        return _total(words, concepts, backgrounds[..., None])

    def literal(self, demands: Sequence[Item]) -> np.ndarray:
        return self._literal[1] if self._literal[0] is demands else self._words.matrix(demands)

    def pairs(self, demands: Sequence[Item], rows: tuple[np.ndarray, np.ndarray]) -> Scores:
        offered, needed = rows
        words = self._words.pairs(demands, rows)
        concepts = self._concepts.offered[offered].multiply(self._about(demands)[needed]).sum(axis=1).astype(np.float64)
        totals = _total(words.totals, concepts, self._backgrounds(demands)[:, :, needed])
        return Scores(totals, {**words.parts, "concepts": (concepts / 2).clip(0, 1)})

    def _about(self, demands: Sequence[Item]):
        """Concepts of title and of title and text, added: (needs × concepts)."""
        return self._concepts.of(item.title for item in demands) + self._concepts.of(item.full for item in demands)

    def _backgrounds(self, demands: Sequence[Item]) -> np.ndarray:
        """(words and concepts, mean and spread, needs), float64: of each need over the whole registry."""
        if self._last is None or self._last[0] is not demands:
            blocks = []
            for start in range(0, len(demands), BLOCK):
                self.matrix(demands[start : start + BLOCK])
                blocks.append(self._last[1])
            self._last = demands, np.concatenate([np.zeros((2, 2, 0)), *blocks], axis=2)
        return self._last[1]


def _background(values: np.ndarray, typical: tuple[float, float, float, float]) -> np.ndarray:
    """Mean and spread of each row, drawn towards the typical ones: (2, rows)."""
    mean, spread, least, greatest = typical
    seen = values.shape[1]
    known = seen / (seen + SEEN)
    means, variances = (
        of(values, axis=1, dtype=np.float64) if seen else np.zeros(len(values)) for of in (np.mean, np.var)
    )
    spreads = np.sqrt(known * variances + (1 - known) * spread**2).clip(least, greatest)
    return np.stack([known * means + (1 - known) * mean, spreads])


def _total(words: np.ndarray, concepts: np.ndarray, backgrounds: np.ndarray) -> np.ndarray:
    (word_mean, word_spread), (concept_mean, concept_spread) = backgrounds
    x = (words - word_mean) / word_spread + CONCEPT_SHARE * (concepts - concept_mean) / concept_spread
    return np.where((words > 0) | (concepts > 0), np.logaddexp(0, x), 0.0)
