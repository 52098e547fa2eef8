"""Attacks on anonymous firms at a round: joining cards, screens, plans and calendars by place and time."""

from collections import Counter
from copy import deepcopy
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.names import PUBLIC
from audit.models import AuditRecord
from matching.models import FollowUp
from rounds.day.signage import signage_rows
from rounds.models import AnonymousNumber, Meeting, Party
from rounds.papers.content import plans, table_cards
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from rounds.services.meeting_follow_up import follow_up_outcome, pair_meeting
from rounds.services.meetings import drop_meeting
from rounds.services.publishing import publish_timetable
from scheduling import Event, MeetingHall, MeetingParty, RequestedMeeting, TimeSlot
from scheduling.problem import compile_event
from scheduling.table_assignment import assign_tables
from tests import factories as make
from tests.attacks.round_documents import (
    admitted_numbers,
    calendar_text,
    numbers_joined_with_names,
    own_labels,
    public_labels,
)
from tests.kept_rows import kept_rows
from tests.rounds.rounds import planned, small_round

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """Firm 0 has a named demand and two anonymous ones. Office 0 asks about the first anonymous one and has not agreed;
    office 1 meets it for the named one; office 2 agreed to the first anonymous one and not to the second."""
    with kept_rows(django_db_blocker):
        yield _world()


@pytest.fixture
def world(db, kept):
    """With objects of its own for each test."""
    return deepcopy(kept)


def _world() -> SimpleNamespace:
    world = small_round(firms=3, teams=3, tables=3, slots=6, pairs=[(1, 0), (2, 1)])
    firm = world.firms[0]
    world.named = make.demand(firm=firm.organisation, title="公开的需求")
    world.hidden = make.demand(
        firm=firm.organisation, title="甲公司保持架", is_anonymous=True, public_alias="某轴承企业"
    )
    world.other = make.demand(firm=firm.organisation, title="涂层", is_anonymous=True, public_alias="某机械企业")
    world.about = {
        name: _meeting(world, team, demand, agreed=agreed)
        for name, team, demand, agreed in (
            ("asked", 0, world.hidden, False),
            ("named", 1, world.named, False),
            ("agreed", 2, world.hidden, True),
            ("second", 2, world.other, False),
        )
    }
    publish_timetable(planned(world), revision=0, by=world.by)
    return world


def _meeting(world: SimpleNamespace, team: int, demand, *, agreed: bool) -> Meeting:
    party = world.teams[team]
    match = make.match(
        achievement=make.achievement(institution=party.organisation), demand=demand,
        status="accepted", reviewed_by=world.by, reviewed_at=timezone.now(),
    )  # fmt: skip
    now = timezone.now()
    agreement = {"status": "talks", "agreed_at": now, "next_on": now.date()}
    state = agreement | make.own_words(match, stance="willing") if agreed else {}
    FollowUp.objects.create(match=match, owner=world.by, **state)
    return make.meeting(world.firms[0], party, match=match)


def number_of(world, demand) -> str:
    return f"匿名企业 {AnonymousNumber.objects.get(docking_round=world.round, demand=demand).number:02d}"


@pytest.mark.long
def test_own_plans_beside_cards_and_screens_join_no_number_with_a_name(world):
    """The institution with the named meeting learns no number; the admitted one only that of its own matter."""
    for party in Party.objects.filter(docking_round=world.round, side="office"):
        assert numbers_joined_with_names(party).keys() <= admitted_numbers(party)
    assert numbers_joined_with_names(world.teams[2]).keys() == {number_of(world, world.hidden)}


def test_who_knows_one_matter_does_not_recognise_the_firm_in_another(world):
    assert number_of(world, world.hidden) != number_of(world, world.other)
    labels = {name for names in own_labels(world.teams[2]).values() for name in names}
    assert number_of(world, world.other) in labels and number_of(world, world.hidden) not in labels


def test_card_screen_plan_day_page_and_calendar_show_the_same_number(world):
    number = number_of(world, world.hidden)
    at = {place: names for place, names in own_labels(world.teams[0]).items() if number in names}
    assert len(at) == 1 and all(names == {number} for names in at.values())
    assert public_labels(world.round)[next(iter(at))] == {number}
    calendar = calendar_text(world.teams[0])
    assert f"洽谈：{number}" in calendar and "甲公司" not in calendar and "某轴承企业" not in calendar


def test_public_documents_name_the_firm_only_at_its_named_meeting(world):
    labels = Counter(name for names in public_labels(world.round).values() for name in names)
    assert labels["甲公司"] == 1
    assert labels[number_of(world, world.hidden)] == 2 and labels[number_of(world, world.other)] == 1


def test_what_one_meeting_shows_does_not_depend_on_the_other_meetings_of_the_firm(world):
    """Otherwise a change elsewhere, as a second demand that becomes anonymous, would show whose it is."""
    shown = {name: meeting.name_of(meeting.firm_party, PUBLIC) for name, meeting in fresh(world).items()}
    assert shown["named"] == "甲公司"
    Meeting.objects.filter(pk__in=[world.about[name].pk for name in ("asked", "second")]).update(
        status="dropped", dropped_reason="取消"
    )
    assert {name: meeting.name_of(meeting.firm_party, PUBLIC) for name, meeting in fresh(world).items()} == shown


