"""Near-duplicate demands: the same demand posted again, by the same firm or by another."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from matching.engine.arrays import SparseMatrix, sparse_matrix
from matching.engine.corpus import Item
from matching.engine.tokeniser import tokenise

SIMILARITY_THRESHOLD = 0.5
"""Demands with at least this similarity are near-duplicates. Measured against groups made by people: docs/matching.md.
"""

EXTRA_TERMS = 3
"""Number of unshared terms added to each text, so that two short texts with two common words are not duplicates."""

BLOCK = 256


class NearDuplicates:
    """Similarities of items: cosine of the sets of terms with two or more characters in title and text, 0–1."""

    def __init__(self, items: Sequence[Item]):
        self._columns: dict[str, int] = {}
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
        columns = self._columns
        indices: list[int] = []
        data: list[float] = []
        row_ends = [0]
        for item in items:
            terms = {term for term in tokenise(item.full_text) if len(term) > 1}
            weight = float(1 / np.sqrt(len(terms) + EXTRA_TERMS))
            for term in sorted(terms):
                column = columns.setdefault(term, len(columns)) if add_terms else columns.get(term)
                if column is not None:
                    indices.append(column)
                    data.append(weight)
            row_ends.append(len(indices))
        return sparse_matrix(data, indices, row_ends, len(columns))
