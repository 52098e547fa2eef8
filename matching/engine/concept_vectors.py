"""Vectors of texts over the concepts of the thesaurus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched

import numpy as np

from matching.engine.arrays import Floats, SparseMatrix, sparse_matrix
from matching.engine.corpus import Corpus, Item
from matching.engine.term_statistics import stacked
from matching.engine.thesaurus import Thesaurus
from matching.engine.weighting import smooth_idf

BLOCK = 2048


class ConceptVectors:
    """Concept weights of one corpus.

    The weight of a thesaurus term in a text is (1 + ln tf) × (ln((1 + N) / (1 + df)) + 1), df counted over both sides
    of the corpus. The weights of the terms are summed over their concepts, and each row is scaled to length 1. The row
    of a text without thesaurus terms is empty.

    `achievements` (achievements × concepts): mean of the vectors of the title, with the weight `title_share`, and of
    the full text.
    """

    def __init__(self, corpus: Corpus, thesaurus: Thesaurus, *, title_share: float):
        achievements = list(_count_blocks(thesaurus, (item.full_text for item in corpus.achievements)))
        document_frequency = np.zeros(len(thesaurus.terms), np.int64)
        for block in (*achievements, *_count_blocks(thesaurus, (item.full_text for item in corpus.demands))):
            document_frequency += np.bincount(block.indices, minlength=len(thesaurus.terms))
        idf = smooth_idf(document_frequency.astype(np.float64), len(corpus.achievements) + len(corpus.demands))
        self._prepare(thesaurus, idf, title_share)
        rows = [
            self._mean(titles, full_texts)
            for titles, full_texts in zip(
                _count_blocks(thesaurus, (item.title for item in corpus.achievements)), achievements, strict=True
            )
        ]
        self.achievements: SparseMatrix = stacked(rows, self._membership.shape[1])

    @classmethod
    def stored(
        cls, thesaurus: Thesaurus, idf: Floats, achievements: SparseMatrix, *, title_share: float
    ) -> "ConceptVectors":
        """Return the weights with the given idf of the terms and vectors of the achievements."""
        vectors = cls.__new__(cls)
        vectors._prepare(thesaurus, idf, title_share)
        vectors.achievements = achievements
        return vectors

    def _prepare(self, thesaurus: Thesaurus, idf: Floats, title_share: float) -> None:
        self._thesaurus, self.idf, self._title_share = thesaurus, idf, title_share
        columns: dict[int | str, int] = {}
        for concepts in thesaurus.concepts:
            for concept in concepts:
                columns.setdefault(concept, len(columns))
        self._membership = _sparse_rows(
            [{columns[concept]: weight for concept, weight in concepts.items()} for concepts in thesaurus.concepts],
            len(columns),
        )

    def achievement_vectors(self, items: Sequence[Item]) -> SparseMatrix:
        """Return the vectors of other achievements, as those of the corpus."""
        blocks = zip(
            _count_blocks(self._thesaurus, (item.title for item in items)),
            _count_blocks(self._thesaurus, (item.full_text for item in items)),
            strict=True,
        )
        return stacked([self._mean(*block) for block in blocks], self._membership.shape[1])

    def vectors(self, texts: Iterable[str]) -> SparseMatrix:
        """Return the vectors of texts (texts × concepts)."""
        blocks = [self._weighted(block) for block in _count_blocks(self._thesaurus, texts)]
        return stacked(blocks, self._membership.shape[1])

    def _mean(self, titles: SparseMatrix, full_texts: SparseMatrix) -> SparseMatrix:
        mean: SparseMatrix = self._weighted(titles) * np.float32(self._title_share) + self._weighted(
            full_texts
        ) * np.float32(1 - self._title_share)
        return mean

    def _weighted(self, counts: SparseMatrix) -> SparseMatrix:
        # Counts below 1 are terms inside longer terms; they are kept as they are.
        values = np.where(counts.data > 1, 1 + np.log(np.maximum(counts.data, 1)), counts.data)
        weighted = sparse_matrix(values * self.idf[counts.indices], counts.indices, counts.indptr, counts.shape[1])
        return _scale_rows((weighted @ self._membership).tocsr())


def _count_blocks(thesaurus: Thesaurus, texts: Iterable[str]) -> Iterator[SparseMatrix]:
    """Yield the counts of the terms (texts × terms), BLOCK texts at a time."""
    for block in batched(texts, BLOCK):
        yield _sparse_rows(thesaurus.count_terms_of_texts(block), len(thesaurus.terms))


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
