"""The sounds of Chinese words: pinyin without tones, initials, and a form in which sounds that are confused are equal."""

import re
from collections.abc import Callable, Iterable
from functools import cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT

_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("lv", "lu"), ("nv", "nu"))
UNKNOWN_SYLLABLE_COST = 3.0
LONGEST_QUERY = 60
"""Letters; a longer text is not pinyin that somebody types."""


def syllables(text: str) -> list[str]:
    """The pinyin of each Han character, without tones and in context; other characters are left out."""
    return lazy_pinyin(text, style=Style.NORMAL, errors="ignore", v_to_u=False)


def letters(text: str) -> str:
    return "".join(syllables(text))


def initials(text: str) -> str:
    return "".join(syllable[0] for syllable in syllables(text))


def blurred(pinyin: str) -> str:
    """Pinyin in which zh and z, ch and c, sh and s, -ng and -n are the same."""
    for written, same in _CONFUSED:
        pinyin = pinyin.replace(written, same)
    return pinyin


def typed_letters(text: str) -> str:
    """What somebody typed as pinyin, without blanks, apostrophes and digits for tones."""
    return re.sub(r"[^a-z]", "", text.replace("ü", "v"))


@cache
def all_syllables() -> frozenset[str]:
    """Every syllable of Mandarin."""
    plain = str.maketrans("āáǎàēéěèōóǒòīíǐìūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeooooiiiiuuuuvvvvvnnnm")
    sounds = {reading.translate(plain) for value in PINYIN_DICT.values() for reading in value.split(",")}
    return frozenset(sound for sound in sounds if sound.isascii() and sound.isalpha())


def cover(pinyin: str, words: Callable[[str], Iterable[tuple[str, float]]]) -> list[str]:
    """Divide letters into words by their sound, or return [] if they cannot be divided.

    `words(letters)`: the words with exactly this sound, each with a weight from 0 to 1 (how usual it is). Few long and
    usual words are preferred. Every letter must belong to a word.
    """
    if not 2 <= len(pinyin) <= LONGEST_QUERY:
        return []
    best: list[tuple[float, list[str]] | None] = [(0.0, []), *([None] * len(pinyin))]
    for start in range(len(pinyin)):
        reached = best[start]
        if reached is None:
            continue
        for end in range(start + 2, min(len(pinyin), start + 36) + 1):
            candidates = words(pinyin[start:end])
            for word, weight in candidates:
                cost = reached[0] + 2.0 - weight
                known = best[end]
                if known is None or cost < known[0]:
                    best[end] = cost, [*reached[1], word]
    last = best[len(pinyin)]
    return last[1] if last else []
