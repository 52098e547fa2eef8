"""Terms to weights: counts, TF-IDF and BM25 as sparse matrices. One row per text, one column per known term."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy import sparse

from matching.engine.text import tokens


class Vocabulary:
    """The terms of the snapshot, numbered in order of first sight. Terms it has not seen are left out of counts."""

    def __init__(self):
        self._columns: dict[str, int] = {}

    def __len__(self):
        return len(self._columns)

    def column(self, term: str) -> int | None:
        return self._columns.get(term)

    def counts(self, texts: Iterable[str], *, grow: bool = False) -> sparse.csr_array:
        """How often each term stands in each text: (texts × terms), float32. `grow` learns new terms."""
        columns, known, data, indices, indptr = self._columns, self._columns.get, [], [], [0]
        for text in texts:
            for term, count in Counter(tokens(text)).items():
                column = columns.setdefault(term, len(columns)) if grow else known(term)
                if column is not None:
                    indices.append(column)
                    data.append(count)
            indptr.append(len(indices))
        shape = (len(indptr) - 1, len(columns))
        matrix = sparse.csr_array((np.array(data, np.float32), np.array(indices, np.int32), indptr), shape=shape)
        matrix.sort_indices()
        return matrix


def document_frequency(counts: sparse.csr_array, terms: int) -> np.ndarray:
    """In how many rows each of the first `terms` terms stands: (terms,), float64."""
    return np.bincount(counts.indices, minlength=terms).astype(np.float64)


def smooth_idf(frequency: np.ndarray, documents: int) -> np.ndarray:
    """ln((1 + N) / (1 + df)) + 1, as scikit-learn's TfidfVectorizer does by default."""
    return np.log((1 + documents) / (1 + frequency)) + 1


def tfidf(counts: sparse.csr_array, idf: np.ndarray) -> sparse.csr_array:
    """(1 + ln tf) × idf, each row of length 1, so that a product of two rows is their cosine. An empty row stays 0."""
    weights = counts.copy()
    weights.data = ((1 + np.log(counts.data)) * idf[counts.indices]).astype(np.float32)
    lengths = np.sqrt(weights.power(2).sum(axis=1))
    weights.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(weights.indptr)).astype(np.float32)
    return weights


def lucene_idf(frequency: np.ndarray, documents: int) -> np.ndarray:
    """ln(1 + (N − df + .5) / (df + .5)): BM25's term weight, never negative (the variant of Lucene 8 and bm25s)."""
    return np.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def bm25(counts: sparse.csr_array, idf: np.ndarray, mean_length: float, *, k1=1.2, b=0.75) -> sparse.csr_array:
    """What each term of a document adds to its score: idf × tf / (tf + k1 (1 − b + b length / mean length)).

    Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009, without the constant k1 + 1.
    """
    weights = counts.copy()
    dampening = k1 * (1 - b + b * counts.sum(axis=1) / (mean_length or 1))
    per_entry = np.repeat(dampening, np.diff(counts.indptr))
    weights.data = (idf[counts.indices] * counts.data / (counts.data + per_entry)).astype(np.float32)
    return weights
