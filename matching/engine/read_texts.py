"""What was read of texts, kept while they are compared with others."""

from collections.abc import Callable, Hashable, Iterable, Sequence


class ReadTexts[Text: Hashable, Reading]:
    """Keeps what `read` returns for at most `limit` texts, and those of the last call of `prepare`.

    To read many texts in one call takes a fraction of the time of as many calls.
    """

    def __init__(self, read: Callable[[Sequence[Text]], Sequence[Reading]], *, limit: int):
        self._read, self._limit = read, limit
        self._readings: dict[Text, Reading] = {}

    def prepare(self, texts: Iterable[Text]) -> None:
        """Read those of the texts of which nothing is kept."""
        wanted = dict.fromkeys(texts)
        new = [text for text in wanted if text not in self._readings]
        if len(self._readings) + len(new) > self._limit:
            self._readings = {text: self._readings[text] for text in wanted if text in self._readings}
        if new:
            self._readings.update(zip(new, self._read(new), strict=True))

    def __getitem__(self, text: Text) -> Reading:
        if text not in self._readings:
            self.prepare([text])
        return self._readings[text]
