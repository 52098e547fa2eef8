"""Asks many questions at once, within limits, and checks the answers."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from matching.reader.answers import CheckedAnswer, Problem, check_answer
from matching.reader.client import Reply
from matching.reader.errors import Fault, ReaderError
from matching.reader.limits import Allowance, Breaker, Stop
from matching.reader.questions import Question
from matching.reader.recordings import Answerer

ATTEMPTS = 3
UNREADABLE = {Problem.NOT_JSON, Problem.NOT_THE_SCHEMA}
FIRST_PAUSE = 1.0
"""Seconds before the second attempt; doubled for each further one, with up to half of it added at random."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came of it: an answer, a fault, or why it was not asked."""

    question: Question
    requests: int = 0
    reply: Reply | None = None
    answer: CheckedAnswer = field(default_factory=CheckedAnswer)
    fault: Fault | None = None
    stop: Stop | None = None


class Asker:
    """Sends questions from `concurrency` threads. Only these threads call the answerer; the caller's does the rest."""

    def __init__(
        self,
        answerer: Answerer,
        allowance: Allowance,
        *,
        concurrency: int = 4,
        breaker: Breaker | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._answerer, self._allowance, self._concurrency = answerer, allowance, max(1, concurrency)
        self._breaker, self._sleep = breaker or Breaker(), sleep

    @property
    def stop(self) -> Stop | None:
        """Why nothing more will be asked, if that is so."""
        return Stop.BROKEN if self._breaker.is_broken else self._allowance.over()

    def ask(self, questions: Sequence[Question], *, is_again: bool = False) -> Iterator[Asked]:
        """Yield each question with its outcome, as soon as it is known.

        `is_again`: they are about achievements that the model did not answer as asked before.
        """
        if not questions:
            return
        with ThreadPoolExecutor(min(self._concurrency, len(questions)), thread_name_prefix="reader") as pool:
            futures = [pool.submit(self._ask_one, question, is_again) for question in questions]
            try:
                for future in as_completed(futures):
                    yield future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _ask_one(self, question: Question, is_again: bool) -> Asked:
        requests, fault = 0, None
        for attempt in range(ATTEMPTS):
            if stop := self._wait_for_permit():
                return Asked(question, requests, fault=fault, stop=stop)
            requests += 1
            try:
                reply = self._answerer.answer(question)
            except ReaderError as error:
                fault = error.fault
                if fault == Fault.NOT_RECORDED:
                    return Asked(question, fault=fault)
                if fault == Fault.REFUSED:
                    self._breaker.give_up()
                self._breaker.failure()
                if not error.may_ask_again or attempt == ATTEMPTS - 1:
                    break
                pause = max(FIRST_PAUSE * 2**attempt * (1 + random.random() / 2), error.wait)  # noqa: S311 no secret
                self._sleep(pause)
            else:
                answer = check_answer(question, reply.content)
                # A model that answers nothing as asked is as useless as a server that is down; one that fails at the
                # same few achievements again is not.
                is_useful = answer.answers or (is_again and not answer.problems.keys() & UNREADABLE)
                self._breaker.success() if is_useful else self._breaker.failure()
                return Asked(question, requests, reply, answer)
        return Asked(question, requests, fault=fault)

    def _wait_for_permit(self) -> Stop | None:
        while True:
            if stop := self.stop:
                return stop
            wait = self._breaker.permit()
            if not wait:
                return self._allowance.take()
            self._sleep(min(wait, 1.0))
