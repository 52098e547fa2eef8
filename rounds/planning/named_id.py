"""Ids that format as names, so that the engine's sentences name people instead of numbers.

No Django here: the engine's worker processes unpickle these ids.
"""


class NamedId(int):
    """A primary key whose text is the name of its row."""

    words: str

    def __new__(cls, value: int, words: str) -> "NamedId":
        named = super().__new__(cls, value)
        named.words = words
        return named

    def __str__(self) -> str:
        return self.words

    def __format__(self, spec: str) -> str:
        return format(self.words, spec)

    def __reduce__(self):
        return NamedId, (int(self), self.words)
