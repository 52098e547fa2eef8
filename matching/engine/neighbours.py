"""Which texts of one side are nearly the same: likely doubles, whatever else the engine knows of their subject."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
from scipy import sparse

from matching.engine.corpus import Corpus, Item
from matching.engine.lexicon import Lexicon
from matching.engine.weighting import smooth_idf, tfidf

BLOCK = 64
DOUBLE_TITLE, DOUBLE_WHOLE = 0.62, 0.5
"""From here on two entries may be one: the cosine of their titles, or of their whole texts (docs/matching.md)."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`title` and `whole`: cosines of the titles and of titles with texts, 0–1."""

    id: str | int
    title: float
    whole: float

    @property
    def likeness(self) -> float:
        return round((self.title + self.whole) / 2, 4)

    @property
    def may_be_double(self) -> bool:
        return self.title >= DOUBLE_TITLE or self.whole >= DOUBLE_WHOLE


class Neighbours:
    """All items of one side, ready to be asked. The answer for an item depends on it and on these items alone."""

    def __init__(self, items: Iterable[Item]):
        self.items = Corpus.of(items, ()).achievements
        self._lexicon = Lexicon(Corpus(self.items, ()))
        self._idf = smooth_idf(self._lexicon.offered_in, len(self.items))
        self._titles = tfidf(self._lexicon.count(item.title for item in self.items), self._idf)
        self._whole = tfidf(self._lexicon.offered, self._idf)
        self._titles_by_term, self._whole_by_term = self._titles.T.tocsr(), self._whole.T.tocsr()

    def nearest(self, asked: Sequence[Item], k: int = 5, *, titles_only: bool = False) -> list[list[Neighbour]]:
        """For each of `asked` its `k` likest items, likest first, equal ones by id; itself (by id) never among them.

        Items that share no term are left out. `titles_only` looks for them by their titles, thirty times faster for
        many; the cosines of what is found are those of both in any case.
        """
        found = []
        for block in batched(asked, BLOCK):
            titles = tfidf(self._lexicon.count(item.title for item in block), self._idf)
            whole = tfidf(self._lexicon.count(item.full for item in block), self._idf)
            likeness = (titles @ self._titles_by_term).toarray()
            if not titles_only:
                likeness += (whole @ self._whole_by_term).toarray()
            for place, item in enumerate(block):
                rows = self._best(likeness[place], item, k)
                found.append(self._measured(rows, titles[[place]], whole[[place]]))
        return found

    def doubles(self, asked: Sequence[Item], k: int = 3, *, titles_only: bool = False) -> list[list[Neighbour]]:
        """Of `nearest` those that may be the same thing entered twice."""
        return [
            [one for one in near if one.may_be_double][:k] for near in self.nearest(asked, 20, titles_only=titles_only)
        ]

    def _best(self, likeness: np.ndarray, item: Item, k: int) -> np.ndarray:
        wanted = min(k + 1, len(likeness))
        if not wanted:
            return np.array([], int)
        least = np.partition(likeness, -wanted)[-wanted]
        rows = np.flatnonzero((likeness >= least) & (likeness > 0))
        rows = rows[np.argsort(-likeness[rows], kind="stable")]
        return np.array([row for row in rows if self.items[row].id != item.id][:k], int)

    def _measured(self, rows: np.ndarray, title: sparse.csr_array, whole: sparse.csr_array) -> list[Neighbour]:
        if not len(rows):
            return []
        cosines = ((self._titles[rows] @ title.T).toarray()[:, 0], (self._whole[rows] @ whole.T).toarray()[:, 0])
        near = [
            Neighbour(self.items[row].id, *(round(float(min(side[n], 1.0)), 4) for side in cosines))
            for n, row in enumerate(rows)
        ]
        return sorted(near, key=lambda one: -one.likeness)
