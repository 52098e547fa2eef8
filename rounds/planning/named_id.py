"""Ids that read as what they stand for, so that the engine's sentences name people and not numbers.

No Django here: the engine's searches run in processes of their own, which unpickle these.
"""


class NamedId(int):
    """A primary key whose text is its row's name."""

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
