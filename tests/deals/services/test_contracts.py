"""Drafting, registering, confirming and cancelling a contract."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditRecord
from deals.models import Confirmation, Contract, RegistrationRule
from deals.services.contracts import (
    cancel_contract,
    confirm_contract,
    draft_contract,
    edit_contract,
    register_contract,
    rule_in_force,
    submit_contract,
)
from deals.services.deals import fail_deal, sign_deal
from notices.models import Notice
from tests import factories as make
from tests.kept_rows import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WAN = Decimal("120.00")


def days_ago(days: int):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """(city officer, deal of a follow-up with a broker, signed twenty days ago)."""
    with kept_rows(django_db_blocker):
        city, follow_up = make.city_officer(), make.follow_up()
        broker = make.broker(user=make.user(Role.BROKER, make.organisation("agency", "经纪机构")))
        deal = make.deal(follow_up=follow_up, broker=broker, stage_on=days_ago(30))
        sign_deal(deal, on=days_ago(20), signed_wan=WAN, way="licence", licence="plain", by=city)
        yield city, make.confirmed(deal)


@pytest.fixture
def copies(db, kept):
    """Objects of its own for each test."""
    return deepcopy(kept)


@pytest.fixture
def city(copies):
    return copies[0]


@pytest.fixture
def deal(copies):
    return copies[1]


def registered(deal, city, number="", **values):
    contract = draft_contract(deal, by=city)
    number = number or make.registration_number(on=days_ago(5))
    values = {"number": number, "registered_on": days_ago(5), "amount_wan": WAN, "by": city} | values
    register_contract(contract, **values)
    return contract


def sides(deal):
    return make.institution_officer(deal.seller), make.firm_officer(deal.buyer)


# --- Filled in --------------------------------------------------------------------------------------------------------
def test_a_draft_takes_its_values_from_the_deal(deal):
    office = make.institution_officer(deal.seller)
    contract = draft_contract(deal, by=office)
    assert (contract.kind, contract.amount_wan, contract.signed_on) == ("licence", WAN, days_ago(20))
    assert (contract.seller_name, contract.buyer_region.code) == (deal.seller.name, "jinpu")
    assert (contract.is_buyer_local, contract.broker, contract.status) == (True, deal.broker, "preparing")
    assert contract.form["seller_nature"] == "022" and contract.form["field"] == "新材料及其应用"
    assert "buyer_nature" not in contract.form  # a firm's name does not say whose money is in it


def test_a_draft_needs_a_signed_deal_and_a_contributor(city, deal):
    with pytest.raises(ValidationError, match="签约以后"):
        draft_contract(make.deal(), by=city)
    with pytest.raises(PermissionDenied):
        draft_contract(deal, by=make.firm_officer())


def test_an_edit_is_audited_and_keeps_other_form_values(city, deal):
    contract = draft_contract(deal, by=city)
    edit_contract(contract, by=city, amount_wan=Decimal(90), form={"plan": "city", "unknown": "x"})
    assert contract.amount_wan == 90
    assert contract.form["plan"] == "city" and contract.form["field"] and "unknown" not in contract.form
    assert AuditRecord.objects.filter(action="修改技术合同").get().changes["amount_wan"] == ["120.00", "90"]
    with pytest.raises(ValidationError, match="不能大于合同成交额"):
        edit_contract(contract, by=city, tech_amount_wan=Decimal(100))
    with pytest.raises(PermissionDenied):
        edit_contract(contract, by=make.user(), name="x")


def test_a_submitted_contract_is_complete_and_both_sides_are_notified(city, deal):
    office, firm = sides(deal)
    contract = draft_contract(deal, by=city)
    edit_contract(contract, by=city, kind="")
    with pytest.raises(ValidationError, match="合同类别"):
        submit_contract(contract, by=office)
    edit_contract(contract, by=city, kind="licence")
    submit_contract(contract, by=office)
    assert contract.status == "submitted"
    notified = set(Notice.objects.filter(text__contains="技术合同").values_list("recipient", flat=True))
    assert notified == {firm.pk, deal.broker.user.pk}  # the office did it itself
    with pytest.raises(ValidationError, match="不能改为"):
        submit_contract(contract, by=office)


# --- Registered -------------------------------------------------------------------------------------------------------
def test_registration_settles_achievement_and_demand_and_advances_the_deal(city, deal):
    contract = registered(deal, city, tech_amount_wan=Decimal(80))
    deal.refresh_from_db()
    item, need = deal.achievement, deal.demand
    item.refresh_from_db(), need.refresh_from_db()
    assert (deal.stage, item.status, need.status) == ("registered", "registered", "published")  # the city's word alone
    make.confirmed(contract)
    item.refresh_from_db(), need.refresh_from_db()
    assert (contract.status, contract.tech_amount_wan) == ("registered", 80)
    assert (deal.stage, item.status, need.status) == ("registered", "transferred", "solved")
    assert "普通许可" in item.transferred_note and "120" not in item.transferred_note


def test_a_failed_deal_settles_nothing(city, deal):
    contract = draft_contract(deal, by=city)
    fail_deal(deal, reason="funding", note="资金没有到位", on=days_ago(0), by=city)
    with pytest.raises(ValidationError, match="未成"):
        register_contract(contract, number="1", registered_on=days_ago(1), amount_wan=WAN, by=city)
    deal.achievement.refresh_from_db(), deal.demand.refresh_from_db()
    assert (deal.achievement.status, deal.demand.status) == ("registered", "published")
    assert not Contract.objects.registered().exists()


def test_a_wrong_registration_is_refused_and_changes_nothing(city, deal):
    for wrong, message in (
        ({"registered_on": days_ago(-1)}, "不能晚于今天"),
        ({"registered_on": days_ago(21)}, "不能早于签订日期"),
        ({"amount_wan": Decimal("-1")}, "不能小于 0"),
        ({"tech_amount_wan": Decimal("120.01")}, "不能大于合同成交额"),
        ({"number": " "}, "要有登记编号"),
        ({"amount_wan": Decimal("1.234")}, "小数"),
    ):
        with transaction.atomic():
            with pytest.raises(ValidationError, match=message):
                registered(deal, city, **wrong)
            deal.refresh_from_db()
            assert deal.stage == "signed" and not Contract.objects.registered().exists(), wrong
            transaction.set_rollback(True)


def test_a_registration_number_is_unique(city, deal):
    make.contract(number=make.registration_number(on=days_ago(5)))
    with pytest.raises(ValidationError, match="已有合同使用这个登记编号"):
        registered(deal, city)


def test_only_the_city_records_registrations(deal):
    contract = draft_contract(deal, by=make.city_officer())
    for person in (*sides(deal), make.district_officer("jinpu"), make.auditor(), deal.broker.user):
        with pytest.raises(PermissionDenied):
            register_contract(contract, number="1", registered_on=days_ago(1), amount_wan=WAN, by=person)
        with pytest.raises(PermissionDenied):
            cancel_contract(contract, on=days_ago(0), reason="x", by=person)


def test_registration_rules_do_not_overlap():
    rules = [rule_in_force(timezone.datetime(year, month, 1).date()) for year, month in ((2019, 5), (2023, 5))]
    assert "licence" not in rules[0].kinds and "licence" in rules[1].kinds
    assert rule_in_force(timezone.datetime(2026, 6, 1).date()).authority.startswith("工业")
    third = RegistrationRule(name="又一条", authority="某部门", kinds=["service"], valid_from=days_ago(0))
    with pytest.raises(ValidationError, match="与另一条规则重叠"):
        third.full_clean()


# --- Confirmed --------------------------------------------------------------------------------------------------------
def test_both_sides_confirm_the_contract_and_the_brokers_part(city, deal):
    office, firm = sides(deal)
    contract = draft_contract(deal, by=city)
    with pytest.raises(ValidationError, match="提交登记后"):
        confirm_contract(contract, side="seller", by=office)
    submit_contract(contract, by=city)
    confirm_contract(contract, side="seller", by=office, with_broker=True)
    assert not contract.is_confirmed
    confirm_contract(contract, side="buyer", by=firm)
    assert contract.is_confirmed
    assert not Contract.objects.broker_confirmed().exists()  # the firm did not say so of the broker
    with pytest.raises(ValidationError, match="已经确认过"):
        confirm_contract(contract, side="buyer", by=firm)


def test_a_user_confirms_only_for_one_own_side(city, deal):
    office, firm = sides(deal)
    contract = draft_contract(deal, by=city)
    submit_contract(contract, by=city)
    for side, person in (("seller", firm), ("buyer", office), ("seller", city), ("buyer", deal.broker.user)):
        with pytest.raises(PermissionDenied):
            confirm_contract(contract, side=side, by=person)
    with pytest.raises(ValidationError):
        confirm_contract(contract, side="both", by=office)
    both_hats = make.institution_officer(deal.seller)
    both_hats.memberships.create(role=Role.FIRM, organisation=deal.buyer)
    confirm_contract(contract, side="seller", by=both_hats)
    with pytest.raises(ValidationError, match="由另一位专员确认"):
        confirm_contract(contract, side="buyer", by=both_hats)


def test_another_amount_resets_the_confirmations(city, deal):
    office, firm = sides(deal)
    contract = draft_contract(deal, by=city)
    submit_contract(contract, by=city)
    confirm_contract(contract, side="seller", by=office, with_broker=True)
    confirm_contract(contract, side="buyer", by=firm, with_broker=True)
    edit_contract(contract, by=city, form={"plan": "none"})
    assert contract.is_confirmed
    register = {"number": "2026210200000009", "registered_on": days_ago(1), "by": city}
    register_contract(contract, amount_wan=Decimal(110), **register)
    assert not contract.is_confirmed
    assert set(Confirmation.objects.of(contract).current().values_list("status", flat=True)) == {"pending"}


# --- Cancelled --------------------------------------------------------------------------------------------------------
def test_cancellation_reopens_achievement_and_demand(city, deal):
    contract = make.confirmed(registered(deal, city))
    cancel_contract(contract, on=days_ago(1), reason="合同解除", by=city)
    contract.refresh_from_db()
    deal.refresh_from_db(), deal.achievement.refresh_from_db(), deal.demand.refresh_from_db()
    assert (contract.status, contract.cancelled_on, deal.stage) == ("cancelled", days_ago(1), "signed")
    assert (deal.achievement.status, deal.achievement.transferred_note, deal.demand.status) == (
        "registered",
        "",
        "docking",
    )
    fail_deal(deal, reason="changed", note="企业停产", on=days_ago(0), by=city)  # now it may


def test_another_contract_keeps_the_achievement_transferred(city, deal):
    first, second = registered(deal, city), registered(deal, city, number=make.registration_number(2, on=days_ago(5)))
    make.confirmed(first), make.confirmed(second)
    cancel_contract(first, on=days_ago(1), reason="重复登记", by=city)
    deal.refresh_from_db(), deal.achievement.refresh_from_db()
    assert (deal.stage, deal.achievement.status) == ("registered", "transferred")
    cancel_contract(second, on=days_ago(0), reason="合同解除", by=city)
    deal.achievement.refresh_from_db()
    assert deal.achievement.status == "registered"


def test_cancellation_needs_a_day_and_a_reason_and_happens_once(city, deal):
    contract = registered(deal, city)
    for on, reason in ((days_ago(1), " "), (days_ago(6), "x"), (days_ago(-1), "x")):
        with pytest.raises(ValidationError):
            cancel_contract(contract, on=on, reason=reason, by=city)
    cancel_contract(contract, on=days_ago(1), reason="合同解除", by=city)
    with pytest.raises(ValidationError, match="不能改为"):
        cancel_contract(contract, on=days_ago(1), reason="合同解除", by=city)
    with pytest.raises(ValidationError, match="不能再修改"):
        edit_contract(contract, by=city, name="x")
