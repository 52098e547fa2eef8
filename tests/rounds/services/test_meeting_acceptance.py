"""A talk is planned when both sides have accepted it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.timezone import localdate

from matching.models import FollowUp
from notices.models import Notice
from open_work.sources import entries_of, open_work_of
from rounds.home_waits import waits
from rounds.models import FeaturedAchievement, GuestMessage, Meeting
from rounds.planning.snapshot import read_snapshot
from rounds.services.meeting_acceptance import answer_talk, ask_sides, unasked_parties
from rounds.services.meeting_requests import request_meeting, withdraw_request
from rounds.services.meetings import add_meeting, drop_meeting
from tests import factories as make
from tests.rounds.rounds import small_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = small_round(firms=2, teams=1, pairs=[])
    world.offer = make.achievement(institution=world.teams[0].organisation)
    FeaturedAchievement.objects.create(docking_round=world.round, achievement=world.offer, rank=1)
    world.office = make.institution_officer(world.teams[0].organisation)
    return world


def plannable(world) -> set[int]:
    return {int(meeting.id) for meeting in read_snapshot(world.round).event.meetings}


def test_a_requested_talk_waits_for_the_other_side(world):
    meeting = request_meeting(world.firms[0], world.offer, by=None).meeting
    assert not plannable(world)
    assert "还没有接受" in read_snapshot(world.round).excluded[meeting.pk]
    assert Notice.objects.filter(recipient=world.office, text__contains="想和您洽谈").exists()
    with pytest.raises(PermissionDenied):
        answer_talk(meeting, world.teams[0], accepts=True, by=make.firm_officer(world.firms[1].organisation))
    answer_talk(meeting, world.teams[0], accepts=True, by=world.office)
    assert plannable(world) == {meeting.pk}
    with pytest.raises(ValidationError, match="已经答复过"):
        answer_talk(meeting, world.teams[0], accepts=False, by=world.office)


def test_a_refused_talk_is_dropped_and_the_reason_stays_with_staff(world):
    user = make.firm_officer(world.firms[0].organisation)
    request = request_meeting(world.firms[0], world.offer, by=user)
    answer_talk(request.meeting, world.teams[0], accepts=False, by=None, note="已和同行合作")
    request.refresh_from_db()
    assert (request.status, request.refused_reason) == ("refused", "对方这次不能谈")
    assert "已和同行合作" in Meeting.objects.get().dropped_reason
    assert "已和同行合作" not in Notice.objects.get(recipient=user).text


def test_a_talk_that_staff_propose_asks_both_and_each_once_a_day(world):
    meeting = add_meeting(world.round, world.firms[0], world.teams[0], by=world.by)
    other = add_meeting(world.round, world.firms[1], world.teams[0], by=world.by)
    asked = GuestMessage.objects.filter(kind="talk")
    assert sorted(asked.values_list("party", flat=True)) == sorted(party.pk for party in (*world.firms, world.teams[0]))
    assert ask_sides(world.firms, by=world.by).total == 0 and unasked_parties(world.round) == []
    answer_talk(meeting, world.firms[0], accepts=True, by=world.by, note="电话答复")
    assert not plannable(world)
    answer_talk(meeting, world.teams[0], accepts=True, by=world.office)
    assert plannable(world) == {meeting.pk} and other.silent_sides


def test_old_talks_and_talks_on_the_spot_are_not_asked_about(world):
    old = make.meeting(world.firms[0], world.teams[0])  # a row as it was made before the rule
    on_site = add_meeting(world.round, world.firms[1], world.teams[0], by=world.by, origin=Meeting.Origin.ON_SITE)
    assert plannable(world) == {old.pk, on_site.pk}


def test_the_clock_of_an_institution_runs_from_when_it_is_asked(world):
    """Not from the proposal of a talk about an anonymous demand, of which it learns when the firm has accepted."""
    proposed = timezone.now() - timedelta(days=30)
    team, (anonymous, named) = world.teams[0], world.firms
    asked = {"firm_word": "asked", "institution_word": "asked", "made_at": proposed}
    hidden = make.demand(firm=anonymous.organisation, is_anonymous=True, public_alias="某轴承企业")
    talk = make.meeting(anonymous, team, unmatched_demand=hidden, **asked)
    assert late_days(world.office) == []
    [firm_waits] = waits(world.round, world.by)
    assert firm_waits.since == localdate(proposed)
    answer_talk(talk, anonymous, accepts=True, by=None)
    assert late_days(world.office) == [0]
    [own] = waits(world.round, world.by)
    assert (own.who, own.since, own.late_days) == (str(team), localdate(), 0)

    make.meeting(named, team, unmatched_demand=make.demand(firm=named.organisation), **asked)
    assert sorted(late > 0 for late in late_days(world.office)) == [False, True]  # the named one is late
    assert {wait.who: wait.since for wait in waits(world.round, world.by)}[str(team)] == localdate(proposed)


def test_a_docking_that_both_agreed_to_begins_the_clock_of_an_institution(world):
    other = make.demand(firm=world.firms[0].organisation, is_anonymous=True, public_alias="某阀门企业")
    match = make.match(
        achievement=world.offer, demand=other, status="accepted", reviewed_by=world.by, reviewed_at=timezone.now()
    )
    agreed = timezone.now() - timedelta(days=1)
    follow_up = make.follow_up(match, status="talks")
    FollowUp.objects.filter(pk=follow_up.pk).update(agreed_at=agreed)
    words = {"firm_word": "asked", "institution_word": "asked"}
    make.meeting(world.firms[0], world.teams[0], match=match, made_at=agreed - timedelta(days=30), **words)
    [work] = [work for work in open_work_of(world.office) if work.key == "talks-to-accept"]
    assert [row.waits_since for row in work.waiting()] == [agreed]


@pytest.mark.parametrize("restored_by", ["party", "staff"])
def test_the_clock_of_a_restored_talk_runs_anew(world, restored_by):
    firm, team = world.firms[0], world.teams[0]
    long_ago = timezone.now() - timedelta(days=30)
    if restored_by == "party":
        request = request_meeting(firm, world.offer, by=None)
        withdraw_request(request, by=None)
    else:
        drop_meeting(add_meeting(world.round, firm, team, by=world.by), reason="企业改期", by=world.by)
    Meeting.objects.update(made_at=long_ago, firm_accepted_at=long_ago, made_by=make.user())
    if restored_by == "party":
        request_meeting(firm, world.offer, by=None)
    else:
        add_meeting(world.round, firm, team, by=world.by, why="企业又来电")
    meeting = Meeting.objects.get()
    assert (meeting.status, meeting.firm_accepted_at) == ("wanted", None)
    assert meeting.made_by == (None if restored_by == "party" else world.by)
    assert late_days(world.office) == [0]


def late_days(user) -> list[int]:
    """Of each talk that the user has to accept."""
    [work] = [work for work in open_work_of(user) if work.key == "talks-to-accept"]
    days = [entry.late_days for entry in entries_of(work, work.waiting())]
    assert work.waiting(overdue_only=True).count() == sum(late > 0 for late in days)
    return days
