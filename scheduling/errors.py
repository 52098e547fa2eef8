"""Errors of the scheduling engine. Every message is Chinese and can be shown to users."""


class SchedulingError(ValueError):
    """Base class of errors in the input."""


class InvalidEventError(SchedulingError):
    """The event is inconsistent, so no search is started. `problems` has one sentence per fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class InstanceFileError(SchedulingError):
    """The instance file cannot be parsed."""
