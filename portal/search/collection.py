"""The documents of one kind with the tables that find them: words, numbers, people, and the matching engine."""

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

from matching.engine import Item
from portal.search.documents import Document
from portal.search.folding import contains_word, fold, is_han, pieces

if TYPE_CHECKING:
    from matching.engine.ranking import Index

type Rows = set[int]

TITLE, KEYWORDS, TEXT = "title", "keywords", "text"


class Collection:
    """Documents by row (0 …). `titles`, `keywords` and `texts` are folded; `engine`: ranks by meaning, or None."""

    def __init__(self, documents: Iterable[Document], engine: "Index | None" = None):
        self.documents = list(documents)
        self.engine = engine
        # The engine sorts its items by id.
        self._engine_rows = sorted(range(len(self.documents)), key=lambda row: self.documents[row].pk)
        self.row_of = {document.pk: row for row, document in enumerate(self.documents)}
        self.titles = [fold(document.title) for document in self.documents]
        self.keywords = [tuple(map(fold, document.keywords)) for document in self.documents]
        self.texts = [fold(document.text) for document in self.documents]
        self.numbers: dict[str, list[tuple[int, str]]] = {}
        self.people: dict[str, list[tuple[int, str]]] = {}
        self.owned: dict[int, Rows] = {}
        self._postings: dict[str, array] = {}
        for row, document in enumerate(self.documents):
            self._add(row, document)

    def __len__(self) -> int:
        return len(self.documents)

    def rows_with(self, word: str) -> Rows:
        """The rows whose title, keywords or text contain a folded word; whole words if it is Latin."""
        candidates = self._candidates(word)
        if self._is_a_piece(word):
            return candidates
        return {row for row in candidates if self.place_of(row, word)}

    def has_row_with(self, word: str) -> bool:
        """Whether `rows_with` returns any, without reading the texts of all."""
        candidates = self._candidates(word)
        return bool(candidates) and (self._is_a_piece(word) or any(self.place_of(row, word) for row in candidates))

    def _candidates(self, word: str) -> Rows:
        """The rows with all pieces of a word."""
        postings: list[array] = sorted((self._postings.get(piece, array("i")) for piece in pieces(word)), key=len)
        if not postings or not postings[0]:
            return set()
        return set(postings[0]).intersection(*postings[1:])

    def _is_a_piece(self, word: str) -> bool:
        """Whether a word is a pair of Han characters: what has it as a piece contains it."""
        return len(word) == 2 and pieces(word) == {word} and is_han(word)

    def place_of(self, row: int, word: str) -> str:
        """TITLE, KEYWORDS or TEXT: the first of them that contains a folded word, or ""."""
        if contains_word(self.titles[row], word):
            return TITLE
        if any(contains_word(keyword, word) for keyword in self.keywords[row]):
            return KEYWORDS
        return TEXT if contains_word(self.texts[row], word) else ""

    @property
    def stored_pieces(self) -> set[str]:
        """All pairs of Han characters and Latin words of the documents."""
        return set(self._postings)

    def has_piece(self, piece: str) -> bool:
        """Whether some document contains a pair of Han characters or a Latin word."""
        return piece in self._postings

    def count(self, piece: str) -> int:
        return len(self._postings.get(piece, ()))

    def meaning_scores(self, texts: list[str], limit: int) -> list[dict[int, float]]:
        """For each text the `limit` best rows by meaning with their scores 0–100."""
        if self.engine is None or not texts:
            return [{} for _text in texts]
        import numpy as np  # the engine has imported it

        items = [Item(number, text) for number, text in enumerate(texts)]
        best = []
        for scores in self.engine.all_scores(items):
            columns = np.flatnonzero(scores > 0)
            if len(columns) > limit:
                columns = columns[np.argpartition(scores[columns], -limit)[-limit:]]
            best.append({self._engine_rows[column]: float(scores[column]) for column in columns})
        return best

    def _add(self, row: int, document: Document) -> None:
        for number, name in document.numbers:
            self.numbers.setdefault(number, []).append((row, name))
        for person, role in document.people:
            self.people.setdefault(fold(person), []).append((row, role))
        if document.owner is not None:
            self.owned.setdefault(document.owner, set()).add(row)
        stored = pieces(self.titles[row]) | pieces(self.texts[row])
        for keyword in self.keywords[row]:
            stored |= pieces(keyword)
        for piece in stored:
            self._postings.setdefault(piece, array("i")).append(row)
