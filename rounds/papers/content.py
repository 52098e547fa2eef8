"""Template context of each paper, in a fixed number of queries for any number of guests."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.names import PUBLIC
from demands.masking import identifying_names, mask_firm
from rounds.models import AgendaItem, Attendee, DockingRound, FeaturedAchievement, Meeting, Organiser, Party, Placement
from rounds.papers.booklet_sections import booklet_sections
from rounds.papers.pdf import PdfRenderingError
from rounds.papers.pictures import hall_plan, qr_code

PER_SHEET = 8
"""Badges on a sheet of A4."""


@dataclass
class DayEntry:
    """An entry of a party's day: an agenda item, or a meeting with its partner and topic."""

    starts_at: datetime
    ends_at: datetime
    where: str
    what: str
    about: str = ""


@dataclass
class PartyDay:
    """The day of one party."""

    party: Party
    lines: list[DayEntry] = field(default_factory=list)

    @property
    def meetings(self) -> int:
        return sum(bool(line.about) for line in self.lines)

    @property
    def attendee_text(self) -> str:
        people = self.party.attendees.all()
        return "、".join(f"{person.name}（{person.position}）" if person.position else person.name for person in people)


def booklet(docking_round: DockingRound) -> dict:
    """Cover, agenda, featured achievements in order, institutions, hall plans, and registered sections (policies)."""
    related = ("achievement__institution", "achievement__industry")
    features = list(FeaturedAchievement.objects.filter(docking_round=docking_round).in_order().select_related(*related))
    offers = Counter(feature.achievement.institution_id for feature in features)
    halls = list(docking_round.halls.filter(closed_at=None))
    agenda = list(AgendaItem.objects.active().filter(docking_round=docking_round, is_public=True).with_people())
    return {
        "organisers": organisers_of(docking_round),
        "agenda": agenda,
        "features": features,
        "institutions": [
            (institution, offers[institution.pk])
            for institution in docking_round.institutions.order_by("-is_local", "name")
        ],
        "halls": [(hall, hall_plan(hall.tables)) for hall in halls],
        "sections": booklet_sections(docking_round),
        "address": settings.SITE_ADDRESS + reverse("round_detail", args=[docking_round.public_id]),
        "qr": qr_code(settings.SITE_ADDRESS + reverse("round_detail", args=[docking_round.public_id])),
    }


def plans(docking_round: DockingRound, parties) -> dict:
    """A page for each coming party: where to be and whom to meet. Raises PdfRenderingError if there is none."""
    chosen = list(parties.coming().select_related("organisation").prefetch_related("attendees"))
    if not chosen:
        raise PdfRenderingError("还没有确认参加的单位，不能生成洽谈安排。")
    days = {party.pk: PartyDay(party) for party in chosen}
    for placement in _placements(docking_round):
        meeting, where = (
            placement.meeting,
            "%(hall)s %(table)d 号桌"
            % {
                "hall": placement.hall.name,
                "table": placement.table,
            },
        )
        for mine, other in (
            (meeting.firm_party, meeting.institution_party),
            (meeting.institution_party, meeting.firm_party),
        ):
            if mine.pk in days:
                slot = placement.slot
                name = meeting.name_of(other, mine.reader, full=True)
                if own_alias := meeting.alias_of(mine.organisation):
                    name = f"{name}（现场桌卡和大屏上，您显示为“{own_alias}”）"
                days[mine.pk].lines.append(DayEntry(slot.starts_at, slot.ends_at, where, name, meeting_topic(meeting)))
    for item in AgendaItem.objects.active().filter(docking_round=docking_round).with_people():
        wanted = {party.pk for party in item.parties.all()}
        wanted |= {person.party_id for person in [*item.attendees.all(), *item.speakers.all()]}
        where = item.hall.name if item.hall else ""
        for pk in wanted & days.keys():
            days[pk].lines.append(DayEntry(item.starts_at, item.ends_at, where, item.title))
    for plan in days.values():
        plan.lines.sort(key=lambda line: line.starts_at)
    return {"plans": list(days.values()), "has_timetable": bool(_published(docking_round))}


