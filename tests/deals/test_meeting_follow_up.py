import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from matching.models import FollowUp, FollowUpCheck
from rounds.models import Meeting, MeetingRequest, Outcome
from rounds.services.meeting_follow_up import follow_up_outcome
from tests import factories as make
from tests.browser_client import one_line

pytestmark = pytest.mark.django_db
AFTER = "/admin/deals/deal/after/"


@pytest.fixture
def docking_round():
    return make.docking_round(status="running")


def make_meeting(docking_round, *, region="jinpu", match=True, verdict="intent"):
    demand = make.demand(firm=make.firm(region_code=region))
    achievement = make.achievement()
    pair = make.match(demand=demand, achievement=achievement) if match else None
    party = docking_round.parties.filter(organisation=achievement.institution).first() or make.party(
        docking_round, achievement.institution
    )
    meeting = make.meeting(make.party(docking_round, demand.firm), party, match=pair)
    Outcome.objects.create(meeting=meeting, side="office", verdict=verdict)
    return Outcome.objects.create(meeting=meeting, side="firm", verdict=verdict), demand, achievement


def test_overdue_follow_ups_are_listed_by_owner_and_district(signed_in, docking_round):
    district = make.district_officer("jinpu")
    outcome, *_pair = make_meeting(docking_round)
    follow_up_outcome(outcome)
    long_ago = timezone.localdate() - timedelta(days=20)
    FollowUpCheck.objects.filter(kind="30").update(met_on=long_ago - timedelta(days=30), due_on=long_ago)
    text = signed_in(make.city_officer()).get(AFTER).content.decode()
    assert f"?show=overdue&amp;owner={district.pk}" in text
    assert "?show=overdue&amp;region=jinpu" in text


def test_a_district_sees_only_its_own_meetings(signed_in, docking_round):
    make.district_officer("gaoxin")
    follow_up_outcome(make_meeting(docking_round, region="gaoxin")[0])
    text = signed_in(make.district_officer("jinpu")).get(AFTER).content.decode()
    assert "还没有要跟进的洽谈" in text


def test_staff_pair_a_meeting_with_demand_and_achievement(signed_in, docking_round):
    outcome, demand, achievement = make_meeting(docking_round, match=False)
    follow_up_outcome(outcome)
    browser = signed_in(make.district_officer("jinpu"))
    assert demand.title in browser.get(AFTER).content.decode()
    address = f"{AFTER}{outcome.meeting.public_id}/pair/"
    browser.post(address, {"demand": "nowhere", "achievement": achievement.public_id})
    assert not FollowUp.objects.exists()
    browser.post(address, {"demand": demand.public_id, "achievement": achievement.public_id})
    assert FollowUp.objects.get().status == "intent"


def test_what_a_side_asked_to_talk_about_is_chosen_already(signed_in, docking_round):
    outcome, demand, achievement = make_meeting(docking_round, match=False)
    make.achievement(institution=achievement.institution, title="别的成果")
    meeting = outcome.meeting
    MeetingRequest.objects.create(party=meeting.firm_party, meeting=meeting, achievement=achievement)
    page = one_line(signed_in(make.district_officer("jinpu")).get(AFTER).text)
    assert re.search(rf'value="{achievement.public_id}" selected ?>', page)
    assert not re.search(rf'value="{demand.public_id}" selected', page)


def test_a_meeting_without_a_match_is_continued_as_a_deal(signed_in, docking_round):
    outcome, *_pair = make_meeting(docking_round, match=False)
    browser = signed_in(make.district_officer("jinpu"))
    address = reverse("deal_open_meeting", args=[outcome.meeting.public_id])
    assert address not in browser.get(AFTER).content.decode()  # it goes on still
    Meeting.objects.update(status="held", ended_at=timezone.now())
    Outcome.objects.filter(side="office").update(verdict="go_on")
    assert address not in browser.get(AFTER).content.decode()  # only one side has an intent
    Outcome.objects.update(verdict="intent")
    assert address in browser.get(AFTER).content.decode()
    browser.post(address)
    assert Deal.objects.get().meeting == outcome.meeting
    assert address not in browser.get(AFTER).content.decode()


def test_the_number_of_queries_is_constant(signed_in, docking_round):
    make.district_officer("jinpu")
    browser = signed_in(make.city_officer())

    def make_meetings():
        follow_up_outcome(make_meeting(docking_round)[0])
        make_meeting(docking_round, match=False)

    make_meetings()
    browser.get(AFTER)
    with CaptureQueriesContext(connection) as few:
        browser.get(AFTER)
    for _number in range(2):
        make_meetings()
    with CaptureQueriesContext(connection) as many:
        browser.get(AFTER)
    assert len(few) == len(many)
