"""Where terms of the thesaurus may begin in many texts."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from matching.engine.normalised_texts import CODE_POINTS, normalised_texts

_SHIFT = np.uint64(21)


class Prefixes:
    """Prefixes of two characters each, as numbers that are compared for all places at once."""

    def __init__(self, prefixes: Iterable[str]) -> None:
        self.codes = np.unique(np.array([(ord(prefix[0]) << 21) | ord(prefix[1]) for prefix in prefixes], np.uint64))
        self.is_first = np.zeros(CODE_POINTS, bool)
        self.is_first[(self.codes >> _SHIFT).astype(np.int64)] = True


def term_places(texts: Sequence[str], prefixes: Prefixes, spaces: re.Pattern[str]) -> tuple[list[str], list[list[int]]]:
    """Return the normalised texts without what matches `spaces`, and of each the places where a prefix stands."""
    normalised, points, starts = normalised_texts(texts)
    if b" \0\0\0" in (data := points.tobytes()) or b"\0\x30\0\0" in data:
        normalised = [spaces.sub("", text) for text in normalised]
        points = np.frombuffer("".join(normalised).encode("utf-32-le", "surrogatepass"), np.uint32)
        starts = np.concatenate(([0], np.cumsum([len(text) for text in normalised], dtype=np.int64)))
    known = prefixes.codes
    if len(points) < 2 or not len(known):
        return normalised, [[] for _text in texts]
    at = np.flatnonzero(prefixes.is_first[points[:-1]])
    codes = (points[at].astype(np.uint64) << _SHIFT) | points[at + 1]
    places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    at = at[known[places] == codes]
    ends = np.searchsorted(at, starts)
    # A prefix across the border of two texts is none: its text ends after the first character.
    of_texts = [(at[first:last] - start).tolist() for (first, last), start in zip(pairwise(ends), starts, strict=False)]
    return normalised, of_texts