def table_cards(docking_round: DockingRound) -> dict:
    """A card for each table with its meetings by time, under public names."""
    at_table = defaultdict(list)
    for placement in _placements(docking_round):
        meeting = placement.meeting
        sides = (meeting.firm_party, meeting.institution_party)
        line = (placement.slot, *(meeting.name_of(party, PUBLIC) for party in sides))
        at_table[placement.hall_id, placement.table].append(line)
    cards = [
        (hall, number, at_table[hall.pk, number])
        for hall in docking_round.halls.filter(closed_at=None)
        for number in range(1, hall.tables + 1)
    ]
    if not cards:
        raise PdfRenderingError("场地都没有洽谈桌，请先填写桌数。")
    return {"cards": cards}


def badges(docking_round: DockingRound) -> dict:
    """A badge for each person of a coming party, with a code that the check-in desk scans."""
    people = list(
        Attendee.objects.filter(party__in=Party.objects.filter(docking_round=docking_round).coming())
        .select_related("party__organisation")
        .order_by("party__side", "party__organisation__name", "pk")
    )
    if not people:
        raise PdfRenderingError("还没有参会人员，不能生成参会证。")
    made = [(person, qr_code(person.public_id)) for person in people]
    return {"sheets": [made[at : at + PER_SHEET] for at in range(0, len(made), PER_SHEET)]}


def sign_in(docking_round: DockingRound) -> dict:
    """All expected people, firms by district, then institutions; a blank line for a party without named people."""
    parties = (
        Party.objects.filter(docking_round=docking_round)
        .coming()
        .select_related("organisation__stat_region")
        .prefetch_related("attendees")
        .order_by("side", "organisation__stat_region__order", "organisation__name", "team", "pk")
    )
    groups: defaultdict[str, list[tuple[Party, Attendee | None]]] = defaultdict(list)
    for party in parties:
        region = party.organisation.stat_region
        name = "院校" if party.side == Party.Side.INSTITUTION else (region.name if region else "其他企业")
        people: list[Attendee | None] = [*party.attendees.all()]
        groups[str(name)] += [(party, person) for person in people or [None]]
    if not groups:
        raise PdfRenderingError("还没有确认参加的单位，不能生成签到表。")
    return {"groups": list(groups.items())}


def letters(made, region_id: int | None = None) -> dict:
    """A page for each letter with the QR code of its address; only of one region if given."""
    chosen = [letter for letter in made if region_id in (None, letter.party.organisation.stat_region_id)]
    if not chosen:
        raise PdfRenderingError("还没有邀请任何单位，不能生成邀请函。请先在参会名单里邀请。")
    return {"letters": [(letter, qr_code(letter.address)) for letter in chosen]}


def organisers_of(docking_round: DockingRound) -> list[tuple[str, list[str]]]:
    return [(str(role.label), names) for role in Organiser.Role if (names := docking_round.organiser_names(role.value))]


def meeting_topic(meeting: Meeting) -> str:
    """Return a short topic of the meeting, without the name of an anonymous firm."""
    topic = meeting.topic or (meeting.match.achievement.title if meeting.match else "自由洽谈")
    demand = meeting.demand
    return mask_firm(topic, identifying_names(demand)) if demand and demand.is_anonymous else topic


def _published(docking_round: DockingRound):
    return docking_round.timetables.published().first()


def _placements(docking_round: DockingRound):
    return (
        Placement.objects.filter(timetable__docking_round=docking_round, timetable__status="published")
        .exclude(meeting__status=Meeting.Status.DROPPED)
        .select_related(
            *("slot", "hall", "meeting__match__achievement", "meeting__match__follow_up"),
            *("meeting__match__demand__firm", "meeting__unmatched_demand__firm"),
            *("meeting__firm_party__organisation", "meeting__institution_party__organisation"),
        )
        .order_by("slot__starts_at", "hall__order", "table")
    )
