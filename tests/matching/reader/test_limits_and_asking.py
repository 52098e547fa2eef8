import math
import threading

import pytest

from matching.reader.asking import Asker
from matching.reader.client import Reply
from matching.reader.errors import Fault, ReaderError
from matching.reader.limits import Allowance, Breaker, Stop
from matching.reader.questions import Question, achievement_text, need_text

GOOD = '{"achievements": [{"id": "A1", "grade": 0, "fits": [], "missing": [], "excludes": []}]}'


def questions(number: int) -> list[Question]:
    return [Question(need_text(f"需求{n}", ""), (achievement_text("成果", ""),)) for n in range(number)]


class Script:
    """Answers with the scripted outcomes in turn, then with good answers: a content, or a fault."""

    def __init__(self, *outcomes):
        self.outcomes, self.asked, self.lock = list(outcomes), 0, threading.Lock()

    def answer(self, question):
        with self.lock:
            self.asked += 1
            outcome = self.outcomes.pop(0) if self.outcomes else GOOD
        if isinstance(outcome, ReaderError):
            raise outcome
        return Reply(outcome)


def error(fault: Fault, **options) -> ReaderError:
    return ReaderError(fault, **options)


@pytest.fixture
def pauses():
    return []


def ask(script, number=1, *, pauses=None, requests=100, concurrency=1, breaker=None, **options):
    sleep = (pauses if pauses is not None else []).append
    asker = Asker(script, Allowance(requests, **options), concurrency=concurrency, breaker=breaker, sleep=sleep)
    return list(asker.ask(questions(number))), asker


def test_transient_fault_is_tried_again_with_longer_pauses(pauses):
    script = Script(error(Fault.BUSY), error(Fault.UNREACHABLE))
    [asked], _asker = ask(script, pauses=pauses)
    assert asked.answer.answers and asked.requests == script.asked == 3
    assert 1 <= pauses[0] <= 1.5 and 2 <= pauses[1] <= 3


def test_server_may_ask_to_wait_longer(pauses):
    ask(Script(error(Fault.BUSY, wait=9.0)), pauses=pauses)
    assert pauses == [9.0]


@pytest.mark.parametrize(("fault", "requests"), [(Fault.TIMEOUT, 1), (Fault.NO_COMPLETION, 1), (Fault.BUSY, 3)])
def test_fault_that_stays(fault, requests):
    [asked], _asker = ask(Script(*[error(fault) for _ in range(9)]))
    assert (asked.fault, asked.requests, asked.reply) == (fault, requests, None)


def test_refusal_ends_everything_at_once():
    script = Script(error(Fault.REFUSED, status=401))
    asked, asker = ask(script, 10)
    assert script.asked == 1 and asker.stop == Stop.BROKEN
    assert [row.stop for row in asked].count(Stop.BROKEN) == 9


def test_breaker_opens_and_gives_up():
    clock = Clock()
    script = Script(*[error(Fault.TIMEOUT) for _ in range(100)])
    breaker = Breaker(failures=4, cooldown=10, openings=3, clock=clock)
    asker = Asker(script, Allowance(100), concurrency=1, breaker=breaker, sleep=clock.sleep)
    asked = list(asker.ask(questions(50)))
    assert script.asked == 4 + 2 and asker.stop == Stop.BROKEN  # a probe after each of two cooldowns
    assert clock.now == pytest.approx(20) and len(asked) == 50


def test_breaker_closes_after_a_successful_probe():
    clock = Clock()
    script = Script(*[error(Fault.TIMEOUT) for _ in range(4)])
    breaker = Breaker(failures=4, cooldown=10, openings=2, clock=clock)
    asker = Asker(script, Allowance(100), concurrency=1, breaker=breaker, sleep=clock.sleep)
    asked = list(asker.ask(questions(10)))
    assert script.asked == 10 and asker.stop is None
    assert sum(bool(row.answer.answers) for row in asked) == 6


def test_answers_that_never_count_open_the_breaker_too():
    script = Script(*["我不知道" for _ in range(100)])
    _asked, asker = ask(script, 50, breaker=Breaker(failures=5, cooldown=0, openings=1))
    assert script.asked == 5 and asker.stop == Stop.BROKEN


def test_one_probe_at_a_time():
    clock = Clock()
    breaker = Breaker(failures=1, cooldown=10, openings=9, clock=clock)
    breaker.failure()
    assert breaker.permit() == 10
    clock.now = 10
    assert breaker.permit() == 0 and breaker.permit() > 0
    breaker.failure()
    assert breaker.permit() == 10
    breaker.give_up()
    assert breaker.permit() == math.inf and breaker.is_broken


def test_failures_of_requests_under_way_do_not_count_as_further_openings():
    breaker = Breaker(failures=2, cooldown=10, openings=2, clock=Clock())
    for _ in range(10):
        breaker.failure()
    assert not breaker.is_broken


def test_budget_counts_each_request():
    script = Script(error(Fault.BUSY), error(Fault.BUSY))
    asked, asker = ask(script, 9, requests=5)
    assert script.asked == 5 and asker.stop == Stop.BUDGET
    assert sum(row.requests for row in asked) == 5 and sum(row.stop == Stop.BUDGET for row in asked) == 6


@pytest.mark.parametrize(("limit", "stop"), [("deadline", Stop.DEADLINE), ("pause_at", Stop.PAUSED)])
def test_time_is_over(limit, stop):
    script = Script()
    asked, asker = ask(script, 3, **{limit: 10.0}, clock=lambda: 10.0)
    assert script.asked == 0 and asker.stop == stop and {row.stop for row in asked} == {stop}


def test_questions_are_asked_side_by_side():
    barrier = threading.Barrier(3)

    class Together:
        def answer(self, question):
            barrier.wait(10)
            return Reply(GOOD)

    asked, _asker = ask(Together(), 6, concurrency=3)
    assert len(asked) == 6 and all(row.answer.answers for row in asked)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
