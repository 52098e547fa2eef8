"""Counts of the terms of many texts, kept until a second pass needs them: in memory, or in a file for a large registry.

The weight of a term is known only after all texts were counted, and to count them again would take as long.
"""

from collections.abc import Iterator
from typing import IO, Any, Protocol

import numpy as np

from matching.engine.arrays import SparseMatrix, sparse_matrix


class CountedBlocks(Protocol):
    """Blocks of counts (texts × terms), in the order in which they were added."""

    def add(self, block: SparseMatrix) -> None: ...

    def take(self, width: int) -> Iterator[SparseMatrix]:
        """Yield the blocks once, each with `width` terms: later blocks have added terms."""


class BlocksInMemory:
    """Each block is dropped when it has been taken."""

    def __init__(self) -> None:
        self._blocks: list[SparseMatrix] = []

    def add(self, block: SparseMatrix) -> None:
        self._blocks.append(block)

    def take(self, width: int) -> Iterator[SparseMatrix]:
        self._blocks.reverse()
        while self._blocks:
            block = self._blocks.pop()
            yield sparse_matrix(block.data, block.indices, block.indptr, width)


class BlocksInFile:
    """Only one block is in memory; a count takes one byte in the file, with its term mostly five."""

    def __init__(self, file: IO[bytes]):
        self._file, self._count = file, 0

    def add(self, block: SparseMatrix) -> None:
        most = int(block.data.max(initial=0))
        for array in (block.data.astype(np.min_scalar_type(most)), block.indices, block.indptr):
            np.save(self._file, array, allow_pickle=False)
        self._count += 1

    def take(self, width: int) -> Iterator[SparseMatrix]:
        self._file.seek(0)
        count, self._count = self._count, 0
        for _number in range(count):
            data, indices, row_ends = (self._array() for _part in range(3))
            yield sparse_matrix(data, indices, row_ends, width)

    def _array(self) -> Any:
        return np.load(self._file, allow_pickle=False)
