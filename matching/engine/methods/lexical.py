"""Method p0: TF-IDF cosine over characters and character bigrams, plus BM25."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

import numpy as np

from matching.engine.arrays import Floats, Integers, PairRows, SparseMatrix, sparse_matrix
from matching.engine.corpus import Item
from matching.engine.methods import PairScores
from matching.engine.row_arrays import Allocate, KnownEntries, QueryWeights, RowArrays, in_memory, weighted_sum
from matching.engine.term_codes import blocks_of
from matching.engine.term_statistics import TermStatistics
from matching.engine.weighting import TermValues, bm25, lucene_idf, smooth_idf, tfidf

BM25_SHARE = 0.5
DEFAULT_TITLE_SHARE = 0.5
ROW_VALUES = {"vectors": np.float32, "in_title": np.uint8}
"""Of each term of an achievement: its weight in the vector, and whether it stands in the title."""
PART_NAMES = ("title_similarity", "text_similarity", "bm25")
# Enough pairs for a standard deviation with an error of about 1%, at negligible cost for a large registry.
MAX_SAMPLED_ACHIEVEMENTS, MAX_SAMPLED_DEMANDS, SAMPLE_BLOCK = 2000, 200, 64


class LexicalMethod:
    """total = T + w B.

    T = cos(demand's title, achievement) + cos(demand's title and text, achievement), B = BM25 of the achievement's
    terms in the demand, w = .5 × standard deviation of T / standard deviation of B. The order equals that of
    z(T) + .5 z(B), but the total stays in units of cosine: 0 if nothing is shared, and on a similar scale in each run.

    The vector of an achievement is the weighted mean of the vectors of its title (`title_share`) and of its full text:
    a long summary reduces every cosine, and one threshold has to serve registries of titles and of full entries.
    """

    name = "p0"
    pass_mark = 0.35
    NUMBERS = ("bm25_weight",)

    def __init__(
        self,
        statistics: TermStatistics,
        pairs: PairRows | None = None,
        *,
        title_share: float = DEFAULT_TITLE_SHARE,
        allocate: Allocate = in_memory,
    ):
        self._prepare(statistics, title_share)
        achievements = statistics.corpus.achievements
        blocks = self._row_blocks(achievements, iter(statistics.take_achievement_blocks()))
        sizes = (len(achievements), len(statistics), statistics.achievement_df)
        self._rows = RowArrays.built("words", ROW_VALUES, blocks, sizes, allocate)
        self._bm25_weight = self._fit_bm25_weight(pairs)

    @classmethod
    def stored(
        cls,
        statistics: TermStatistics,
        arrays: Mapping[str, Any],
        numbers: Mapping[str, float],
        *,
        title_share: float = DEFAULT_TITLE_SHARE,
    ) -> "LexicalMethod":
        method = cls.__new__(cls)
        method._prepare(statistics, title_share)
        method._rows = RowArrays.stored("words", ROW_VALUES, arrays, len(statistics))
        method._bm25_weight = numbers["bm25_weight"]
        return method

    def over(self, items: Sequence[Item]) -> "LexicalMethod":
        """Return the same weights over other achievements. Terms that are not in the corpus are ignored."""
        method = type(self).__new__(type(self))
        method.__dict__.update(self.__dict__)
        counted = [self._statistics.count(texts) for texts in blocks_of(item.full_text for item in items)]
        entries: Integers = np.zeros(len(self._statistics), np.int64)
        for block in counted:
            entries += np.bincount(block.indices, minlength=len(self._statistics))
        blocks = self._row_blocks(items, iter(counted))
        method._rows = RowArrays.built("words", ROW_VALUES, blocks, (len(items), len(self._statistics), entries))
        return method

    def _prepare(self, statistics: TermStatistics, title_share: float) -> None:
        self._statistics = statistics
        # A Python float would convert the matrices to float64, twice the memory.
        self._of_title, self._of_text = np.float32(title_share), np.float32(1 - title_share)
        of_achievements, of_demands = statistics.achievement_df, statistics.demand_df
        documents, demands = statistics.document_count, len(statistics.corpus.demands)
        self._idf = TermValues(lambda terms: smooth_idf(of_achievements[terms] + of_demands[terms], documents))
        self._bm25_idf = TermValues(lambda terms: lucene_idf(of_demands[terms], demands))
        self._mean_length = statistics.mean_demand_length

    @property
    def arrays(self) -> dict[str, Any]:
        return self._rows.named_arrays

    @property
    def fitted_parameters(self) -> dict[str, float | str]:
        return {"bm25_weight": self._bm25_weight, "mean_length": self._mean_length, "terms": len(self._statistics)}

    @property
    def size(self) -> int:
        """Number of achievements."""
        return self._rows.rows

    def use_backgrounds(self, demands: Sequence[Item], backgrounds: Sequence[Floats | None]) -> None:
        """Nothing is measured of a demand."""

    def backgrounds(self, demands: Sequence[Item]) -> list[None]:
        return [None] * len(demands)

    def totals_matrix(self, demands: Sequence[Item]) -> Floats:
        totals: Floats = np.zeros((len(demands), self.size), np.float32)
        weights = self.query_weights(demands)
        for number in range(len(demands)):
            totals[number] = self.query_totals(QueryWeights(weights, number, number + 1))[0]
        return totals

    def query_weights(self, queries: Sequence[Item]) -> dict[str, SparseMatrix]:
        """Return the weights of queries, each (queries × terms): of the title, of the full text, and BM25."""
        with_text = [number for number, query in enumerate(queries) if query.text]
        counts = self._statistics.count(
            [*(query.title for query in queries), *(queries[number].full_text for number in with_text)]
        )
        rows = np.arange(len(queries))
        rows[with_text] = len(queries) + np.arange(len(with_text))
        titles, full_texts = counts[: len(queries)], counts[rows]
        return {
            "title": tfidf(titles, self._idf),
            "text": tfidf(full_texts, self._idf),
            "bm25": bm25(full_texts, self._bm25_idf, self._mean_length),
        }

    def query_totals(self, weights: QueryWeights) -> Floats:
        """Return the totals of a few queries that share most of their terms (queries × achievements), float32."""
        if not len(weights.terms):
            return np.zeros((len(weights), self.size), np.float32)
        vectors, in_title = (self._rows.of_terms(name, weights.terms) for name in ("vectors", "in_title"))
        totals = weighted_sum(vectors, weights.dense("title") + weights.dense("text"))
        totals += weighted_sum(self._presence(in_title), weights.dense("bm25") * np.float32(self._bm25_weight))
        return totals

    def score_pairs(self, demands: Sequence[Item], rows: PairRows) -> PairScores:
        totals = np.zeros(len(rows[0]))
        parts: dict[str, Floats] = {name: np.zeros(len(rows[0])) for name in PART_NAMES}
        weights = self.query_weights(demands)
        for demand, places in places_by_demand(rows[1]):
            of_demand = self.query_scores(QueryWeights(weights, demand, demand + 1), rows[0][places])
            totals[places] = of_demand.totals[:, 0]
            for name, values in of_demand.parts.items():
                parts[name][places] = values
        return PairScores(totals, parts)

    def query_scores(self, weights: QueryWeights, rows: Integers) -> PairScores:
        """Return the totals of some achievements (rows × queries), and the parts (rows,) of the first query."""
        titles, texts, bm25_scores, presence = self._components(weights, rows)
        # The limit of BM25 for a demand that repeats every term of the achievement without end.
        of_rows = np.repeat(np.arange(len(rows)), np.diff(presence.indptr))
        limit = np.maximum(
            np.bincount(of_rows, presence.data * self._bm25_idf[presence.indices], minlength=len(rows)), 1e-9
        )
        parts = (titles[:, 0].clip(0, 1), texts[:, 0].clip(0, 1), (bm25_scores[:, 0] / limit).clip(0, 1))
        totals = titles + texts + self._bm25_weight * bm25_scores
        return PairScores(totals, dict(zip(PART_NAMES, parts, strict=True)))

    def _components(self, weights: QueryWeights, rows: Integers) -> tuple[Floats, Floats, Floats, SparseMatrix]:
        """Return cosines with the titles and with the full texts and BM25, each (rows × queries), and what BM25 reads
        of the rows."""
        vectors, presence = self._rows.of_rows("vectors", rows), self._presence(self._rows.of_rows("in_title", rows))
        entries = KnownEntries(vectors, weights.terms)
        both = np.concatenate([weights.dense("title", np.float64), weights.dense("text", np.float64)], axis=1)
        cosines = entries.products(vectors.data, both)
        bm25_scores = entries.products(presence.data, weights.dense("bm25", np.float64))
        return cosines[:, : len(weights)], cosines[:, len(weights) :], bm25_scores, presence

    def _row_blocks(
        self, items: Sequence[Item], counted: Iterator[SparseMatrix]
    ) -> Iterator[tuple[SparseMatrix, dict[str, Any]]]:
        """Yield the entries and their values of some achievements at a time."""
        first = 0
        for full_texts in counted:
            last = first + full_texts.shape[0]
            titles = self._statistics.count(items[row].title for row in range(first, last))
            vectors = tfidf(titles, self._idf) * self._of_title + tfidf(full_texts, self._idf) * self._of_text
            marked = full_texts.sign() + titles.sign()  # 1 or, in the title, 2; a title is a part of the full text
            yield vectors, {"vectors": vectors.data, "in_title": (marked.data > 1).astype(np.uint8)}
            first = last

    def _presence(self, in_title: SparseMatrix) -> SparseMatrix:
        """Return 1 for terms of the title and `1 − title_share` for others, from a copy of some flags."""
        values = in_title.data.astype(np.float32) * self._of_title + self._of_text
        return sparse_matrix(values, in_title.indices, in_title.indptr, in_title.shape[1])

    def _fit_bm25_weight(self, pairs: PairRows | None) -> float:
        """Return w from the standard deviations of T and B over `pairs` or over an even sample of all pairs."""
        demands = self._statistics.corpus.demands
        cosines: list[Floats] = [np.zeros(0)]
        scores: list[Floats] = [np.zeros(0)]
        if pairs is None:
            rows = even_sample(self.size, MAX_SAMPLED_ACHIEVEMENTS)
            for sample in batched(even_sample(len(demands), MAX_SAMPLED_DEMANDS), SAMPLE_BLOCK):
                weights = self.query_weights([demands[row] for row in sample])
                titles, texts, bm25_scores, _presence = self._components(QueryWeights(weights, 0, len(sample)), rows)
                cosines.append((titles + texts).ravel())
                scores.append(bm25_scores.ravel())
        else:
            for demand, places in places_by_demand(pairs[1]):
                weights = self.query_weights([demands[demand]])
                titles, texts, bm25_scores, _presence = self._components(QueryWeights(weights, 0, 1), pairs[0][places])
                cosines.append((titles + texts)[:, 0])
                scores.append(bm25_scores[:, 0])
        cosine, all_scores = np.concatenate(cosines), np.concatenate(scores)
        spread = all_scores.std(dtype=np.float64) if all_scores.size else 0.0
        return float(BM25_SHARE * cosine.std(dtype=np.float64) / spread) if spread > 1e-6 else 0.0


def places_by_demand(demand_rows: Integers) -> Iterator[tuple[int, Integers]]:
    """Yield each demand of pairs with the places of its pairs."""
    order = np.argsort(demand_rows, kind="stable")
    ends = np.flatnonzero(np.diff(demand_rows[order])) + 1
    for places in np.split(order, ends):
        if len(places):
            yield int(demand_rows[places[0]]), places


def even_sample(size: int, limit: int) -> Integers:
    """Return at most `limit` rows of 0 … size − 1: all of them, or every n-th."""
    return np.arange(0, size, max(1, -(-size // limit)))
