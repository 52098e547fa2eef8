"""Method p2: p0 and thesaurus concepts, each relative to the demand's mean over the registry."""

from collections.abc import Sequence

import numpy as np

from matching.engine.arrays import Floats, PairRows, SparseMatrix
from matching.engine.concept_vectors import ConceptVectors
from matching.engine.corpus import Item
from matching.engine.methods import PairScores
from matching.engine.methods.lexical import DEFAULT_TITLE_SHARE, LexicalMethod, even_sample, row_products
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import default_thesaurus

CONCEPT_SHARE = 0.5
TYPICAL = np.array([[0.065, 0.07], [0.08, 0.14]])
"""Prior mean and standard deviation of the totals of one demand over a registry, for (words, concepts). Measured on a
registry of thousands of titles."""
PRIOR_SAMPLE_SIZE = 20
"""The measured values are shrunk towards TYPICAL as if it came from this many achievements."""
SPREAD_RATIO_BOUNDS = np.array([[0.7, 2.0], [0.5, 2.0]])
"""Minimum and maximum of a demand's standard deviation divided by the registry's, for (words, concepts). The minimum
for words is high: the deviation is small if nothing fits, and the best achievement would get a high score."""
MAX_SAMPLED_DEMANDS, BLOCK = 200, 64


class ConceptualMethod:
    """total = ln(1 + e^x), x = ((words − m) / r + .5 S (concepts − m') / (r' S')) / .07.

    words: total of p0. concepts: cosine with the demand's title plus cosine with its full text, over concepts.
    m, m': means of the demand over the registry, because a demand in common words is similar to everything. S, S':
    standard deviations within a demand, averaged over demands; they balance both sides, because longer texts reduce
    the cosines of words but not those of concepts. r, r': standard deviation of this demand divided by S, S'. The
    constant .07 is S for titles without texts, which keeps x on a similar scale in each registry.

    ln(1 + e^x) keeps the order and is positive. The total is 0 if a pair shares neither terms nor concepts.
    """

    name = "p2"
    pass_mark = 5.3
    title_share = DEFAULT_TITLE_SHARE

    def __init__(self, statistics: TermStatistics, pairs: PairRows | None = None):
        self._words = LexicalMethod(statistics, pairs, title_share=self.title_share)
        self._concepts = ConceptVectors(statistics.corpus, default_thesaurus(), title_share=self.title_share)
        self._registry = self._concepts.achievements.T.tocsr()
        # The backgrounds of the demands of the last call of `totals_matrix`; `score_pairs` reuses them.
        self._last_backgrounds: tuple[Sequence[Item], Floats] | None = None
        demands = statistics.corpus.demands
        self._spreads = self._measure_spreads([demands[row] for row in even_sample(len(demands), MAX_SAMPLED_DEMANDS)])

    @property
    def fitted_parameters(self) -> dict[str, float | str]:
        problem = default_thesaurus().problem
        words, concepts = map(float, self._spreads)
        return {
            **self._words.fitted_parameters,
            "concepts": self._registry.shape[0],
            "word_spread": words,
            "concept_spread": concepts,
            **({"thesaurus_problem": problem} if problem else {}),
        }

    def totals_matrix(self, demands: Sequence[Item]) -> Floats:
        words, concepts = self._words_and_concepts(demands)
        backgrounds = self._background_of(words, concepts)
        self._last_backgrounds = demands, backgrounds
        return self._total(words, concepts, backgrounds[..., None])

    def score_pairs(self, demands: Sequence[Item], rows: PairRows) -> PairScores:
        words, concepts = self._pair_sides(demands, rows)
        totals = self._total(words.totals, concepts, self._backgrounds(demands)[..., rows[1]])
        return PairScores(totals, self._parts(words, concepts))

    def _pair_sides(self, demands: Sequence[Item], rows: PairRows) -> tuple[PairScores, Floats]:
        """Return the scores of words and the totals of concepts (pairs,)."""
        achievement_rows, demand_rows = rows
        concepts = row_products(
            self._concepts.achievements[achievement_rows], self._demand_concepts(demands)[demand_rows]
        )
        return self._words.score_pairs(demands, rows), concepts

    def _parts(self, words: PairScores, concepts: Floats) -> dict[str, Floats]:
        return {**words.parts, "concepts": (concepts / 2).clip(0, 1)}

    def _words_and_concepts(self, demands: Sequence[Item]) -> tuple[Floats, Floats]:
        """Return the totals of words and of concepts, each (demands × achievements)."""
        return self._words.totals_matrix(demands), (self._demand_concepts(demands) @ self._registry).toarray()

    def _demand_concepts(self, demands: Sequence[Item]) -> SparseMatrix:
        """Return the sum of the vectors of the title and of the full text (demands × concepts)."""
        titles = self._concepts.vectors(item.title for item in demands)
        total: SparseMatrix = titles + self._concepts.vectors(item.full_text for item in demands)
        return total

    def _measure_spreads(self, demands: Sequence[Item]) -> Floats:
        """Return S and S' (2,) over the given demands, shrunk towards TYPICAL."""
        if not demands or not self._registry.shape[1]:
            return TYPICAL[:, 1]
        blocks = (self._words_and_concepts(demands[start : start + BLOCK]) for start in range(0, len(demands), BLOCK))
        variances = [[side.var(axis=1, dtype=np.float64) for side in sides] for sides in blocks]
        mean = np.concatenate(variances, axis=1).mean(axis=1)
        return _shrink(np.sqrt(mean), TYPICAL[:, 1], self._registry.shape[1])

    def _background_of(self, words: Floats, concepts: Floats) -> Floats:
        """Return means m and ratios r of each demand: (words and concepts, mean and ratio, demands), float64."""
        background = []
        for side, (mean, _), spread, bounds in zip(
            (words, concepts), TYPICAL, self._spreads, SPREAD_RATIO_BOUNDS, strict=True
        ):
            size = side.shape[1]
            means = side.mean(axis=1, dtype=np.float64) if size else np.full(len(side), mean)
            spreads = side.std(axis=1, dtype=np.float64) if size else np.full(len(side), spread)
            known = size / (size + PRIOR_SAMPLE_SIZE)
            ratio = _shrink(spreads, spread, size) / spread
            background.append([known * means + (1 - known) * mean, ratio.clip(*bounds)])
        return np.array(background)

    def _total(self, words: Floats, concepts: Floats, backgrounds: Floats) -> Floats:
        (word_mean, word_ratio), (concept_mean, concept_ratio) = backgrounds
        word_spread, concept_spread = self._spreads
        concept_z = (concepts - concept_mean) / (concept_ratio * concept_spread)
        x = ((words - word_mean) / word_ratio + CONCEPT_SHARE * word_spread * concept_z) / TYPICAL[0, 1]
        return np.where((words > 0) | (concepts > 0), np.logaddexp(0, x), 0.0)

    def _backgrounds(self, demands: Sequence[Item]) -> Floats:
        """Return the background of any number of demands. The demands of the last call are not computed again."""
        last = self._last_backgrounds
        if last is None or last[0] is not demands:
            blocks: list[Floats] = [np.zeros((2, 2, 0))]
            for start in range(0, len(demands), BLOCK):
                blocks.append(self._background_of(*self._words_and_concepts(demands[start : start + BLOCK])))
            last = demands, np.concatenate(blocks, axis=2)
            self._last_backgrounds = last  # through a local name: another thread may ask with the same index
        return last[1]


def _shrink(spread: Floats, typical: Floats, sample_size: int) -> Floats:
    """Shrink a standard deviation measured over `sample_size` values towards a typical one."""
    known = sample_size / (sample_size + PRIOR_SAMPLE_SIZE)
    return np.sqrt(known * spread**2 + (1 - known) * typical**2)
