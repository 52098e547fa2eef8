"""Which sentence of a demand an achievement answers, and with which of its own."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from matching.engine.corpus import Item
from matching.engine.sentences import split_sentences
from matching.engine.term_statistics import TermStatistics
from matching.engine.tokeniser import tokenise

MIN_SIMILARITY = 0.03
"""Less than this is what any two sentences have in common."""
MAX_SENTENCES = 30
MAX_LENGTH = 400
"""Characters of a sentence that are read and returned."""

type SentenceVector = Mapping[str, float]


class AlignedSentences(NamedTuple):
    """The two sentences that are most similar, and their cosine."""

    demand: str
    achievement: str
    similarity: float


class SentenceAligner:
    """Compares sentences by the cosine of their terms, weighted by rarity in the corpus."""

    def __init__(self, statistics: TermStatistics):
        self._statistics = statistics
        self._vectors: Callable[[str, str], list[tuple[str, SentenceVector]]]
        self._vectors = lru_cache(maxsize=2000)(self._compute_vectors)  # a text is compared with several others

    def align(self, achievement: Item, demand: Item) -> AlignedSentences | None:
        """Return the most similar pair of a sentence of each side; of equal ones the first.

        The title of a demand is one of its sentences, that of an achievement is not, because it is shown anyway. None
        if the texts have no sentences or hardly anything in common.
        """
        best = AlignedSentences("", "", 0.0)
        for wanted, wanted_vector in self._vectors(demand.title, demand.text):
            for offered, offered_vector in self._vectors("", achievement.text):
                similarity = _dot(wanted_vector, offered_vector)
                if similarity > best.similarity:
                    best = AlignedSentences(wanted, offered, similarity)
        return best if best.similarity >= MIN_SIMILARITY else None

    def _compute_vectors(self, title: str, text: str) -> list[tuple[str, SentenceVector]]:
        sentences = [title, *split_sentences(text, MAX_SENTENCES)]
        return [(sentence[:MAX_LENGTH], self._vector(tokenise(sentence[:MAX_LENGTH]))) for sentence in sentences]

    def _vector(self, terms: Iterable[str]) -> SentenceVector:
        documents = self._statistics.document_count
        weights = {
            term: (1 + math.log(count)) * math.log((1 + documents) / (1 + self._statistics.document_frequency(term)))
            for term, count in Counter(terms).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {term: weight / length for term, weight in weights.items()} if length else {}


def _dot(first: SentenceVector, second: SentenceVector) -> float:
    if len(second) < len(first):
        first, second = second, first
    return sum(weight * second[term] for term, weight in first.items() if term in second)
