"""Rewrites the checker's sentences about persons to sentences about their parties: they share one table."""

import re
from collections.abc import Iterable

PERSON = re.compile(r"“[^“”（）]+（([^“”]+)）”(?=来不及|在)")


def merge_by_party(problems: Iterable[str]) -> list[str]:
    """Return each sentence once, even if it holds for several people of a party."""
    return list(dict.fromkeys(PERSON.sub(r"“\1”", problem) for problem in problems))
