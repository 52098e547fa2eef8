"""Vectors of texts over the concepts of the thesaurus."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from matching.engine.arrays import SparseMatrix, sparse_matrix
from matching.engine.corpus import Corpus
from matching.engine.thesaurus import Thesaurus
from matching.engine.weighting import smooth_idf


class ConceptVectors:
    """Concept weights of one corpus.

    The weight of a thesaurus term in a text is (1 + ln tf) × (ln((1 + N) / (1 + df)) + 1), df counted over both sides
    of the corpus. The weights of the terms are summed over their concepts, and each row is scaled to length 1. The row
    of a text without thesaurus terms is empty.

    `achievements` (achievements × concepts): mean of the vectors of the title, with the weight `title_share`, and of
    the full text.
    """

    def __init__(self, corpus: Corpus, thesaurus: Thesaurus, *, title_share: float):
        self._thesaurus = thesaurus
        columns: dict[int | str, int] = {}
        for concepts in thesaurus.concepts:
            for concept in concepts:
                columns.setdefault(concept, len(columns))
        self._membership = _sparse_rows(
            [{columns[concept]: weight for concept, weight in concepts.items()} for concepts in thesaurus.concepts],
            len(columns),
        )
        achievements = self._count_terms(item.full_text for item in corpus.achievements)
        demands = self._count_terms(item.full_text for item in corpus.demands)
        document_frequency = np.zeros(len(thesaurus.terms), np.int64)
        for side in (achievements, demands):
            document_frequency += np.bincount(side.indices, minlength=len(thesaurus.terms))
        self._idf = smooth_idf(document_frequency.astype(np.float64), len(corpus.achievements) + len(corpus.demands))
        titles = self.vectors(item.title for item in corpus.achievements)
        self.achievements: SparseMatrix = titles * np.float32(title_share) + self._weighted(achievements) * np.float32(
            1 - title_share
        )

    def vectors(self, texts: Iterable[str]) -> SparseMatrix:
        """Return the vectors of texts (texts × concepts)."""
        return self._weighted(self._count_terms(texts))

    def _count_terms(self, texts: Iterable[str]) -> SparseMatrix:
        return _sparse_rows([self._thesaurus.count_terms(text) for text in texts], len(self._thesaurus.terms))

    def _weighted(self, counts: SparseMatrix) -> SparseMatrix:
        # Counts below 1 are terms inside longer terms; they are kept as they are.
        values = np.where(counts.data > 1, 1 + np.log(np.maximum(counts.data, 1)), counts.data)
        weighted = sparse_matrix(values * self._idf[counts.indices], counts.indices, counts.indptr, counts.shape[1])
        return _scale_rows((weighted @ self._membership).tocsr())


def _sparse_rows(rows: Sequence[Mapping[int, float]], width: int) -> SparseMatrix:
    row_ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    indices = np.fromiter((column for row in rows for column in row), np.int32, int(row_ends[-1]))
    data = np.fromiter((value for row in rows for value in row.values()), np.float32, int(row_ends[-1]))
    matrix = sparse_matrix(data, indices, row_ends, width)
    matrix.sort_indices()
    return matrix


def _scale_rows(matrix: SparseMatrix) -> SparseMatrix:
    """Scale each non-empty row to length 1, in place."""
    matrix.sort_indices()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(rows, matrix.data.astype(np.float64) ** 2, matrix.shape[0]))
    matrix.data /= np.maximum(lengths, 1e-12)[rows].astype(np.float32)
    return matrix
