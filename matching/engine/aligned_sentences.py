"""Which sentence of a demand an achievement answers, and with which of its own."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from matching.engine.arrays import Floats, Integers
from matching.engine.corpus import Item
from matching.engine.read_texts import ReadTexts
from matching.engine.sentences import split_sentences
from matching.engine.term_codes import count_terms
from matching.engine.term_statistics import TermStatistics

MIN_SIMILARITY = 0.03
"""Less than this is what any two sentences have in common."""
MAX_SENTENCES = 30
MAX_KEPT = 2000
MAX_LENGTH = 400
"""Characters of a sentence that are read and returned."""


class AlignedSentences(NamedTuple):
    """The two sentences that are most similar, and their cosine."""

    demand: str
    achievement: str
    similarity: float


class _Sentences(NamedTuple):
    """Sentences of a text and the weights of their terms: number of the sentence, code of the term, weight."""

    texts: list[str]
    rows: Integers
    codes: Integers
    weights: Floats


class SentenceAligner:
    """Compares sentences by the cosine of their terms, weighted by rarity in the corpus."""

    def __init__(self, statistics: TermStatistics):
        self._statistics = statistics
        self._sentences: ReadTexts[tuple[str, str], _Sentences] = ReadTexts(self._read_sentences, limit=MAX_KEPT)

    def prepare(self, pairs: Iterable[tuple[Item, Item]]) -> None:
        """Read the sentences of pairs (achievement, demand) that `align` will compare, all at once."""
        self._sentences.prepare(text for pair in pairs for text in _titles_and_texts(*pair))

    def align(self, achievement: Item, demand: Item) -> AlignedSentences | None:
        """Return the most similar pair of a sentence of each side; of equal ones the first.

        The title of a demand is one of its sentences, that of an achievement is not, because it is shown anyway. None
        if the texts have no sentences or hardly anything in common.
        """
        offered, wanted = (self._sentences[text] for text in _titles_and_texts(achievement, demand))
        if not len(wanted.codes) or not len(offered.codes):
            return None
        codes, columns = np.unique(wanted.codes, return_inverse=True)
        demand_vectors = np.zeros((len(wanted.texts), len(codes)))
        demand_vectors[wanted.rows, columns] = wanted.weights
        places = np.minimum(np.searchsorted(codes, offered.codes), len(codes) - 1)
        is_common = codes[places] == offered.codes
        achievement_vectors = np.zeros((len(offered.texts), len(codes)))
        achievement_vectors[offered.rows[is_common], places[is_common]] = offered.weights[is_common]
        # Rounded, so that the order of a sum does not decide between equal pairs.
        similarities = (demand_vectors @ achievement_vectors.T).round(12)
        demand_row, achievement_row = np.unravel_index(similarities.argmax(), similarities.shape)
        similarity = float(similarities[demand_row, achievement_row])
        if similarity < MIN_SIMILARITY:
            return None
        return AlignedSentences(wanted.texts[demand_row], offered.texts[achievement_row], similarity)

    def _read_sentences(self, texts: Sequence[tuple[str, str]]) -> list[_Sentences]:
        sentences_of = [
            [sentence[:MAX_LENGTH] for sentence in (title, *split_sentences(text, MAX_SENTENCES))]
            for title, text in texts
        ]
        sentences = [sentence for of_text in sentences_of for sentence in of_text]
        rows, codes, counts = count_terms(sentences)
        documents = self._statistics.document_count
        rarity = np.log((1 + documents) / (1 + self._statistics.frequencies(codes)))
        weights = (1 + np.log(counts)) * rarity
        lengths = np.sqrt(np.bincount(rows, weights * weights, len(sentences)))
        weights /= np.where(lengths > 0, lengths, 1)[rows]
        starts = np.cumsum([0, *map(len, sentences_of)])
        places = pairwise(np.searchsorted(rows, starts).tolist())
        return [
            _Sentences(of_text, rows[first:end] - start, codes[first:end].copy(), weights[first:end].copy())
            for of_text, start, (first, end) in zip(sentences_of, starts[:-1], places, strict=True)
        ]


def _titles_and_texts(achievement: Item, demand: Item) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("", achievement.text), (demand.title, demand.text)
