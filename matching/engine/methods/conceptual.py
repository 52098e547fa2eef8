"""Method p2: p0 and thesaurus concepts, each relative to the demand's mean over the registry."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from matching.engine.arrays import Floats, Integers, PairRows, SparseMatrix
from matching.engine.concept_vectors import ConceptVectors
from matching.engine.corpus import Item
from matching.engine.methods import PairScores
from matching.engine.methods.lexical import (
    DEFAULT_TITLE_SHARE,
    PART_NAMES,
    LexicalMethod,
    even_sample,
    places_by_demand,
)
from matching.engine.row_arrays import Allocate, KnownEntries, QueryWeights, RowArrays, in_memory, weighted_sum
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
MAX_SAMPLED_DEMANDS = 200
ROW_VALUES = {"vectors": np.float32}
MAX_ENTRIES = 2_000_000
"""Queries × achievements scored at a time: 8 MB for each intermediate result."""


class QueryBlock:
    """The queries of some demands with their weights, and the backgrounds of those that were computed."""

    def __init__(self, method: "ConceptualMethod", demands: Sequence[Item]):
        queries = [method._queries_of(demand) for demand in demands]
        self.demands = demands
        self.starts = np.cumsum([0, *map(len, queries)]).tolist()
        flat = [query for of_demand in queries for query in of_demand]
        self.words = method._words.query_weights(flat)
        self.concepts = {"concepts": method._concept_weights(flat)}
        self.backgrounds: dict[int, Floats] = {}

    def parts(self, demand: int, size: int) -> Iterator[tuple[QueryWeights, QueryWeights]]:
        """Yield the weights of words and concepts of a demand, at most `size` queries at a time."""
        for first in range(self.starts[demand], self.starts[demand + 1], size):
            last = min(first + size, self.starts[demand + 1])
            yield QueryWeights(self.words, first, last), QueryWeights(self.concepts, first, last)

    def count(self, demand: int) -> int:
        """Return the number of queries of a demand."""
        return int(self.starts[demand + 1] - self.starts[demand])


class ConceptualMethod:
    """total = ln(1 + e^x), x = ((words − m) / r + .5 S (concepts − m') / (r' S')) / .07.

    words: total of p0. concepts: cosine with the demand's title plus cosine with its full text, over concepts.
    m, m': means of the demand over the registry, because a demand in common words is similar to everything. S, S':
    standard deviations within a demand, averaged over demands; they balance both sides, because longer texts reduce
    the cosines of words but not those of concepts. r, r': standard deviation of this demand divided by S, S'. The
    constant .07 is S for titles without texts, which keeps x on a similar scale in each registry.

    ln(1 + e^x) keeps the order and is positive. The total is 0 if a pair shares neither terms nor concepts.

    A demand is scored by one or several queries (`_queries_of`), here by itself; its total is their mean.
    """

    name = "p2"
    pass_mark = 5.3
    title_share = DEFAULT_TITLE_SHARE
    NUMBERS = (*LexicalMethod.NUMBERS, "word_spread", "concept_spread")

    def __init__(self, statistics: TermStatistics, pairs: PairRows | None = None, *, allocate: Allocate = in_memory):
        self._words = LexicalMethod(statistics, pairs, title_share=self.title_share, allocate=allocate)
        self._concepts = ConceptVectors(statistics.corpus, default_thesaurus(), title_share=self.title_share)
        self._concept_rows = _rows_of(self._concepts.achievements, allocate)
        self._base: ConceptualMethod | None = None
        # The queries of the demands of the last call of `totals_matrix`; `score_pairs` reuses them.
        self._last_block: QueryBlock | None = None
        demands = statistics.corpus.demands
        self._spreads = self._measure_spreads([demands[row] for row in even_sample(len(demands), MAX_SAMPLED_DEMANDS)])

    @classmethod
    def stored(
        cls, statistics: TermStatistics, arrays: Mapping[str, Any], numbers: Mapping[str, float]
    ) -> "ConceptualMethod":
        """Return the method that `arrays` and `numbers` hold."""
        method = cls.__new__(cls)
        method._words = LexicalMethod.stored(statistics, arrays, numbers, title_share=cls.title_share)
        width = len(arrays["concepts_term_ends"]) - 1
        method._concept_rows = RowArrays.stored("concepts", ROW_VALUES, arrays, width)
        method._concepts = ConceptVectors.stored(
            default_thesaurus(),
            arrays["concept_idf"],
            method._concept_rows.whole("vectors"),
            title_share=cls.title_share,
        )
        method._base, method._last_block = None, None
        method._spreads = np.array([numbers["word_spread"], numbers["concept_spread"]])
        return method

    def over(self, items: Sequence[Item]) -> "ConceptualMethod":
        """Return the same method over other achievements: all that is measured of a registry stays that of this one."""
        method = type(self).__new__(type(self))
        method.__dict__.update(self.__dict__)
        method._words = self._words.over(items)
        method._concept_rows = _rows_of(self._concepts.achievement_vectors(items), in_memory)
        method._base, method._last_block = self._base or self, None
        return method

    @property
    def arrays(self) -> dict[str, Any]:
        return {**self._words.arrays, **self._concept_rows.named_arrays, "concept_idf": self._concepts.idf}

    @property
    def fitted_parameters(self) -> dict[str, float | str]:
        problem = default_thesaurus().problem
        words, concepts = map(float, self._spreads)
        return {
            **self._words.fitted_parameters,
            "concepts": self._concept_rows.width,
            "word_spread": words,
            "concept_spread": concepts,
            **({"thesaurus_problem": problem} if problem else {}),
        }

    @property
    def size(self) -> int:
        """Number of achievements."""
        return self._words.size

    def use_backgrounds(self, demands: Sequence[Item], backgrounds: Sequence[Floats | None]) -> None:
        known = {demand: background for demand, background in enumerate(backgrounds) if background is not None}
        if known:
            self._block(demands).backgrounds.update(known)

    def backgrounds(self, demands: Sequence[Item]) -> list[Floats]:
        """What `totals_matrix` has measured for these demands; measured again if another thread ranked meanwhile."""
        block = self._block(demands)
        return [self._measured(block, demand) for demand in range(len(demands))]

    def _measured(self, block: QueryBlock, demand: int) -> Floats:
        if demand not in block.backgrounds:
            parts = block.parts(demand, self._queries_at_once)
            block.backgrounds[demand] = np.concatenate([self._background(*part) for part in parts], axis=2)
        return block.backgrounds[demand]

    def totals_matrix(self, demands: Sequence[Item]) -> Floats:
        totals: Floats = np.zeros((len(demands), self.size), np.float32)
        block = self._block(demands)
        for demand in range(len(demands)):
            known, first, backgrounds = block.backgrounds.get(demand), 0, []
            for words, concepts in block.parts(demand, self._queries_at_once):
                sides = self._words_and_concepts(words, concepts)
                part = slice(first, first := first + len(words))
                backgrounds.append(self._background(words, concepts, sides) if known is None else known[..., part])
                self._add_fast_totals(*sides, backgrounds[-1], totals[demand])
            totals[demand] /= np.float32(block.count(demand))
            block.backgrounds[demand] = np.concatenate(backgrounds, axis=2)
        return totals

    def score_pairs(self, demands: Sequence[Item], rows: PairRows) -> PairScores:
        """Score single pairs. The parts are those of the demand's whole text."""
        block = self._block(demands)
        totals = np.zeros(len(rows[0]))
        parts: dict[str, Floats] = {name: np.zeros(len(rows[0])) for name in (*PART_NAMES, "concepts")}
        for demand, places in places_by_demand(rows[1]):
            of_demand = self._demand_scores(block, demand, rows[0][places])
            totals[places] = of_demand.totals
            for name, values in of_demand.parts.items():
                parts[name][places] = values
        return PairScores(totals, parts)

    def _queries_of(self, demand: Item) -> list[Item]:
        """Return the queries of a demand; the first is the demand itself."""
        return [demand]

    @property
    def _queries_at_once(self) -> int:
        return max(1, MAX_ENTRIES // max(self.size, 1))

    def _block(self, demands: Sequence[Item]) -> QueryBlock:
        last = self._last_block
        if last is None or last.demands is not demands:
            last = self._last_block = QueryBlock(self, demands)
        return last  # a local name: another thread may ask with the same index

    def _demand_scores(self, block: QueryBlock, demand: int, rows: Integers) -> PairScores:
        [(words, concepts)] = block.parts(demand, block.count(demand))
        background = self._measured(block, demand)
        scored = self._words.query_scores(words, rows)
        vectors = self._concept_rows.of_rows("vectors", rows)
        entries = KnownEntries(vectors, concepts.terms)
        of_concepts = entries.products(vectors.data, concepts.dense("concepts", np.float64))
        totals = self._total(scored.totals, of_concepts, background).mean(axis=1)
        return PairScores(totals, {**scored.parts, "concepts": (of_concepts[:, 0] / 2).clip(0, 1)})

    def _background(
        self, words: QueryWeights, concepts: QueryWeights, sides: tuple[Floats, Floats] | None = None
    ) -> Floats:
        """Return the background of queries over the registry that the method is fitted to. `sides`: what
        `_words_and_concepts` has returned."""
        if self._base is not None:
            return self._base._background(words, concepts)
        return self._background_of(*(sides or self._words_and_concepts(words, concepts)))

    def _words_and_concepts(self, words: QueryWeights, concepts: QueryWeights) -> tuple[Floats, Floats]:
        """Return the totals of words and of concepts, each (queries × achievements), float32."""
        of_concepts = np.zeros((len(concepts), self.size), np.float32)
        if len(concepts.terms):
            matrix = self._concept_rows.of_terms("vectors", concepts.terms)
            of_concepts = weighted_sum(matrix, concepts.dense("concepts"))
        return self._words.query_totals(words), of_concepts

    def _concept_weights(self, queries: Sequence[Item]) -> SparseMatrix:
        """Return the sum of the vectors of the title and of the full text (queries × concepts)."""
        vectors = self._concepts.vectors([*(item.title for item in queries), *(item.full_text for item in queries)])
        total: SparseMatrix = vectors[: len(queries)] + vectors[len(queries) :]
        return total

    def _measure_spreads(self, demands: Sequence[Item]) -> Floats:
        """Return S and S' (2,) over the given demands, shrunk towards TYPICAL."""
        if not demands or not self.size:
            return TYPICAL[:, 1]
        words, concepts = self._words.query_weights(demands), {"concepts": self._concept_weights(demands)}
        variances = []
        for row in range(len(demands)):
            sides = self._words_and_concepts(*(QueryWeights(side, row, row + 1) for side in (words, concepts)))
            variances.append([side[0].var(dtype=np.float64) for side in sides])
        return _shrink(np.sqrt(np.mean(variances, axis=0)), TYPICAL[:, 1], self.size)

    def _background_of(self, words: Floats, concepts: Floats) -> Floats:
        """Return means m and ratios r of each query: (words and concepts, mean and ratio, queries), float64."""
        background = []
        for side, (mean, _), spread, bounds in zip(
            (words, concepts), TYPICAL, self._spreads, SPREAD_RATIO_BOUNDS, strict=True
        ):
            size = side.shape[1]
            means = side.mean(axis=1, dtype=np.float64) if size else np.full(len(side), mean)
            spreads = np.array([_spread(row, row_mean) for row, row_mean in zip(side, means, strict=True)])
            spreads = spreads if size else np.full(len(side), spread)
            known = size / (size + PRIOR_SAMPLE_SIZE)
            ratio = _shrink(spreads, spread, size) / spread
            background.append([known * means + (1 - known) * mean, ratio.clip(*bounds)])
        return np.array(background)

    def _total(self, words: Floats, concepts: Floats, background: Floats) -> Floats:
        """Return the totals of pairs (achievements × queries), float64."""
        (word_mean, word_ratio), (concept_mean, concept_ratio) = background
        word_spread, concept_spread = self._spreads
        concept_z = (concepts - concept_mean) / (concept_ratio * concept_spread)
        x = ((words - word_mean) / word_ratio + CONCEPT_SHARE * word_spread * concept_z) / TYPICAL[0, 1]
        return np.where((words > 0) | (concepts > 0), np.logaddexp(0, x), 0.0)

    def _add_fast_totals(self, words: Floats, concepts: Floats, background: Floats, totals: Floats) -> None:
        """Add what `_total` returns to `totals`, in float32 and in a sixth of its time. Overwrites `words` and
        `concepts`."""
        (word_mean, word_ratio), (concept_mean, concept_ratio) = background
        word_spread, concept_spread = self._spreads
        of_words = 1 / (word_ratio * TYPICAL[0, 1])
        of_concepts = CONCEPT_SHARE * word_spread / (concept_ratio * concept_spread * TYPICAL[0, 1])
        constant = -(word_mean * of_words + concept_mean * of_concepts)
        for row in range(len(words)):
            x, other = words[row], concepts[row]
            is_unrelated = x + other == 0
            x *= np.float32(of_words[row])
            other *= np.float32(of_concepts[row])
            x += other
            x += np.float32(constant[row])
            # ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)
            np.abs(x, out=other)
            np.negative(other, out=other)
            np.exp(other, out=other)
            other += np.float32(1)
            np.log(other, out=other)
            np.maximum(x, 0, out=x)
            x += other
            x[is_unrelated] = 0
            totals += x


def _rows_of(vectors: SparseMatrix, allocate: Allocate) -> RowArrays:
    entries = np.bincount(vectors.indices, minlength=vectors.shape[1])
    blocks = [(vectors, {"vectors": vectors.data})]
    return RowArrays.built("concepts", ROW_VALUES, blocks, (*vectors.shape, entries), allocate)


def _spread(values: Floats, mean: float) -> float:
    """Return the standard deviation of float32 values."""
    if not len(values):
        return 0.0
    centred = values - np.float32(mean)
    centred *= centred
    return float(np.sqrt(centred.mean(dtype=np.float64)))


def _shrink(spread: Floats, typical: Floats, sample_size: int) -> Floats:
    """Shrink a standard deviation measured over `sample_size` values towards a typical one."""
    known = sample_size / (sample_size + PRIOR_SAMPLE_SIZE)
    return np.sqrt(known * spread**2 + (1 - known) * typical**2)
