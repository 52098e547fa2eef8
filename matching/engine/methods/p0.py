"""P0: TF-IDF of characters and pairs of characters, plus half of BM25, each in units of its own spread."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from matching.engine.corpus import Item
from matching.engine.lexicon import Lexicon
from matching.engine.methods import Scores
from matching.engine.weighting import bm25, lucene_idf, smooth_idf, tfidf

BM25_SHARE = 0.5
HALF = np.float32(0.5)  # a plain 0.5 would turn the matrices into float64, twice the memory
# Enough pairs for a standard deviation to within about 1%, few enough to cost nothing on a large registry.
SAMPLE_OFFERED, SAMPLE_NEEDED = 2000, 200


class P0:
    """total = T + w B, where T = cos(need's title, achievement) + cos(need's title and text, achievement),
    B = BM25 of the achievement's terms in the need, w = .5 × spread of T / spread of B.

    This orders pairs exactly as z(T) + .5 z(B) does (taking off means and dividing by one spread changes no order),
    but stays in units of cosine: 0 when nothing is shared, and much the same scale from run to run.

    An achievement enters by its title and by title and text, in equal parts: a long summary dilutes every cosine, and
    one threshold must serve registries of bare titles and of full entries. Without text both parts are the title.
    """

    name = "p0"
    pass_mark = 0.35

    def __init__(self, lexicon: Lexicon, pairs: tuple[np.ndarray, np.ndarray] | None = None):
        self._lexicon = lexicon
        self._idf = smooth_idf(lexicon.offered_in + lexicon.needed_in, lexicon.documents)
        self._bm25_idf = lucene_idf(lexicon.needed_in, lexicon.needed.shape[0])
        self._mean_length = float(lexicon.needed.sum()) / max(lexicon.needed.shape[0], 1)
        titles, whole = lexicon.count(item.title for item in lexicon.corpus.achievements), lexicon.offered
        self._cosines = (tfidf(titles, self._idf) + tfidf(whole, self._idf)) * HALF
        self._present = (titles.sign() + whole.sign()) * HALF
        # BM25 of a need that holds every term of the achievement endlessly often: makes that part 0–1.
        self._reachable = np.maximum(self._present @ self._bm25_idf, 1e-9)
        self._weight = self._balance(pairs)
        self._registry = sparse.hstack(
            [self._cosines, self._present * np.float32(self._weight)], format="csr"
        ).T.tocsr()

    @property
    def calibration(self) -> dict[str, float | str]:
        return {"bm25_weight": self._weight, "mean_length": self._mean_length, "terms": len(self._lexicon)}

    def matrix(self, demands: Sequence[Item]) -> np.ndarray:
        title, whole, words = self._read(demands)
        return (sparse.hstack([title + whole, words], format="csr") @ self._registry).toarray()

    def literal(self, demands: Sequence[Item]) -> np.ndarray:
        return self.matrix(demands)

    def pairs(self, demands: Sequence[Item], rows: tuple[np.ndarray, np.ndarray]) -> Scores:
        title, whole, words = self._components(demands, rows)
        parts = {
            "title_similarity": title.clip(0, 1),
            "text_similarity": whole.clip(0, 1),
            "bm25": (words / self._reachable[rows[0]]).clip(0, 1),
        }
        return Scores(title + whole + self._weight * words, parts)

    def _read(self, demands: Sequence[Item]) -> tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array]:
        """Needs as rows over terms: TF-IDF of the title, TF-IDF of title and text, BM25 of title and text."""
        titles = self._lexicon.count(item.title for item in demands)
        whole = self._lexicon.count(item.full for item in demands)
        return tfidf(titles, self._idf), tfidf(whole, self._idf), bm25(whole, self._bm25_idf, self._mean_length)

    def _components(self, demands: Sequence[Item], rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cosine with the need's title, cosine with its whole, BM25: three of (pairs,), float64."""
        offered, needed = rows
        title, whole, words = self._read(demands)
        cosines, present = self._cosines[offered], self._present[offered]
        return tuple(
            ours.multiply(theirs[needed]).sum(axis=1).astype(np.float64)
            for ours, theirs in ((cosines, title), (cosines, whole), (present, words))
        )

    def _balance(self, pairs: tuple[np.ndarray, np.ndarray] | None) -> float:
        """The weight w, from the spread of T and of B over the given pairs or over an even sample of all."""
        demands = self._lexicon.corpus.demands
        if pairs is None:
            offered = even_sample(self._cosines.shape[0], SAMPLE_OFFERED)
            title, whole, words = self._read([demands[row] for row in even_sample(len(demands), SAMPLE_NEEDED)])
            cosine = ((title + whole) @ self._cosines[offered].T).toarray()
            words = (words @ self._present[offered].T).toarray()
        else:
            title, whole, words = self._components(demands, pairs)
            cosine = title + whole
        spread = words.std(dtype=np.float64) if words.size else 0.0
        return float(BM25_SHARE * cosine.std(dtype=np.float64) / spread) if spread > 1e-6 else 0.0


def even_sample(size: int, limit: int) -> np.ndarray:
    """Rows 0 … size − 1, or of a larger side every n-th, at most `limit` of them."""
    return np.arange(0, size, max(1, -(-size // limit)))
