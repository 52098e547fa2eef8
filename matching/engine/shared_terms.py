"""Explanation of a pair: readable words that occur in both texts."""

import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from matching.engine.corpus import Item
from matching.engine.term_statistics import TermStatistics
from matching.engine.thesaurus import default_thesaurus
from matching.engine.tokeniser import HAN, normalise

LIMIT = 8
READ_CHARS = 4000
"""Only this many characters of each text are compared, which bounds the time."""
MAX_WORD_LENGTH = 12

_HAN_RUN = re.compile(f"[{HAN}]+")
_LATIN_WORD = re.compile(r"[a-z][a-z0-9]+|[0-9]+[a-z]+[a-z0-9]*")
# Function words that do not occur inside technical words. A Han run is split at them.
_FUNCTION_WORDS = re.compile("[的了与及是其被或该此们也都]|以及|一种|基于|通过|进行|采用|具有|根据|利用|针对|如何|目前")
# Words that are not shown alone.
_STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text(encoding="utf-8").split())
# Stop words that are also removed from both ends of a longer piece.
_REMOVED_AT_ENDS = re.compile(
    "技术|研究|方法|应用|开发|设计|分析|问题|需求|项目|研发|进展|现状|新型|实现|提高|主要|我国|目前"
)
# Characters that seldom begin or end a word (exceptions: 集中, 温和). At the edge of a shared piece they usually belong
# to no word.
_SELDOM_AT_EDGES = frozenset("中在和对为将于上下有可不以由从来后前时大小多个")
# A bigram whose association df(ab) / sqrt(df(a) df(b)) is below this value is taken for the boundary of two words. The
# first value was chosen on the bigrams of a registry of 500: 金材 .02, 力系 .02, 导体 .03, 合金 .05, 回收 .28. The
# second applies to bigrams with a character of _SELDOM_AT_EDGES.
_BOUNDARY_ASSOCIATION, _BOUNDARY_ASSOCIATION_AT_EDGES = 0.025, 0.1
# A word whose weight is less than this share of the greatest weight is not shown.
_MIN_RELATIVE_WEIGHT = 0.25


def shared_terms(achievement: Item, demand: Item, statistics: TermStatistics, limit: int = LIMIT) -> list[str]:
    """Return at most `limit` words that occur in both texts, by descending weight, none a part of another.

    Han words are the longest common substrings of at least two characters, split at function words and at word
    boundaries. The weight of a word is the sum of ln(N / df) over its bigrams. Latin words keep the demand's spelling.
    """
    achievement_text = normalise(achievement.full_text[:READ_CHARS])
    demand_spelling = unicodedata.normalize("NFKC", demand.full_text[:READ_CHARS])
    demand_text = demand_spelling.lower()
    weights = {
        word: word_weight(word, statistics) for word in _common_han_words(achievement_text, demand_text, statistics)
    }
    latin_words = set(_LATIN_WORD.findall(achievement_text)) & set(_LATIN_WORD.findall(demand_text))
    weights |= {word: 2 * _inverse_frequency(word, statistics) for word in latin_words}
    minimum = _MIN_RELATIVE_WEIGHT * max(weights.values(), default=0)
    candidates = (word for word, weight in weights.items() if weight > 0 and weight >= minimum)
    chosen: list[str] = []
    for word in sorted(candidates, key=lambda word: (-weights[word], word)):
        if len(chosen) < limit and not any(word in other or other in word for other in chosen):
            chosen.append(word)
    return [_original_spelling(word, demand_spelling) if word in latin_words else word for word in chosen]


def _common_han_words(achievement_text: str, demand_text: str, statistics: TermStatistics) -> Iterator[str]:
    for run in _HAN_RUN.findall(_FUNCTION_WORDS.sub(" ", achievement_text)):
        for piece in _common_substrings(run, demand_text):
            word = _trim(piece, statistics)
            if word not in _STOP_WORDS and not (len(word) == 2 and _is_word_boundary(word, statistics)):
                yield word


def _common_substrings(run: str, other: str) -> Iterator[str]:
    """Yield the substrings of `run` that occur in `other` and cannot be extended (up to MAX_WORD_LENGTH)."""
    end = 0
    for start in range(len(run) - 1):
        reached = max(end, start + 1)
        while reached < len(run) and reached - start < MAX_WORD_LENGTH and run[start : reached + 1] in other:
            reached += 1
        if reached > end and reached - start >= 2:
            yield run[start:reached]
        end = max(end, reached)


def _trim(piece: str, statistics: TermStatistics) -> str:
    """Remove stop words and parts of words from both ends: 铝合金材 → 铝合金, 检测方法 → 检测."""
    while len(piece) > 2:
        if _REMOVED_AT_ENDS.fullmatch(piece[-2:]):
            piece = piece[:-2]
        elif _REMOVED_AT_ENDS.fullmatch(piece[:2]):
            piece = piece[2:]
        elif _is_word_boundary(piece[-2:], statistics):
            piece = piece[:-1]
        elif _is_word_boundary(piece[:2], statistics):
            piece = piece[1:]
        else:
            break
    return piece


def _is_word_boundary(bigram: str, statistics: TermStatistics) -> bool:
    if bigram in default_thesaurus():
        return False
    first, second, both = (statistics.document_frequency(term) for term in (*bigram, bigram))
    association = both / math.sqrt(max(first * second, 1))
    return association < (_BOUNDARY_ASSOCIATION_AT_EDGES if _SELDOM_AT_EDGES & set(bigram) else _BOUNDARY_ASSOCIATION)


def word_weight(word: str, statistics: TermStatistics) -> float:
    """Sum of ln(N / df) over the bigrams of a word, without stop words."""
    bigrams = {word[start : start + 2] for start in range(len(word) - 1)} - _STOP_WORDS
    return sum(_inverse_frequency(bigram, statistics) for bigram in bigrams)


def _inverse_frequency(term: str, statistics: TermStatistics) -> float:
    return math.log((1 + statistics.document_count) / (1 + statistics.document_frequency(term)))


def _original_spelling(word: str, text: str) -> str:
    match = re.search(re.escape(word), text, re.IGNORECASE)
    return match.group() if match else word
