"""Method p0: TF-IDF cosine over characters and character bigrams, plus BM25."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from matching.engine.arrays import Floats, Integers, PairRows, SparseMatrix
from matching.engine.corpus import Item
from matching.engine.methods import PairScores
from matching.engine.term_statistics import TermStatistics
from matching.engine.weighting import bm25, lucene_idf, smooth_idf, tfidf

BM25_SHARE = 0.5
DEFAULT_TITLE_SHARE = 0.5
# Enough pairs for a standard deviation with an error of about 1%, at negligible cost for a large registry.
MAX_SAMPLED_ACHIEVEMENTS, MAX_SAMPLED_DEMANDS = 2000, 200


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

    def __init__(
        self, statistics: TermStatistics, pairs: PairRows | None = None, *, title_share: float = DEFAULT_TITLE_SHARE
    ):
        self._statistics = statistics
        self._idf = smooth_idf(statistics.achievement_df + statistics.demand_df, statistics.document_count)
        demand_count = statistics.demand_counts.shape[0]
        self._bm25_idf = lucene_idf(statistics.demand_df, demand_count)
        self._mean_length = float(statistics.demand_counts.sum()) / max(demand_count, 1)
        titles = statistics.count(item.title for item in statistics.corpus.achievements)
        full_texts = statistics.achievement_counts
        # A Python float would convert the matrices to float64, twice the memory.
        of_title, of_text = np.float32(title_share), np.float32(1 - title_share)
        self._vectors: SparseMatrix = tfidf(titles, self._idf) * of_title + tfidf(full_texts, self._idf) * of_text
        self._presence: SparseMatrix = titles.sign() * of_title + full_texts.sign() * of_text
        # The limit of BM25 for a demand that repeats every term of the achievement without end.
        self._max_bm25 = np.maximum(self._presence @ self._bm25_idf, 1e-9)
        self._bm25_weight = self._fit_bm25_weight(pairs)
        self._registry = sparse.hstack(
            [self._vectors, self._presence * np.float32(self._bm25_weight)], format="csr"
        ).T.tocsr()

    @property
    def fitted_parameters(self) -> dict[str, float | str]:
        return {"bm25_weight": self._bm25_weight, "mean_length": self._mean_length, "terms": len(self._statistics)}

    def totals_matrix(self, demands: Sequence[Item]) -> Floats:
        title, full_text, bm25_weights = self._demand_vectors(demands)
        demand_rows = sparse.hstack([title + full_text, bm25_weights], format="csr")
        totals: Floats = (demand_rows @ self._registry).toarray()
        return totals

    def score_pairs(self, demands: Sequence[Item], rows: PairRows) -> PairScores:
        title_cosine, text_cosine, bm25_score = self._components(demands, rows)
        parts = {
            "title_similarity": title_cosine.clip(0, 1),
            "text_similarity": text_cosine.clip(0, 1),
            "bm25": (bm25_score / self._max_bm25[rows[0]]).clip(0, 1),
        }
        return PairScores(title_cosine + text_cosine + self._bm25_weight * bm25_score, parts)

    def _demand_vectors(self, demands: Sequence[Item]) -> tuple[SparseMatrix, SparseMatrix, SparseMatrix]:
        """Return TF-IDF of the title, TF-IDF of the full text and BM25 of the full text, each (demands × terms)."""
        titles = self._statistics.count(item.title for item in demands)
        full_texts = self._statistics.count(item.full_text for item in demands)
        return (
            tfidf(titles, self._idf),
            tfidf(full_texts, self._idf),
            bm25(full_texts, self._bm25_idf, self._mean_length),
        )

    def _components(self, demands: Sequence[Item], rows: PairRows) -> tuple[Floats, Floats, Floats]:
        """Return the cosine with the demand's title, the cosine with its full text and BM25, each (pairs,)."""
        achievement_rows, demand_rows = rows
        title, full_text, bm25_weights = self._demand_vectors(demands)
        vectors, presence = self._vectors[achievement_rows], self._presence[achievement_rows]
        return (
            row_products(vectors, title[demand_rows]),
            row_products(vectors, full_text[demand_rows]),
            row_products(presence, bm25_weights[demand_rows]),
        )

    def _fit_bm25_weight(self, pairs: PairRows | None) -> float:
        """Return w from the standard deviations of T and B over `pairs` or over an even sample of all pairs."""
        demands = self._statistics.corpus.demands
        cosine: Floats
        bm25_scores: Floats
        if pairs is None:
            achievement_rows = even_sample(self._vectors.shape[0], MAX_SAMPLED_ACHIEVEMENTS)
            title, full_text, bm25_weights = self._demand_vectors(
                [demands[row] for row in even_sample(len(demands), MAX_SAMPLED_DEMANDS)]
            )
            cosine = ((title + full_text) @ self._vectors[achievement_rows].T).toarray()
            bm25_scores = (bm25_weights @ self._presence[achievement_rows].T).toarray()
        else:
            title_cosine, text_cosine, bm25_scores = self._components(demands, pairs)
            cosine = title_cosine + text_cosine
        spread = bm25_scores.std(dtype=np.float64) if bm25_scores.size else 0.0
        return float(BM25_SHARE * cosine.std(dtype=np.float64) / spread) if spread > 1e-6 else 0.0


def row_products(matrix: SparseMatrix, other: SparseMatrix) -> Floats:
    """Return the dot product of each row with the same row of `other`, (rows,), float64."""
    products: Floats = matrix.multiply(other).sum(axis=1).astype(np.float64)
    return products


def even_sample(size: int, limit: int) -> Integers:
    """Return at most `limit` rows of 0 … size − 1: all of them, or every n-th."""
    return np.arange(0, size, max(1, -(-size // limit)))