def fresh(world) -> dict[str, Meeting]:
    return {name: Meeting.objects.get(pk=meeting.pk) for name, meeting in world.about.items()}


def test_absence_does_not_blank_named_and_anonymous_meetings_in_the_same_minute(world):
    """A screen that drops 甲公司 and 匿名企业 07 at once says that they are one."""
    Party.objects.filter(pk=world.firms[0].pk).update(absent_at=timezone.now())
    shown = {
        row.now.split(" × ")[0]
        for slot in world.round.slots.all()
        for row in signage_rows(world.round, None, slot.starts_at)
        if row.now
    }
    assert "甲公司" not in shown and number_of(world, world.hidden) in shown


def test_numbers_are_drawn_at_random_and_stay(world, monkeypatch):
    before = dict(AnonymousNumber.objects.values_list("demand", "number"))
    assign_anonymous_numbers(world.round)
    assert dict(AnonymousNumber.objects.values_list("demand", "number")) == before
    orders = set()
    for _draw in range(6):
        other = make.docking_round(status="gathering")
        firm, team = make.party(other, world.firms[0].organisation), make.party(other, world.teams[0].organisation)
        for demand in (world.hidden, world.other):
            make.meeting(firm, team, unmatched_demand=demand)
        assign_anonymous_numbers(other)
        orders.add(tuple(other.anonymous_numbers.order_by("demand").values_list("number", flat=True)))
    assert len(orders) > 1  # the same six times: once in 10^19


def test_the_database_keeps_numbers_apart(world):
    taken = AnonymousNumber.objects.filter(docking_round=world.round).first()
    for values in ({"number": taken.number, "demand": world.named}, {"number": 98, "demand": taken.demand}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AnonymousNumber.objects.create(docking_round=world.round, **values)


def test_cards_and_plans_are_ordered_by_time_and_not_by_hidden_names(world):
    for _hall, _table, lines in table_cards(world.round)["cards"]:
        assert lines == sorted(lines, key=lambda line: line[0].starts_at)


def test_a_topic_typed_by_staff_does_not_name_the_firm(world):
    meeting = world.about["asked"]
    Meeting.objects.filter(pk=meeting.pk).update(topic=f"{world.firms[0].organisation.name}的保持架")
    party = world.teams[0]
    text = str(own_labels(party)) + calendar_text(party)
    pages = plans(world.round, Party.objects.filter(pk=party.pk))["plans"]
    text += str([entry for page in pages for entry in page.lines])
    assert world.firms[0].organisation.name not in text and "保持架" in text


def test_an_outcome_does_not_link_a_named_meeting_with_an_anonymous_demand(world):
    """The only match of the two is about the anonymous demand: taking it for granted would name its firm."""
    named = make.meeting(world.firms[0], world.teams[0], topic="自由洽谈", status="held", begun_at=timezone.now())
    Meeting.objects.filter(pk=named.pk).update(ended_at=timezone.now())
    named.outcomes.create(side="host", verdict="go_on", recorded_by=world.by)
    follow_up_outcome(named.outcomes.get(), by=world.by)
    named.refresh_from_db()
    assert named.match is None and named.name_of(named.firm_party, PUBLIC) == "甲公司"


def test_staff_cannot_pair_a_named_meeting_with_an_anonymous_demand(world):
    named = make.meeting(world.firms[0], world.teams[1], topic="自由洽谈", status="held")
    achievement = make.achievement(institution=world.teams[1].organisation)
    with pytest.raises(ValidationError, match="匿名"):
        pair_meeting(named, achievement=achievement, demand=world.hidden, by=world.by)


def test_logs_and_the_audit_trail_carry_the_number(world):
    meeting = Meeting.objects.get(pk=world.about["asked"].pk)
    drop_meeting(meeting, reason="改期", by=world.by)
    row = AuditRecord.objects.filter(action="取消洽谈").get()
    assert row.object_label == f"{number_of(world, world.hidden)} × 甲大学" and "甲公司" not in str(row.changes)


def test_tables_do_not_follow_an_anonymous_firm():
    """People are led back to the table of their last meeting: not by or to a meeting in which they are anonymous."""
    event = Event(
        slots=(TimeSlot(0, 20), TimeSlot(20, 40)),
        halls=(MeetingHall(1, 3, "厅"),),
        parties=tuple(MeetingParty(number, str(number)) for number in range(1, 7)),
        meetings=(
            RequestedMeeting("before a", (5, 6)),
            RequestedMeeting("before", (1, 2)),
            RequestedMeeting("after", (1, 3), unlinked=(1,)),
        ),
    )
    problem = compile_event(event)
    index = {meeting: number for number, meeting in enumerate(problem.meeting_ids)}
    cells = {index["before a"]: 0, index["before"]: 0, index["after"]: 1}
    tables = {place.meeting: place.table for place in assign_tables(problem, cells)}
    assert tables["before"] == 2 and tables["after"] == 1
