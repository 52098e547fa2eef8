"""Nouns and noun phrases of a text, found with a dictionary of words and their parts of speech (rjieba).

Words of the thesaurus are added to the dictionary, so that 线束端子 is one word. The borders of a word in neither
(钢桩, 镶块) are guessed; a guess that two texts have in common is nearly always a word, so it is kept.
"""

import re
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from matching.engine.thesaurus import default_thesaurus
from matching.engine.tokeniser import HAN, normalise

if TYPE_CHECKING:
    import rjieba

MAX_PHRASE_CHARS = 12
MAX_PHRASE_WORDS = 4

# Parts of speech of the dictionary (ICTCLAS). A phrase ends with a noun or with the name of an action (vn: 焊接).
_NOUN = frozenset(["n", "nz", "nt", "nrt", "vn", "j", "an"])
# What stands before it: also adjectives of kind (b: 永磁), names (nr: often a wrong tag) and letters.
_MODIFIER = _NOUN | {"b", "a", "ad", "vd", "eng", "nr", "ns", "k", "g", "ng", "h"}
_LATIN = re.compile(r"[a-z][a-z0-9]+|[0-9]+[a-z]+[a-z0-9]*")
# The dictionary's words end there, and none of these characters stands in a phrase.
_CLAUSE_END = re.compile(r"[,;:!?()。、\n]")
_HAN_WORD = re.compile(f"[{HAN}]+")
# Words that say nothing alone; many of them do as a part (加工中心, 数据采集卡).
GENERIC_WORDS = set(Path(__file__).with_name("stop_words.txt").read_text(encoding="utf-8").split())
# Words that belong to no phrase: 提高强度, 进口设备, 我们厂.
_OUTSIDE_PHRASES = frozenset(Path(__file__).with_name("phrase_breaks.txt").read_text(encoding="utf-8").split())


class _Role(NamedTuple):
    """A word with its part of speech, and what it can be in a phrase."""

    word: str
    tag: str
    is_latin: bool
    is_part: bool
    """It may stand in a phrase; another word ends the run of words of which phrases are made."""
    is_last: bool
    """It may be the last word of a phrase."""
    is_phrase: bool
    """It is one alone."""
    has_han: bool


@lru_cache(maxsize=2048)  # a demand is compared with many achievements
def noun_phrases(text: str) -> frozenset[str]:
    """Return the normalised nouns, noun phrases of up to MAX_PHRASE_WORDS words, and Latin words of a text."""
    return frozenset(_phrases(normalise(text)))


def common_noun_phrases(text: str, others: Collection[str]) -> set[str]:
    """Return those of `others`, noun phrases of another text, that are noun phrases of this text, too.

    No word and no phrase goes beyond a clause, so only the clauses that have one of them are divided into words.
    """
    plain = normalise(text)
    wanted = {phrase for phrase in others if phrase in plain}
    common: set[str] = set()
    for clause in _CLAUSE_END.split(plain) if wanted else ():
        if any(phrase in clause for phrase in wanted):
            in_clause = wanted & _phrases(clause)
            common |= in_clause
            wanted -= in_clause
    return common


def _phrases(normalised: str) -> set[str]:
    phrases: set[str] = set()
    run: list[_Role] = []
    for word, tag in dictionary_of_words().tag(normalised):
        role = _role(word, tag)
        if role.is_latin:
            phrases.add(word)
        if not role.is_part:
            run = []
            continue
        run = [*run[1 - MAX_PHRASE_WORDS :], role]
        if role.is_last:
            phrases.update(_phrases_ending(run))
    return phrases


@lru_cache(maxsize=65_536)
def _role(word: str, tag: str) -> _Role:
    is_latin = bool(_LATIN.fullmatch(word))
    if is_latin:
        tag = "eng"
    elif tag == "nr" and not dictionary_of_words().has_word(word):
        tag = "n"  # an unknown word is often taken for a person (大樱桃)
    is_term = _is_term(word)
    is_part = (tag in _MODIFIER or is_term) and word not in _OUTSIDE_PHRASES
    return _Role(
        word,
        tag,
        is_latin,
        is_part and (tag == "eng" or bool(_HAN_WORD.fullmatch(word))),
        tag in _NOUN or is_term,
        # 碱性 or 高 alone names nothing, nor does a verb with its object (打磨焊缝), unless the thesaurus knows it.
        tag in {"n", "nz", "vn"} or is_term,
        bool(_HAN_WORD.search(word)),
    )


def is_generic(phrase: str) -> bool:
    """Return whether a phrase names nothing that a reader could look for (设备, 加工质量, 提高效率)."""
    if phrase in GENERIC_WORDS:
        return True
    return len(phrase) == 4 and phrase[:2] in GENERIC_WORDS and phrase[2:] in GENERIC_WORDS and not _is_term(phrase)


def _phrases_ending(run: list[_Role]) -> list[str]:
    """Return the phrases that end with the last word of a run of words."""
    last = run[-1]
    phrases = []
    phrase, has_han = "", False
    for number, first in enumerate(reversed(run)):
        phrase, has_han = first.word + phrase, has_han or first.has_han
        if len(phrase) > MAX_PHRASE_CHARS:
            break
        if len(phrase) < 2 or not has_han:
            continue
        if last.is_phrase if number == 0 else _is_phrase(first, last) or _is_term(phrase):
            phrases.append(phrase)
    return phrases


def _is_phrase(first: _Role, last: _Role) -> bool:
    if len(last.word) == 1 and len(first.word) == 1:
        return False
    return first.tag not in {"v", "vd", "a", "ad", "g", "k", "ng"} and not (len(first.word) == 1 and first.tag == "nr")


def _is_term(word: str) -> bool:
    return word in default_thesaurus()


@cache
def dictionary_of_words() -> "rjieba.Jieba":
    """Return the dictionary; the first call reads it."""
    import rjieba  # 0.2 s, 57 MB; only processes that compare or read texts need it

    dictionary = rjieba.Jieba()
    for term in default_thesaurus().terms:
        if _HAN_WORD.fullmatch(term) and not dictionary.has_word(term):
            dictionary.add_word(term, None, "n")
    return dictionary
