"""The proposed next day of contact: by the state of the follow-up, before its next survey, on a working day."""

from datetime import date

import pytest
from django.urls import reverse

from core.workdays import add_workdays, is_workday
from matching import next_contact
from matching.models import FollowUpCheck
from tests import factories as make

TODAY = date(2026, 12, 1)


@pytest.fixture
def follow_up(db, monkeypatch):
    monkeypatch.setattr(next_contact, "localdate", lambda: TODAY)
    return make.follow_up(status="talks")


@pytest.mark.parametrize(
    ("status", "survey", "day", "why"),
    [
        ("talks", None, date(2026, 12, 15), "还在洽谈，按十个工作日后建议 12月15日"),
        ("intent", None, date(2026, 12, 8), "已达意向，按五个工作日后建议 12月8日"),
        ("talks", date(2026, 12, 14), date(2026, 12, 11), "12月14日有30 天回访，建议在它之前的 12月11日"),
        ("talks", date(2026, 12, 2), date(2026, 12, 15), "还在洽谈"),
    ],
)
def test_proposal(follow_up, status, survey, day, why):
    follow_up.status = status
    follow_up.checks.all().delete()
    if survey:
        FollowUpCheck.objects.create(follow_up=follow_up, kind="30", met_on=date(2026, 11, 14), due_on=survey)
    proposal = next_contact.propose_next_contact(follow_up)
    assert (proposal.day, is_workday(proposal.day)) == (day, True)
    assert why in proposal.why


def test_link_of_the_survey_shows_the_proposal_with_its_reason(follow_up, client):
    follow_up.checks.all().delete()
    check = FollowUpCheck.objects.create(
        follow_up=follow_up, kind="30", met_on=date(2026, 11, 1), due_on=TODAY, sent_at=make.noon(0)
    )
    page = client.get(reverse("check", args=[check.code])).text
    assert f'value="{add_workdays(TODAY, 10).isoformat()}"' in page and "按十个工作日后建议 12月15日；可以改。" in page
