"""Errors of the reader. Their texts name no address, no key and nothing of an answer."""

from enum import StrEnum


class Fault(StrEnum):
    UNREACHABLE = "unreachable"
    """No connection, or closed before the answer was complete."""
    TIMEOUT = "timeout"
    BUSY = "busy"
    """HTTP 408, 425, 429 or 5xx."""
    REJECTED = "rejected"
    """HTTP 400, 413 or 422: this question is too long, or a filter of the server does not pass it."""
    REFUSED = "refused"
    """Another HTTP status: address, key or model are wrong. No question will be answered."""
    NO_COMPLETION = "no_completion"
    """The answer is not that of a chat completion, or too long."""
    NOT_RECORDED = "not_recorded"


class ReaderError(Exception):
    """A question got no answer. `status`: of HTTP, if there was one; `wait`: seconds that the server asks to wait."""

    def __init__(self, fault: Fault, *, status: int | None = None, wait: float = 0.0) -> None:
        super().__init__(f"{fault.value}{f' (HTTP {status})' if status else ''}")
        self.fault, self.status, self.wait = fault, status, wait

    @property
    def may_ask_again(self) -> bool:
        """A slow model would only be slower if it were asked twice."""
        return self.fault in {Fault.UNREACHABLE, Fault.BUSY}
