"""A commission is agreed by both sides, computed from the deal, and paid when both say so. Nobody else reads it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from brokerage.commission_sums import commission_sums
from brokerage.models import Commission
from brokerage.open_work import brokerage_work
from brokerage.services import commissions
from deals.models import Payment
from tests import factories as make

TERMS = {"percent": Decimal("3"), "base": "contract", "due": "registered"}


@pytest.fixture
def sides(db):
    """(deal, mandate of the buyer, its officer, the agent's user)."""
    broker = make.broker_account()
    deal = make.deal(broker=broker, agency=broker.agency)
    mandate = make.mandate(deal.buyer, broker)
    return deal, mandate, mandate.proposed_by, broker.user


def agreed(deal, mandate, officer, agent, **terms) -> Commission:
    row = commissions.propose_commission(deal, mandate, by=agent, **TERMS | terms)
    commissions.answer_commission(row, agree=True, by=officer)
    return row


def test_each_side_speaks_for_itself(sides):
    deal, mandate, officer, agent = sides
    row = commissions.propose_commission(deal, mandate, by=agent, **TERMS)
    with pytest.raises(PermissionDenied):
        commissions.answer_commission(row, agree=True, by=agent)
    with pytest.raises(ValidationError, match="已有一份"):
        commissions.propose_commission(deal, mandate, by=officer, **TERMS)
    with pytest.raises(ValidationError, match="双方同意"):
        commissions.tell_payment(row, amount_wan=Decimal(1), paid_on=timezone.localdate(), by=officer)
    commissions.answer_commission(row, agree=True, by=officer)
    payment = commissions.tell_payment(row, amount_wan=Decimal(1), paid_on=timezone.localdate(), by=officer)
    with pytest.raises(PermissionDenied):
        commissions.confirm_payment(payment, by=officer)
    commissions.confirm_payment(payment, by=agent)
    assert commission_sums(row).paid_wan == Decimal(1)


def test_is_computed_from_the_deals_own_records(sides):
    deal, mandate, officer, agent = sides
    row = agreed(deal, mandate, officer, agent, cap_wan=Decimal(2))
    assert commission_sums(row).due_wan == 0  # nothing before a contract is registered
    contract = make.contract(
        deal=deal, seller=deal.seller, buyer=deal.buyer, amount_wan=Decimal("50.00"), tech_amount_wan=None
    )
    assert commission_sums(row).due_wan == Decimal("1.50")
    type(contract).objects.filter(pk=contract.pk).update(amount_wan=Decimal(500))
    assert commission_sums(row).due_wan == Decimal(2)  # the cap
    Commission.objects.filter(pk=row.pk).update(base="received", cap_wan=None)
    row.refresh_from_db()
    assert commission_sums(row).due_wan == 0
    make.confirmed(deal)
    paid = Payment.objects.create(deal=deal, amount_wan=Decimal(100), received_on=timezone.localdate())
    assert commission_sums(row).due_wan == 0  # nobody has confirmed it
    make.confirmed(paid)
    assert commission_sums(row).due_wan == Decimal(3)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"fixed_wan": Decimal(1)}, "只填一种"),
        ({"percent": None, "base": ""}, "只填一种"),
        ({"percent": Decimal(101)}, "不超过 100"),
        ({"due": "day"}, "请填写日期"),
    ],
)
def test_terms_that_do_not_hold_together(sides, terms, words):
    deal, mandate, _officer, agent = sides
    with pytest.raises(ValidationError, match=words):
        commissions.propose_commission(deal, mandate, by=agent, **TERMS | terms)


def test_only_for_a_deal_of_the_client(sides):
    _deal, mandate, _officer, agent = sides
    with pytest.raises(ValidationError, match="没有委托方"):
        commissions.propose_commission(make.deal(), mandate, by=agent, **TERMS)


