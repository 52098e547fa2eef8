"""Answers kept in the database, so that a text that has not changed is not asked about again."""

from collections.abc import Iterable, Mapping

from matching.models import ReaderAnswer
from matching.reader.answers import PairAnswer


class StoredAnswers:
    """The answers of one model. A damaged row counts as missing."""

    def __init__(self, model: str) -> None:
        self._model = model

    def load(self, keys: Iterable[str]) -> dict[str, PairAnswer]:
        """One query."""
        answers = {}
        for row in ReaderAnswer.objects.filter(key__in=list(keys)):
            try:
                answers[row.key] = PairAnswer.from_json(row.answer)
            except (LookupError, TypeError, ValueError):
                continue
        return answers

    def save(self, answers: Mapping[str, PairAnswer]) -> None:
        rows = [ReaderAnswer(key=key, model=self._model, answer=answer.as_json()) for key, answer in answers.items()]
        ReaderAnswer.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=["answer"])
