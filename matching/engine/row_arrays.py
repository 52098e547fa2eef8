"""The achievements of an index as arrays: their weights by row, and by term for the product with queries.

The arrays lie in memory, or in files that all processes map into theirs.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import numpy as np
from scipy import sparse

from matching.engine.arrays import Floats, Integers, SparseMatrix

type Allocate = Callable[[str, tuple[int, ...], Any], Any]
"""Returns a new array with the given name, shape and type."""


def in_memory(_name: str, shape: tuple[int, ...], dtype: Any) -> Any:
    return np.empty(shape, dtype)


class RowArrays:
    """Several values of each entry of one sparse matrix (rows × terms), by row and by term.

    `names` are the values; the pattern of entries is stored once for all of them.
    """

    def __init__(self, prefix: str, values: Mapping[str, Any], arrays: Mapping[str, Any], width: int):
        self.prefix, self.names, self.arrays, self.width = prefix, tuple(values), dict(arrays), width
        self.rows = len(arrays["row_ends"]) - 1
        self._by_row = {name: self._matrix("row", name, self.rows, width) for name in self.names}
        self._by_term = {name: self._matrix("term", name, width, self.rows) for name in self.names}

    @classmethod
    def built(
        cls,
        prefix: str,
        values: Mapping[str, Any],
        blocks: Iterable[tuple[SparseMatrix, Mapping[str, Any]]],
        sizes: tuple[int, int, Integers],
        allocate: Allocate = in_memory,
    ) -> "RowArrays":
        """Write the blocks one after the other.

        `values`: the type of each value; `blocks`: pattern and values of some rows, the columns sorted; `sizes`: number
        of rows, of columns, and of entries in each column (columns,).
        """
        rows, width, entries = sizes
        ends = np.zeros(width + 1, np.int64)
        np.cumsum(entries, out=ends[1:])
        total = int(ends[-1])
        index_type = np.int32 if total < 2**31 else np.int64
        arrays = {"row_ends": allocate(f"{prefix}_row_ends", (rows + 1,), index_type)}
        arrays["term_ends"] = allocate(f"{prefix}_term_ends", (width + 1,), index_type)
        for side in ("row", "term"):
            arrays[f"{side}_indices"] = allocate(f"{prefix}_{side}_indices", (total,), index_type)
            for name, dtype in values.items():
                arrays[f"{side}_{name}"] = allocate(f"{prefix}_{side}_{name}", (total,), dtype)
        arrays["row_ends"][0], arrays["term_ends"][:] = 0, ends
        next_place, row, entry = ends[:-1], 0, 0
        for pattern, columns in blocks:
            last_row, last = row + pattern.shape[0], entry + pattern.nnz
            arrays["row_ends"][row + 1 : last_row + 1] = pattern.indptr[1:] + entry
            arrays["row_indices"][entry:last] = pattern.indices
            places, order, rows_by_term = _places_by_term(pattern, next_place)
            arrays["term_indices"][places] = rows_by_term + row
            for name in values:
                arrays[f"row_{name}"][entry:last] = columns[name]
                arrays[f"term_{name}"][places] = columns[name][order]
            row, entry = last_row, last
        return cls(prefix, values, arrays, width)

    @classmethod
    def stored(cls, prefix: str, values: Mapping[str, Any], arrays: Mapping[str, Any], width: int) -> "RowArrays":
        own = {name.removeprefix(f"{prefix}_"): array for name, array in arrays.items() if name.startswith(prefix)}
        return cls(prefix, values, own, width)

    @property
    def named_arrays(self) -> dict[str, Any]:
        return {f"{self.prefix}_{name}": array for name, array in self.arrays.items()}

    def of_rows(self, name: str, rows: Integers) -> SparseMatrix:
        """Return a value of some rows (given rows × terms)."""
        return cast("SparseMatrix", self._by_row[name][rows])

    def of_terms(self, name: str, terms: Integers) -> SparseMatrix:
        """Return a value of some terms (given terms × rows)."""
        return cast("SparseMatrix", self._by_term[name][terms])

    def whole(self, name: str) -> SparseMatrix:
        return cast("SparseMatrix", self._by_row[name])

    def _matrix(self, side: str, name: str, rows: int, width: int) -> Any:
        parts = (self.arrays[f"{side}_{name}"], self.arrays[f"{side}_indices"], self.arrays[f"{side}_ends"])
        return sparse.csr_array(parts, shape=(rows, width), copy=False)


def weighted_sum(matrix: SparseMatrix, weights: Floats) -> Floats:
    """Return (queries × rows), float32: the sums of a matrix (terms × rows) with weights (terms × queries)."""
    transposed = sparse.csc_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape[::-1], copy=False)
    sums: Floats = np.ascontiguousarray((transposed @ weights).T)
    return sums


class QueryWeights:
    """The weights of some queries of a sparse matrix (queries × terms), over the terms that they have."""

    def __init__(self, weights: Mapping[str, SparseMatrix], first: int, last: int):
        """`weights`: matrices with one row for each query; those of rows `first` … `last` − 1 are taken."""
        parts = {name: _row_range(matrix, first, last) for name, matrix in weights.items()}
        self.terms: Integers = _distinct([columns for _values, columns, _rows in parts.values()])
        self._parts, self._queries = parts, last - first

    def __len__(self) -> int:
        return self._queries

    def dense(self, name: str, dtype: Any = np.float32) -> Floats:
        """Return one of the weights (terms × queries)."""
        values, columns, rows = self._parts[name]
        weights = np.zeros((len(self.terms), self._queries), dtype)
        weights[np.searchsorted(self.terms, columns), rows] = values
        return weights


class KnownEntries:
    """The entries of the rows of a small matrix that are among some sorted terms."""

    def __init__(self, matrix: SparseMatrix, terms: Integers):
        self._shape = (matrix.shape[0], len(terms))
        self._row_ends = matrix.indptr
        if len(terms):
            self._places = np.minimum(np.searchsorted(terms, matrix.indices), len(terms) - 1).astype(np.int32)
            self._is_known = terms[self._places] == matrix.indices

    def products(self, values: Floats, weights: Floats) -> Floats:
        """Return the products of the rows, with these values of the entries, with weights (terms × queries)."""
        if not self._shape[1]:
            return np.zeros((self._shape[0], weights.shape[1]))
        known = np.where(self._is_known, values, np.float32(0)).astype(np.float64)
        products: Floats = sparse.csr_array((known, self._places, self._row_ends), shape=self._shape) @ weights
        return products


def _row_range(matrix: SparseMatrix, first: int, last: int) -> tuple[Floats, Integers, Integers]:
    """Return value, column and row (from 0) of the entries of some rows."""
    start, end = matrix.indptr[first], matrix.indptr[last]
    rows = np.repeat(np.arange(last - first), np.diff(matrix.indptr[first : last + 1]))
    return matrix.data[start:end], matrix.indices[start:end], rows


def _places_by_term(pattern: SparseMatrix, next_place: Integers) -> tuple[Integers, Integers, Integers]:
    """Return for each entry, in the order of its term: its place among all entries by term, its place in the block,
    and its row. Moves `next_place` on."""
    numbered = sparse.csr_array(
        (np.arange(pattern.nnz, dtype=np.int32), pattern.indices, pattern.indptr), shape=pattern.shape
    ).tocsc()
    counts = np.diff(numbered.indptr)
    terms = np.flatnonzero(counts)
    shifts = next_place[terms] - numbered.indptr[terms]
    places = np.repeat(shifts, counts[terms]) + np.arange(pattern.nnz)
    next_place[terms] += counts[terms]
    return places, numbered.data, numbered.indices


def _distinct(columns: list[Integers]) -> Integers:
    ordered = np.sort(np.concatenate(columns))
    is_first = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]
