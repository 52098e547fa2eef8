"""Nearest neighbours among the items of one side, used to warn of likely duplicates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np

from matching.engine.arrays import Floats, Integers, SparseMatrix
from matching.engine.corpus import Corpus, Item
from matching.engine.term_statistics import TermStatistics, stacked
from matching.engine.weighting import smooth_idf, tfidf

BLOCK = 64
DUPLICATE_TITLE_COSINE, DUPLICATE_TEXT_COSINE = 0.62, 0.5
"""Two items are likely duplicates if the cosine of the titles or of the full texts reaches these values
(docs/matching.md)."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar item: TF-IDF cosines of the titles and of the full texts, 0–1."""

    id: str | int
    title_cosine: float
    text_cosine: float

    @property
    def similarity(self) -> float:
        """Mean of both cosines."""
        return round((self.title_cosine + self.text_cosine) / 2, 4)

    @property
    def is_likely_duplicate(self) -> bool:
        return self.title_cosine >= DUPLICATE_TITLE_COSINE or self.text_cosine >= DUPLICATE_TEXT_COSINE


class NearestNeighbours:
    """Index over the items of one side. A result depends only on the queried item and on the items of the index."""

    def __init__(self, items: Iterable[Item]):
        """Index the items. Raises DuplicateId."""
        self.items = Corpus.of(items, ()).achievements
        self._statistics = TermStatistics(Corpus(self.items, ()))
        self._idf = smooth_idf(self._statistics.achievement_df, len(self.items))
        self._titles = tfidf(self._statistics.count(item.title for item in self.items), self._idf)
        self._texts = tfidf(stacked(list(self._statistics.take_achievement_blocks()), len(self._statistics)), self._idf)
        self._titles_by_term, self._texts_by_term = self._titles.T.tocsr(), self._texts.T.tocsr()

    def nearest(self, queries: Sequence[Item], k: int = 5, *, titles_only: bool = False) -> list[list[Neighbour]]:
        """Return the `k` most similar items for each query, by descending similarity, ties by id.

        An item with the id of the query and items without a common term are left out. `titles_only` selects the items
        by their titles, which is thirty times faster for many queries; both cosines are returned in either case.
        """
        neighbours = []
        for block in batched(queries, BLOCK):
            titles = tfidf(self._statistics.count(item.title for item in block), self._idf)
            texts = tfidf(self._statistics.count(item.full_text for item in block), self._idf)
            similarities: Floats = (titles @ self._titles_by_term).toarray()
            if not titles_only:
                similarities += (texts @ self._texts_by_term).toarray()
            for number, query in enumerate(block):
                rows = self._most_similar(similarities[number], query, k)
                neighbours.append(self._with_cosines(rows, titles[[number]], texts[[number]]))
        return neighbours

    def likely_duplicates(
        self, queries: Sequence[Item], k: int = 3, *, titles_only: bool = False
    ) -> list[list[Neighbour]]:
        """Return those of the 20 nearest items that are likely duplicates, at most `k` for each query."""
        return [
            [neighbour for neighbour in neighbours if neighbour.is_likely_duplicate][:k]
            for neighbours in self.nearest(queries, 20, titles_only=titles_only)
        ]

    def _most_similar(self, similarities: Floats, query: Item, k: int) -> Integers:
        wanted = min(k + 1, len(similarities))  # one more, because the query itself may be in the index
        if not wanted:
            return np.array([], np.intp)
        least = np.partition(similarities, -wanted)[-wanted]
        rows = np.flatnonzero((similarities >= least) & (similarities > 0))
        rows = rows[np.argsort(-similarities[rows], kind="stable")]
        return np.array([row for row in rows.tolist() if self.items[row].id != query.id][:k], np.intp)

    def _with_cosines(self, rows: Integers, title: SparseMatrix, text: SparseMatrix) -> list[Neighbour]:
        if not len(rows):
            return []
        title_cosines = (self._titles[rows] @ title.T).toarray()[:, 0]
        text_cosines = (self._texts[rows] @ text.T).toarray()[:, 0]
        neighbours = [
            Neighbour(self.items[row].id, _rounded_cosine(title_cosine), _rounded_cosine(text_cosine))
            for row, title_cosine, text_cosine in zip(rows, title_cosines, text_cosines, strict=True)
        ]
        return sorted(neighbours, key=lambda neighbour: -neighbour.similarity)


def _rounded_cosine(value: float) -> float:
    """Round to four places; float32 products of unit vectors may exceed 1."""
    return round(float(min(value, 1.0)), 4)
