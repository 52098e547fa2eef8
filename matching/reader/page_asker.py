"""Asks the questions of pages: at once or not at all, because a person and a thread of the server wait."""

import threading

from matching.reader.client import ChatClient, Reply
from matching.reader.drafts import DraftQuestion
from matching.reader.errors import Fault, ReaderError
from matching.reader.indicators import IndicatorQuestion
from matching.reader.limits import Breaker

type PageQuestion = IndicatorQuestion | DraftQuestion

NEVER = 1_000_000_000
"""Openings of a breaker that only pauses: pages ask a server again that was down for a day."""


class PageAsker:
    """Sends one request per question and at most `slots` at a time. Used by all threads of a process.

    After `failures` failures in a row nothing is sent for `cooldown` seconds, so that a server that is down costs the
    timeout a few times and not for every click.
    """

    def __init__(self, slots: int = 2, failures: int = 3, cooldown: float = 60.0) -> None:
        self._slots = threading.BoundedSemaphore(slots)
        self._breaker = Breaker(failures, cooldown, openings=NEVER)

    def ask(self, client: ChatClient, question: PageQuestion) -> Reply:
        """Return the reply. Raises ReaderError; BUSY if all slots are taken, UNREACHABLE during a pause."""
        if not self._slots.acquire(blocking=False):
            raise ReaderError(Fault.BUSY)
        try:
            if self._breaker.permit():
                raise ReaderError(Fault.UNREACHABLE)
            return self._ask(client, question)
        finally:
            self._slots.release()

    def _ask(self, client: ChatClient, question: PageQuestion) -> Reply:
        try:
            reply = client.complete(question.messages, question.name, question.schema)
        except ReaderError as error:
            # A question that is too long for the server says nothing about the server.
            self._breaker.success() if error.fault == Fault.REJECTED else self._breaker.failure()
            raise
        except BaseException:
            self._breaker.failure()
            raise
        self._breaker.success()
        return reply