def test_nobody_else_reads_it(sides, client):
    deal, mandate, officer, agent = sides
    row = agreed(deal, mandate, officer, agent)
    page = reverse("commission", args=[row.public_id])
    seller = make.institution_officer(deal.seller)
    assert seller not in (officer, agent)
    for user, status in [(officer, 200), (agent, 200), (make.city_officer(), 200), (seller, 404)]:
        client.force_login(user)
        assert client.get(page).status_code == status
    client.force_login(make.district_officer("jinpu"))
    assert client.get(page).status_code == 404
    assert "佣金" not in client.get(reverse("deal", args=[deal.public_id])).text
    client.force_login(agent)
    assert row.terms_text in client.get(reverse("deal", args=[deal.public_id])).text


def test_through_the_pages(sides, client):
    deal, _mandate, officer, agent = sides
    client.force_login(agent)
    new = reverse("commission_new", args=[deal.public_id])
    mandate = client.get(new).context["form"]["mandate"].value()
    empty = client.post(new, {"due": "registered", "mandate": mandate})
    assert empty.status_code == 422
    assert "只填一种" in empty.text
    client.post(new, {"due": "registered", "percent": "3", "base": "contract", "mandate": mandate})
    row = Commission.objects.get()
    client.force_login(officer)
    client.post(reverse("commission_agree", args=[row.public_id]))
    today = timezone.localdate()
    client.post(reverse("commission_paid", args=[row.public_id]), {"amount_wan": "1.5", "paid_on": today})
    client.force_login(agent)
    payment = row.payments.get()
    assert "等您核对" in client.get(reverse("commission", args=[row.public_id])).text
    client.post(reverse("commission_confirm", args=[row.public_id]), {"payment": payment.pk})
    assert commission_sums(row).paid_wan == Decimal("1.5")


def test_a_payment_waits_for_the_other_side_and_is_taken_back_by_who_recorded_it(sides, client):
    deal, mandate, officer, agent = sides
    row = agreed(deal, mandate, officer, agent)
    page, today = reverse("commission", args=[row.public_id]), timezone.localdate()

    def waiting(user):
        return [item for work in brokerage_work(user) if work.key.endswith("to-confirm") for item in work.rows]

    wrong = commissions.tell_payment(row, amount_wan=Decimal(30), paid_on=today, by=officer)
    assert (waiting(agent), waiting(officer)) == ([wrong], [])
    take_back = reverse("commission_take_back", args=[row.public_id])
    client.force_login(agent)
    assert "等您核对" in client.get(page).text
    assert client.post(take_back, {"payment": wrong.pk}).status_code == 403  # it is the other side's word
    client.force_login(officer)
    client.post(take_back, {"payment": wrong.pk})
    assert waiting(agent) == [] and commission_sums(row).told_wan == 0 and "已撤回" in client.get(page).text
    with pytest.raises(ValidationError, match="已经撤回"):
        commissions.confirm_payment(wrong, by=agent)
    right = commissions.tell_payment(row, amount_wan=Decimal(3), paid_on=today, by=officer)
    commissions.confirm_payment(right, by=agent)
    assert officer.notices.filter(text__contains="确认了").exists()
    with pytest.raises(ValidationError, match="已经确认"):
        commissions.withdraw_payment(right, by=officer)
    assert commission_sums(row).paid_wan == 3


def test_a_day_that_has_passed_waits_for_both_sides_until_it_is_paid(sides):
    deal, mandate, officer, agent = sides
    yesterday = timezone.localdate() - timedelta(days=1)
    row = agreed(deal, mandate, officer, agent, due="day", due_on=yesterday)
    make.contract(deal=deal, seller=deal.seller, buyer=deal.buyer, amount_wan=Decimal("50.00"), tech_amount_wan=None)

    def waiting(user):
        return [row for work in brokerage_work(user) if work.key == "commissions-past-day" for row in work.rows]

    assert waiting(officer) == waiting(agent) == [row]
    assert waiting(make.firm_officer(make.firm("别的企业"))) == []
    payment = commissions.tell_payment(row, amount_wan=Decimal("1.5"), paid_on=yesterday, by=officer)
    assert waiting(agent) == [row]  # said by one side alone
    commissions.confirm_payment(payment, by=agent)
    assert waiting(officer) == waiting(agent) == []
    Commission.objects.filter(pk=row.pk).update(due_on=timezone.localdate(), fixed_wan=9, percent=None, base="")
    assert waiting(officer) == []  # its day is today


