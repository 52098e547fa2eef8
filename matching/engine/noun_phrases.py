"""Nouns and noun phrases of a text, found with a dictionary of words and their parts of speech (rjieba).

Words of the thesaurus are added to the dictionary, so that 线束端子 is one word. The borders of a word in neither
(钢桩, 镶块) are guessed; a guess that two texts have in common is nearly always a word, so it is kept.
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

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
_HAN_WORD = re.compile(f"[{HAN}]+")
# Words that say nothing alone; many of them do as a part (加工中心, 数据采集卡).
GENERIC_WORDS = set(Path(__file__).with_name("stop_words.txt").read_text(encoding="utf-8").split())
# Words that belong to no phrase: 提高强度, 进口设备, 我们厂.
_OUTSIDE_PHRASES = frozenset(Path(__file__).with_name("phrase_breaks.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=8192)  # a text is compared with many others
def noun_phrases(text: str) -> frozenset[str]:
    """Return the normalised nouns, noun phrases of up to MAX_PHRASE_WORDS words, and Latin words of a text."""
    phrases: set[str] = set()
    run: list[tuple[str, str]] = []
    for word, tag in _dictionary().tag(normalise(text)):
        if _LATIN.fullmatch(word):
            phrases.add(word)
            tag = "eng"
        elif tag == "nr" and not _dictionary().has_word(word):
            tag = "n"  # an unknown word is often taken for a person (大樱桃)
        is_part = tag in _MODIFIER or _is_term(word)
        if is_part and word not in _OUTSIDE_PHRASES and (tag == "eng" or _HAN_WORD.fullmatch(word)):
            run = [*run[1 - MAX_PHRASE_WORDS :], (word, tag)]
            phrases.update(_phrases_ending(run))
        else:
            run = []
    return frozenset(phrases)


def is_generic(phrase: str) -> bool:
    """Return whether a phrase names nothing that a reader could look for (设备, 加工质量, 提高效率)."""
    if phrase in GENERIC_WORDS:
        return True
    return len(phrase) == 4 and phrase[:2] in GENERIC_WORDS and phrase[2:] in GENERIC_WORDS and not _is_term(phrase)


def _phrases_ending(run: list[tuple[str, str]]) -> list[str]:
    """Return the phrases that end with the last word of a run of words."""
    last, tag = run[-1]
    if tag not in _NOUN and not _is_term(last):
        return []
    phrases = []
    for start in range(len(run)):
        words = run[start:]
        phrase = "".join(word for word, _ in words)
        is_word = len(words) == 1
        if len(phrase) < 2 or len(phrase) > MAX_PHRASE_CHARS or not _HAN_WORD.search(phrase):
            continue
        # 碱性 or 高 alone names nothing, nor does a verb with its object (打磨焊缝), unless the thesaurus knows it.
        if (is_word and (tag in {"n", "nz", "vn"} or _is_term(phrase))) or (not is_word and _is_phrase(words)):
            phrases.append(phrase)
    return phrases


def _is_phrase(words: list[tuple[str, str]]) -> bool:
    (first, first_tag), (last, _last_tag) = words[0], words[-1]
    if _is_term("".join(word for word, _ in words)):
        return True
    if len(last) == 1 and len(first) == 1:
        return False
    return first_tag not in {"v", "vd", "a", "ad", "g", "k", "ng"} and not (len(first) == 1 and first_tag == "nr")


def _is_term(word: str) -> bool:
    return word in default_thesaurus()


@cache
def _dictionary() -> "rjieba.Jieba":
    import rjieba  # reads its dictionary (0.2 s, 40 MB); only processes that explain pairs need it

    dictionary = rjieba.Jieba()
    for term in default_thesaurus().terms:
        if _HAN_WORD.fullmatch(term) and not dictionary.has_word(term):
            dictionary.add_word(term, None, "n")
    return dictionary
