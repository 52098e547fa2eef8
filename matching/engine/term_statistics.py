"""Term counts and document frequencies of a corpus."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from matching.engine.arrays import Floats, Integers, SparseMatrix, sparse_matrix
from matching.engine.corpus import Corpus, Item
from matching.engine.term_codes import blocks_of, code_of, count_terms

MAX_REMEMBERED = 200_000
"""Document frequencies of single terms that are kept after they were looked up."""


class Vocabulary:
    """The terms of a corpus, as sorted codes; each has a column of the matrices."""

    def __init__(self, codes: Integers, columns: Integers):
        self.codes, self.columns = codes, columns

    @classmethod
    def empty(cls) -> "Vocabulary":
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    def columns_of(self, codes: Integers) -> Integers:
        """Return the column of each code, -1 if it is unknown."""
        if not len(self.codes):
            return np.full(len(codes), -1, np.int32)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        columns: Integers = np.where(self.codes[places] == codes, self.columns[places], -1)
        return columns

    def add(self, codes: Integers) -> Integers:
        """Give unknown codes the next columns, in their order; return the column of each code."""
        distinct = np.unique(codes)
        new = distinct[self.columns_of(distinct) < 0]
        if len(new):
            new_columns = np.arange(len(self), len(self) + len(new), dtype=np.int32)
            places = np.searchsorted(self.codes, new)
            self.codes = np.insert(self.codes, places, new)
            self.columns = np.insert(self.columns, places, new_columns)
        return self.columns_of(codes)


class TermStatistics:
    """Document frequencies of title and text of each item, computed once per corpus.

    `achievement_df` and `demand_df` (terms,) are the document frequencies of each side; `mean_demand_length` is the
    mean number of terms of a demand with repetitions.
    """

    ARRAYS = ("codes", "columns", "achievement_df", "demand_df")

    def __init__(self, corpus: Corpus):
        self.corpus = corpus
        self._vocabulary = Vocabulary.empty()
        self._remembered: dict[str, int] = {}
        self._achievement_blocks = list(self._count_blocks(corpus.achievements))
        demand_blocks = list(self._count_blocks(corpus.demands))
        self.achievement_df = self._document_frequencies(self._achievement_blocks)
        self.demand_df = self._document_frequencies(demand_blocks)
        lengths = sum(float(block.data.sum(dtype=np.float64)) for block in demand_blocks)
        self.mean_demand_length = lengths / max(len(corpus.demands), 1)

    @classmethod
    def stored(cls, corpus: Corpus, arrays: Mapping[str, Any], mean_demand_length: float) -> "TermStatistics":
        """Return the statistics that `arrays` hold; those of the blocks are not needed any more."""
        statistics = cls.__new__(cls)
        statistics.corpus, statistics._remembered, statistics._achievement_blocks = corpus, {}, []
        statistics._vocabulary = Vocabulary(arrays["codes"], arrays["columns"])
        statistics.achievement_df, statistics.demand_df = arrays["achievement_df"], arrays["demand_df"]
        statistics.mean_demand_length = mean_demand_length
        return statistics

    @property
    def arrays(self) -> dict[str, Any]:
        values = (self._vocabulary.codes, self._vocabulary.columns, self.achievement_df, self.demand_df)
        return dict(zip(self.ARRAYS, values, strict=True))

    def __len__(self) -> int:
        return len(self._vocabulary)

    @property
    def document_count(self) -> int:
        """Number of achievements and demands."""
        return len(self.corpus.achievements) + len(self.corpus.demands)

    def document_frequency(self, term: str) -> int:
        """Number of achievements and demands that contain the term."""
        frequency = self._remembered.get(term)
        if frequency is None:
            code = code_of(term)
            frequency = 0 if code < 0 else int(self.frequencies(np.array([code], np.uint64))[0])
            if len(self._remembered) > MAX_REMEMBERED:
                self._remembered = {}
            self._remembered[term] = frequency
        return frequency

    def frequencies(self, codes: Integers) -> Floats:
        """Return the number of achievements and demands that contain each term, given by its code."""
        columns = self._vocabulary.columns_of(codes)
        known: Floats = np.zeros(len(codes), np.float64)
        is_known = columns >= 0
        known[is_known] = self.achievement_df[columns[is_known]] + self.demand_df[columns[is_known]]
        return known

    def count(self, texts: Iterable[str]) -> SparseMatrix:
        """Return the counts of other texts (texts × terms). Terms that are not in the corpus are ignored."""
        blocks = [self._block(texts_of_block, add_terms=False) for texts_of_block in blocks_of(texts)]
        return stacked(blocks, len(self))

    def take_achievement_blocks(self) -> Iterator[SparseMatrix]:
        """Yield the counts of the achievements, some rows at a time, once: each block is dropped then."""
        self._achievement_blocks.reverse()
        while self._achievement_blocks:
            block = self._achievement_blocks.pop()
            yield sparse_matrix(block.data, block.indices, block.indptr, len(self))  # later blocks have added terms

    def _count_blocks(self, items: Iterable[Item]) -> Iterator[SparseMatrix]:
        for texts in blocks_of(item.full_text for item in items):
            yield self._block(texts, add_terms=True)

    def _block(self, texts: list[str], *, add_terms: bool) -> SparseMatrix:
        rows, codes, counts = count_terms(texts)
        columns = self._vocabulary.add(codes) if add_terms else self._vocabulary.columns_of(codes)
        if not add_terms:
            is_known = columns >= 0
            rows, columns, counts = rows[is_known], columns[is_known], counts[is_known]
        row_ends = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(texts)))))
        matrix = sparse_matrix(counts.astype(np.float32), columns, row_ends, len(self))
        matrix.sort_indices()
        return matrix

    def _document_frequencies(self, blocks: Iterable[SparseMatrix]) -> Floats:
        frequencies = np.zeros(len(self), np.float64)
        for block in blocks:
            frequencies += np.bincount(block.indices, minlength=len(self))
        return frequencies


def stacked(blocks: list[SparseMatrix], width: int) -> SparseMatrix:
    """Return one matrix of the rows of all blocks."""
    if not blocks:
        return sparse_matrix([], [], [0], width)
    if len(blocks) == 1:
        return sparse_matrix(blocks[0].data, blocks[0].indices, blocks[0].indptr, width)
    ends = np.cumsum([0, *(block.nnz for block in blocks)])
    row_ends = [block.indptr[1:] + end for block, end in zip(blocks, ends[:-1], strict=True)]
    return sparse_matrix(
        np.concatenate([block.data for block in blocks]),
        np.concatenate([block.indices for block in blocks]),
        np.concatenate([[0], *row_ends]),
        width,
    )
