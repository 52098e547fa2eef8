"""Explanation of a pair: nouns and noun phrases that occur in both texts."""

import math
import re
import unicodedata
from functools import lru_cache

from matching.engine.corpus import Item
from matching.engine.noun_phrases import GENERIC_WORDS, common_noun_phrases, is_generic, noun_phrases
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import default_thesaurus

LIMIT = 8
READ_CHARS = 4000
"""Only this many characters of each text are compared, which bounds the time."""
COMMON_FROM = 0.04
"""A word that is not in the thesaurus and occurs in at least this share of a registry names no subject."""
MIN_REGISTRY = 200
"""In a smaller registry each subject occurs in a large share of the texts."""

# A word whose weight is less than this share of the greatest weight is not shown.
_MIN_RELATIVE_WEIGHT = 0.25


def shared_terms(achievement: Item, demand: Item, statistics: TermStatistics, limit: int = LIMIT) -> list[str]:
    """Return at most `limit` nouns or noun phrases of both texts, by descending weight, none a part of another.

    The weight of a word is the sum of ln(N / df) over its bigrams. Latin words keep the demand's spelling. Words that
    name no subject (`is_generic`, or common in the registry) are left out, so the list may be empty.
    """
    demand_text = demand.full_text[:READ_CHARS]
    both = common_noun_phrases(achievement.full_text[:READ_CHARS], _subjects(demand_text))
    weights = {word: _weight(word, statistics) for word in both}
    minimum = _MIN_RELATIVE_WEIGHT * max(weights.values(), default=0)
    chosen: list[str] = []
    for word in sorted(weights, key=lambda word: (-weights[word], word)):
        is_part = any(word in other or other in word or set(word) == set(other) for other in chosen)
        is_weighty = weights[word] > 0 and weights[word] >= minimum
        if len(chosen) < limit and is_weighty and not is_part and not _is_common(word, statistics):
            chosen.append(word)
    spelling = unicodedata.normalize("NFKC", demand_text)
    return [_original_spelling(word, spelling) if word.isascii() else word for word in chosen]


@lru_cache(maxsize=256)
def _subjects(text: str) -> frozenset[str]:
    """Return the nouns and noun phrases of a text that can name a subject."""
    return frozenset(word for word in noun_phrases(text) if not is_generic(word) and not _is_short_code(word))


def _is_short_code(word: str) -> bool:
    """Two letters (PC, Cl) mean too many things."""
    return word.isascii() and len(word) < 3 and word not in default_thesaurus()


def _is_common(word: str, statistics: TermStatistics) -> bool:
    if len(word) != 2 or statistics.document_count < MIN_REGISTRY or word in default_thesaurus():
        return False
    return statistics.document_frequency(word) >= COMMON_FROM * statistics.document_count


def _weight(word: str, statistics: TermStatistics) -> float:
    return 2 * _inverse_frequency(word, statistics) if word.isascii() else word_weight(word, statistics)


def word_weight(word: str, statistics: TermStatistics) -> float:
    """Sum of ln(N / df) over the bigrams of a word, without generic words."""
    bigrams = {word[start : start + 2] for start in range(len(word) - 1)} - GENERIC_WORDS
    return sum(_inverse_frequency(bigram, statistics) for bigram in bigrams)


def _inverse_frequency(term: str, statistics: TermStatistics) -> float:
    return math.log((1 + statistics.document_count) / (1 + statistics.document_frequency(term)))


def _original_spelling(word: str, text: str) -> str:
    match = re.search(re.escape(word), text, re.IGNORECASE)
    return match.group() if match else word