def test_agreed_terms_are_changed_by_both_until_they_are_paid(sides, client):
    deal, mandate, officer, agent = sides
    first = agreed(deal, mandate, officer, agent)
    make.contract(deal=deal, seller=deal.seller, buyer=deal.buyer, amount_wan=Decimal("100.00"), tech_amount_wan=None)
    today = timezone.localdate()
    payment = commissions.tell_payment(first, amount_wan=Decimal(1), paid_on=today, by=officer)
    change = reverse("commission_change", args=[first.public_id])
    client.force_login(officer)
    same = dict(client.get(change).context["form"].initial) | {
        "percent": "3",
        "cap_wan": "",
        "fixed_wan": "",
        "due_on": "",
    }
    assert "没有改动" in client.post(change, same).text
    answer = client.post(change, same | {"percent": "2", "note": "分两次付"}, follow=True)
    second = Commission.objects.get(previous=first)
    assert "按原来的约定" in answer.text and first.terms_text in answer.text
    assert agent.notices.filter(text__contains="提出改").exists()
    with pytest.raises(ValidationError, match="在等答复"):
        commissions.propose_change(first, by=agent, **TERMS | {"percent": Decimal(4)})
    with pytest.raises(IntegrityError, match="commission_change_waits_once"), transaction.atomic():
        Commission.objects.create(
            deal=deal,
            mandate=mandate,
            proposed_side="agent",
            proposed_by=agent,
            status="change",
            previous=first,
            **TERMS,
        )
    with pytest.raises(PermissionDenied):
        commissions.answer_commission(second, agree=True, by=officer)
    assert commission_sums(first).due_wan == 3  # the terms that hold

    commissions.answer_commission(second, agree=True, by=agent)
    first.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "agreed")
    payment.refresh_from_db()
    commissions.confirm_payment(payment, by=agent)  # goes over to the terms that hold
    sums = commission_sums(second)
    assert (sums.due_wan, sums.paid_wan, sums.open_wan) == (2, 1, 1)
    assert "这一份不是现在的约定" in client.get(reverse("commission", args=[first.public_id])).text
    page = client.get(reverse("commission", args=[second.public_id])).text
    assert first.terms_text in page and "已改约定" in page and change.replace(first.public_id, second.public_id) in page
    with pytest.raises(ValidationError, match="已有一份"):
        commissions.propose_commission(deal, mandate, by=agent, **TERMS)

    rest = commissions.tell_payment(second, amount_wan=Decimal(1), paid_on=today, by=officer)
    late = commissions.propose_change(second, by=agent, **TERMS | {"percent": Decimal(5)})
    page = client.get(reverse("commission", args=[late.public_id])).text
    assert "等您答复" in page and "您同意以前按原来的约定" in page and "待对方同意" not in page
    commissions.confirm_payment(rest, by=agent)
    with pytest.raises(ValidationError, match="已经付清"):
        commissions.answer_commission(late, agree=True, by=officer)
    late.refresh_from_db()
    assert late.status == "change"
    commissions.withdraw_commission(late, by=agent)
    assert "改约定</a>" not in client.get(reverse("commission", args=[second.public_id])).text


def test_a_change_that_is_refused_leaves_the_terms_as_they_are(sides):
    deal, mandate, officer, agent = sides
    row = agreed(deal, mandate, officer, agent)
    change = commissions.propose_change(row, by=agent, **TERMS | {"percent": Decimal(6)})
    commissions.answer_commission(change, agree=False, by=officer, reason="比例太高")
    row.refresh_from_db()
    assert (row.status, change.status) == ("agreed", "refused")
    assert commissions.propose_change(row, by=officer, **TERMS | {"percent": Decimal(2)}).status == "change"
