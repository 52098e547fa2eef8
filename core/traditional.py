"""Traditional characters → simplified ones. Pure: the matching engine and the search for firm names share the table."""

import re
from pathlib import Path

SIMPLIFIED = str.maketrans(
    {
        pair[0]: pair[1]
        for line in Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
        for pair in line.split()
    }
)
"""Code point of a traditional character → simplified character."""

_BY_CHARACTER = {chr(point): character for point, character in SIMPLIFIED.items()}
_TRADITIONAL = re.compile(f"[{''.join(_BY_CHARACTER)}]")


def simplified(text: str) -> str:
    """Replace traditional characters with simplified ones, one by one; nothing else changes."""
    # Few texts have any, and `str.translate` looks up each character.
    return _TRADITIONAL.sub(lambda match: _BY_CHARACTER[match[0]], text)
