from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from matching.models import FollowUp, FollowUpCheck
from rounds.models import Meeting, Outcome
from rounds.services.meeting_follow_up import follow_up_outcome
from tests import factories as make

pytestmark = pytest.mark.django_db
AFTER = "/admin/deals/deal/after/"


@pytest.fixture
def held():
    return make.docking_round(status="running")


def a_talk(held, *, region="jinpu", match=True, verdict="intent"):
    need = make.demand(firm=make.firm(region_code=region))
    item = make.achievement()
    pair = make.match(demand=need, achievement=item) if match else None
    office = held.parties.filter(organisation=item.institution).first() or make.party(held, item.institution)
    meeting = make.meeting(make.party(held, need.firm), office, match=pair)
    return Outcome.objects.create(meeting=meeting, side="firm", verdict=verdict), need, item


def test_the_overdue_are_listed_by_owner_and_district(signed_in, held):
    district = make.district_officer("jinpu")
    outcome, *_pair = a_talk(held)
    follow_up_outcome(outcome)
    long_ago = timezone.localdate() - timedelta(days=20)
    FollowUpCheck.objects.filter(kind="30").update(met_on=long_ago - timedelta(days=30), due_on=long_ago)
    text = signed_in(make.city_officer()).get(AFTER).content.decode()
    assert f"?show=overdue&amp;owner={district.pk}" in text
    assert "?show=overdue&amp;region=jinpu" in text


def test_a_district_sees_its_own_talks_alone(signed_in, held):
    make.district_officer("gaoxin")
    follow_up_outcome(a_talk(held, region="gaoxin")[0])
    text = signed_in(make.district_officer("jinpu")).get(AFTER).content.decode()
    assert "还没有要跟进的洽谈" in text


def test_staff_name_what_a_talk_was_about(signed_in, held):
    outcome, need, item = a_talk(held, match=False)
    follow_up_outcome(outcome)
    browser = signed_in(make.district_officer("jinpu"))
    assert need.title in browser.get(AFTER).content.decode()
    address = f"{AFTER}{outcome.meeting.public_id}/pair/"
    browser.post(address, {"demand": "nowhere", "achievement": item.public_id})
    assert not FollowUp.objects.exists()
    browser.post(address, {"demand": need.public_id, "achievement": item.public_id})
    assert FollowUp.objects.get().status == "intent"


def test_a_talk_of_nothing_registered_is_carried_on_as_a_deal(signed_in, held):
    outcome, *_pair = a_talk(held, match=False)
    browser = signed_in(make.district_officer("jinpu"))
    address = reverse("deal_open_meeting", args=[outcome.meeting.public_id])
    assert address not in browser.get(AFTER).content.decode()  # it goes on still
    Meeting.objects.update(status="held", ended_at=timezone.now())
    assert address in browser.get(AFTER).content.decode()
    browser.post(address)
    assert Deal.objects.get().meeting == outcome.meeting
    assert address not in browser.get(AFTER).content.decode()


def test_the_number_of_questions_does_not_grow(signed_in, held):
    make.district_officer("jinpu")
    browser = signed_in(make.city_officer())

    def talks():
        follow_up_outcome(a_talk(held)[0])
        a_talk(held, match=False)

    talks()
    browser.get(AFTER)
    with CaptureQueriesContext(connection) as few:
        browser.get(AFTER)
    for _number in range(2):
        talks()
    with CaptureQueriesContext(connection) as many:
        browser.get(AFTER)
    assert len(few) == len(many)
