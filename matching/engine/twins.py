"""Needs that are near-copies of each other: the same wish posted again, by the same firm or by another."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from matching.engine.corpus import Item
from matching.engine.text import tokens

ALIKE = 0.5
"""From this likeness on two needs are near-copies. Measured against groups made by hand: docs/matching.md."""

DOUBT = 3
"""So many more terms each need counts as having, none of them shared: two bare words in common are no copy."""

BLOCK = 256


class Likeness:
    """How alike needs are: the cosine of the sets of pairs of characters in title and text, 0–1."""

    def __init__(self, items: Sequence[Item]):
        self._columns: dict[str, int] = {}
        self._rows = self._read(items, learn=True)

    def to(self, items: Sequence[Item]) -> sparse.csr_array:
        """(items × those given at construction), only likenesses from ALIKE on."""
        rows = self._read(items, learn=False)
        blocks = [rows[start : start + BLOCK] @ self._rows.T for start in range(0, rows.shape[0], BLOCK)]
        alike = sparse.csr_array(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_array((0, 0))
        alike.data[alike.data < ALIKE] = 0
        alike.eliminate_zeros()
        return alike

    def groups(self) -> list[int]:
        """A number for each item; near-copies, and near-copies of these, share one."""
        if not self._rows.shape[0]:
            return []
        alike = sparse.vstack([self._strong(start) for start in range(0, self._rows.shape[0], BLOCK)], format="csr")
        return [int(number) for number in sparse.csgraph.connected_components(alike, directed=False)[1]]

    def _strong(self, start: int) -> sparse.csr_array:
        block = sparse.csr_array(self._rows[start : start + BLOCK] @ self._rows.T)
        block.data = (block.data >= ALIKE).astype(np.int8)
        block.eliminate_zeros()
        return block

    def _read(self, items: Sequence[Item], *, learn: bool) -> sparse.csr_array:
        columns, indices, data, ends = self._columns, [], [], [0]
        for item in items:
            terms = {term for term in tokens(item.full) if len(term) > 1}
            for term in sorted(terms):
                column = columns.setdefault(term, len(columns)) if learn else columns.get(term)
                if column is not None:
                    indices.append(column)
                    data.append(1 / np.sqrt(len(terms) + DOUBT))
            ends.append(len(indices))
        return sparse.csr_array(
            (np.array(data, np.float32), np.array(indices, np.int32), np.array(ends, np.int32)),
            shape=(len(ends) - 1, len(columns)),
        )
