"""What the planner answers."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from scheduling.event import Event, Id
from scheduling.rules import Rule, advice, words


@dataclass(frozen=True, slots=True)
class Meeting:
    wish: Id
    slot: int
    hall: Id
    table: int
    """Counted from 1 within its hall."""


@dataclass(frozen=True)
class Plan:
    """A complete timetable: every wish is in `meetings` or in `left_out`, with the reason in words."""

    meetings: tuple[Meeting, ...]
    left_out: dict[Id, str] = field(default_factory=dict)

    @cached_property
    def by_wish(self) -> dict[Id, Meeting]:
        return {meeting.wish: meeting for meeting in self.meetings}


@dataclass(frozen=True, slots=True)
class Figures:
    """How good a plan is, in the order in which plans are compared."""

    served: int
    """Parties with at least one meeting."""
    weight: float
    gaps: int
    """Runs of idle slots between two meetings of one person, over all persons."""
    unevenness: float
    """Standard deviation, over parties with wishes, of meetings as a share of what the party could have had at most."""
    moves: int
    """Times a person goes to another table for the next meeting."""


@dataclass(frozen=True, slots=True)
class Step:
    """The best plan so far, and what no plan can surpass."""

    plan: Plan
    figures: Figures
    served_bound: int
    weight_bound: float
    gaps_bound: int
    """Of plans that hold the same meetings."""
    proven: bool
    """No plan of the same meetings has fewer gaps, and none at all serves more parties or has more weight."""
    seconds: float
    stage: str = ""


@dataclass(frozen=True)
class Relaxation:
    rule: Rule
    words: str
    works: bool | None
    """Whether a plan exists without this limit; None: not known within the time."""


@dataclass(frozen=True)
class NoPlan(Exception):
    """No plan exists. `conflict` cannot hold together; without any one of them the others can."""

    event: Event
    conflict: tuple[Rule, ...]
    minimal: bool = True
    relaxations: tuple[Relaxation, ...] = ()

    def __str__(self) -> str:
        return "以下要求不能同时满足：" + "；".join(words(self.event, rule) for rule in self.conflict) + "。"


def relaxation(event: Event, rule: Rule, works: bool | None) -> Relaxation:
    return Relaxation(rule, advice(event, rule), works)


def figures(event: Event, plan: Plan) -> Figures:
    held = Counter(party for meeting in plan.meetings for party in event.wish(meeting.wish).parties)
    days: dict[Id, list[Meeting]] = defaultdict(list)
    for meeting in plan.meetings:
        for person in event.attendees(event.wish(meeting.wish)):
            days[person.id].append(meeting)
    gaps = moves = 0
    for day in days.values():
        day.sort(key=lambda meeting: meeting.slot)
        for one, other in pairwise(day):
            gaps += other.slot > one.slot + 1
            moves += (one.hall, one.table) != (other.hall, other.table)
    weight = sum(event.wish(meeting.wish).weight for meeting in plan.meetings)
    return Figures(len(held), weight, gaps, _unevenness(event, held), moves)


def _unevenness(event: Event, held: Counter) -> float:
    wished = Counter(party for wish in event.wishes for party in wish.parties)
    shares = []
    for party in event.parties:
        could = min(wished[party.id], len(event.slots), *([] if party.most is None else [party.most]))
        if could:
            shares.append(held[party.id] / could)
    if not shares:
        return 0.0
    mean = sum(shares) / len(shares)
    return round((sum((share - mean) ** 2 for share in shares) / len(shares)) ** 0.5, 4)
