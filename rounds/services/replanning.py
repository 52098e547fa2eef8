"""Replanning during the event: an incident is recorded, and a draft shows the necessary changes.

The incident stays recorded whether or not the draft is published. Meetings that have begun or are locked keep their
places.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.models import User
from audit.services import record
from rounds.models import Away, DockingRound, Hall, LostTable, Meeting, Party, Placement, Timetable
from rounds.planning.changes import place_text
from rounds.planning.snapshot import RoundSnapshot, read_snapshot
from rounds.planning.stored_plans import missed_placements, placements_of, plan_of, reasons_of, save_plan
from rounds.services.meetings import PRIORITIES
from rounds.services.timetables import check_city, new_version
from scheduling import InvalidEventError, Schedule, SchedulingError, measure
from scheduling.repair import RepairResult, repair, replacements

REPAIR_SECONDS = 4.0
"""Time limit of the search, so that the answer arrives within five seconds."""


@dataclass(frozen=True)
class NoShow:
    """A party that has not come, or has left for good."""

    party: Party

    @property
    def words(self) -> str:
        return "%(party)s未到" % {"party": self.party}

    def note(self) -> None:
        Party.objects.filter(pk=self.party.pk, absent_at=None).update(absent_at=timezone.now())


@dataclass(frozen=True)
class LateArrival:
    """A party that arrives at `until`."""

    party: Party
    until: datetime

    @property
    def words(self) -> str:
        return "%(party)s %(time)s 才到" % {"party": self.party, "time": localtime(self.until).strftime("%H:%M")}

    def note(self) -> None:
        now = timezone.now()
        if self.until <= now:
            raise ValidationError(
                "到场时间 %(time)s 已过，请填以后的时间。" % {"time": localtime(self.until).strftime("%H:%M")}
            )
        Away.objects.get_or_create(party=self.party, from_at=now, until_at=self.until)


@dataclass(frozen=True)
class ReturnedParty:
    """A party that was marked as absent and has come."""

    party: Party

    @property
    def words(self) -> str:
        return "%(party)s已到" % {"party": self.party}

    def note(self) -> None:
        Party.objects.filter(pk=self.party.pk).update(absent_at=None)


@dataclass(frozen=True)
class AddedMeeting:
    """A meeting requested after the timetable was published."""

    meeting: Meeting

    @property
    def words(self) -> str:
        return "新增洽谈 %(meeting)s" % {"meeting": self.meeting}

    def note(self) -> None:
        """Nothing to record: the meeting itself is the record."""


@dataclass(frozen=True)
class ClosedTable:
    hall: Hall
    table: int

    @property
    def words(self) -> str:
        return "%(hall)s %(table)d 号桌停用" % {"hall": self.hall, "table": self.table}

    def note(self) -> None:
        if not 1 <= self.table <= self.hall.tables:
            raise ValidationError("%(hall)s没有 %(table)d 号桌。" % {"hall": self.hall, "table": self.table})
        LostTable.objects.get_or_create(hall=self.hall, table=self.table, defaults={"lost_at": timezone.now()})


@dataclass(frozen=True)
class ClosedHall:
    hall: Hall

    @property
    def words(self) -> str:
        return "%(hall)s停用" % {"hall": self.hall}

    def note(self) -> None:
        Hall.objects.filter(pk=self.hall.pk, closed_at=None).update(closed_at=timezone.now())


type Incident = NoShow | LateArrival | ReturnedParty | AddedMeeting | ClosedTable | ClosedHall


@dataclass(frozen=True)
class ReplacementOffer:
    """A left-out meeting that could be held now without moving any other; `words` say where and why."""

    meeting: Meeting
    place: Placement
    words: str


def replan(docking_round: DockingRound, change: Incident, *, by: User | None) -> Timetable | None:
    """Record an incident and repair the published timetable in a draft.

    Returns None if nothing is published: the incident counts in the next plan. Unchanged drafts of earlier incidents
    are discarded: the new draft includes them. Raises PermissionDenied, ValidationError.
    """
    _check_may_report(change, by)
    with transaction.atomic():
        row = DockingRound.objects.select_for_update().get(pk=docking_round.pk)
        if row.status not in DockingRound.OPEN:
            raise ValidationError("“%(round)s”已经结束，不能再调整日程。" % {"round": row})
        change.note()
        record("现场变化", row, by=by, changes={"what": [None, change.words]})
        published = row.timetables.published().first()
    if published is None:
        return None
    places = placements_of(published)
    snapshot, plan = _current_state(row, published, places)
    for meeting in _reopened_meetings(change, snapshot):
        plan.left_out.pop(meeting, None)
    try:
        mended = repair(snapshot.event, plan, now=snapshot.now, seconds=REPAIR_SECONDS)
    except SchedulingError as error:
        raise ValidationError(str(error)) from error
    with transaction.atomic():
        row = DockingRound.objects.select_for_update().get(pk=row.pk)
        happened = _incident_texts(row, published, places, change)
        _discard_repair_drafts(row, published)
        draft = new_version(
            row,
            by=by,
            based_on=published,
            status=Timetable.Status.DRAFT,
            why=_join_incidents(happened),
            parameters={"mended": True, "happened": happened},
            event_hash=snapshot.fingerprint,
        )
        save_plan(
            draft,
            snapshot,
            mended.schedule,
            carried=missed_placements(places),
            locked={place.meeting_id for place in places if place.is_locked},
            by_hand={place.meeting_id for place in places if place.is_by_hand} - mended.difference.moved.keys(),
        )
        draft.best = _progress_of(snapshot, mended)
        draft.save(update_fields=["best"])
        record("临时调整排期", draft, by=by, changes={"why": [None, change.words]})
    return draft


def _check_may_report(change: Incident, by: User | None) -> None:
    """Staff who receive a party may report its absence or arrival; other incidents are reported by the city."""
    party = getattr(change, "party", None)
    is_district = by is not None and by.scope.is_district
    if party is None or by is None or not is_district or not Party.objects.received_by(by).filter(pk=party.pk).exists():
        check_city(by)


def _current_state(
    docking_round: DockingRound, published: Timetable, places: list[Placement]
) -> tuple[RoundSnapshot, Schedule]:
    """Return the current event and the published plan, limited to meetings that are still wanted.

    Meetings left out stay out, also those requested later: `replacement_offers` lists them.
    """
    try:
        snapshot = read_snapshot(docking_round, locked=places, lenient=True)
    except InvalidEventError as error:
        raise ValidationError([f"{problem}。" for problem in error.problems]) from error
    return snapshot, plan_of(snapshot, places, reasons_of(published))


def _reopened_meetings(change: Incident, snapshot: RoundSnapshot) -> list[int]:
    """Return left-out meetings that get a place if one is free."""
    if isinstance(change, AddedMeeting):
        return [change.meeting.pk]
    if isinstance(change, ReturnedParty):
        return [
            meeting.pk
            for meeting in snapshot.meetings.values()
            if change.party.pk in (meeting.firm_party_id, meeting.institution_party_id)
        ]
    return []


def _progress_of(snapshot: RoundSnapshot, mended: RepairResult) -> dict[str, Any]:
    got = measure(snapshot.event, mended.schedule)
    return {
        "served": got.served,
        "weight": round(got.weight, 1),
        "gaps": got.gaps,
        "moves": got.moves,
        "placed": len(mended.schedule.assignments),
        "wanted": len(snapshot.event.meetings) + len(snapshot.excluded),
        "seconds": mended.seconds,
        "fewest": mended.is_minimal,
    }


def _incident_texts(
    docking_round: DockingRound, published: Timetable, places: list[Placement], change: Incident
) -> list[str]:
    """Return the texts of all incidents a draft repairs, `change` last: those of earlier drafts and absences."""
    waiting = [place.meeting for place in places if place.meeting.status == Meeting.Status.WANTED]
    sides = {party.pk: party for meeting in waiting for party in (meeting.firm_party, meeting.institution_party)}
    absent = [NoShow(party).words for party in sides.values() if party.absent_at]
    come = {NoShow(party).words for party in sides.values() if not party.absent_at}
    earlier = [
        words for draft in _repair_drafts(docking_round, published) for words in draft.parameters.get("happened", ())
    ]
    return [*(text for text in dict.fromkeys([*earlier, *absent]) if text not in {*come, change.words}), change.words]


def _join_incidents(happened: list[str]) -> str:
    """Join the texts, the last one first, cut to the length of the column."""
    longest = Timetable._meta.get_field("why").max_length
    *others, last = happened
    words = "；".join([last, *others])
    return words if longest is None or len(words) <= longest else words[: longest - 1] + "…"


def _repair_drafts(docking_round: DockingRound, published: Timetable) -> QuerySet[Timetable]:
    """Drafts that repair the published version and were not changed by hand."""
    return docking_round.timetables.filter(
        status=Timetable.Status.DRAFT, based_on=published, revision=0, parameters__mended=True
    )


def _discard_repair_drafts(docking_round: DockingRound, published: Timetable) -> None:
    _repair_drafts(docking_round, published).update(status=Timetable.Status.DISCARDED, revision=F("revision") + 1)


def replacement_offers(timetable: Timetable, *, most: int = 5) -> list[ReplacementOffer]:
    """Return the best meetings for the free places of a version, by descending weight. `move_meeting` applies one."""
    places = placements_of(timetable)
    try:
        snapshot = read_snapshot(timetable.docking_round, locked=places, lenient=True)
    except InvalidEventError:
        return []
    plan = plan_of(snapshot, places, reasons_of(timetable))
    available = []
    for replacement in replacements(snapshot.event, plan, now=snapshot.now, limit=most):
        meeting = snapshot.meetings[int(replacement.meeting)]
        place = Placement(
            timetable=timetable,
            meeting=meeting,
            slot=snapshot.slots[replacement.slot],
            hall=snapshot.halls[int(replacement.hall)],
            table=replacement.table,
        )
        available.append(ReplacementOffer(meeting, place, _offer_text(meeting, place)))
    return available


def _offer_text(meeting: Meeting, place: Placement) -> str:
    fit = "匹配度 %(score)d" % {"score": round(meeting.match.score)} if meeting.match else "双方约定"
    return "%(place)s空着，%(meeting)s 双方都有空（%(fit)s，优先级%(priority)s）" % {
        "place": place_text(place),
        "meeting": meeting,
        "fit": fit,
        "priority": PRIORITIES[meeting.priority],
    }
