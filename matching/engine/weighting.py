"""TF-IDF and BM25 weights of sparse term counts (texts × terms)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matching.engine.arrays import Floats, Integers, SparseMatrix, sparse_matrix


@dataclass(frozen=True, slots=True)
class TermValues:
    """A value of each term, computed when it is asked for: a registry has millions of terms, and a text hundreds."""

    of_terms: Callable[[Integers], Floats]

    def __getitem__(self, terms: Integers) -> Floats:
        return self.of_terms(terms)


def smooth_idf(document_frequency: Floats | Integers, documents: int) -> Floats:
    """ln((1 + N) / (1 + df)) + 1, the default of scikit-learn's TfidfVectorizer."""
    return np.log((1 + documents) / (1 + document_frequency)) + 1


def tfidf(counts: SparseMatrix, idf: Floats | TermValues) -> SparseMatrix:
    """(1 + ln tf) × idf, each row scaled to length 1, so that the product of two rows is their cosine.

    An empty row stays empty.
    """
    values = (1 + np.log(counts.data)) * idf[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(rows, values**2, counts.shape[0]))
    return _with_values(counts, values / lengths[rows])


def lucene_idf(document_frequency: Floats | Integers, documents: int) -> Floats:
    """ln(1 + (N − df + .5) / (df + .5)): the BM25 idf of Lucene 8 and bm25s. It is never negative."""
    return np.log(1 + (documents - document_frequency + 0.5) / (document_frequency + 0.5))


def bm25(
    counts: SparseMatrix, idf: Floats | TermValues, mean_length: float, *, k1: float = 1.2, b: float = 0.75
) -> SparseMatrix:
    """Return the contribution of each term: idf × tf / (tf + k1 (1 − b + b × length / mean length)).

    Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, without the constant factor
    k1 + 1.
    """
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.bincount(rows, counts.data, counts.shape[0])
    saturation = k1 * (1 - b + b * lengths / max(mean_length, 1))
    return _with_values(counts, idf[counts.indices] * counts.data / (counts.data + saturation[rows]))


def _with_values(counts: SparseMatrix, values: Floats) -> SparseMatrix:
    return sparse_matrix(values, counts.indices, counts.indptr, counts.shape[1])
