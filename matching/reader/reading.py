"""Reads the candidates of many needs: stored answers first, then questions, then a second try for what is missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from matching.reader.answers import PairAnswer, Problem
from matching.reader.asking import Asked, Asker
from matching.reader.errors import Fault
from matching.reader.limits import Stop
from matching.reader.questions import Question, Text, pair_key, split_into_questions

ROUNDS = 2
"""How often an achievement is put into a question, if an answer does not count."""

type Id = str | int


class AnswerStore(Protocol):
    """Keeps answers by `pair_key`. Called from the thread of the caller only."""

    def load(self, keys: Iterable[str]) -> Mapping[str, PairAnswer]: ...

    def save(self, answers: Mapping[str, PairAnswer]) -> None: ...


class NoStore:
    """Keeps nothing."""

    def load(self, keys: Iterable[str]) -> Mapping[str, PairAnswer]:
        return {}

    def save(self, answers: Mapping[str, PairAnswer]) -> None:
        return None


@dataclass(frozen=True, slots=True)
class NeedToRead:
    """A need with its candidates by id, best first."""

    id: Id
    text: Text
    candidates: Mapping[Id, Text]


@dataclass
class ReadingTotals:
    """What the reading cost and what did not count. Tokens as the server counts them; seconds summed over requests."""

    requests: int = 0
    answered: int = 0
    graded: int = 0
    """Pairs with an answer that counts; `reused`: stored ones."""
    reused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    statements: int = 0
    void: int = 0
    problems: Counter[Problem] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)

    def add(self, asked: Asked) -> None:
        self.requests += asked.requests
        if asked.fault:
            self.faults[asked.fault] += 1
        if asked.reply:
            self.answered += 1
            self.prompt_tokens += asked.reply.prompt_tokens
            self.completion_tokens += asked.reply.completion_tokens
            self.seconds += asked.reply.seconds
        self.statements += asked.answer.statements
        self.void += asked.answer.void
        self.problems.update(asked.answer.problems)


@dataclass(frozen=True, slots=True)
class NeedReading:
    """The answers of one need by candidate. If some are missing, `fault` and `stop` say why; with neither of them the
    model did not answer as asked."""

    answers: Mapping[Id, PairAnswer]
    is_complete: bool = True
    fault: Fault | None = None
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the answers of a question belong."""

    need: Id
    candidates: tuple[Id, ...]
    keys: tuple[str, ...]


class Reader:
    """`model`: part of the key of stored answers. `totals` grow while the reader reads."""

    def __init__(self, asker: Asker, model: str, store: AnswerStore | None = None) -> None:
        self._asker, self._model, self._store = asker, model, store or NoStore()
        self.totals = ReadingTotals()

    def read(self, needs: Sequence[NeedToRead]) -> dict[Id, NeedReading]:
        """Return a reading for each need. A candidate without an answer that counts is left out of it."""
        keys = {
            need.id: {name: pair_key(self._model, need.text, text) for name, text in need.candidates.items()}
            for need in needs
        }
        stored = self._store.load({key for of_need in keys.values() for key in of_need.values()})
        answers: dict[Id, dict[Id, PairAnswer]] = {
            need: {name: stored[key] for name, key in of_need.items() if key in stored}
            for need, of_need in keys.items()
        }
        self.totals.reused += sum(map(len, answers.values()))
        why: dict[Id, Asked] = {}
        for number in range(ROUNDS):
            places = self._questions([need for need in needs if not _is_hopeless(why.get(need.id))], keys, answers)
            for asked in self._asker.ask(list(places), is_again=number > 0):
                self._take(asked, places[asked.question], answers, why)
            if self._asker.stop:
                break
        return {
            need.id: NeedReading(answers[need.id])
            if len(answers[need.id]) == len(need.candidates)
            else NeedReading(answers[need.id], False, *self._why_not(why.get(need.id)))
            for need in needs
        }

    def _why_not(self, last: Asked | None) -> tuple[Fault | None, Stop | None]:
        if last is None:
            return None, self._asker.stop
        return last.fault, last.stop or (self._asker.stop if last.fault else None)

    def _questions(
        self,
        needs: Sequence[NeedToRead],
        keys: Mapping[Id, Mapping[Id, str]],
        answers: Mapping[Id, Mapping[Id, object]],
    ) -> dict[Question, list[_Place]]:
        """Needs with equal texts share their questions."""
        places: dict[Question, list[_Place]] = {}
        for need in needs:
            missing = [name for name in need.candidates if name not in answers[need.id]]
            texts = [need.candidates[name] for name in missing]
            for question, positions in split_into_questions(need.text, texts):
                names = tuple(missing[position] for position in positions)
                place = _Place(need.id, names, tuple(keys[need.id][name] for name in names))
                places.setdefault(question, []).append(place)
        return places

    def _take(
        self,
        asked: Asked,
        places: Sequence[_Place],
        answers: Mapping[Id, dict[Id, PairAnswer]],
        why: dict[Id, Asked],
    ) -> None:
        self.totals.add(asked)
        counted = asked.answer.answers
        self.totals.graded += len(counted)
        for place in places:
            why[place.need] = asked
            names = dict(zip(asked.question.ids, place.candidates, strict=True))
            answers[place.need].update({names[local]: answer for local, answer in counted.items()})
        keys = dict(zip(asked.question.ids, places[0].keys, strict=True))
        self._store.save({keys[local]: answer for local, answer in counted.items()})


def _is_hopeless(last: Asked | None) -> bool:
    """A question without a recorded answer, or that the server does not take, has no answer the second time either."""
    return last is not None and last.fault in {Fault.NOT_RECORDED, Fault.REJECTED}
