"""Texts as rows over the concepts of the thesaurus: what they are about, in whatever words."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from matching.engine.corpus import Corpus
from matching.engine.thesaurus import Thesaurus
from matching.engine.weighting import smooth_idf


class Concepts:
    """Weights of one corpus. A term counts (1 + ln tf) × (ln((1 + N) / (1 + df)) + 1), df from both sides of the
    snapshot, and hands this on to its concepts; a text's row has length 1, or is empty when it names no term.
    """

    def __init__(self, corpus: Corpus, thesaurus: Thesaurus):
        self._thesaurus = thesaurus
        names: dict[int | str, int] = {}
        for concepts in thesaurus.concepts:
            for name in concepts:
                names.setdefault(name, len(names))
        self._membership = _rows(
            [{names[name]: weight for name, weight in concepts.items()} for concepts in thesaurus.concepts], len(names)
        )
        offered, needed = (self._count(item.full for item in side) for side in (corpus.achievements, corpus.demands))
        standing_in = sum(np.bincount(side.indices, minlength=len(thesaurus.terms)) for side in (offered, needed))
        self._idf = smooth_idf(standing_in, len(corpus.achievements) + len(corpus.demands))
        self.offered = (self._weighted(offered) + self.of(item.title for item in corpus.achievements)) * np.float32(0.5)

    def of(self, texts: Iterable[str]) -> sparse.csr_array:
        """(texts × concepts), float32."""
        return self._weighted(self._count(texts))

    def _count(self, texts: Iterable[str]) -> sparse.csr_array:
        return _rows([self._thesaurus.find(text) for text in texts], len(self._thesaurus.terms))

    def _weighted(self, counts: sparse.csr_array) -> sparse.csr_array:
        values = np.where(counts.data > 1, 1 + np.log(np.maximum(counts.data, 1)), counts.data)
        weighed = sparse.csr_array(
            ((values * self._idf[counts.indices]).astype(np.float32), counts.indices, counts.indptr),
            shape=counts.shape,
        )
        return _lengthened((weighed @ self._membership).tocsr())


def _rows(rows: Sequence[dict[int, float]], width: int) -> sparse.csr_array:
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    indices = np.fromiter((column for row in rows for column in row), np.int32, int(ends[-1]))
    data = np.fromiter((value for row in rows for value in row.values()), np.float32, int(ends[-1]))
    matrix = sparse.csr_array((data, indices, ends), shape=(len(rows), width))
    matrix.sort_indices()
    return matrix


def _lengthened(matrix: sparse.csr_array) -> sparse.csr_array:
    """The same matrix, changed in place: each row of length 1; an empty row stays empty."""
    matrix.sort_indices()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(rows, matrix.data.astype(np.float64) ** 2, matrix.shape[0]))
    matrix.data /= np.maximum(lengths, 1e-12)[rows].astype(np.float32)
    return matrix
