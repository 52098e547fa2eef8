"""Why a pair was proposed: the words that stand in both texts, cut so that a person can read them."""

import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from matching.engine.corpus import Item
from matching.engine.lexicon import Lexicon
from matching.engine.text import HAN, normalise
from matching.engine.thesaurus import standard

LIMIT = 8
# Reasons are looked for in what a person would read; more would only cost time.
READ_CHARS = 4000
LONGEST = 12

_HAN_RUN = re.compile(f"[{HAN}]+")
_LATIN = re.compile(r"[a-z][a-z0-9]+|[0-9]+[a-z]+[a-z0-9]*")
# Particles that never stand inside a technical word.
_PARTICLES = re.compile("[的了与及是其被或该此们也都]|以及|一种|基于|通过|进行|采用|具有|根据|利用|针对|如何|目前")
# Words that say nothing alone.
_EMPTY = frozenset(Path(__file__).with_name("empty_words.txt").read_text(encoding="utf-8").split())
# Of these, the ones cut off at the ends of a longer piece.
_CUT = re.compile("技术|研究|方法|应用|开发|设计|分析|问题|需求|项目|研发|进展|现状|新型|实现|提高|主要|我国|目前")
# Characters that begin or end a word now and then (集中, 温和) but at the edge of a shared piece are mostly strays.
_STRAY = frozenset("中在和对为将于上下有可不以由从来后前时大小多个")
# How often two characters stand together, against how often each stands: below this they are two words' edges.
# The lower figure was read off the pairs of a registry of 500: 金材 .02, 力系 .02, but 导体 .03, 合金 .05, 回收 .28.
_SEAM, _STRAY_SEAM = 0.025, 0.1
# A word that says less than this share of what the first one says is not worth reading.
_WORTH = 0.25


def shared_terms(achievement: Item, demand: Item, lexicon: Lexicon, limit: int = LIMIT) -> list[str]:
    """Words in both texts, weightiest first, none inside another, at most `limit`.

    Han words are the longest common pieces of at least two characters, cut at particles and at seams between words; a
    word's weight is the sum of ln(N / df) over its pairs of characters. Latin words keep the need's spelling.
    """
    ours = normalise(achievement.full[:READ_CHARS])
    spelled = unicodedata.normalize("NFKC", demand.full[:READ_CHARS])
    theirs = spelled.lower()
    weights = {word: word_weight(word, lexicon) for word in _common_han(ours, theirs, lexicon)}
    latin = set(_LATIN.findall(ours)) & set(_LATIN.findall(theirs))
    weights |= {word: 2 * _rarity(word, lexicon) for word in latin}
    least = _WORTH * max(weights.values(), default=0)
    worthy = (word for word, weight in weights.items() if weight > 0 and weight >= least)
    chosen: list[str] = []
    for word in sorted(worthy, key=lambda word: (-weights[word], word)):
        if len(chosen) < limit and not any(word in longer or longer in word for longer in chosen):
            chosen.append(word)
    return [_as_spelled(word, spelled) if word in latin else word for word in chosen]


def _common_han(ours: str, theirs: str, lexicon: Lexicon) -> Iterator[str]:
    for run in _HAN_RUN.findall(_PARTICLES.sub(" ", ours)):
        for piece in _common_pieces(run, theirs):
            word = _trimmed(piece, lexicon)
            if word not in _EMPTY and not (len(word) == 2 and _is_seam(word, lexicon)):
                yield word


def _common_pieces(run: str, other: str) -> Iterator[str]:
    """All pieces of `run` that stand in `other` and cannot be made longer (up to LONGEST)."""
    end = 0
    for start in range(len(run) - 1):
        reached = max(end, start + 1)
        while reached < len(run) and reached - start < LONGEST and run[start : reached + 1] in other:
            reached += 1
        if reached > end and reached - start >= 2:
            yield run[start:reached]
        end = max(end, reached)


def _trimmed(piece: str, lexicon: Lexicon) -> str:
    """Without empty words and half words at both ends: 铝合金材 → 铝合金, 检测方法 → 检测."""
    while len(piece) > 2:
        if _CUT.fullmatch(piece[-2:]):
            piece = piece[:-2]
        elif _CUT.fullmatch(piece[:2]):
            piece = piece[2:]
        elif _is_seam(piece[-2:], lexicon):
            piece = piece[:-1]
        elif _is_seam(piece[:2], lexicon):
            piece = piece[1:]
        else:
            break
    return piece


def _is_seam(pair: str, lexicon: Lexicon) -> bool:
    if pair in standard():
        return False
    first, second, both = (lexicon.standing_in(term) for term in (*pair, pair))
    bond = both / math.sqrt(max(first * second, 1))
    return bond < (_STRAY_SEAM if _STRAY & set(pair) else _SEAM)


def word_weight(word: str, lexicon: Lexicon) -> float:
    """How much a word says: the sum of ln(N / df) over its pairs of characters."""
    pairs = {word[n : n + 2] for n in range(len(word) - 1)} - _EMPTY
    return sum(_rarity(pair, lexicon) for pair in pairs)


def _rarity(term: str, lexicon: Lexicon) -> float:
    return math.log((1 + lexicon.documents) / (1 + lexicon.standing_in(term)))


def _as_spelled(word: str, text: str) -> str:
    found = re.search(re.escape(word), text, re.IGNORECASE)
    return found.group() if found else word
