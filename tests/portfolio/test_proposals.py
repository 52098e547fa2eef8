"""A college or a completer proposes, the office accepts field by field, what the city registered goes to the city."""

import pytest
from django.urls import reverse

from achievements.services.revisions import pending_revision
from audit.revisions import version_of
from members.models import Delegation
from notices.models import Notice
from open_work.sources import open_work_of
from portfolio.models import DelegatedItem, ItemProposal
from portfolio.services.item_proposals import propose
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return make.achievement(institution=make.institution(), college="化工学院", scenario="防波堤")


@pytest.fixture
def office(item):
    return make.institution_officer(item.institution)


@pytest.fixture
def completer(item, office):
    person = make.user(name="周老师")
    row = Delegation.objects.create(organisation=item.institution, kind="completer", user=person, made_by=office)
    DelegatedItem.objects.create(delegation=row, achievement=item, given_by=office)
    return person


def test_a_proposal_is_accepted_field_by_field_and_reviewed_texts_wait_for_the_city(client, item, office, completer):
    after = {"summary": "新的简介，寿命提高三成。", "scenario": "海上平台", "price_min_wan": "120.00"}
    proposal = propose(item, after, note="已有报告", by=completer)
    client.force_login(office)
    page = client.get(reverse("proposals")).text
    assert "周老师" in page and "已有报告" in page and "海上平台" in page
    assert "学院和完成人的修改建议" in [work.label for work in open_work_of(office) if work.rows.exists()]
    seen = page.split('name="seen" value="')[1].split('"')[0]
    data = {"seen": seen, "fields": ["summary", "price_min_wan"]}
    assert client.post(reverse("proposal_decide", args=[proposal.public_id]), data).status_code == 302
    item.refresh_from_db()
    proposal.refresh_from_db()
    assert (str(item.price_min_wan), item.price_negotiable, item.scenario) == ("120.00", False, "防波堤")
    assert set(pending_revision(item).after) == {"summary"}  # of a registered achievement: for the city
    assert set(proposal.accepted) == {"summary", "price_min_wan"} and proposal.decided_by == office
    assert "1 处没有采纳" in Notice.objects.get(recipient=completer).text
    again = client.post(reverse("proposal_decide", args=[proposal.public_id]), data)
    assert again.status_code == 422


def test_a_draft_changes_at_once_and_a_refusal_tells_why(client, office, completer, item):
    draft = make.achievement(registered=False, institution=item.institution)
    DelegatedItem.objects.create(delegation=Delegation.objects.get(), achievement=draft, given_by=office)
    first, second = (propose(row, {"scenario": "海上平台"}, by=completer) for row in (draft, item))
    client.force_login(office)
    seen = version_of(draft, None)
    client.post(reverse("proposal_decide", args=[first.public_id]), {"seen": seen, "fields": ["scenario"]})
    draft.refresh_from_db()
    assert draft.scenario == "海上平台"
    address = reverse("proposal_decide", args=[second.public_id])
    assert client.post(address, {"step": "decline", "reason": " "}).status_code == 422
    client.post(address, {"step": "decline", "reason": "还没有检测报告"})
    client.force_login(completer)
    assert "没有采纳：还没有检测报告" in client.get(reverse("delegated_item", args=[item.public_id])).text


def test_nothing_is_overwritten_that_was_changed_meanwhile(client, item, office, completer):
    proposal = propose(item, {"scenario": "海上平台"}, by=completer)
    client.force_login(office)
    page = client.get(reverse("proposals")).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    item.scenario = "同事改过的场景"
    item.save()
    data = {"seen": seen, "fields": ["scenario"]}
    response = client.post(reverse("proposal_decide", args=[proposal.public_id]), data)
    assert response.status_code == 422 and "刚刚被改过" in response.text
    assert "提出以后，这一处已经被改过" in response.text and 'value="scenario" checked' not in response.text


def test_a_second_proposal_replaces_the_first_and_personal_data_is_refused(client, item, completer):
    client.force_login(completer)
    address = reverse("delegated_item", args=[item.public_id])
    kept = {"p-summary": item.summary, "p-stage": item.stage}
    client.post(address, kept | {"p-scenario": "海上平台"})
    assert "海上平台" in client.get(address).text.split("<textarea", 1)[1]  # goes on from what was proposed
    client.post(address, kept | {"p-scenario": "码头"})
    assert [row.after for row in ItemProposal.objects.pending()] == [{"scenario": "码头"}]
    response = client.post(address, kept | {"p-scenario": "请打 13504112345"})
    assert response.status_code == 422 and ItemProposal.objects.count() == 2
    assert client.post(address, kept | {"p-scenario": item.scenario}).status_code == 422  # nothing differs
