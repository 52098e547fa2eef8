"""What can be wrong with what the planner is given."""


class TimetableError(ValueError):
    """Base: the message is Chinese and fit to be shown."""


class BadEvent(TimetableError):
    """The event contradicts itself before any planning; `problems` holds one sentence for each fault."""

    def __init__(self, problems: list[str]):
        super().__init__("；".join(problems))
        self.problems = problems


class BadFile(TimetableError):
    """An instance file that cannot be read."""
