"""The sounds of Chinese words: pinyin without tones, and a form in which sounds that are often confused are equal."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("lv", "lu"), ("nv", "nu"))
LONGEST_QUERY = 60
"""Letters; a longer text is not pinyin that somebody types."""


@lru_cache(maxsize=60_000)  # the listed words are read again with each index
def syllables(text: str) -> tuple[str, ...]:
    """The pinyin of each Han character, without tones and in context; other characters are left out."""
    from pypinyin import Style, lazy_pinyin  # 54 MB, which only the process of the search needs

    return tuple(lazy_pinyin(text, style=Style.NORMAL, errors="ignore", v_to_u=False))


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
