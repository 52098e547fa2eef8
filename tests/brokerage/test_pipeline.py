"""The stage of a case is read from its records, and each case is shown once, by its last record."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from brokerage.models import NextStep
from brokerage.pipeline import cases_of
from brokerage.services.help_requests import accept_help, ask_for_help, propose_from_request
from deals.services.deals import open_deal
from enquiries.services.docking import agree_to_dock
from enquiries.services.sending import send_enquiry
from enquiries.services.thread import post_message
from mandates.services.mandates import confirm_mandate
from matching.services.confirmations import state_stance
from tests import factories as make

TEXT = "想找提高轴承寿命的热处理技术。"


def shown(user) -> list[tuple[str, str, str]]:
    return [(case.kind, case.stage, case.waits_for) for case in cases_of(user)]


@pytest.mark.long
def test_from_the_request_to_the_deal(db):
    firm, broker, achievement = make.firm(), make.broker_account(), make.achievement()
    officer, office = make.firm_officer(firm), make.institution_officer(achievement.institution)
    user = broker.user
    make.district_officer("jinpu")
    request = ask_for_help(asker=firm, by=officer, text=TEXT, agent=broker)
    assert shown(user) == [("request", "request", "等您")]
    accept_help(request, by=user)
    rights, ends_on = ["post", "named", "answer", "attend"], timezone.localdate() + timedelta(days=90)
    mandate = propose_from_request(request, by=user, rights=rights, ends_on=ends_on)
    assert shown(user) == [("mandate", "mandate", "等委托方")]
    confirm_mandate(mandate, by=officer)
    approach = send_enquiry(achievement, firm=firm, purpose="adopt", text="能否用于轴承？", by=user)
    assert shown(user) == [("approach", "recommended", "等对方")]
    post_message(approach, text="可以。", by=office)
    for by, organisation in ((office, achievement.institution), (officer, firm)):
        agree_to_dock(approach, contact=make.contact(organisation), consents=True, by=by)
    approach.refresh_from_db()
    [(kind, stage, _waits)] = shown(user)
    assert (kind, stage) == ("follow-up", "talks")
    follow_up = approach.match.follow_up
    for side, by in (("office", office), ("firm", officer)):
        state_stance(follow_up, side=side, stance="intent", by=by)
    follow_up.refresh_from_db()
    assert follow_up.status == "intent"
    deal = open_deal(follow_up, by=follow_up.owner)
    assert deal.broker == broker  # the agent who worked on the pair is named; the parties confirm it in the contract
    assert shown(user) == [("deal", "intent", "等您")]


@pytest.fixture
def asked(db, client):
    """(client signed in as the broker, broker, key of the case)."""
    firm, broker = make.firm(), make.broker_account()
    request = ask_for_help(asker=firm, by=make.firm_officer(firm), text=TEXT, agent=broker)
    client.force_login(broker.user)
    return client, broker, f"request-{request.pk}"


def test_the_next_step_is_the_agencys_alone(asked):
    client, broker, key = asked
    url = reverse("pipeline_step", args=[key])
    client.post(url, {"text": "打电话约见面", "due_on": timezone.localdate() - timedelta(days=1)})
    client.post(url, {"text": "改为下周见面", "due_on": timezone.localdate() + timedelta(days=7)})
    assert NextStep.objects.get().text == "改为下周见面"
    assert "改为下周见面" in client.get(reverse("pipeline")).text
    colleague = make.broker(user=make.user("broker", broker.agency.organisation), agency=broker.agency)
    stranger = make.broker_account("大连另一家技术转移中心")
    assert NextStep.objects.visible_to(colleague.user).exists()
    assert not NextStep.objects.visible_to(stranger.user).exists()
    assert not NextStep.objects.visible_to(make.city_officer()).exists()
    client.post(url, {"done": "1"})
    assert not NextStep.objects.open().exists()
    assert client.post(reverse("pipeline_step", args=["request-999999"]), {"done": "1"}).status_code == 404
    empty = client.post(url, {"text": "", "due_on": ""}, follow=True)
    assert "请写下一步做什么。" in empty.text


def test_export(asked):
    client, _broker, _key = asked
    response = client.get(reverse("pipeline_export"))
    assert response.headers["Content-Type"].endswith("sheet")


def test_as_many_queries_for_three_cases_as_for_one(asked, django_assert_max_num_queries):
    client, broker, _key = asked
    make.mandate(make.firm(), broker)
    with django_assert_max_num_queries(60) as counted:
        client.get(reverse("pipeline"))
    for _number in range(2):
        firm = make.firm()
        ask_for_help(asker=firm, by=make.firm_officer(firm), text=TEXT, agent=broker)
        make.mandate(make.firm(), broker)
    with django_assert_max_num_queries(len(counted)):
        assert client.get(reverse("pipeline")).context["total"] == 6
