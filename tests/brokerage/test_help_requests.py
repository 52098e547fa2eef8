"""帮我找: who reads what, who answers first, the clock, and the way to a mandate."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from brokerage.models import HelpRequest, Profile
from brokerage.open_work import brokerage_work
from brokerage.services.help_requests import (
    accept_help,
    ask_for_help,
    decline_help,
    propose_from_request,
    run_clock,
    withdraw_help,
)
from mandates.models import Mandate
from mandates.services.mandates import confirm_mandate, end_mandate
from tests import factories as make

TEXT = "想找提高轴承寿命的热处理技术，并帮忙联系院所。"


@pytest.fixture
def sides(db):
    """(firm, its officer, a broker of one agency, a broker of another)."""
    firm = make.firm()
    return firm, make.firm_officer(firm), make.broker_account(), make.broker_account("大连另一家技术转移中心")


def ask(firm, officer, **fields) -> HelpRequest:
    return ask_for_help(**{"asker": firm, "by": officer, "text": TEXT} | fields)


def test_any_broker_reads_no_name_and_the_first_one_takes_it(sides, client):
    firm, officer, first, second = sides
    request = ask(firm, officer)
    page = reverse("help_request", args=[request.public_id])
    for broker in (first, second):
        client.force_login(broker.user)
        assert TEXT in client.get(page).text
        assert firm.name not in client.get(page).text + client.get(reverse("help_requests")).text
        assert firm.name not in broker.user.notices.get().text
    accept_help(request, by=first.user)
    with pytest.raises(ValidationError, match="已经有人接受"):
        accept_help(request, by=second.user)
    gone = client.get(page, follow=True)  # the second broker, once it is taken
    assert gone.redirect_chain == [(reverse("help_requests"), 302)] and "别的技术经纪人接受" in gone.text
    late = client.post(reverse("help_request_accept", args=[request.public_id]), follow=True)
    assert "别的技术经纪人接受" in late.text and firm.name not in late.text
    client.force_login(first.user)
    assert firm.name in client.get(page).text
    assert officer.notices.filter(text__contains="接受了").exists()


def test_a_chosen_broker_declines_with_a_reason(sides):
    firm, officer, chosen, other = sides
    request = ask(firm, officer, agent=chosen)
    assert request not in HelpRequest.objects.visible_to(other.user)
    with pytest.raises(PermissionDenied):
        accept_help(request, by=other.user)
    with pytest.raises(ValidationError, match="请写明原因"):
        decline_help(request, by=chosen.user, reason=" ")
    decline_help(request, by=chosen.user, reason="近期没有时间")
    assert "近期没有时间" in officer.notices.get().text
    with pytest.raises(ValidationError, match="不能撤回"):
        withdraw_help(request, by=officer)


def test_what_may_be_asked(sides):
    firm, officer, broker, _other = sides
    with pytest.raises(PermissionDenied):
        ask(firm, make.firm_officer())
    draft = make.demand(firm=firm, published=False)
    for fields, words in [
        ({"text": " "}, "请写下"),
        ({"text": "请打 13904110001"}, "个人信息"),
        ({"text": f"{firm.name}想找技术"}, "先不写单位名称"),
        ({"demand": make.demand()}, "本单位"),
        ({"demand": draft}, "还没有公开"),
    ]:
        with pytest.raises(ValidationError, match=words):
            ask(firm, officer, **fields)
    assert ask(firm, officer, demand=draft, agent=broker).demand == draft  # a chosen broker may read it
    with pytest.raises(ValidationError, match="正在进行中"):
        ask(firm, officer, demand=draft, agent=broker)
    Profile.objects.create(broker=broker, takes_requests=False)
    with pytest.raises(ValidationError, match="不接新的请求"):
        ask(firm, officer, agent=type(broker).objects.get(pk=broker.pk))


def test_leads_to_a_mandate_that_the_firm_confirms(sides, client):
    firm, officer, broker, other = sides
    request = ask(firm, officer, agent=broker)
    accept_help(request, by=broker.user)
    terms = {"rights": ["answer"], "ends_on": timezone.localdate() + timedelta(days=90)}
    with pytest.raises(PermissionDenied):
        propose_from_request(request, by=other.user, **terms)
    client.force_login(broker.user)
    url = reverse("help_request_mandate", args=[request.public_id])
    assert client.post(url, terms | {"for_agency": "on"}).status_code == 302
    mandate = Mandate.objects.get()
    assert (mandate.agency, mandate.status) == (broker.agency, "proposed")
    assert "已经提出过" in client.post(url, terms).text
    confirm_mandate(mandate, by=officer)
    assert mandate.is_in_force


def test_what_was_taken_is_finished_in_words_once_no_mandate_runs(sides, client):
    firm, officer, broker, other = sides
    request = ask(firm, officer, agent=broker)
    finish = reverse("help_request_finish", args=[request.public_id])

    def in_hand():
        return [row for work in brokerage_work(broker.user) if work.key == "help-in-hand" for row in work.rows]

    accept_help(request, by=broker.user)
    assert in_hand() == [request]
    rights, ends_on = ["answer"], timezone.localdate() + timedelta(days=90)
    mandate = propose_from_request(request, by=broker.user, rights=rights, ends_on=ends_on)
    confirm_mandate(mandate, by=officer)
    assert in_hand() == []
    client.force_login(broker.user)
    words = "已联系到两家院所，企业自己继续谈"
    refused = client.post(finish, {"reason": words})
    assert refused.status_code == 422 and "先在委托页终止" in refused.text
    end_mandate(mandate, by=officer)
    assert in_hand() == [request]
    page = reverse("help_request", args=[request.public_id])
    assert finish in client.get(page).text
    assert client.post(finish, {"reason": ""}, follow=True).text.count("请写明原因") == 1
    client.post(finish, {"reason": words})
    request.refresh_from_db()
    assert (request.status, request.taken_by) == ("finished", broker) and in_hand() == []
    assert officer.notices.filter(text__contains=words).exists()
    shown = client.get(page).text
    assert words in shown and finish not in shown and "请对方确认委托" not in shown
    client.force_login(other.user)
    assert client.post(finish, {"reason": words}).status_code == 404
    client.force_login(officer)
    assert ask(firm, officer, agent=broker).status == "sent"  # the same broker is asked again


def test_the_clock_reminds_then_tells_the_district_once(sides):
    firm, officer, broker, _other = sides
    district = make.district_officer("jinpu")
    request = ask(firm, officer, agent=broker)
    HelpRequest.objects.filter(pk=request.pk).update(answer_due_on=timezone.localdate() - timedelta(days=1))
    assert [run_clock() for _twice in range(2)] == [2, 0]
    assert district.notices.filter(text__contains="逾期").count() == 1
    assert broker.user.notices.filter(text__contains="还没有答复").count() == 1


def test_an_institution_asks_for_its_achievement(client, db):
    institution = make.institution()
    officer, broker = make.institution_officer(institution), make.broker_account()
    item = make.achievement(institution=institution)
    client.force_login(officer)
    page = client.get(reverse("help_request_new"), {"achievement": item.public_id})
    assert page.context["form"]["achievement"].value() == item.pk
    posted = client.post(
        reverse("help_request_new"),
        {"agent": f"broker:{broker.public_id}", "asker": institution.pk, "achievement": item.pk, "text": TEXT},
    )
    assert posted.status_code == 302
    assert HelpRequest.objects.get().achievement == item
    empty = client.post(reverse("help_request_new"), {"agent": "any", "asker": institution.pk, "text": ""})
    assert empty.status_code == 422
    assert "请写下想请帮什么忙。" in empty.text
