"""P0: TF-IDF of characters and pairs of characters, plus half of BM25, each in units of its own spread."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from matching.engine.corpus import Corpus, Item
from matching.engine.methods import Scores
from matching.engine.weighting import Vocabulary, bm25, document_frequency, lucene_idf, smooth_idf, tfidf

BM25_SHARE = 0.5
# Enough pairs for a standard deviation to within about 1%, few enough to cost nothing on a large registry.
SAMPLE_ACHIEVEMENTS, SAMPLE_DEMANDS = 2000, 200


class P0:
    """total = T + w B, where T = cos(title of need, achievement) + cos(title and text of need, achievement),
    B = BM25 of the achievement's terms in the need, w = .5 × spread of T / spread of B.

    This orders pairs exactly as z(T) + .5 z(B) does (taking off means and dividing by one spread changes no order),
    but stays in units of cosine: 0 when nothing is shared, and much the same scale from run to run.
    """

    name = "p0"

    def __init__(self, corpus: Corpus, pairs: tuple[np.ndarray, np.ndarray] | None = None):
        self._terms = Vocabulary()
        achievements = self._terms.counts((item.full for item in corpus.achievements), grow=True)
        demands = self._terms.counts((item.full for item in corpus.demands), grow=True)
        achievements.resize((achievements.shape[0], len(self._terms)))
        offered, needed = (document_frequency(side, len(self._terms)) for side in (achievements, demands))
        self._idf = smooth_idf(offered + needed, achievements.shape[0] + demands.shape[0])
        self._bm25_idf = lucene_idf(needed, demands.shape[0])
        self._mean_length = float(demands.sum()) / max(demands.shape[0], 1)
        self._cosines = tfidf(achievements, self._idf)
        self._present = achievements
        self._present.data[:] = 1
        # What BM25 would give if a need held every term of the achievement endlessly often: makes the part 0–1.
        self._reachable = np.maximum(self._present @ self._bm25_idf, 1e-9)
        self._weight = self._balance(corpus, pairs)
        self._registry = sparse.hstack([self._cosines, self._weight * self._present], format="csr").T.tocsr()

    @property
    def calibration(self) -> dict[str, float]:
        return {"bm25_weight": self._weight, "mean_length": self._mean_length, "terms": len(self._terms)}

    def matrix(self, demands: Sequence[Item]) -> np.ndarray:
        title, full, words = self._read(demands)
        return (sparse.hstack([title + full, words], format="csr") @ self._registry).toarray()

    def pairs(self, demands: Sequence[Item], rows: tuple[np.ndarray, np.ndarray]) -> Scores:
        title, text, words = self._components(demands, rows)
        parts = {
            "title_similarity": title.clip(0, 1),
            "text_similarity": text.clip(0, 1),
            "bm25": (words / self._reachable[rows[0]]).clip(0, 1),
        }
        return Scores(title + text + self._weight * words, parts)

    def _read(self, demands: Sequence[Item]) -> tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array]:
        """Needs as rows over terms: TF-IDF of the title, TF-IDF of title and text, BM25 of title and text."""
        counts = self._terms.counts(item.full for item in demands)
        titles = self._terms.counts(item.title for item in demands)
        return (
            tfidf(titles, self._idf),
            tfidf(counts, self._idf),
            bm25(counts, self._bm25_idf, self._mean_length),
        )

    def _components(self, demands, rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cosine with the title, cosine with the whole, BM25, of each pair: three of (pairs,)."""
        offered, needed = rows
        title, full, words = self._read(demands)
        cosines, present = self._cosines[offered], self._present[offered]
        return tuple(
            mine.multiply(theirs[needed]).sum(axis=1).astype(np.float64)
            for mine, theirs in ((cosines, title), (cosines, full), (present, words))
        )

    def _balance(self, corpus: Corpus, pairs) -> float:
        """The weight of BM25, from the spread of both scores over the given pairs or over an even sample of all."""
        rows = _even_sample(corpus) if pairs is None else pairs
        if not len(rows[0]):
            return 0.0
        title, text, words = self._components(corpus.demands, rows)
        spread = words.std()
        return float(BM25_SHARE * (title + text).std() / spread) if spread > 0 else 0.0


def _even_sample(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    """All pairs, or those of every n-th item on a side that is large."""
    offered, needed = (
        np.arange(0, len(side), max(1, -(-len(side) // limit)))
        for side, limit in ((corpus.achievements, SAMPLE_ACHIEVEMENTS), (corpus.demands, SAMPLE_DEMANDS))
    )
    return np.tile(offered, len(needed)), np.repeat(needed, len(offered))
