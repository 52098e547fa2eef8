"""Hard constraints with names and descriptions, so that a conflict can be explained to users."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from scheduling.event import AgendaActivity, Event, Id, TimeWindow

type ConstraintKind = Literal[
    "required", "availability", "slots", "lock", "precedence", "activity", "max_meetings", "tables"
]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A hard constraint of an event. The type of `subject` depends on `kind`:

    required, slots, lock: id of a meeting; availability: id of a person; precedence: (before, after) ids of meetings;
    activity: (index of the agenda activity, id of a person); max_meetings: id of a party; tables: None.
    """

    kind: ConstraintKind
    subject: Any = None


TABLES = Constraint("tables")
"""The number of tables in all slots."""


@dataclass(frozen=True)
class Relaxation:
    """A proposal to give up one constraint."""

    constraint: Constraint
    text: str
    works: bool | None
    """Whether the event is feasible without the constraint; None: not known within the time limit."""
    amount: int | None = None
    """Smallest number that helps: additional tables in each slot, or the new limit of meetings."""


@dataclass(eq=False)
class InfeasibleError(Exception):
    """No schedule exists: the constraints in `conflict` cannot hold together."""

    event: Event
    conflict: tuple[Constraint, ...]
    minimal: bool = True
    """Without any one constraint of the conflict the others can hold together."""

    def __str__(self) -> str:
        sentences = (describe(self.event, constraint) for constraint in self.conflict)
        return "以下要求不能同时满足：" + "；".join(sentences) + "。"


def describe(event: Event, constraint: Constraint) -> str:
    """The constraint as a Chinese sentence without a full stop."""
    return _DESCRIPTIONS[constraint.kind](event, constraint.subject)


def relaxation(event: Event, constraint: Constraint, works: bool | None) -> Relaxation:
    """A Relaxation with the default text for the kind of the constraint."""
    if constraint.kind in ("required", "slots", "lock"):
        subject = parties_text(event, constraint.subject)
    elif constraint.kind == "availability":
        subject = person_name(event, constraint.subject)
    elif constraint.kind == "activity":
        subject = describe(event, constraint).replace("要参加", "参加")
    else:
        subject = describe(event, constraint)
    return Relaxation(constraint, _RELAXATION_TEXTS[constraint.kind].format(subject), works)


def slot_name(event: Event, slot: int) -> str:
    return str(event.slots[slot])


def parties_text(event: Event, meeting_id: Id) -> str:
    """Names of the two parties of a meeting, and its topic."""
    meeting = event.meeting(meeting_id)
    names = " 与 ".join(_party_name(event, party) for party in meeting.parties)
    return f"{names}（{meeting.topic}）" if meeting.topic else names


def _party_name(event: Event, party_id: Id) -> str:
    return event.party(party_id).name or str(party_id)


def person_name(event: Event, person_id: Id) -> str:
    for party, person in event.parties_by_person.get(person_id, ()):
        return person.name or party.name or str(person.id)
    return str(person_id)


def absent_slots(event: Event, person_id: Id) -> list[int]:
    """Slots in which a person is not available from start to end."""
    availabilities = [
        availability
        for party, person in event.parties_by_person.get(person_id, ())
        for availability in (party.availability, person.availability)
    ]
    if all(windows is None for windows in availabilities):
        return []
    return [
        n
        for n, slot in enumerate(event.slots)
        if not all(covers(windows, slot.start, slot.end) for windows in availabilities)
    ]


def covers(windows: tuple[TimeWindow, ...] | None, start: int, end: int) -> bool:
    """Whether the union of the windows contains the time from start to end. Windows may overlap; None contains all."""
    if windows is None:
        return True
    reached = start
    for opens, closes in sorted(windows):
        if opens <= reached < closes:
            reached = closes
    return reached >= end


def _describe_required(event: Event, meeting_id: Id) -> str:
    return f"{parties_text(event, meeting_id)}的洽谈必须安排"


def _describe_availability(event: Event, person_id: Id) -> str:
    name = person_name(event, person_id)
    absent = [slot_name(event, n) for n in absent_slots(event, person_id)]
    if len(absent) == len(event.slots):
        return f"{name}全天不在场"
    return f"{name}有 {len(absent)} 个时段不在场（{'、'.join(absent)}）"


def _describe_slots(event: Event, meeting_id: Id) -> str:
    allowed = [slot_name(event, n) for n in event.meeting(meeting_id).slots or ()]
    return f"{parties_text(event, meeting_id)}只能安排在 {'、'.join(allowed) or '（没有任何时段）'}"


def _describe_lock(event: Event, meeting_id: Id) -> str:
    lock = next(lock for lock in event.locks if lock.meeting == meeting_id)
    return f"{parties_text(event, meeting_id)}已锁定在 {slot_name(event, lock.slot)}"


def _describe_precedence(event: Event, subject: tuple[Id, Id]) -> str:
    before, after = subject
    return f"{parties_text(event, before)}要先于 {parties_text(event, after)}"


def _describe_activity(event: Event, subject: tuple[int, Id]) -> str:
    index, person = subject
    activity: AgendaActivity = event.activities[index]
    start = f"{activity.start // 60 % 24:02}:{activity.start % 60:02}"
    end = f"{activity.end // 60 % 24:02}:{activity.end % 60:02}"
    return f"{person_name(event, person)}要参加 {start}–{end} 的“{activity.name}”"


def _describe_max_meetings(event: Event, party_id: Id) -> str:
    return f"{_party_name(event, party_id)}最多洽谈 {event.party(party_id).max_meetings} 场"


def _describe_tables(event: Event, _subject: None) -> str:
    totals = [sum(hall.table_count(n) for hall in event.halls) for n in range(len(event.slots))]
    if len(set(totals)) == 1:
        return f"每个时段只有 {totals[0]} 张桌"
    return f"各时段的桌数为 {'、'.join(map(str, totals))}"


_DESCRIPTIONS: dict[ConstraintKind, Callable[[Event, Any], str]] = {
    "required": _describe_required,
    "availability": _describe_availability,
    "slots": _describe_slots,
    "lock": _describe_lock,
    "precedence": _describe_precedence,
    "activity": _describe_activity,
    "max_meetings": _describe_max_meetings,
    "tables": _describe_tables,
}

_RELAXATION_TEXTS: dict[ConstraintKind, str] = {
    "required": "不安排{}的洽谈",
    "availability": "请{}全程在场",
    "slots": "不限定{}的时段",
    "lock": "取消{}的锁定",
    "precedence": "取消先后要求“{}”",
    "activity": "不要求{}",
    "max_meetings": "放宽“{}”",
    "tables": "增加洽谈桌",
}
