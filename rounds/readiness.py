"""Facts of a round for its checklists, and its agenda as entries for conflict checks."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from matching.models import MatchRun
from rounds.agenda_conflicts import AgendaEntry, AgendaPerson, find_conflicts
from rounds.checklist import RoundFacts
from rounds.fates import Fate, planned_by_fate
from rounds.models import AgendaItem, Attendee, DockingRound, Meeting, Placement, Timetable
from rounds.round_dates import non_workday_reason


def round_facts(docking_round: DockingRound) -> RoundFacts:
    """Count all facts of a round, in about fifteen queries."""
    tables = list(docking_round.halls.filter(closed_at=None).values_list("tables", flat=True))
    inside = Q(starts_at__gte=docking_round.starts_at, ends_at__lte=docking_round.ends_at)
    items = list(docking_round.agenda.active().with_people())
    published = Timetable.objects.published().filter(docking_round=docking_round).first()
    run = docking_round.match_run
    planned = planned_by_fate(docking_round)
    now = timezone.now()
    return RoundFacts(
        status=docking_round.status,
        now=localtime(now),
        begins_from=localtime(begins_from(docking_round)),
        ends_at=localtime(docking_round.ends_at),
        closes_from=localtime(closes_from(docking_round, published)),
        today=localdate(),
        starts_on=localdate(docking_round.starts_at),
        is_over=docking_round.ends_at <= now,
        place=docking_round.place,
        hosts=tuple(docking_round.organiser_names("host")),
        undertakers=tuple(docking_round.organiser_names("undertaker")),
        themes=docking_round.themes,
        holiday=non_workday_reason(localdate(docking_round.starts_at)),
        halls=len(tables),
        tables=sum(tables),
        slots=docking_round.slots.count(),
        slots_outside=docking_round.slots.exclude(inside).count(),
        agenda=len(items),
        clashes=tuple(find_conflicts(map(agenda_entry, items))),
        overlaps=tuple(_overlaps(published, items)) if published else (),
        featured=docking_round.featured.count(),
        parties=docking_round.parties.coming().count(),
        waiting=docking_round.parties.awaiting_answer().count(),
        published_version=published.number if published else None,
        meetings=docking_round.meetings.filter(status__in=Meeting.SAT_DOWN).count(),
        without_outcome=docking_round.meetings.held().filter(outcomes=None).count(),
        unfinished=docking_round.meetings.filter(status=Meeting.Status.BEGUN).count(),
        not_begun=planned[Fate.UNRECORDED] + planned[Fate.PENDING],
        open_matches=run.matches.filter(status="proposed").count() if run else 0,
        is_matching=run is not None and run.status == MatchRun.Status.QUEUED,
        is_report_released=docking_round.reports.released().exists(),
        documents=docking_round.documents.kept().count(),
    )


def begins_from(docking_round: DockingRound) -> datetime:
    """The moment from which the round can be begun."""
    return docking_round.starts_at - timedelta(minutes=settings.ROUND_OPENING_MINUTES)


def closes_from(docking_round: DockingRound, published: Timetable | None) -> datetime:
    """The moment from which the round can be closed: its end; while it runs, the end of its last meeting if earlier."""
    if docking_round.status != DockingRound.Status.RUNNING or published is None:
        return docking_round.ends_at
    placed = published.placements.exclude(meeting__status=Meeting.Status.DROPPED)
    last = placed.aggregate(last=Max("slot__ends_at"))["last"]
    return min(last, docking_round.ends_at) if last else docking_round.ends_at


def agenda_entry(item: AgendaItem) -> AgendaEntry:
    """Convert an item loaded `with_people` for conflict checks."""
    return build_entry(
        item,
        parties=item.parties.all(),
        people=[*item.attendees.all(), *item.speakers.all()],
    )


def build_entry(item: AgendaItem, *, parties: Iterable, people: Iterable[Attendee]) -> AgendaEntry:
    """Convert an item, saved or not, with the given parties and people."""
    people, coming = list(people), list(parties)
    named = [
        AgendaPerson(person.name, person.party.organisation.name, person.same_as_id or person.pk) for person in people
    ]
    guests = [AgendaPerson(guest.name, guest.position) for guest in item.guest_list]
    return AgendaEntry(
        title=item.title,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        hall=(item.hall_id, item.hall.name) if item.hall else None,
        achievement=(item.achievement_id, item.achievement.title) if item.achievement else None,
        people=tuple(named + guests),
        parties=tuple((party.pk, str(party)) for party in coming),
        party_of=tuple({person.party_id: str(person.party) for person in people}.items()),
    )


def _overlaps(published: Timetable, items: list[AgendaItem]) -> list[str]:
    """Return published meetings of a party during an agenda item that the whole party must attend."""
    wanted = [(item, party) for item in items for party in item.parties.all()]
    if not wanted:
        return []
    ids = {party.pk for _item, party in wanted}
    placements = Placement.objects.filter(timetable=published).filter(
        Q(meeting__firm_party__in=ids) | Q(meeting__institution_party__in=ids)
    )
    busy = [
        (placement.slot, {placement.meeting.firm_party_id, placement.meeting.institution_party_id})
        for placement in placements.exclude(meeting__status=Meeting.Status.DROPPED).select_related("slot", "meeting")
    ]
    return [
        "%(party)s应到“%(item)s”，%(when)s 却排了洽谈。请改期重排，或调整应到单位。"
        % {"party": party, "item": item.title, "when": f"{localtime(slot.starts_at):%H:%M}"}
        for item, party in wanted
        for slot, ids in busy
        if party.pk in ids and slot.starts_at < item.ends_at and item.starts_at < slot.ends_at
    ]
