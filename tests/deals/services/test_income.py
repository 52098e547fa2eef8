"""收益分配: shares, confirmation by each person, the least reward by law, decision and payment; who sees what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from lxml.html import fromstring

from annual_reports.models import AnnualReport
from audit.models import AuditRecord
from deals.income_links import link_of, token_of
from deals.models import IncomeCase, IncomeShare
from deals.services.income import (
    answer_share,
    cancel_case,
    decide_case,
    edit_case,
    is_below_law,
    open_case,
    record_payout,
    replace_link,
    save_share,
    store_evidence,
)
from members.models import Delegation
from portfolio.models import DelegatedItem
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make.institution_officer(make.institution("大连分配大学"))


@pytest.fixture
def case(office):
    values = {
        "title": "许可的第一笔收入", "way": "licence", "income_on": timezone.localdate() - timedelta(days=30),
        "gross_wan": Decimal(110), "costs_wan": Decimal(10),
    }  # fmt: skip
    return open_case(office.memberships.get().organisation, values, by=office)


def share(case, office, name="欧阳甲", amount=40, user=None, **fields) -> IncomeShare:
    return save_share(case, name=name, part="", amount_wan=Decimal(amount), user=user, by=office, **fields)


def confirm(row):
    row.refresh_from_db()
    answer_share(row, amount_wan=str(row.amount_wan), objection=None, by=row.user)


def test_a_case_is_decided_only_with_everybodys_word_the_plan_and_the_legal_reward(case, office):
    first, second = share(case, office), share(case, office, "欧阳乙", 5)
    with pytest.raises(ValidationError) as refused:
        decide_case(case, by=office)
    text = "".join(refused.value.messages)
    assert all(part in text for part in ("欧阳甲、欧阳乙还没有确认", "上传分配方案", "低于净收入的 50%"))
    confirm(first)
    answer_share(second, amount_wan="5.00", objection="应当是 10 万元", by=None)
    store_evidence(case, content=uploads.PDF, name="方案.pdf", by=office)
    with pytest.raises(ValidationError, match="欧阳乙有异议"):
        decide_case(case, by=office)
    share(case, office, "欧阳乙", 10, share=second)
    assert not is_below_law(case)
    confirm(second)
    decide_case(case, by=office)
    case.refresh_from_db()
    assert (case.status, case.decided_by) == ("decided", office)
    with pytest.raises(ValidationError, match="不能再改"):
        share(case, office, "欧阳丙", 1)
    with pytest.raises(ValidationError, match="不能再答复"):
        answer_share(second, amount_wan="10.00", objection="还是不对呀", by=None)


def test_below_the_legal_reward_a_reason_is_needed_except_for_services(case, office):
    confirm(share(case, office, amount=49))
    store_evidence(case, content=uploads.PDF, name="方案.pdf", by=office)
    assert is_below_law(case)
    edit_case(case, {"low_reward_reason": "2024 年与完成人约定 49%"}, by=office)
    decide_case(case, by=office)
    IncomeCase.objects.filter(pk=case.pk).update(way="services")
    case.refresh_from_db()
    assert not is_below_law(case)


def test_shares_stay_within_the_net_income(case, office):
    row = share(case, office, amount=60)
    with pytest.raises(ValidationError, match="这里最多填 40"):
        share(case, office, "欧阳乙", 41)
    share(case, office, amount=100, share=row)
    with pytest.raises(ValidationError, match=r"已经在分配里|最多填"):
        share(case, office, amount=1)


def test_a_changed_amount_or_income_voids_the_word_and_the_link(case, office):
    row = share(case, office)
    confirm(row)
    old = token_of(row)
    share(case, office, amount=45, share=row)
    row.refresh_from_db()
    assert row.confirmed_at is None
    assert token_of(row) != old
    with pytest.raises(ValidationError, match="金额刚刚改过"):
        answer_share(row, amount_wan="40.00", objection=None, by=None)
    confirm(row)
    edit_case(case, {"costs_wan": Decimal(20)}, by=office)
    row.refresh_from_db()
    assert row.confirmed_at is None


def test_only_the_office_and_the_person_see_an_amount(case, office, client):
    member = make.institution_officer(case.institution)
    row = share(case, office, "宇文丙", Decimal("33.33"), user=member)
    link = link_of(row)
    for person in (make.city_officer(), make.auditor(), make.firm_officer(), make.institution_officer()):
        client.force_login(person)
        assert client.get(reverse("income_case", args=[case.public_id])).status_code == 404
        assert "33.33" not in client.get(reverse("own_income_shares")).text
        assert "33.33" not in client.get(link).text
    client.logout()
    assert "33.33" not in client.get(link).text  # who has an account confirms by it
    client.force_login(member)
    address = reverse("own_income_shares")
    assert "33.33" in client.get(address).text
    client.post(address, {"share": row.public_id, "amount": "33.33", "answer": "confirm"})
    row.refresh_from_db()
    assert row.confirmed_at
    assert not [text for text in AuditRecord.objects.values_list("changes", flat=True) if "33.33" in str(text)]
    assert not [text for text in AuditRecord.objects.values_list("changes", flat=True) if "宇文丙" in str(text)]


@pytest.mark.parametrize("kind", ["college", "completer"])
def test_a_delegate_of_the_institution_sees_no_share_but_the_own(case, office, client, kind):
    """A delegation gives rights to achievements. Money is for the office, and each share for its person."""
    person = make.user(name="代管老师")
    item = make.achievement(institution=case.institution, college="化工学院")
    made = {"college": "化工学院"} if kind == "college" else {}
    held = Delegation.objects.create(organisation=case.institution, kind=kind, user=person, made_by=office, **made)
    DelegatedItem.objects.create(delegation=held, achievement=item, given_by=office)
    row = share(case, office, "宇文丙", Decimal("33.33"))
    store_evidence(case, content=uploads.PDF, name="分配方案.pdf", by=office)
    own = IncomeShare.objects.create(case=case, name="代管老师", amount_wan=Decimal("4.44"), user=person)
    report = AnnualReport.objects.create(institution=case.institution, year=case.income_on.year, filled_by=office)
    client.force_login(person)
    assert client.get(reverse("delegated_item", args=[item.public_id])).status_code == 200, "the delegation is in force"
    closed = [
        reverse("income_case", args=[case.public_id]),
        reverse("income_plan", args=[case.public_id]),
        reverse("annual_report", args=[report.public_id]),
        reverse("annual_report_rows", args=[report.public_id]),
        reverse("annual_report_draft", args=[report.public_id]),
    ]
    assert {path: client.get(path).status_code for path in closed} == dict.fromkeys(closed, 404)
    for step in ("share", "remove", "link", "decide", "cancel"):
        data = {"step": step, "share": row.public_id, "name": "代管老师", "amount_wan": "1", "reason": "不要了"}
        assert client.post(reverse("income_case_step", args=[case.public_id]), data).status_code == 404
    for path in (
        reverse("income_cases"),
        reverse("annual_reports"),
        reverse("own_income_shares"),
        reverse("workbench"),
    ):
        assert not any(text in client.get(path).text for text in ("33.33", "宇文丙")), path
    assert list(IncomeShare.objects.visible_to(person)) == [own]
    assert not IncomeCase.objects.visible_to(person).exists()
    assert set(case.shares.all()) == {row, own}


def test_a_refused_change_of_a_share_is_shown_at_this_share(case, office, client):
    row = share(case, office, "宇文丙", 40)
    share(case, office, "欧阳甲", 10)
    client.force_login(office)
    data = {"step": "share", "share": row.public_id, "name": "宇文丙", "amount_wan": "5000"}
    response = client.post(reverse("income_case_step", args=[case.public_id]), data)
    assert response.status_code == 422
    shown = {each.name: each for each in response.context["shares"]}
    assert shown["宇文丙"].form.errors and not shown["欧阳甲"].form.is_bound
    assert not response.context["share_form"].is_bound, "加一个人 stays empty"
    page = response.text
    place = f"{row.public_id}_amount_wan"
    assert f'href="#{place}"' in page and f'id="{place}"' in page
    before, _heading, after = page.partition("加一个人")
    assert 'value="5000"' in before and 'value="5000"' not in after
    assert (
        client.post(reverse("income_case_step", args=[case.public_id]), data | {"amount_wan": "41"}).status_code == 302
    )
    added = client.post(reverse("income_case_step", args=[case.public_id]), data | {"share": "", "name": "新人"})
    assert added.context["share_form"].errors and added.status_code == 422


def test_a_link_opens_one_share_without_account_and_not_after_it_was_replaced(case, office, client):
    row = share(case, office)
    path = link_of(row)
    assert client.get(path).status_code == 200
    other_digit = "1" if path[-2] == "0" else "0"
    assert client.get(f"{path[:-2]}{other_digit}/").status_code == 404
    client.post(path, {"amount": "40.00", "answer": "object", "objection": "算少了，请核对"})
    row.refresh_from_db()
    assert row.objection == "算少了，请核对"
    replace_link(row, by=office)
    assert client.get(path).status_code == 404


def test_payment_and_cancelling(case, office):
    row = share(case, office, amount=50)
    confirm(row)
    store_evidence(case, content=uploads.PDF, name="方案.pdf", by=office)
    decide_case(case, by=office)
    with pytest.raises(ValidationError, match="发放日期不早于"):
        record_payout(case, [row], paid_on=case.income_on - timedelta(days=1), by=office)
    assert record_payout(case, [row], paid_on=timezone.localdate(), by=office) == 1
    with pytest.raises(ValidationError, match="已经发放过"):
        cancel_case(case, reason="重复", by=office)


def test_a_refused_step_shows_again_what_was_typed_and_ticked(case, office, client):
    rows = share(case, office, "欧阳甲", 30), share(case, office, "宇文乙", 30)
    store_evidence(case, content=uploads.PDF, name="方案.pdf", by=office)
    for row in rows:
        confirm(row)
    decide_case(case, by=office)
    client.force_login(office)
    address = reverse("income_case_step", args=[case.public_id])
    early = str(case.income_on - timedelta(days=1))
    refused = client.post(address, {"step": "pay", "chosen": rows[1].public_id, "paid_on": early})
    assert refused.status_code == 422
    form = fromstring(refused.text).xpath("//form[.//input[@name='paid_on']]")[0]
    assert dict(form.form_values()) | {"csrfmiddlewaretoken": ""} == {
        "csrfmiddlewaretoken": "", "chosen": rows[1].public_id, "paid_on": early,
    }  # fmt: skip
    assert "checked" not in client.get(reverse("income_case", args=[case.public_id])).text
    record_payout(case, [rows[0]], paid_on=timezone.localdate(), by=office)
    refused = client.post(address, {"step": "cancel", "reason": "金额算错了"})
    assert "已经发放过的不能作废" in refused.text and 'value="金额算错了"' in refused.text


@pytest.mark.parametrize("way", ["account", "link"])
def test_an_objection_that_is_refused_is_shown_again(case, office, client, way):
    """The amount is changed, then the case decided, while the person writes."""
    person = make.institution_officer(case.institution) if way == "account" else None
    row = share(case, office, user=person)
    address = reverse("own_income_shares") if person else link_of(row)
    if person:
        client.force_login(person)
    posted = {"share": row.public_id, "amount": "39.00", "answer": "object", "objection": "第二完成人的部分算少了"}
    refused = client.post(address, posted)
    assert refused.status_code == 422 and "金额刚刚改过" in refused.text
    assert fromstring(refused.text).xpath("//details[@open]//textarea")[0].value == "第二完成人的部分算少了"
    assert client.post(address, posted | {"amount": "40.00", "objection": "长" * 301}).status_code == 422
    IncomeCase.objects.filter(pk=case.pk).update(status="decided", decided_at=timezone.now(), evidence="plan.pdf")
    refused = client.post(address, posted | {"amount": "40.00"})
    assert "没有送出" in refused.text and "第二完成人的部分算少了" in refused.text


def test_another_institution_takes_no_part(case, office):
    stranger = make.institution_officer(make.institution("外校"))
    row = share(case, office)
    for step in (
        lambda: share(case, stranger, "外人"),
        lambda: decide_case(case, by=stranger),
        lambda: cancel_case(case, reason="不要", by=stranger),
        lambda: answer_share(row, amount_wan="40.00", objection=None, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            step()
    with pytest.raises(ValidationError, match="本单位的账号"):
        share(case, office, "外人", user=stranger)
    deal = make.deal(seller=make.institution("外校"))
    with pytest.raises(ValidationError, match="本单位转让的成交项目"):
        edit_case(case, {"deal": deal}, by=office)
