"""Division of a text into sentences."""

import re

MIN_LENGTH = 8
"""Shorter pieces carry no statement of their own (需求背景：, 一、) and are left out."""
MAX_SENTENCES = 60
"""At most this many sentences of a text are used, which bounds time and memory for a very long one."""

# Sentence marks, line breaks, gaps of several spaces, and the number of a list item: 1、 （2） 3).
_BOUNDARY = re.compile(r"[。；！？;!?\n\r\v\f\u2028]+|\s{2,}|(?:(?<=[\s：:])|^)[（(]?\d{1,2}[)）、.．](?!\d)")


def split_sentences(text: str, limit: int = MAX_SENTENCES) -> list[str]:
    """Return the first `limit` sentences of at least MIN_LENGTH characters, without surrounding white space."""
    sentences: list[str] = []
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        _append(sentences, text[start : boundary.start()])
        start = boundary.end()
        if len(sentences) >= limit:
            return sentences
    _append(sentences, text[start:])
    return sentences


def _append(sentences: list[str], piece: str) -> None:
    piece = piece.strip()
    if len(piece) >= MIN_LENGTH:
        sentences.append(piece)
