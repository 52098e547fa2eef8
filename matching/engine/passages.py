"""The sentences of a text that matter to a reader: those with most of the given terms, and where the terms stand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matching.engine.sentences import split_sentences

MAX_READ = 20_000
"""Characters of a text that are read: the time is bounded, whatever the text."""
MAX_LENGTH = 140
"""A longer sentence is cut to this length around its terms."""
MAX_TERMS = 40
_LEAD = 20
"""Characters that stay before the first term of a sentence that is cut."""
_RELATION = re.compile(r"[≈～（）]|的(?:一种|组成|工艺|用途|指标)(?=）)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a text. `spans`: (start, end) of the terms in `text`, in order, not overlapping.

    `is_cut`: whether something before or after `text` was left out of the sentence.
    """

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    is_cut: tuple[bool, bool] = (False, False)

    @property
    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Yield the text in pieces, each with whether it is a term. They are plain text: a template escapes them."""
        at = 0
        for start, end in self.spans:
            if start > at:
                yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        if at < len(self.text):
            yield self.text[at:], False


def choose_passages(text: str, terms: Iterable[str], *, most: int = 2) -> list[Passage]:
    """Return at most `most` sentences that hold the most weight of the terms, in the order of the text.

    A term weighs its length, and counts once: a second sentence is chosen for the terms that the first does not have.
    Case is ignored. Without a term in the text the result is empty. Only the first MAX_READ characters are read.
    """
    pattern = _pattern(terms)
    if pattern is None:
        return []
    sentences = []
    for place, sentence in enumerate(split_sentences(text[:MAX_READ], limit=MAX_READ)):
        spans = [match.span() for match in pattern.finditer(sentence)]
        if spans:
            sentences.append((place, sentence, spans, {sentence[start:end].lower() for start, end in spans}))
    chosen: list[tuple[int, str, list[tuple[int, int]]]] = []
    known: set[str] = set()
    while sentences and len(chosen) < most:
        best = max(sentences, key=lambda row: (sum(len(term) for term in row[3] - known), -row[0]))
        if not best[3] - known:
            break
        chosen.append(best[:3])
        known |= best[3]
        sentences.remove(best)
    return [_passage(sentence, spans) for _place, sentence, spans in sorted(chosen)]


def marked_passage(sentence: str, terms: Iterable[str]) -> Passage:
    """Return a sentence with the terms marked that it holds."""
    pattern = _pattern(terms)
    return _passage(sentence, [match.span() for match in pattern.finditer(sentence)] if pattern else [])


def first_passages(text: str, *, most: int = 2) -> list[Passage]:
    """Return the first sentences of a text, without marks."""
    return [_passage(sentence, []) for sentence in split_sentences(text[:MAX_READ], limit=most)[:most]]


def terms_of_relations(related_terms: Iterable[str]) -> list[str]:
    """Return the terms of both sides of relations such as 耐蚀≈防腐, 预冷～冷库 and 隔膜（锂离子电池的组成）."""
    pieces = (piece.strip() for relation in related_terms for piece in _RELATION.split(relation))
    return list(dict.fromkeys(piece for piece in pieces if piece))


def _pattern(terms: Iterable[str]) -> re.Pattern[str] | None:
    """Match any of the terms, the longest first. Terms of one character say too little."""
    usable = sorted({term.strip() for term in terms if len(term.strip()) > 1}, key=lambda term: (-len(term), term))
    if not usable:
        return None
    return re.compile("|".join(map(re.escape, usable[:MAX_TERMS])), re.IGNORECASE)


def _passage(sentence: str, spans: list[tuple[int, int]]) -> Passage:
    """The sentence, cut to MAX_LENGTH around its first terms if it is longer."""
    first, last = 0, len(sentence)
    if last > MAX_LENGTH:
        if spans and spans[0][0] > MAX_LENGTH - 3 * _LEAD:
            first = spans[0][0] - _LEAD
        last = min(last, first + MAX_LENGTH)
    inside = tuple((start - first, min(end, last) - first) for start, end in spans if first <= start < last)
    return Passage(sentence[first:last], inside, (first > 0, last < len(sentence)))
