"""The checker's sentences about persons, as sentences about their parties: those of one party share its table."""

import re
from collections.abc import Iterable

PERSON = re.compile(r"“[^“”（）]+（([^“”]+)）”(?=来不及|在)")


def merge_by_party(problems: Iterable[str]) -> list[str]:
    """Each once, though it holds for several people of a party."""
    return list(dict.fromkeys(PERSON.sub(r"“\1”", problem) for problem in problems))
