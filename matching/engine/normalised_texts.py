"""Normalisation of many texts at once: what `tokeniser.normalise` returns, by a table of characters."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np

from matching.engine.arrays import Integers
from matching.engine.tokeniser import normalise

CODE_POINTS = 0x110000
_TABLE_END = 0x10000
_IN_CONTEXT = 0
"""Marks characters that depend on their neighbours or become several: a text with one is normalised by itself."""
_MARKS = frozenset(["Mn", "Mc", "Me"])
_JAMO = ((0x1100, 0x1200), (0xA960, 0xA980), (0xD7B0, 0xD800))


def normalised_points(texts: Sequence[str]) -> tuple[Integers, Integers]:
    """Return the code points of all normalised texts (uint32), and where each begins and the last ends (texts + 1,)."""
    points, starts = _points(texts)
    normalised = _table()[points]
    in_context = np.flatnonzero((normalised == _IN_CONTEXT) & (points != 0))
    if len(in_context):
        rows = set(np.unique(np.searchsorted(starts, in_context, side="right") - 1).tolist())
        plain = [normalise(text) if row in rows else text for row, text in enumerate(texts)]
        points, starts = _points(plain)
        is_whole = np.zeros(len(texts), bool)
        is_whole[list(rows)] = True
        normalised = np.where(np.repeat(is_whole, np.diff(starts)), points, _table()[points])
    return normalised, starts


def normalised_texts(texts: Sequence[str]) -> tuple[list[str], Integers, Integers]:
    """Return the normalised texts, and their code points as `normalised_points` does."""
    points, starts = normalised_points(texts)
    joined = points.tobytes().decode("utf-32-le", "surrogatepass")
    return [joined[start:end] for start, end in pairwise(starts.tolist())], points, starts


def _points(texts: Sequence[str]) -> tuple[Integers, Integers]:
    points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return points, np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.int64)))


@cache
def _table() -> Integers:
    """Return the normalised character of each code point, _IN_CONTEXT where one character does not decide."""
    table = np.full(CODE_POINTS, _IN_CONTEXT, np.uint32)
    for point in range(_TABLE_END):
        character = chr(point)
        normalised = normalise(character)
        if len(normalised) == 1 and unicodedata.category(character) not in _MARKS:
            table[point] = ord(normalised)
    for first, end in _JAMO:
        table[first:end] = _IN_CONTEXT
    table[ord("Σ")] = _IN_CONTEXT  # σ or, at the end of a word, ς
    table[0x20000:0x2F800] = np.arange(0x20000, 0x2F800)  # Han characters that no form replaces
    for point in range(0x20000, 0x2F800):
        if (normalised := normalise(chr(point))) != chr(point):
            table[point] = ord(normalised) if len(normalised) == 1 else _IN_CONTEXT
    return table
