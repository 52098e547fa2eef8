"""Tokeniser of the engine. It accepts any string."""

import re
import unicodedata
from itertools import pairwise

from core.traditional import simplified as simplified

# 〇, CJK ideographs with extension A, the compatibility block and the supplementary planes.
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{HAN}]+)|[a-z0-9]+")


def normalise(text: str) -> str:
    """Apply NFKC, replace traditional characters with simplified ones, convert to lower case."""
    return simplified(unicodedata.normalize("NFKC", text)).lower()


def tokenise(text: str) -> list[str]:
    """Return all terms of a text in order, with repetitions.

    Terms are the characters and character bigrams of each Han run, and each run of `a-z0-9`. All other characters
    (punctuation, emoji, control characters, other scripts) are separators.

    `"锂电池PVDF"` → `["锂", "电", "池", "锂电", "电池", "pvdf"]`.
    """
    terms: list[str] = []
    for match in _RUN.finditer(normalise(text)):
        run = match.group()
        if match.group(1):
            terms.extend(run)
            terms.extend(map("".join, pairwise(run)))
        else:
            terms.append(run)
    return terms
