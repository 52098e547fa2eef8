"""The terms of a snapshot: which there are, how often and in how many texts they stand."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy import sparse

from matching.engine.corpus import Corpus
from matching.engine.text import tokens


class Lexicon:
    """Counts of one corpus, made once and shared by whatever weighs terms.

    `offered` (achievements × terms) and `needed` (needs × terms) are counts over title and text; `offered_in` and
    `needed_in` (terms,) say in how many of them each term stands.
    """

    def __init__(self, corpus: Corpus):
        self.corpus = corpus
        self._columns: dict[str, int] = {}
        self.offered = self._count((item.full for item in corpus.achievements), learn=True)
        self.needed = self._count((item.full for item in corpus.demands), learn=True)
        self.offered.resize((len(corpus.achievements), len(self)))
        self.offered_in, self.needed_in = (
            np.bincount(side.indices, minlength=len(self)).astype(np.float64) for side in (self.offered, self.needed)
        )

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def documents(self) -> int:
        return len(self.corpus.achievements) + len(self.corpus.demands)

    def standing_in(self, term: str) -> int:
        """In how many texts of both sides the term stands."""
        column = self._columns.get(term)
        return 0 if column is None else int(self.offered_in[column] + self.needed_in[column])

    def count(self, texts: Iterable[str]) -> sparse.csr_array:
        """Counts of other texts, (texts × terms), float32. Terms the snapshot does not have are left out."""
        return self._count(texts, learn=False)

    def _count(self, texts: Iterable[str], *, learn: bool) -> sparse.csr_array:
        columns, data, indices, ends = self._columns, [], [], [0]
        for text in texts:
            for term, times in Counter(tokens(text)).items():
                column = columns.setdefault(term, len(columns)) if learn else columns.get(term)
                if column is not None:
                    indices.append(column)
                    data.append(times)
            ends.append(len(indices))
        counts = sparse.csr_array(
            (np.array(data, np.float32), np.array(indices, np.int32), np.array(ends, np.int32)),
            shape=(len(ends) - 1, len(columns)),
        )
        counts.sort_indices()
        return counts
