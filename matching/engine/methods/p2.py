"""P2: P0 and concepts of the technical thesaurus, each measured against what the need has in common with anything."""

from collections.abc import Sequence

import numpy as np

from matching.engine.concepts import Concepts
from matching.engine.corpus import Item
from matching.engine.lexicon import Lexicon
from matching.engine.methods import Scores
from matching.engine.methods.p0 import P0, even_sample
from matching.engine.thesaurus import standard

CONCEPT_SHARE = 0.5
# What a need's words and its concepts have in common with an achievement by chance, as (mean, spread), on a registry of
# thousands of titles. A registry's own are drawn towards these as if SEEN achievements had been seen before.
TYPICAL = np.array([[0.065, 0.07], [0.08, 0.14]])
SEEN = 20
# How far the spread of one need may lie from that of the registry: (words, concepts), least and greatest. That of words
# may hardly be smaller: it is small where nothing in the registry fits, and the best of it would look good.
BOUNDS = np.array([[0.7, 2.0], [0.5, 2.0]])
SAMPLE_NEEDED, BLOCK = 200, 64


class P2:
    """total = ln(1 + e^x), x = ((words − m) / r + .5 S (concepts − m') / (r' S')) / .07

    words: P0's total. concepts: cosine with the need's title plus cosine with its whole, over concepts. m, m': the
    need's means over the registry, since a need in words that everybody uses is like everything, and only how far an
    achievement stands out counts. S, S': spreads over the registry, of any need; they keep both in balance, for in full
    texts cosines of words become small and those of concepts do not. r, r': the need's own spread as a share of S, S'.
    The constant .07 is the S of bare titles, so that x is in much the same units whatever the registry.

    ln(1 + e^x) keeps the order and makes it a total from 0; exactly 0 are pairs that share neither term nor concept.
    """

    name = "p2"
    pass_mark = 5.3

    def __init__(self, lexicon: Lexicon, pairs: tuple[np.ndarray, np.ndarray] | None = None):
        self._words = P0(lexicon, pairs)
        self._concepts = Concepts(lexicon.corpus, standard())
        self._registry = self._concepts.offered.T.tocsr()
        self._last: tuple[Sequence[Item], np.ndarray] | None = None
        self._literal: tuple[Sequence[Item] | None, np.ndarray] = None, np.empty(0)
        demands = lexicon.corpus.demands
        self._spreads = self._measured([demands[row] for row in even_sample(len(demands), SAMPLE_NEEDED)])

    @property
    def calibration(self) -> dict[str, float | str]:
        said = {"thesaurus_problem": standard().problem} if standard().problem else {}
        words, concepts = map(float, self._spreads)
        spreads = {"word_spread": words, "concept_spread": concepts}
        return {**self._words.calibration, "concepts": self._registry.shape[0], **spreads, **said}

    def matrix(self, demands: Sequence[Item]) -> np.ndarray:
        sides = self._sides(demands)
        backgrounds = self._against(sides)
        self._last = demands, backgrounds
        self._literal = demands, sides[0]
        return self._total(*sides, backgrounds[..., None])

    def literal(self, demands: Sequence[Item]) -> np.ndarray:
        return self._literal[1] if self._literal[0] is demands else self._words.matrix(demands)

    def pairs(self, demands: Sequence[Item], rows: tuple[np.ndarray, np.ndarray]) -> Scores:
        offered, needed = rows
        words = self._words.pairs(demands, rows)
        concepts = self._concepts.offered[offered].multiply(self._about(demands)[needed]).sum(axis=1).astype(np.float64)
        totals = self._total(words.totals, concepts, self._backgrounds(demands)[..., needed])
        return Scores(totals, {**words.parts, "concepts": (concepts / 2).clip(0, 1)})

    def _sides(self, demands: Sequence[Item]) -> tuple[np.ndarray, np.ndarray]:
        """Words and concepts against the whole registry, each (needs × achievements)."""
        return self._words.matrix(demands), (self._about(demands) @ self._registry).toarray()

    def _about(self, demands: Sequence[Item]):
        """Concepts of title and of title and text, added: (needs × concepts)."""
        return self._concepts.of(item.title for item in demands) + self._concepts.of(item.full for item in demands)

    def _measured(self, demands: Sequence[Item]) -> np.ndarray:
        """Spread of words and of concepts over the registry, within a need, over some needs."""
        if not demands or not self._registry.shape[1]:
            return TYPICAL[:, 1]
        blocks = (self._sides(demands[start : start + BLOCK]) for start in range(0, len(demands), BLOCK))
        variances = [[side.var(axis=1, dtype=np.float64) for side in sides] for sides in blocks]
        mean = np.concatenate(variances, axis=1).mean(axis=1)
        return _drawn(np.sqrt(mean), TYPICAL[:, 1], self._registry.shape[1])

    def _against(self, sides: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """(words and concepts, mean and spread as a share, needs), float64: of each need over the whole registry."""
        found = []
        for side, (mean, _), spread, bounds in zip(sides, TYPICAL, self._spreads, BOUNDS, strict=True):
            size = side.shape[1]
            means = side.mean(axis=1, dtype=np.float64) if size else np.full(len(side), mean)
            spreads = side.std(axis=1, dtype=np.float64) if size else np.full(len(side), spread)
            known = size / (size + SEEN)
            share = _drawn(spreads, spread, size) / spread
            found.append([known * means + (1 - known) * mean, share.clip(*bounds)])
        return np.array(found)

    def _total(self, words: np.ndarray, concepts: np.ndarray, backgrounds: np.ndarray) -> np.ndarray:
        (word_mean, word_share), (concept_mean, concept_share) = backgrounds
        word_spread, concept_spread = self._spreads
        standing_out = (concepts - concept_mean) / (concept_share * concept_spread)
        x = ((words - word_mean) / word_share + CONCEPT_SHARE * word_spread * standing_out) / TYPICAL[0, 1]
        return np.where((words > 0) | (concepts > 0), np.logaddexp(0, x), 0.0)

    def _backgrounds(self, demands: Sequence[Item]) -> np.ndarray:
        """As `_against`, of any number of needs; those of the needs asked for last are still known."""
        if self._last is None or self._last[0] is not demands:
            blocks = [np.zeros((2, 2, 0))]
            for start in range(0, len(demands), BLOCK):
                blocks.append(self._against(self._sides(demands[start : start + BLOCK])))
            self._last = demands, np.concatenate(blocks, axis=2)
        return self._last[1]


def _drawn(spread: np.ndarray, typical, seen: int) -> np.ndarray:
    """A spread measured over `seen` values, drawn towards a typical one."""
    known = seen / (seen + SEEN)
    return np.sqrt(known * spread**2 + (1 - known) * typical**2)
