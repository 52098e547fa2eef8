"""Meeting scheduling: assigns slots and tables to requested meetings. No Django, no database.

`Event` is the input. `solve` and `improving_schedules` compute a `Schedule`, `scheduling.repair` adapts it on the day,
and `check` verifies it with independent code. Importing this package does not load the solvers.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scheduling.checker import check
from scheduling.constraints import InfeasibleError
from scheduling.errors import InvalidEventError, SchedulingError
from scheduling.event import (
    AgendaActivity,
    Event,
    Lock,
    MeetingHall,
    MeetingParty,
    Person,
    Precedence,
    RequestedMeeting,
    TimeSlot,
)
from scheduling.schedule import Assignment, Schedule, ScheduleMetrics, SolverProgress, measure

if TYPE_CHECKING:
    from scheduling.solver import improving_schedules, solve

__all__ = [
    "AgendaActivity",
    "Assignment",
    "Event",
    "InfeasibleError",
    "InvalidEventError",
    "Lock",
    "MeetingHall",
    "MeetingParty",
    "Person",
    "Precedence",
    "RequestedMeeting",
    "Schedule",
    "ScheduleMetrics",
    "SchedulingError",
    "SolverProgress",
    "TimeSlot",
    "check",
    "improving_schedules",
    "measure",
    "solve",
]


def __getattr__(name: str) -> Callable[..., Any]:
    if name in ("improving_schedules", "solve"):
        from scheduling import solver  # loads python-sat and SciPy

        function: Callable[..., Any] = getattr(solver, name)
        return function
    raise AttributeError(name)
