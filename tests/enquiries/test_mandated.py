"""The agent of a side writes in its name, and agrees to nothing."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditRecord
from enquiries.models import Approach
from enquiries.presentation import thread_of
from enquiries.services.closing import end_approach
from enquiries.services.docking import agree_to_dock, name_firm
from enquiries.services.sending import send_enquiry
from enquiries.services.talks import choose_time, propose_times
from enquiries.services.thread import post_message
from mandates.models import Mandate
from mandates.services.mandates import end_mandate
from tests import factories as make
from tests.browser_client import Browser


@pytest.fixture
def sides(db):
    """(firm, broker with the right to ask and answer for it, achievement)."""
    firm, broker = make.firm(), make.broker_account()
    make.mandate(firm, broker, rights=["answer"])
    return firm, broker, make.achievement()


def ask(firm, broker, achievement, **fields) -> Approach:
    values = {"purpose": "adopt", "text": "能否用于轴承保持架？", "is_anonymous": True} | fields
    return send_enquiry(achievement, firm=firm, by=broker.user, **values)


def test_asks_hears_the_answer_and_fixes_a_time_for_the_client(sides):
    firm, broker, achievement = sides
    officer = make.institution_officer(achievement.institution)
    approach = ask(firm, broker, achievement)
    post_message(approach, text="可以，请说明工况。", by=officer)
    assert broker.user.notices.filter(text__contains="回复了").exists()
    post_message(approach, text="高温工况，二百度。", by=broker.user)
    [talk] = propose_times(approach, starts=[make.noon(3)], minutes=60, place="网络会议", by=officer)
    choose_time(talk, by=broker.user)
    approach.refresh_from_db()
    assert approach.status == Approach.Status.TALK
    thread = thread_of(approach, officer, "institution")
    marks = [entry.message.get_origin_display() for entry in thread if entry.message.side == "firm"]
    assert marks == ["受托代办", "受托代办"]
    assert AuditRecord.objects.filter(changes__mandate=[None, f"受{firm}委托"]).count() == 3


def test_agrees_names_and_ends_nothing(sides):
    firm, broker, achievement = sides
    approach = ask(firm, broker, achievement)
    contact = make.contact(firm)
    for refused in (
        lambda: agree_to_dock(approach, contact=contact, consents=True, by=broker.user),
        lambda: name_firm(approach, by=broker.user),
        lambda: end_approach(approach, reason="withdrawn", note="", by=broker.user),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    with pytest.raises(ValidationError, match="以企业名称公开"):
        ask(firm, broker, make.achievement(), is_anonymous=False, text="另一个问题，请问价格？")


def test_not_without_the_right_nor_for_both_sides_nor_after_the_end(sides):
    firm, broker, achievement = sides
    approach = ask(firm, broker, achievement)
    with pytest.raises(PermissionDenied):
        ask(make.firm(), broker, achievement)
    own = Mandate.objects.get(client=firm)
    Mandate.objects.filter(pk=own.pk).update(rights=["attend"])
    assert approach in Approach.objects.visible_to(broker.user)
    with pytest.raises(PermissionDenied):
        post_message(approach, text="只能看。", by=broker.user)
    Mandate.objects.filter(pk=own.pk).update(rights=["answer"])
    other = make.mandate(achievement.institution, broker, rights=["answer"])
    with pytest.raises(PermissionDenied):
        post_message(approach, text="替双方说话。", by=broker.user)
    page = Browser(broker.user).read(reverse("approach", args=[approach.public_id]))
    assert "您同时受双方委托" in page and ">发送<" not in page
    for mandate in (other, own):
        mandate.refresh_from_db()
        end_mandate(mandate, by=mandate.proposed_by)
    assert approach not in Approach.objects.visible_to(broker.user)
    assert approach in Approach.objects.visible_to(own.proposed_by)


def test_who_is_agent_of_both_sides_reads_before_sending_that_he_cannot_go_on(sides):
    firm, broker, achievement = sides
    agent, warning = Browser(broker.user), f"您也受{achievement.institution.name}委托答复询问"
    pages = [reverse(name, args=[achievement.public_id]) for name in ("enquire", "achievement_detail")]
    for page in pages:
        assert warning not in agent.read(page)
    mandate = make.mandate(achievement.institution, broker, rights=["attend"])
    assert warning not in agent.read(pages[0])  # he answers nothing for the institution
    Mandate.objects.filter(pk=mandate.pk).update(rights=["answer"])
    for page in pages:
        text = agent.read(page)
        assert warning in text and reverse("mandates") in text and "发出询问" in text
    for officer in (make.firm_officer(firm), make.firm_officer()):
        assert warning not in Browser(officer).read(pages[0])


@pytest.mark.long
def test_the_page_offers_the_agent_what_it_may_do(client, sides):
    firm, broker, achievement = sides
    client.force_login(broker.user)
    asked = client.post(
        reverse("enquire", args=[achievement.public_id]),
        {"purpose": "adopt", "text": "能否用于轴承？", "is_anonymous": "on"},
    )
    approach = Approach.objects.get()
    assert asked.url == reverse("approach", args=[approach.public_id])
    with CaptureQueriesContext(connection) as queries:
        page = client.get(asked.url).text
    asked_whose_agent = [query for query in queries if '"mandates_mandate"."rights" @>' in query["sql"]]
    assert len(asked_whose_agent) == 2  # of each side once, for the thread, the talks and all forms
    assert "您受托办理" in page
    assert "转入对接？" not in page
    assert "结束，不再继续" not in page
    assert client.get(reverse("approaches")).context["box"] == "mandated"
    office = Client()
    office.force_login(make.institution_officer(achievement.institution))
    shown = office.get(asked.url).text
    assert "受托代办" in shown  # the other side reads that it is an agent, not whose
    assert firm.name not in shown
    sent = client.post(reverse("approach_message", args=[approach.public_id]), {"message-text": "补充一句。"})
    assert sent.status_code == 302
    refused = client.post(reverse("approach_end", args=[approach.public_id]), {"end-reason": "withdrawn"})
    assert refused.status_code == 403
    assert firm.name in client.get(reverse("mandates")).text
