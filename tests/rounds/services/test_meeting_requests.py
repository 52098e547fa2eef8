"""Meeting requests of parties: visibility, limits, withdrawal and refusal."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notices.models import Notice
from rounds.models import FeaturedAchievement, Meeting, MeetingRequest, Party
from rounds.own_plan import partner_name
from rounds.planning.snapshot import read_snapshot
from rounds.services import meeting_requests
from rounds.services.meeting_requests import mark_most_wanted, refuse_request, request_meeting, withdraw_request
from rounds.services.meetings import add_meeting, drop_meeting, gather_meetings
from rounds.services.publishing import publish_timetable
from tests import factories as make
from tests.concurrency import run_both
from tests.rounds.rounds import accept_all, planned, small_round


def wishing(**options):
    """A round without meetings that presents two achievements of the first institution and one of the second."""
    world = small_round(firms=2, teams=2, pairs=[], **options)
    offices = [team.organisation for team in world.teams]
    world.offers = [make.achievement(institution=offices[n], title=f"成果{n}{m}") for n, m in ((0, 1), (0, 2), (1, 1))]
    for rank, achievement in enumerate(world.offers, 1):
        FeaturedAchievement.objects.create(docking_round=world.round, achievement=achievement, rank=rank)
    world.firm_user = make.firm_officer(world.firms[0].organisation)
    world.office_user = make.institution_officer(offices[0])
    return world


@pytest.fixture
def world(db):
    return wishing()


def test_request_of_a_firm_creates_a_meeting_with_its_origin(world):
    request = request_meeting(world.firms[0], world.offers[0], by=world.firm_user)
    meeting = Meeting.objects.get()
    assert (meeting.firm_party, meeting.institution_party) == (world.firms[0], world.teams[0])
    assert (meeting.origin, meeting.topic, request.meeting) == ("firm", "成果01", meeting)


def test_requests_about_one_institution_share_a_meeting(world):
    requests = [request_meeting(world.firms[0], offer, by=None) for offer in world.offers]
    assert requests[0].meeting == requests[1].meeting != requests[2].meeting
    withdraw_request(requests[0], by=None)
    assert Meeting.objects.get(pk=requests[0].meeting_id).status == "wanted"
    withdraw_request(requests[1], by=None)
    assert Meeting.objects.get(pk=requests[0].meeting_id).dropped_reason == "提出方撤回了意愿"


def test_withdrawn_request_can_be_renewed(world):
    request = request_meeting(world.firms[0], world.offers[0], by=None)
    withdraw_request(request, by=None)
    with pytest.raises(ValidationError, match="现在是“已撤回”"):
        withdraw_request(request, by=None)
    again = request_meeting(world.firms[0], world.offers[0], by=None)
    assert (again.pk, again.status, again.meeting.status) == (request.pk, "wished", "wanted")


def test_request_about_an_accepted_match_uses_its_meeting(world):
    make.match(
        achievement=world.offers[0],
        demand=make.demand(firm=world.firms[0].organisation),
        status="accepted",
        reviewed_by=world.by,
        reviewed_at=timezone.now(),
    )
    gather_meetings(world.round, by=world.by)
    request = request_meeting(world.firms[0], world.offers[0], by=world.firm_user)
    assert request.meeting.origin == "match"
    withdraw_request(request, by=world.firm_user)
    assert Meeting.objects.get().status == "wanted"


def test_institution_requests_a_named_demand_and_no_anonymous_one(world):
    need = make.demand(firm=world.firms[0].organisation, title="保持架")
    request = request_meeting(world.teams[0], need, by=world.office_user)
    meeting = request.meeting
    assert (meeting.origin, meeting.unmatched_demand, meeting.firm_party) == ("office", need, world.firms[0])
    assert partner_name(meeting, world.firms[0].pk) == "甲大学"
    hidden = make.demand(firm=world.firms[0].organisation, is_anonymous=True, public_alias="某轴承企业")
    with pytest.raises(ValidationError, match="现在不能提出"):
        request_meeting(world.teams[0], hidden, by=world.office_user)


def test_anonymous_and_open_demand_of_a_firm_are_two_meetings(world):
    """One shared meeting would reveal the firm of the anonymous demand."""
    firm = world.firms[0].organisation
    hidden = make.demand(firm=firm, is_anonymous=True, public_alias="某轴承企业")
    reviewed = {"status": "accepted", "reviewed_by": world.by, "reviewed_at": timezone.now()}
    make.match(achievement=world.offers[0], demand=hidden, **reviewed)
    gather_meetings(world.round, by=world.by)
    first = Meeting.objects.get()
    second = request_meeting(world.teams[0], make.demand(firm=firm), by=None).meeting
    assert first != second
    names = [partner_name(meeting, world.teams[0].pk) for meeting in (first, second)]
    assert names == [f"匿名企业 {first.anonymous_number:02d}", "甲公司"]


def test_only_offered_items_of_coming_parties_can_be_requested(world):
    elsewhere = make.achievement(institution=world.teams[0].organisation)
    stranger = make.demand(firm=make.firm())
    draft = make.demand(firm=world.firms[0].organisation, published=False)
    for party, target in ((world.firms[0], elsewhere), (world.teams[0], stranger), (world.teams[0], draft)):
        with pytest.raises(ValidationError, match="现在不能提出"):
            request_meeting(party, target, by=None)
    Party.objects.filter(pk=world.teams[0].pk).update(answer="declined")
    with pytest.raises(ValidationError, match="现在不能提出"):
        request_meeting(world.firms[0], world.offers[0], by=None)


def test_duplicate_and_excess_requests_are_refused(world, monkeypatch):
    monkeypatch.setattr(meeting_requests, "MAX_REQUESTS", 2)
    request_meeting(world.firms[0], world.offers[0], by=None)
    with pytest.raises(ValidationError, match="已经提出过了"):
        request_meeting(world.firms[0], world.offers[0], by=None)
    request_meeting(world.firms[0], world.offers[1], by=None)
    with pytest.raises(ValidationError, match="最多提出 2 项，请先撤回一项"):
        request_meeting(world.firms[0], world.offers[2], by=None)


def test_most_wanted_are_limited_and_weigh_more(world, monkeypatch):
    monkeypatch.setattr(meeting_requests, "MAX_MOST_WANTED", 1)
    first = request_meeting(world.firms[0], world.offers[0], by=None, is_most=True)
    other = request_meeting(world.firms[0], world.offers[2], by=None)
    accept_all(world.round)
    weights = {int(meeting.id): meeting.weight for meeting in read_snapshot(world.round).event.meetings}
    assert weights == {first.meeting_id: 180.0, other.meeting_id: 120.0}
    with pytest.raises(ValidationError, match="最多选 1 项，请先取消一项"):
        mark_most_wanted(other, is_most=True, by=None)
    mark_most_wanted(first, is_most=False, by=None)
    mark_most_wanted(other, is_most=True, by=None)


def test_other_users_cannot_request(world):
    request = request_meeting(world.firms[0], world.offers[0], by=None)
    stranger = make.firm_officer(world.firms[1].organisation)
    for call in (
        lambda: request_meeting(world.firms[0], world.offers[1], by=stranger),
        lambda: withdraw_request(request, by=stranger),
        lambda: mark_most_wanted(request, is_most=True, by=stranger),
        lambda: refuse_request(request, reason="不合适", by=make.district_officer()),
    ):
        with pytest.raises(PermissionDenied):
            call()


def test_published_timetable_closes_requests(world):
    request = request_meeting(world.firms[0], world.offers[0], by=None)
    accept_all(world.round)
    publish_timetable(planned(world), revision=0, by=world.by)
    for call in (
        lambda: withdraw_request(request, by=None),
        lambda: request_meeting(world.firms[0], world.offers[2], by=None),
    ):
        with pytest.raises(ValidationError, match="洽谈日程已经发布"):
            call()


def test_party_without_answer_cannot_request(world):
    Party.objects.filter(pk=world.firms[0].pk).update(answer="invited", answered_at=None)
    with pytest.raises(ValidationError, match="答复参加以后"):
        request_meeting(world.firms[0], world.offers[0], by=None)


def test_refusal_is_notified_and_final(world):
    request = request_meeting(world.firms[0], world.offers[0], by=world.firm_user)
    with pytest.raises(ValidationError, match="请说明原因"):
        refuse_request(request, reason=" ", by=world.by)
    refuse_request(request, reason="该团队时段已满", by=world.by)
    assert Meeting.objects.get().status == "dropped"
    assert "您提出的“成果01”未采纳。该团队时段已满" in Notice.objects.get(recipient=world.firm_user).text
    with pytest.raises(ValidationError, match="不需要退回"):
        refuse_request(request, reason="再退", by=world.by)
    with pytest.raises(ValidationError, match="未被采纳"):
        request_meeting(world.firms[0], world.offers[0], by=None)


def test_meeting_dropped_by_staff_is_restored_by_staff_only(world):
    request_meeting(world.firms[0], world.offers[0], by=None)
    drop_meeting(Meeting.objects.get(), reason="院校不愿意谈", by=world.by)
    assert MeetingRequest.objects.get().refused_reason == ""
    with pytest.raises(ValidationError, match="已由工作人员取消"):
        request_meeting(world.firms[0], world.offers[1], by=None)
    add_meeting(world.round, world.firms[0], world.teams[0], by=world.by, why="院校同意了")
    assert request_meeting(world.firms[0], world.offers[1], by=None).meeting.status == "wanted"


@pytest.mark.django_db(transaction=True)
def test_simultaneous_marks_respect_the_limit(monkeypatch):
    monkeypatch.setattr(meeting_requests, "MAX_MOST_WANTED", 1)
    world = wishing()
    requests = [request_meeting(world.firms[0], world.offers[n], by=None) for n in (0, 2)]

    def marked(first):
        try:
            mark_most_wanted(MeetingRequest.objects.select_related("party").get(pk=first.pk), is_most=True, by=None)
        except ValidationError as refusal:
            return refusal.messages[0]
        return ""

    answers = run_both(*(lambda request=request: marked(request) for request in requests))
    assert sorted(answers) == ["", "最想谈的最多选 1 项，请先取消一项。"]
    assert MeetingRequest.objects.most_wanted().count() == 1
