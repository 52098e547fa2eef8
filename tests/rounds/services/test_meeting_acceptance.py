"""A talk is planned when both sides have accepted it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from notices.models import Notice
from rounds.models import FeaturedAchievement, GuestMessage, Meeting
from rounds.planning.snapshot import read_snapshot
from rounds.services.meeting_acceptance import answer_talk, ask_sides, unasked_parties
from rounds.services.meeting_requests import request_meeting
from rounds.services.meetings import add_meeting
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
