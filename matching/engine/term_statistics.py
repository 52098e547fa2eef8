"""Term counts and document frequencies of a corpus."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from matching.engine.arrays import Floats, Integers, SparseMatrix, sparse_matrix
from matching.engine.corpus import Corpus, Item
from matching.engine.counted_blocks import BlocksInMemory, CountedBlocks
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

    def add(self, distinct: Integers) -> Integers:
        """Give those of some sorted codes that are unknown the next columns; return the column of each."""
        columns = self.columns_of(distinct)
        is_new = columns < 0
        new = distinct[is_new]
        if len(new):
            columns[is_new] = new_columns = np.arange(len(self), len(self) + len(new), dtype=np.int32)
            places = np.searchsorted(self.codes, new)
            self.codes = np.insert(self.codes, places, new)
            self.columns = np.insert(self.columns, places, new_columns)
        return columns


class TermStatistics:
    """Document frequencies of title and text of each item, computed once per corpus.

    `achievement_df` and `demand_df` (terms,) are the document frequencies of each side; `mean_demand_length` is the
    mean number of terms of a demand with repetitions.
    """

    ARRAYS = ("codes", "columns", "achievement_df", "demand_df")

    def __init__(self, corpus: Corpus, counted: CountedBlocks | None = None):
        """Count all texts. `counted` keeps the counts of the achievements, by default in memory."""
        self.corpus = corpus
        self._vocabulary = Vocabulary.empty()
        self._remembered: dict[str, int] = {}
        self._counted: CountedBlocks = BlocksInMemory() if counted is None else counted
        achievements, demands, length = _Frequencies(), _Frequencies(), 0.0
        for block in self._count_blocks(corpus.achievements, achievements):
            self._counted.add(block)
        for block in self._count_blocks(corpus.demands, demands):
            length += float(block.data.sum(dtype=np.float64))
        self.achievement_df: Integers = achievements.of_terms(len(self))
        self.demand_df: Integers = demands.of_terms(len(self))
        self.mean_demand_length = length / max(len(corpus.demands), 1)

    @classmethod
    def stored(cls, corpus: Corpus, arrays: Mapping[str, Any], mean_demand_length: float) -> "TermStatistics":
        """Return the statistics that `arrays` hold; those of the blocks are not needed any more."""
        statistics = cls.__new__(cls)
        statistics.corpus, statistics._remembered, statistics._counted = corpus, {}, BlocksInMemory()
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
        blocks = [self._block(texts_of_block) for texts_of_block in blocks_of(texts)]
        return stacked(blocks, len(self))

    def take_achievement_blocks(self) -> Iterator[SparseMatrix]:
        """Yield the counts of the achievements, some rows at a time, once: each block is dropped then."""
        return self._counted.take(len(self))

    def _count_blocks(self, items: Iterable[Item], frequencies: "_Frequencies") -> Iterator[SparseMatrix]:
        """Yield the counts of some texts at a time, and add them to the document frequencies."""
        for texts in blocks_of(item.full_text for item in items):
            rows, codes, counts = count_terms(texts)
            distinct, documents = np.unique(codes, return_counts=True)
            columns = self._vocabulary.add(distinct)
            frequencies.of_terms(len(self))[columns] += documents
            yield self._matrix(len(texts), rows, columns[np.searchsorted(distinct, codes)], counts)

    def _block(self, texts: list[str]) -> SparseMatrix:
        """Return the counts of texts, without terms that are not in the corpus."""
        rows, codes, counts = count_terms(texts)
        columns = self._vocabulary.columns_of(codes)
        is_known = columns >= 0
        return self._matrix(len(texts), rows[is_known], columns[is_known], counts[is_known])

    def _matrix(self, texts: int, rows: Integers, columns: Integers, counts: Integers) -> SparseMatrix:
        row_ends = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=texts))))
        matrix = sparse_matrix(counts.astype(np.float32), columns, row_ends, len(self))
        matrix.sort_indices()
        return matrix


class _Frequencies:
    """The number of texts with each term of a vocabulary that grows."""

    def __init__(self) -> None:
        self._values: Integers = np.zeros(0, np.int32)

    def of_terms(self, terms: int) -> Integers:
        """Return them for so many terms, 0 for those that are new."""
        if len(self._values) < terms:
            self._values = np.concatenate([self._values, np.zeros(terms - len(self._values), np.int32)])
        return self._values


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
