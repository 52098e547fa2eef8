"""Term counts and document frequencies of a corpus."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from matching.engine.arrays import Floats, SparseMatrix, sparse_matrix
from matching.engine.corpus import Corpus
from matching.engine.tokeniser import tokenise


class TermStatistics:
    """Counts over title and text of each item, computed once per corpus.

    `achievement_counts` (achievements × terms) and `demand_counts` (demands × terms) are sparse term counts;
    `achievement_df` and `demand_df` (terms,) are the document frequencies of each side.
    """

    def __init__(self, corpus: Corpus):
        self.corpus = corpus
        self._columns: dict[str, int] = {}
        achievement_counts = self._count((item.full_text for item in corpus.achievements), add_terms=True)
        self.demand_counts = self._count((item.full_text for item in corpus.demands), add_terms=True)
        # The demands have added columns.
        self.achievement_counts = sparse_matrix(
            achievement_counts.data, achievement_counts.indices, achievement_counts.indptr, len(self)
        )
        self.achievement_df = self._document_frequencies(self.achievement_counts)
        self.demand_df = self._document_frequencies(self.demand_counts)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def document_count(self) -> int:
        """Number of achievements and demands."""
        return len(self.corpus.achievements) + len(self.corpus.demands)

    def document_frequency(self, term: str) -> int:
        """Number of achievements and demands that contain the term."""
        column = self._columns.get(term)
        return 0 if column is None else int(self.achievement_df[column] + self.demand_df[column])

    def count(self, texts: Iterable[str]) -> SparseMatrix:
        """Return the counts of other texts (texts × terms). Terms that are not in the corpus are ignored."""
        return self._count(texts, add_terms=False)

    def _document_frequencies(self, counts: SparseMatrix) -> Floats:
        return np.bincount(counts.indices, minlength=len(self)).astype(np.float64)

    def _count(self, texts: Iterable[str], *, add_terms: bool) -> SparseMatrix:
        columns = self._columns
        data: list[int] = []
        indices: list[int] = []
        row_ends = [0]
        for text in texts:
            for term, count in Counter(tokenise(text)).items():
                column = columns.setdefault(term, len(columns)) if add_terms else columns.get(term)
                if column is not None:
                    indices.append(column)
                    data.append(count)
            row_ends.append(len(indices))
        counts = sparse_matrix(data, indices, row_ends, len(columns))
        counts.sort_indices()
        return counts
