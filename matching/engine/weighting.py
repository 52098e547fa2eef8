"""Counts to weights: TF-IDF and BM25 over sparse rows, one row per text, one column per term."""

import numpy as np
from scipy import sparse


def smooth_idf(standing_in: np.ndarray, documents: int) -> np.ndarray:
    """ln((1 + N) / (1 + df)) + 1, as scikit-learn's TfidfVectorizer does by default."""
    return np.log((1 + documents) / (1 + standing_in)) + 1


def tfidf(counts: sparse.csr_array, idf: np.ndarray) -> sparse.csr_array:
    """(1 + ln tf) × idf, each row of length 1, so that a product of two rows is their cosine. An empty row stays 0."""
    values = (1 + np.log(counts.data)) * idf[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(rows, values**2, counts.shape[0]))
    return _with_values(counts, values / lengths[rows])


def lucene_idf(standing_in: np.ndarray, documents: int) -> np.ndarray:
    """ln(1 + (N − df + .5) / (df + .5)): BM25's weight of a term, never negative (as in Lucene 8 and bm25s)."""
    return np.log(1 + (documents - standing_in + 0.5) / (standing_in + 0.5))


def bm25(counts: sparse.csr_array, idf: np.ndarray, mean_length: float, *, k1=1.2, b=0.75) -> sparse.csr_array:
    """What each term of a text adds to its score: idf × tf / (tf + k1 (1 − b + b × length / mean length)).

    Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; without the constant k1 + 1.
    """
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.bincount(rows, counts.data, counts.shape[0])
    dampening = k1 * (1 - b + b * lengths / max(mean_length, 1))
    return _with_values(counts, idf[counts.indices] * counts.data / (counts.data + dampening[rows]))


def _with_values(counts: sparse.csr_array, values: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array((values.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape)
