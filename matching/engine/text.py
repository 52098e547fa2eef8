"""Text to terms: the one tokeniser of the engine. Any string is accepted and gives a defined result."""

import re
import unicodedata
from itertools import pairwise
from pathlib import Path

# 〇, CJK ideographs with extension A, the compatibility block, and the supplementary planes.
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{HAN}]+)|[a-z0-9]+")
_SIMPLIFIED = str.maketrans(
    dict(
        pair
        for line in Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for pair in line.split()
    )
)


def normalise(text: str) -> str:
    """Full-width to half-width, compatibility forms to plain ones, traditional characters to simplified, lower case."""
    return unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).lower()


def tokens(text: str) -> list[str]:
    """All terms of a text, in order, with repeats: every character and pair of characters of each Han run, and each
    run of `a-z0-9` whole. Everything else (punctuation, emoji, control characters, other scripts) only separates.

    `"锂电池PVDF"` → `["锂", "电", "池", "锂电", "电池", "pvdf"]`; a text without terms gives `[]`.
    """
    found: list[str] = []
    for match in _RUN.finditer(normalise(text)):
        run = match.group()
        if match.group(1):
            found.extend(run)
            found.extend(map("".join, pairwise(run)))
        else:
            found.append(run)
    return found
