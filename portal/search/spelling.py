"""Words that differ from a written one by one edit: a wrong, missing, added or swapped character."""

from collections.abc import Iterable

MIN_HAN, MIN_LATIN = 3, 4
"""Shorter words have too many neighbours."""


class SpellingIndex:
    """Words by what remains if one character is left out; two words within one edit share such a remainder."""

    def __init__(self, words: Iterable[tuple[str, float]]):
        """`words`: folded words with a weight; of several candidates the one with the greatest weight is chosen."""
        self._weights: dict[str, float] = {}
        self._remainders: dict[str, list[str]] = {}
        for word, weight in words:
            if word in self._weights:
                self._weights[word] = max(self._weights[word], weight)
            elif _is_long_enough(word):
                self._weights[word] = weight
                for remainder in _remainders(word):
                    self._remainders.setdefault(remainder, []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._weights

    def correct(self, word: str) -> str:
        """The most usual known word within one edit, or "" if there is none or the word itself is known."""
        if word in self._weights or not _is_long_enough(word):
            return ""
        near = {
            other
            for remainder in _remainders(word)
            for other in self._remainders.get(remainder, ())
            if is_one_edit(word, other)
        }
        return max(near, key=lambda other: (self._weights[other], -abs(len(other) - len(word)), other), default="")


def is_one_edit(word: str, other: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours turns a word into the other."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(word, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:  # one is the beginning of the other
        return True
    if len(word) == len(other):
        swapped = word[start : start + 2][::-1] == other[start : start + 2]
        return word[start + 1 :] == other[start + 1 :] or (swapped and word[start + 2 :] == other[start + 2 :])
    shorter, longer = sorted((word, other), key=len)
    return shorter[start:] == longer[start + 1 :]


def _remainders(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _is_long_enough(word: str) -> bool:
    return len(word) >= (MIN_LATIN if word.isascii() else MIN_HAN)
