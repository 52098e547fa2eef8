"""A form that is refused shows again what was typed: every form with a text field on the pages of those who bid, ask,
answer, mediate, and keep the members of an organisation.

Each form is found on its page, filled as far as it must be, with a text that is longer than any field takes.
"""

from collections.abc import Iterator
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml.html import FormElement, fromstring

from brokerage.services.commissions import propose_commission
from brokerage.services.help_requests import ask_for_help
from brokerage.services.profiles import profile_of
from challenges.models import Challenge
from deals.services.income import open_case, save_share
from enquiries.services.answers import answer_demand
from members.services.join_requests import announce_sign_up
from tests import factories as make
from tests.challenges import calls
from tests.members.services.test_sign_ups import application, code

LONG = "这一段写了很久，不能丢。" * 700
TEXT_TYPES = {"text", "email"}


def pages() -> Iterator[tuple[str, object, str]]:
    """(what it is, who opens it, its address)."""
    firm, broker = make.firm(), make.broker_account()
    owner, agent = make.firm_officer(firm), broker.user
    asked = ask_for_help(asker=firm, by=owner, text="想找轴承热处理技术。", agent=broker)
    proposed = make.mandate(firm, broker, status="proposed", confirmed_at=None, confirmed_by=None, basis="")
    in_force = make.mandate(make.firm(), broker)
    deal = make.deal(broker=broker, agency=broker.agency)
    of_deal = make.mandate(deal.buyer, broker)
    make.confirmed(make.contract(broker=broker), confirms_broker=True)
    yield "帮我找", owner, reverse("help_request_new")
    yield "一条帮我找", agent, reverse("help_request", args=[asked.public_id])
    yield "提出委托", owner, reverse("mandate_new")
    yield "待确认的委托", agent, reverse("mandate", args=[proposed.public_id])
    yield "有效的委托", agent, reverse("mandate", args=[in_force.public_id])
    yield "约定佣金", agent, reverse("commission_new", args=[deal.public_id])
    commission = propose_commission(deal, of_deal, by=agent, percent=3, base="contract", due="registered")
    yield "待答复的佣金", of_deal.proposed_by, reverse("commission", args=[commission.public_id])
    yield "商机进程", agent, reverse("pipeline")
    yield "主页", agent, reverse("profile_edit", args=[profile_of(broker, by=agent).public_id])

    office = make.institution_officer(make.institution("大连分配大学"))
    values = {
        "title": "一笔收入",
        "way": "services",
        "income_on": timezone.localdate(),
        "gross_wan": 100,
        "costs_wan": 0,
    }
    case = open_case(office.memberships.get().organisation, values, by=office)
    yield "收益分配", office, reverse("income_case", args=[case.public_id])
    save_share(case, name="欧阳甲", part="", amount_wan=Decimal(50), user=office, by=office)
    yield "我的收益份额", office, reverse("own_income_shares")

    administrator = make.firm_officer(make.firm("大连演示轴承有限公司"))
    organisation = administrator.memberships.get().organisation
    administrator.memberships.update(is_administrator=True)
    type(organisation).objects.filter(pk=organisation.pk).update(credit_code=code())
    sign_up = application(firm_name=organisation.name)
    announce_sign_up(sign_up.pk)
    yield "单位成员", administrator, reverse("organisation_members", args=[organisation.public_id])

    people = calls.city()
    drafted = calls.draft(people)
    yield "起草榜单", people.owner, reverse("challenge_edit", args=[drafted.public_id])
    yield "撤榜", people.owner, reverse("own_challenge", args=[drafted.public_id])
    Challenge.objects.filter(pk=drafted.pk).delete()
    call, officer = calls.published(people), make.institution_officer(make.institution("揭榜大学"))
    bid = calls.handed_in(call, officer)
    yield "揭榜方案", officer, reverse("bid", args=[bid.public_id])
    yield "先问一句", officer, reverse("challenge_detail", args=[call.public_id])
    yield "市里办理", people.city, reverse("admin:challenges_page", args=[call.public_id])

    approach = make.approach()
    asker, office = make.firm_officer(approach.firm), make.institution_officer(approach.institution)
    yield "询问", asker, reverse("enquire", args=[make.achievement().public_id])
    yield "企业的询问", asker, reverse("approach", args=[approach.public_id])
    yield "院所收到的询问", office, reverse("approach", args=[approach.public_id])
    yield "专员的备注", make.district_officer(), reverse("approach", args=[approach.public_id])
    demand = make.demand()
    yield "应答", office, reverse("demand_answer", args=[demand.public_id])
    answer = answer_demand(demand, institution=approach.institution, achievement=None, text="可以先打样。", by=office)
    yield "谢绝应答", make.firm_officer(demand.firm), reverse("answer_decline", args=[answer.public_id])
    yield "指明成果", office, reverse("answer_achievement", args=[answer.public_id])


def text_fields(form: FormElement) -> list[str]:
    fields = [field for field in form.inputs if field.tag == "textarea" or field.get("type", "text") in TEXT_TYPES]
    return [field.name for field in fields if field.tag != "select" and field.name and field.get("readonly") is None]


def filled(form: FormElement, texts: dict[str, str]) -> dict[str, str | list[str]]:
    """What the form sends with these texts, by its last button that sends it."""
    values: dict[str, str | list[str]] = {}
    for field in form.inputs:
        options = [value for value in getattr(field, "value_options", []) if value]
        if field.name and field.tag == "select" and not field.value and options:
            values[field.name] = options[0]
    for key, value in form.form_values():
        values.setdefault(key, []).append(value) if isinstance(values.get(key, []), list) else None
    for radio in form.xpath(".//input[@type='radio']"):
        values.setdefault(radio.get("name"), radio.get("value"))
    for button in form.xpath(".//button[@name and @name != 'find']")[-1:]:
        values[button.get("name")] = button.get("value", "")
    return values | texts


@pytest.mark.long
@pytest.mark.django_db
def test_every_refused_form_shows_again_what_was_typed():
    lost, tried = [], 0
    for what, user, address in pages():
        client = Client()
        client.force_login(user)
        shown = client.get(address)
        assert shown.status_code == 200, (what, shown.status_code)
        forms = [form for form in fromstring(shown.text).forms if form.method == "POST" and text_fields(form)]
        assert forms, what
        for form in forms:
            texts = {name: f"{LONG}{name}" for name in text_fields(form)}
            answer = client.post(form.action or address, filled(form, texts))
            page = unescape(answer.text)
            tried += len(texts)
            kept = {name for name, text in texts.items() if text in page} if answer.status_code == 422 else set()
            lost += [(what, form.action, name, answer.status_code) for name in set(texts) - kept]
    assert not lost, lost
    assert tried > 40
