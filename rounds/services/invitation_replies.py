"""What a guest answers, as a value: compared with the stored answer, kept as JSON while it waits for the planner."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from rounds.models import Attendee, Party

PERSON_FIELDS = ("name", "position", "role", "stands_in_for", "dietary", "access")
Answer = Party.Answer


@dataclass(frozen=True, slots=True)
class AttendeeInput:
    """A person of an answer. `public_id` names the existing attendee; empty for a new one."""

    name: str
    position: str = ""
    public_id: str = ""
    role: str = Attendee.Role.GUEST
    stands_in_for: str = ""
    dietary: str = ""
    access: str = ""


@dataclass(frozen=True, slots=True)
class InvitationReply:
    """A complete answer. Times of None mean the whole event; `most_meetings` None means no limit.

    `busy`: periods in which the guest cannot talk; None leaves those it named before.
    """

    coming: bool
    people: Sequence[AttendeeInput] = field(default_factory=tuple)
    arrives_at: datetime | None = None
    leaves_at: datetime | None = None
    most_meetings: int | None = None
    note: str = ""
    shows_name: bool = False
    busy: tuple[tuple[datetime, datetime], ...] | None = None


def is_same_answer(party: Party, reply: InvitationReply) -> bool:
    """Whether this answer is already recorded, so that a form sent twice changes nothing."""
    if party.answer not in ((Answer.COMING, Answer.WAITING) if reply.coming else (Answer.DECLINED,)):
        return False
    same = party.answer_note == reply.note.strip()[:300]
    if not reply.coming:
        return same
    people = [tuple(getattr(person, name) for name in PERSON_FIELDS) for person in reply.people]
    return (
        same
        and party.shows_name == reply.shows_name
        and is_same_busy(party, reply)
        and (party.arrives_at, party.leaves_at) == (reply.arrives_at, reply.leaves_at)
        and party.most_meetings == reply.most_meetings
        and people == list(party.attendees.order_by("pk").values_list(*PERSON_FIELDS))
    )


def is_same_busy(party: Party, reply: InvitationReply) -> bool:
    if reply.busy is None:
        return True
    return sorted(reply.busy) == sorted(party.aways.filter(is_own=True).values_list("from_at", "until_at"))


def reply_to_json(reply: InvitationReply) -> dict[str, Any]:
    values = asdict(reply)
    for name in ("arrives_at", "leaves_at"):
        values[name] = values[name].isoformat() if values[name] else None
    values["busy"] = None if reply.busy is None else [[start.isoformat(), end.isoformat()] for start, end in reply.busy]
    return values


def reply_from_json(stored: dict[str, Any]) -> InvitationReply:
    values = dict(stored)
    for name in ("arrives_at", "leaves_at"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    busy = values["busy"]
    values["busy"] = None if busy is None else tuple(_period(period) for period in busy)
    values["people"] = tuple(AttendeeInput(**person) for person in values["people"])
    return InvitationReply(**values)


def reply_of(party: Party) -> InvitationReply:
    """The answer that a party has stored, as a coming one."""
    people = party.attendees.order_by("pk")
    return InvitationReply(
        coming=True,
        people=tuple(
            AttendeeInput(public_id=person.public_id, **{name: getattr(person, name) for name in PERSON_FIELDS})
            for person in people
        ),
        arrives_at=party.arrives_at,
        leaves_at=party.leaves_at,
        most_meetings=party.most_meetings,
        note=party.answer_note,
        shows_name=party.shows_name,
    )


def _period(period: list[str]) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(moment) for moment in period)
    return start, end
