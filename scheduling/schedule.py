"""The scheduling output: assignments of meetings, metrics of a schedule, progress of the solver."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from scheduling.event import Event, Id


@dataclass(frozen=True, slots=True)
class Assignment:
    """Slot, hall and table of a meeting."""

    meeting: Id
    slot: int
    hall: Id
    table: int
    """Number of the table within its hall, from 1."""


@dataclass(frozen=True)
class Schedule:
    """A complete schedule: every meeting of the event has an assignment or is in `left_out`."""

    assignments: tuple[Assignment, ...]
    left_out: dict[Id, str] = field(default_factory=dict)
    """{meeting id: reason in Chinese}"""

    @cached_property
    def by_meeting(self) -> dict[Id, Assignment]:
        return {assignment.meeting: assignment for assignment in self.assignments}


@dataclass(frozen=True, slots=True)
class ScheduleMetrics:
    """Objective values of a schedule, in the order in which the solver compares them."""

    served: int
    """Parties with at least one meeting."""
    weight: float
    """Sum of the weights of scheduled meetings."""
    gaps: int
    """Runs of idle slots between two meetings of one person, summed over all persons."""
    unevenness: float
    """Standard deviation over parties of (scheduled meetings / attainable meetings)."""
    moves: int
    """Changes of table between two consecutive meetings of one person, summed over all persons."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Upper bounds under one order of the objectives, reached by a relaxed problem."""

    served: int
    weight: float
    meetings: int


@dataclass(frozen=True, slots=True)
class SolverProgress:
    """The best schedule so far, with bounds that no schedule can exceed."""

    schedule: Schedule
    metrics: ScheduleMetrics
    served_bound: int
    weight_bound: float
    gaps_bound: int
    """Lower bound of the gaps of schedules with the same meetings."""
    proven: bool
    """No schedule has better `served` or `weight`, and none with the same meetings has fewer gaps."""
    seconds: float
    """Wall-clock time since the start."""
    stage: str = ""
    """The objective being improved: weight or gaps."""
    outlook: Mapping[str, Outlook] = field(default_factory=dict)
    """What the orders `served_first` and `weight_first` of the objectives can reach: the price of the one in use."""


def measure(event: Event, schedule: Schedule) -> ScheduleMetrics:
    """Metrics of a schedule, computed from the schedule alone."""
    meetings_of = Counter(
        party for assignment in schedule.assignments for party in event.meeting(assignment.meeting).parties
    )
    days: dict[Id, list[Assignment]] = defaultdict(list)
    for assignment in schedule.assignments:
        for person in event.attendees(event.meeting(assignment.meeting)):
            days[person.id].append(assignment)
    gaps = moves = 0
    for day in days.values():
        day.sort(key=lambda assignment: assignment.slot)
        for previous, following in pairwise(day):
            gaps += following.slot > previous.slot + 1
            moves += (previous.hall, previous.table) != (following.hall, following.table)
    weight = sum(event.meeting(assignment.meeting).weight for assignment in schedule.assignments)
    return ScheduleMetrics(len(meetings_of), weight, gaps, _unevenness(event, meetings_of), moves)


def _unevenness(event: Event, meetings_of: Counter[Id]) -> float:
    requested = Counter(party for meeting in event.meetings for party in meeting.parties)
    shares = []
    for party in event.parties:
        limit = [] if party.max_meetings is None else [party.max_meetings]
        attainable = min(requested[party.id], len(event.slots), *limit)
        if attainable:
            shares.append(meetings_of[party.id] / attainable)
    if not shares:
        return 0.0
    mean = sum(shares) / len(shares)
    return float(round((sum((share - mean) ** 2 for share in shares) / len(shares)) ** 0.5, 4))
