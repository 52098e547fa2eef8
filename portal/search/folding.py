"""How texts and queries are compared: folded characters, words of one script, numbers without separators."""

import re
from itertools import pairwise

from matching.engine.tokeniser import HAN, normalise

_RUN = re.compile(f"[{HAN}]+|[a-z0-9]+")
_SEPARATORS = re.compile(r"[^0-9a-z]+")
_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """`text` in NFKC, simplified characters, lower case, with single blanks."""
    return _BLANKS.sub(" ", normalise(text)).strip()


def runs(folded: str) -> list[str]:
    """The words of a folded text: each run of Han characters and each run of letters and digits."""
    return _RUN.findall(folded)


def is_han(word: str) -> bool:
    return not word.isascii()


def pieces(folded: str) -> set[str]:
    """What the index stores of a folded text: pairs of adjacent Han characters, and Latin words."""
    stored: set[str] = set()
    for run in runs(folded):
        if is_han(run):
            stored.update(map("".join, pairwise(run)))
        else:
            stored.add(run)
    return stored


def contains_word(folded: str, word: str) -> bool:
    """Whether a folded text contains a folded word. A word that begins or ends with a letter or digit matches at the
    borders of Latin words only, so that AI is not found in AIS."""
    at = folded.find(word)
    while at >= 0:
        before, after = folded[at - 1 : at], folded[at + len(word) : at + len(word) + 1]
        if not (_joins(before, word[0]) or _joins(word[-1], after)):
            return True
        at = folded.find(word, at + 1)
    return False


def squeezed_number(text: str) -> str:
    """A registry or patent number without blanks, dots and dashes, in lower case: `ZL 2021 1 0000001.X` → `zl…1x`."""
    return _SEPARATORS.sub("", normalise(text))


def _joins(left: str, right: str) -> bool:
    """Whether two adjacent characters are inside one Latin word or one number."""
    return bool(left and right) and ((_is_letter(left) and _is_letter(right)) or (left.isdigit() and right.isdigit()))


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
