"""Near-duplicate demands: the same demand posted again, by the same firm or by another."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from matching.engine.arrays import SparseMatrix, sparse_matrix
from matching.engine.corpus import Item
from matching.engine.normalised_texts import CODE_POINTS
from matching.engine.term_codes import blocks_of, count_terms
from matching.engine.term_statistics import Vocabulary, stacked

SIMILARITY_THRESHOLD = 0.5
"""Demands with at least this similarity are near-duplicates. Measured against groups made by people: docs/matching.md.
"""

EXTRA_TERMS = 3
"""Number of unshared terms added to each text, so that two short texts with two common words are not duplicates."""

BLOCK = 256


class NearDuplicates:
    """Similarities of items: cosine of the sets of terms with two or more characters in title and text, 0–1."""

    def __init__(self, items: Sequence[Item]):
        self._terms = Vocabulary.empty()
        self._rows = self._term_sets(items, add_terms=True)

    def similarities_to(self, items: Sequence[Item]) -> SparseMatrix:
        """Return similarities of at least SIMILARITY_THRESHOLD, (given items × items of the constructor)."""
        rows = self._term_sets(items, add_terms=False)
        blocks = [rows[start : start + BLOCK] @ self._rows.T for start in range(0, rows.shape[0], BLOCK)]
        if not blocks:
            return sparse_matrix([], [], [0], self._rows.shape[0])
        similarities: SparseMatrix = sparse.csr_array(sparse.vstack(blocks, format="csr"))
        similarities.data[similarities.data < SIMILARITY_THRESHOLD] = 0
        similarities.eliminate_zeros()
        return similarities

    def groups(self) -> list[int]:
        """Return a group number for each item: connected components of the near-duplicate relation."""
        if not self._rows.shape[0]:
            return []
        edges = sparse.vstack([self._edges(start) for start in range(0, self._rows.shape[0], BLOCK)], format="csr")
        return [int(number) for number in sparse.csgraph.connected_components(edges, directed=False)[1]]

    def _edges(self, start: int) -> sparse.csr_array[np.int8]:
        products = sparse.csr_array(self._rows[start : start + BLOCK] @ self._rows.T)
        edges = sparse.csr_array(
            ((products.data >= SIMILARITY_THRESHOLD).astype(np.int8), products.indices, products.indptr),
            shape=products.shape,
        )
        edges.eliminate_zeros()
        return edges

    def _term_sets(self, items: Sequence[Item], *, add_terms: bool) -> SparseMatrix:
        """Return rows (items × terms) of equal weights with length √(n / (n + EXTRA_TERMS)), n the number of terms."""
        blocks = []
        for texts in blocks_of(item.full_text for item in items):
            rows, codes, _counts = count_terms(texts)
            is_long = codes >= CODE_POINTS  # the code of one character is its code point
            rows, codes = rows[is_long], codes[is_long]
            weights = 1 / np.sqrt(np.bincount(rows, minlength=len(texts)) + EXTRA_TERMS)
            if add_terms:
                self._terms.add(np.unique(codes))
            columns = self._terms.columns_of(codes)
            is_known = columns >= 0
            rows, columns = rows[is_known], columns[is_known]
            row_ends = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(texts)))))
            blocks.append(sparse_matrix(weights[rows], columns, row_ends, len(self._terms)))
        return stacked(blocks, len(self._terms))
